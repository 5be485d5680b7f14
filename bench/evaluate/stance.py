"""On which side does an article stand: headlines (Emergent), full bodies (FNC-1), and the subject's own texts.

`cross-validated` fits anew on four folds and answers the fifth, no story in two; `as shipped` uses the coefficients of
the package, which on the very files that they were fitted on says little: the note tells whether it is so. Official
test parts are taken where they lie beside the training part (`emergent/test.csv`, `fnc1/*test*_stances.csv.gz`).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np

from bench.evaluate.measures import wilson
from bench.evaluate.reading import SubjectText, read_subject
from bench.evaluate.stance_crossing import cross_validate
from bench.evaluate.stance_fitting import Answers, answer_articles, answer_sentences, hold
from bench.evaluate.stance_four import COLUMNS, NOTE, four_classes, read_challenge, related, related_crossed
from bench.evaluate.stance_sets import Bodies, Pair, Stories, folds_of, read_body_stances, read_headline_stances
from bench.evaluate.subject import INVENTED, judge, read_shipped
from bench.evaluate.tables import Cell, Section, Table, Tools
from monitor.match import with_stances
from monitor.match.stance_article import SIDES, Side
from monitor.match.stance_model import FILE, shipped_model
from monitor.model.matching import Assessment, MatchInput, Passage, Stance

_COLUMNS = (
    *("pairs", "n", "accuracy", "macro-F1", "F1 disputes", "F1 reports", "F1 supports"),
    *("told", "right of told", "disputes told", "right"),
)
_NOTE = (
    "accuracy and F1: the likeliest side of every pair. told: from the shipped thresholds on; the rest is unclear. "
    "disputes told includes plain denials where the shipped rules were used."
)
_SUBJECT_COLUMNS = ("pairs", "n", "told", "right of told", "95 %", "disputes", "found", "disputes told", "right")
FEW = 1_000
"""Of so few pairs, as a quick look takes, the challenge's table is left out."""

_HEADLINES = "emergent/train.csv"
_STANCES, _BODIES = "fnc1/train_stances.csv.gz", "fnc1/train_bodies.csv.gz"


def measure(tools: Tools) -> Iterator[Table]:
    """Yield the tables of headlines, of bodies, and of the subject."""
    data, stories = tools.data, Stories()
    headlines = read_headline_stances(data / _HEADLINES, stories) if (data / _HEADLINES).exists() else []
    has_bodies = all((data / name).exists() for name in (_STANCES, _BODIES))
    bodies, library = (
        read_body_stances(data / _STANCES, data / _BODIES, stories) if has_bodies and headlines else ([], Bodies({}))
    )
    if tools.is_quick:
        bodies = bodies[::20]
    if headlines:
        yield from _labelled(tools, headlines, bodies, library, stories)
    if (data / "subject" / "dev.jsonl").exists():
        yield _subject(read_subject(data))
        yield _as_hits(data)


def _labelled(
    tools: Tools, headlines: Sequence[Pair], bodies: Sequence[Pair], library: Bodies, stories: Stories
) -> Iterator[Table]:
    crossed = cross_validate(headlines, bodies, library, stories)
    data, model = tools.data, shipped_model()
    rows = [_row("cross-validated", headlines, crossed.of_headlines, model.sentence_from)]
    rows += [_shipped_headlines(_said(data, _HEADLINES), headlines)]
    rows += [
        _shipped_headlines(path.stem, read_headline_stances(path, Stories()))
        for path in sorted((data / "emergent").glob("*test*.csv"))
    ]
    yield Table("Stance of headlines (Emergent)", _COLUMNS, tuple(rows), _NOTE)
    if not bodies:
        return
    rows = [_row("cross-validated", bodies, crossed.of_bodies, model.article_from)]
    rows += [_shipped_bodies(_said(data, _STANCES), bodies, library)]
    for path in sorted((data / "fnc1").glob("*test*_stances.csv.gz")):
        texts = path.with_name(path.name.replace("_stances", "_bodies"))
        if texts.exists():
            rows.append(_shipped_bodies(path.name.split(".")[0], *read_body_stances(path, texts, Stories())))
    yield Table("Stance of full bodies (FNC-1, related pairs, the headline as the claim)", _COLUMNS, tuple(rows), _NOTE)
    if len(bodies) > FEW:
        folds = folds_of([*bodies, *headlines], stories)
        yield _challenge(tools, bodies, crossed.of_bodies, stories, folds)


def _challenge(
    tools: Tools, bodies: Sequence[Pair], answers: Answers, stories: Stories, folds: Mapping[str, int]
) -> Table:
    data = tools.data
    train = read_challenge(data / _STANCES, data / _BODIES, tools)
    is_related = related_crossed(train, stories, folds)
    always = np.eye(len(SIDES))[[SIDES.index("reports")] * len(bodies)]
    rows = [
        four_classes("cross-validated", train, is_related, bodies, answers),
        four_classes("always reports", train, is_related, bodies, always),
    ]
    for path in sorted((data / "fnc1").glob("*test*_stances.csv.gz")):
        texts = path.with_name(path.name.replace("_stances", "_bodies"))
        if texts.exists():
            pairs, library = read_body_stances(path, texts, Stories())
            other = read_challenge(path, texts, tools)
            of_pairs = _answer_bodies(pairs, library)
            rows.append(four_classes(path.name.split(".")[0], other, related(train, other), pairs, of_pairs))
    return Table("The challenge's four classes (FNC-1, all pairs)", COLUMNS, tuple(rows), NOTE)


def _said(data: Path, name: str) -> str:
    """Name a row of the shipped coefficients, and whether they were fitted on this very file."""
    fitted = json.loads(files("monitor.match").joinpath("data", FILE).read_text(encoding="utf-8"))["data"]
    is_in_sample = hashlib.sha256((data / name).read_bytes()).hexdigest() == fitted[name]["sha256"]
    return "as shipped (IN SAMPLE: fitted on it)" if is_in_sample else "as shipped (other data)"


def _shipped_headlines(name: str, pairs: Sequence[Pair]) -> tuple[Cell, ...]:
    model = shipped_model()
    answers = np.asarray([sides[0] for sides in answer_sentences(model.sentence, hold(pairs))])
    return _row(name, pairs, answers, model.sentence_from)


def _shipped_bodies(name: str, pairs: Sequence[Pair], library: Bodies) -> tuple[Cell, ...]:
    return _row(name, pairs, _answer_bodies(pairs, library), shipped_model().article_from)


def _answer_bodies(pairs: Sequence[Pair], library: Bodies) -> Answers:
    model, held = shipped_model(), hold(pairs)
    return answer_articles(model.article, held, answer_sentences(model.sentence, held), library)


def _row(name: str, pairs: Sequence[Pair], answers: Answers, least: Mapping[Side, float | None]) -> tuple[Cell, ...]:
    likeliest = [SIDES[at] for at in answers.argmax(axis=1)]
    told: list[Stance] = [
        side if (needed := least[side]) is not None and probability >= needed else "unclear"
        for side, probability in zip(likeliest, answers.max(axis=1), strict=True)
    ]
    return name, *figures([pair.label for pair in pairs], likeliest, told)


def figures(labels: Sequence[Stance], likeliest: Sequence[Stance], told: Sequence[Stance]) -> tuple[Cell, ...]:
    """Return the figures of one row: over all, by side, and of what is told."""
    right = [one == other for one, other in zip(labels, likeliest, strict=True)]
    scores = [_f1(labels, likeliest, side) for side in SIDES]
    said = [at for at, side in enumerate(told) if side != "unclear"]
    disputes = [at for at, side in enumerate(told) if side == "disputes"]
    return (
        *(len(labels), sum(right) / len(labels), sum(scores) / len(scores), *scores),
        *(len(said) / len(labels), _share(labels, told, said), len(disputes), _share(labels, told, disputes)),
    )


def _share(labels: Sequence[Stance], told: Sequence[Stance], places: Sequence[int]) -> float | None:
    return sum(labels[at] == told[at] for at in places) / len(places) if places else None


def _f1(labels: Sequence[Stance], given: Sequence[Stance], side: Stance) -> float:
    right = sum(one == other == side for one, other in zip(labels, given, strict=True))
    return 2 * right / max(1, sum(one == side for one in labels) + sum(one == side for one in given))


def _subject(texts: Sequence[SubjectText]) -> Table:
    """Judge each labelled pair as the matcher does, by the sentence that the labels name as the evidence."""
    claims = {claim.key: claim.text for claim in read_shipped().claims}
    groups: dict[str, list[tuple[Stance, Stance]]] = {}
    for text in texts:
        for claim, label in text.stances.items():
            if claim in claims:
                told = _judge(claim, claims, text.article, text.evidence[claim])
                language = text.article.language or "?"
                for name in ("all", "English" if language == "en" else "other languages", language):
                    groups.setdefault(name, []).append((label, told))
    order = sorted(groups, key=lambda name: (len(name) == 2, -len(groups[name]), name))
    return Table(
        "Stance on the subject itself (the evidence sentence given)",
        _SUBJECT_COLUMNS,
        tuple(_subject_row(name, groups[name]) for name in order),
        "Shipped coefficients and thresholds, as for a hit. No weight was fitted on these texts.",
    )


def _as_hits(data: Path) -> Table:
    """Judge each labelled pair that is a hit by the passages that the matcher shows of it, on terms alone."""
    claims = {claim.key: claim.text for claim in read_shipped().claims}
    groups: dict[str, list[tuple[Stance, Stance]]] = {}
    for path in (*sorted((data / "subject").glob("*.jsonl")), *sorted(INVENTED.glob("*.jsonl"))):
        judged = judge(path)
        for text in judged.texts:
            told = {one.claim_key: one for one in with_stances(judged.said[text.id].values(), text.article, claims)}
            for claim, label in text.stances.items():
                if claim in told and told[claim].is_hit:
                    for name in (path.stem, *(("all invented",) if path.parent == INVENTED else ())):
                        groups.setdefault(name, []).append((label, told[claim].stance))
    return Table(
        "Stance on the subject's hits, as they are shown",
        _SUBJECT_COLUMNS,
        tuple(_subject_row(name, pairs) for name, pairs in groups.items()),
        "The words of the rules were chosen with the given texts in sight; the invented ones are the authors' own.",
    )


def _judge(claim: str, claims: dict[str, str], article: MatchInput, evidence: str) -> Stance:
    start = max(0, article.text.find(evidence))
    passage = Passage(evidence, start, start + len(evidence))
    (judged,) = with_stances([Assessment(claim, 1.0, is_hit=True, passages=(passage,))], article, claims)
    return judged.stance


def _subject_row(name: str, pairs: Sequence[tuple[Stance, Stance]]) -> tuple[Cell, ...]:
    told = [(label, given) for label, given in pairs if given != "unclear"]
    right = sum(label == given for label, given in told)
    low, high = wilson(right, len(told))
    wanted = [given for label, given in pairs if label == "disputes"]
    disputes = [label for label, given in pairs if given == "disputes"]
    return (
        *(name, len(pairs), len(told) / len(pairs), right / len(told) if told else None),
        *(f"[{low:.2f}, {high:.2f}]" if told else "–", len(wanted), wanted.count("disputes")),
        *(len(disputes), disputes.count("disputes")),
    )


SECTION = Section("stance", (), measure, (_HEADLINES, _STANCES, _BODIES, "subject/dev.jsonl"))
