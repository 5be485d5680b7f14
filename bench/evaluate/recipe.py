"""The recipe that our score is held against, on the same claims and articles; whether ours is better, and how surely.

BM25 with the idf of the articles ranked; and a logistic regression of five lexical features (BM25, plain and idf
coverage, best three sentences, lead) and three of the encoder (the best cosine, the mean of the best three, the mean of
the first six sentences), which is what was measured first. It and our features are cross-validated by claim alike, each
with the line that is best on the claims it was fitted on.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from bench.evaluate.crossvalidated import CrossValidated, cross_validated, paired_f1
from bench.evaluate.measures import Bools, Floats, average_precision, bootstrap, precision_recall
from bench.evaluate.pairs import MAX_PASSAGES
from bench.evaluate.tables import Cell, Tools
from monitor.match.claimtext import ClaimText, TextReading
from monitor.match.compared import passages_of
from monitor.model.matching import MatchInput

COLUMNS = ("claims →", "BM25", "recipe", "ours", "ours − BM25", "ours − recipe", "recipe F1", "ours F1", "F1 more")
_LEXICAL, _ENCODED = 5, 3
_K1, _B = 1.2, 0.75
_TOP, _LEAD = 3, 6


def recipe_values(tools: Tools, claims: Sequence[str], articles: Sequence[MatchInput]) -> Floats:
    """Return float64[articles, claims, 8]: BM25 first, then the other features; the encoder's are 0 without one."""
    readings = [TextReading(article) for article in articles]
    texts = [ClaimText(text) for text in claims]
    known = Counter(stem for reading in readings for stem in reading.counts)
    idf = {stem: math.log(1 + (len(readings) - count + 0.5) / (count + 0.5)) for stem, count in known.items()}
    idf[""] = max(idf.values(), default=1.0)
    usual = sum(reading.counts.total() for reading in readings) / len(readings)
    values = np.zeros((len(articles), len(claims), _LEXICAL + _ENCODED))
    for number, reading in enumerate(readings):
        for place, claim in enumerate(texts):
            values[number, place, :_LEXICAL] = _lexical(reading, claim, idf, usual)
    if tools.encoder is not None:
        values[:, :, _LEXICAL:] = _cosines(tools, claims, articles)
    return values


def compared(name: str, recipe: Floats, ours: CrossValidated, wanted: Bools) -> tuple[Cell, ...]:
    """Return the row of `COLUMNS`: mean average precisions, then F1, and paired differences with their intervals."""
    other = cross_validated(recipe, wanted)
    ranked = [_precisions(scores, wanted) for scores in (recipe[:, :, 0].T, other.scores, ours.scores)]
    over_bm25, over_recipe = (ranked[2] - ranked[place] for place in (0, 1))
    rows = list(range(len(wanted)))

    def f1_more(chosen: Floats) -> float:
        return paired_f1(ours.told, other.told, wanted, chosen.astype(int).tolist())

    return (
        name,
        *(float(one.mean()) for one in ranked),
        f"{over_bm25.mean():+.3f} {bootstrap(over_bm25.tolist())}",
        f"{over_recipe.mean():+.3f} {bootstrap(over_recipe.tolist())}",
        precision_recall(other.told, wanted)[2],
        precision_recall(ours.told, wanted)[2],
        f"{f1_more(np.array(rows)):+.3f} {bootstrap(rows, f1_more)}",
    )


def _lexical(reading: TextReading, claim: ClaimText, idf: Mapping[str, float], usual: float) -> tuple[float, ...]:
    """Return the five lexical features; a word that stands nowhere weighs as much as the rarest, `idf[""]`."""
    weights = {stem: idf.get(stem, idf[""]) for stem in claim.weights}
    total = sum(weights.values()) or 1.0
    norm = _K1 * (1 - _B + _B * reading.counts.total() / usual)
    found = [stem for stem in weights if stem in reading.counts]
    bm25 = sum(weights[stem] * reading.counts[stem] / (reading.counts[stem] + norm) for stem in found)
    shares = reading.features(claim)
    plain = len(found) / max(1, len(weights))
    covered = sum(weights[stem] for stem in found) / total
    return bm25 / total, plain, covered, shares["window"], shares["words_lead"]


def _cosines(tools: Tools, claims: Sequence[str], articles: Sequence[MatchInput]) -> Floats:
    assert tools.encoder is not None
    chosen = [[passage.text for passage in passages_of(article)[:MAX_PASSAGES]] for article in articles]
    vectors = tools.encoder.encode([text for texts in chosen for text in texts], "passage")
    queries = tools.encoder.encode(claims, "query")
    values = np.zeros((len(articles), len(claims), _ENCODED))
    at = 0
    for number, texts in enumerate(chosen):
        near = queries @ vectors[at : at + len(texts)].T
        at += len(texts)
        if texts:
            best = np.sort(near, axis=1)[:, ::-1]
            values[number] = np.stack([best[:, 0], best[:, :_TOP].mean(axis=1), near[:, :_LEAD].mean(axis=1)], axis=1)
    return values


def _precisions(scores: Floats, wanted: Bools) -> Floats:
    return np.array([average_precision(*pair) for pair in zip(scores, wanted, strict=True)])
