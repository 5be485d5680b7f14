"""The cheap gate against the full encoder: does the static table let through what is near in the encoder's eyes?

English: Emergent's claims against FNC-1's bodies. Khmer: English sentences of FLORES dev against the Khmer ones. Other
languages and the product's claims: the subject set, where terms stand in the gate too. A pair counts where the encoder
has it `NEAR` standard deviations or more above the background.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from bench.evaluate.crosslingual import split_pairs
from bench.evaluate.crossvalidated import cross_validated
from bench.evaluate.khmer import ARTICLES as KHMER
from bench.evaluate.khmer import read_articles
from bench.evaluate.measures import Bools, Floats, wilson
from bench.evaluate.namefree import Names
from bench.evaluate.pairs import MAX_PASSAGES, text_scores, text_values
from bench.evaluate.reading import read_bodies, read_headlines, read_subject
from bench.evaluate.subject import read_shipped
from bench.evaluate.tables import Cell, Section, Table, Tools
from bench.evaluate.vectors import KeptVectors
from monitor.match.beginning import FIRST, REACH, first_places
from monitor.match.claimtext import LIKENESS, TEXT_FEATURES
from monitor.match.compared import passages_of
from monitor.match.nearness import Nearness, shipped_background
from monitor.match.scorer import LIKELY_BY_WORDS, Scorer, gate_z
from monitor.match.static import shipped_table, static_background

NEAR = 4.5
_KHMER = 1_000
_KHMER_NEWS = 300


def measure(tools: Tools) -> Iterator[Table]:
    """Yield one table."""
    if tools.encoder is None:
        return
    bodies = read_bodies(tools.data)
    texts = [[p.text for p in passages_of(body)[:MAX_PASSAGES]] for body in bodies.articles.values()]
    english, khmer = split_pairs(tools.data)
    rows = [
        _row("en", "bodies", *_both(tools.encoder, "en", list(bodies.claims.values()), texts)),
        _row("km", "sentences", *_both(tools.encoder, "km", english[:_KHMER], [[text] for text in khmer[:_KHMER]])),
    ]
    columns = ("language", "near pairs", "let through", "recall", "95 %", "other pairs let through")
    title = f"The gate's recall of what the encoder has at z ≥ {NEAR}"
    yield Table(title, columns, tuple(rows), "The line of each language is the product's.")
    yield _of_labelled(tools, texts)
    yield _of_first(tools, texts)
    yield _of_subject(tools)


def _of_labelled(tools: Tools, bodies: Sequence[Sequence[str]]) -> Table:
    """Return what the gate does to the pairs of claims without terms that are labelled as bearing on each other.

    The words' part once by the weights that ship, which were fitted on these very pairs, and once by weights fitted
    without the claim.
    """
    assert tools.encoder is not None
    headlines, judged = read_headlines(tools.data), read_bodies(tools.data)
    names = Names([*headlines.claims.values(), *(article.title for article in headlines.articles.values())])
    articles, words_alone = list(judged.articles.values()), Tools(tools.data, None)
    rows: list[tuple[Cell, ...]] = []
    for form, strip in (("bodies", str), ("bodies, names stripped", names.stripped)):
        claims = {key: stripped for key, claim in judged.claims.items() if (stripped := strip(claim))}
        wanted = np.array([[body in judged.relevant[key] for body in judged.articles] for key in claims])
        _, cheap = _both(tools.encoder, "en", list(claims.values()), bodies)
        values = text_values(words_alone, list(claims.values()), articles)
        shipped = text_scores(values, has_meaning=False)
        crossed = cross_validated(values[:, :, : len(TEXT_FEATURES) + len(LIKENESS)], wanted).scores
        near = cheap >= gate_z("en")
        for by, through in (
            ("the table", near),
            ("or words", near | (shipped >= LIKELY_BY_WORDS)),
            ("or words, cross-validated", near | (crossed >= LIKELY_BY_WORDS)),
        ):
            rows.append(_counted(f"{form}: {by}", wanted, through))
    columns = ("claims without terms", "pairs that bear on each other", "let through", "recall", "95 %", "others")
    return Table("The gate and labelled pairs", columns, tuple(rows), "Words: how likely they alone make it.")


def _of_first(tools: Tools, bodies: Sequence[Sequence[str]]) -> Table:
    """Return how much nearer than an article's first passages any other is, of those that are near at all."""
    assert tools.encoder is not None
    judged = read_bodies(tools.data)
    sets = {"en": (list(judged.claims.values()), bodies)}
    if (tools.data / KHMER).exists():
        scorer = Scorer([(claim.key, claim) for claim in read_shipped().claims])
        news = list(read_articles(tools.data / KHMER).values())[:_KHMER_NEWS]
        chosen = [[passage.text for passage in scorer.choose_passages(one)] for one in news]
        sets["km"] = ([claim.text for _, claim in scorer.claims], chosen)
    rows: list[tuple[Cell, ...]] = []
    for language, (claims, articles) in sets.items():
        few = [article for article in articles if len(article) > FIRST + 1]
        full, cheap, starts = _passage_by_passage(tools.encoder, language, claims, few)
        gaps: list[float] = []
        for start, end in pairwise([*starts, full.shape[1]]):
            first = first_places(np.argsort(-cheap[:, start:end].max(axis=0), kind="stable").tolist())
            here = full[:, start:end]
            best = here.max(axis=1)
            gaps += (best - here[:, first].max(axis=1))[best >= NEAR].tolist()
        known = np.array(gaps or [0.0])
        figures = [float(figure) for figure in (*np.quantile(known, (0.5, 0.95, 0.99)), known.max())]
        rows.append((language, len(few), len(gaps), *figures))
    return Table(
        f"How much nearer the best passage is than the first {FIRST}, where it is at z ≥ {NEAR}",
        ("language", "articles", "near pairs", "half", "95 %", "99 %", "most"),
        tuple(rows),
        f"An article is given up after its first {FIRST} where {REACH} more would make no hit.",
    )


def _both(
    encoder: KeptVectors, language: str, claims: Sequence[str], articles: Sequence[Sequence[str]]
) -> tuple[Floats, Floats]:
    """Return float64[claims, articles]: the best z of a passage, by the encoder and by the table."""
    *both, starts = _passage_by_passage(encoder, language, claims, articles)
    return tuple(np.maximum.reduceat(z, starts, axis=1).astype(np.float64) for z in both)  # type: ignore[return-value]


def _passage_by_passage(
    encoder: KeptVectors, language: str, claims: Sequence[str], articles: Sequence[Sequence[str]]
) -> tuple[Floats, Floats, list[int]]:
    """Return float64[claims, passages] twice, by the encoder and by the table, and where each article begins."""
    texts = [text for article in articles for text in article]
    ends = np.cumsum([len(article) for article in articles])[:-1]
    background = shipped_background(language, encoder.model_id)
    assert background is not None
    full = Nearness(background, encoder.encode(claims, "query")).z(encoder.encode(texts, "passage"))
    table = shipped_table()
    cheap = Nearness(static_background(language), table.embed(claims)).z(table.embed(texts))
    return full.astype(np.float64), cheap.astype(np.float64), [0, *ends.tolist()]


def _row(language: str, of: str, full: Floats, cheap: Floats) -> tuple[Cell, ...]:
    near, through = full >= NEAR, cheap >= gate_z(language)
    return _counted(f"{language}, {of}: z ≥ {gate_z(language)}", near, through)


def _counted(name: str, near: Bools, through: Bools) -> tuple[Cell, ...]:
    found, total = int((near & through).sum()), int(near.sum())
    low, high = wilson(found, total)
    others = float((through & ~near).sum() / max(1, (~near).sum()))
    return name, total, found, found / max(1, total), f"[{low:.2f}, {high:.2f}]", others


def _of_subject(tools: Tools) -> Table:
    """Return what the whole gate (terms or table) does to the wanted and the unwanted texts, by language."""
    scorer = Scorer([(claim.key, claim) for claim in read_shipped().claims])
    rows: list[tuple[Cell, ...]] = []
    texts = read_subject(tools.data)
    passes = {text.id: scorer.look(text.article).is_candidate for text in texts}
    for language in sorted({text.article.language for text in texts}):
        here = [text for text in texts if text.article.language == language]
        wanted = [passes[text.id] for text in here if text.stances]
        others = [passes[text.id] for text in here if not text.stances]
        rows.append((language, len(wanted), sum(wanted), len(others), sum(others)))
    return Table("The whole gate on the subject", ("language", "wanted", "through", "unwanted", "through"), tuple(rows))


SECTION = Section(
    "gate",
    ("emergent/claim_to_fnc_body.json", "emergent/train.csv", "fnc1/train_bodies.csv.gz", "flores-km-en", "subject"),
    measure,
    (KHMER,),
)
