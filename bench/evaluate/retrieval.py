"""Claim → article: which headlines, and which whole articles, bear on a claim that nobody wrote terms for.

Emergent's claims against its headlines, and against FNC-1's bodies; each also with the names and numbers taken out of
the claim. The shipped weights for claims without terms are used, and the threshold that ships. They were fitted on the
training part of these sets: on that part the figures flatter, and the cross-validated ones are those to read, here and
in monitor/match/data/weights.json.
"""

from collections.abc import Callable, Iterator

import numpy as np

from bench.evaluate.crossvalidated import cross_validated
from bench.evaluate.judgements import with_judgements
from bench.evaluate.measures import Bools, Floats, average_precision, bootstrap, precision_recall
from bench.evaluate.namefree import Names
from bench.evaluate.pairs import text_scores, text_values
from bench.evaluate.reading import Judged, read_bodies, read_headlines
from bench.evaluate.recipe import COLUMNS, compared, recipe_values
from bench.evaluate.tables import Cell, Section, Table, Tools
from monitor.model.matching import DIGEST_FROM

_QUICK = 100


def measure(tools: Tools) -> Iterator[Table]:
    """Yield the retrieval figures, those beside the recipe's, and what five judgements a claim bring."""
    headlines, bodies = read_headlines(tools.data), read_bodies(tools.data)
    names = Names([*headlines.claims.values(), *(article.title for article in headlines.articles.values())])
    rows: list[tuple[Cell, ...]] = []
    learnt: list[tuple[Cell, ...]] = []
    beside: list[tuple[Cell, ...]] = []
    all_scores: list[Floats] = []
    all_wanted: list[Bools] = []
    for name, judged in (("headlines", headlines), ("bodies", bodies)):
        for form, strip in (("", str), (", names stripped", names.stripped)):
            values, recipe, wanted = _valued(tools, judged, strip)
            scores = text_scores(values, has_meaning=tools.encoder is not None)
            ours = cross_validated(values, wanted)
            rows.append(_row(name + form, scores, wanted))
            beside.append(compared(name + form, recipe, ours, wanted))
            learnt.append((name + form, *with_judgements(scores, wanted)))
            learnt.append((f"{name}{form}, cross-validated", *with_judgements(ours.scores, wanted)))
            all_scores.append(scores.ravel())
            all_wanted.append(wanted.ravel())
    columns = ("claims →", "claims", "articles", "MAP", "95 %", "R@10", "precision", "recall", "F1")
    yield Table(
        "Claim → article, shipped weights",
        columns,
        tuple(rows),
        f"F1 over all pairs at {DIGEST_FROM}, the threshold that ships.",
    )
    yield Table(
        "Beside the recipe: MAP and F1 on the same claims, all cross-validated by claim",
        COLUMNS,
        tuple(beside),
        "Differences are paired by claim, with their 95 % interval. The recipe stands in bench/evaluate/recipe.py.",
    )
    yield Table(
        "The gain from judgements: one intercept a claim",
        ("claims →", "0", "3", "5"),
        tuple(learnt),
        "F1 on the articles not judged; those judged are half the best ranked, half the nearest to the line.",
    )
    title = "Reliability of the probability, claims without terms"
    yield reliability(title, np.concatenate(all_scores), np.concatenate(all_wanted))


def reliability(title: str, scores: Floats, wanted: Bools) -> Table:
    """Return, for tenths of the probability, what was said and what came true."""
    tenths = np.minimum((scores * 10).astype(int), 9)
    rows: list[tuple[Cell, ...]] = []
    for tenth in range(10):
        here = tenths == tenth
        if here.any():
            said, true = float(scores[here].mean()), float(wanted[here].mean())
            rows.append((f"{tenth / 10:.1f} to {tenth / 10 + 0.1:.1f}", int(here.sum()), said, true))
    return Table(title, ("probability", "pairs", "mean said", "share true"), tuple(rows))


def _valued(tools: Tools, judged: Judged, strip: Callable[[str], str]) -> tuple[Floats, Floats, Bools]:
    """Return our features and the recipe's, float64[articles, claims, features], and what is wanted."""
    claims = {key: text for key, claim in judged.claims.items() if (text := strip(claim))}
    articles = dict(list(judged.articles.items())[:_QUICK]) if tools.is_quick else judged.articles
    wanted = np.array([[article in judged.relevant[key] for article in articles] for key in claims])
    some: Bools = np.asarray(wanted.any(axis=1))
    texts = [text for text, is_some in zip(claims.values(), some.tolist(), strict=True) if is_some]
    given = list(articles.values())
    return text_values(tools, texts, given), recipe_values(tools, texts, given), wanted[some]


def _row(name: str, scores: Floats, wanted: Bools) -> tuple[Cell, ...]:
    precisions = [average_precision(*pair) for pair in zip(scores, wanted, strict=True)]
    best = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    found = np.take_along_axis(wanted, best, axis=1).sum(axis=1) / np.minimum(10, wanted.sum(axis=1))
    decided = precision_recall(scores >= DIGEST_FROM, wanted)
    mean, reach = float(np.mean(precisions)), bootstrap(precisions)
    return name, len(scores), scores.shape[1], mean, reach, float(found.mean()), *decided


SECTION = Section(
    "retrieval",
    ("emergent/train.csv", "emergent/claim_to_fnc_body.json", "fnc1/train_bodies.csv.gz"),
    measure,
)
