"""Fitting the stance model: a sentence's on headlines, an article's on full bodies over the answers of the first.

scikit-learn fits; what ships is applied without it (`monitor/match/stance_model.py`).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from bench.evaluate.stance_sets import Bodies, Pair, Stories, best_coverage
from monitor.match.stance_article import IN_BEST, SIDES, Probabilities, article_features, turn
from monitor.match.stance_features import Features, read_claim, sentence_features
from monitor.match.stance_model import Softmax

SENTENCE_C, ARTICLE_C = 0.1, 0.003
"""Inverse strengths of regularisation, chosen by cross-validation among 0.05, 0.1, 0.2 and 0.003, 0.01, 0.03."""

DISPUTES_COUNT = 1.2
"""How much a headline that disputes counts in the fit, chosen by cross-validation among 1, 1.2 and 1.4.

One in seven disputes, and they are the most wanted."""

MIN_STORIES, MIN_STORIES_OF_GROUPS = 3, 8
"""A feature seen in fewer stories says more of them than of stance; word groups of bodies are the most numerous."""

MAX_ROUNDS = 500
LEAST_WEIGHT = 0.003
"""Smaller weights change no answer and are left out of the file."""

Answers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HeldAgainst:
    """A pair's passages as features, worked out once."""

    pair: Pair
    passages: tuple[Features, ...]


def hold(pairs: Sequence[Pair]) -> list[HeldAgainst]:
    """Work out the features of every pair's passages."""
    held = []
    for pair in pairs:
        claim = read_claim(pair.claim)
        held.append(HeldAgainst(pair, tuple(sentence_features(claim, passage) for passage in pair.passages)))
    return held


def fit_sentences(held: Sequence[HeldAgainst], stories: Stories) -> Softmax:
    """Fit the model of one sentence on pairs of one passage."""
    keys = [stories.of(one.pair.story) for one in held]
    counts = {"disputes": DISPUTES_COUNT}
    return _fit([one.passages[0] for one in held], [one.pair.label for one in held], keys, SENTENCE_C, counts)


def fit_articles(
    held: Sequence[HeldAgainst], answers: Sequence[Sequence[Probabilities]], library: Bodies, stories: Stories
) -> Softmax:
    """Fit the model of an article on the sentence model's answers, which must come from other stories."""
    features = [of_article(one, sides, library) for one, sides in zip(held, answers, strict=True)]
    keys = [stories.of(one.pair.story) for one in held]
    return _fit(features, [_turned(one.pair) for one in held], keys, ARTICLE_C)


def _turned(pair: Pair) -> str:
    """Return the body's side to what its claim speaks of: a body that is for a denial is against that."""
    return SIDES[::-1][SIDES.index(pair.label)] if read_claim(pair.claim).is_denial else pair.label


def of_article(held: HeldAgainst, sides: Sequence[Probabilities], library: Bodies) -> Features:
    """Return the features of a pair's body."""
    pair = held.pair
    claim = read_claim(pair.claim)
    passages = list(zip(held.passages, sides, strict=True))
    return article_features(claim, best_coverage(pair.claim, pair.passages), passages, library.bodies[pair.body].kinds)


def _fit(
    features: Sequence[Features],
    labels: Sequence[str],
    stories: Sequence[str],
    c: float,
    counts: dict[str, float] | None = None,
) -> Softmax:
    """Fit; `counts` are labels that don't count 1.

    Without them every label has the same weight, and a story of many pairs less than their number.
    """
    seen = defaultdict(set)
    for found, story in zip(features, stories, strict=True):
        for name in found:
            seen[name].add(story)
    kept = [{name: value for name, value in found.items() if len(seen[name]) >= _least(name)} for found in features]
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform(kept)
    sizes = Counter(stories)
    weights = np.asarray([sizes[story] ** -0.5 for story in stories]) if counts is None else np.ones(len(stories))
    model = LogisticRegression(C=c, max_iter=MAX_ROUNDS, class_weight=counts or "balanced")
    model.fit(matrix, labels, sample_weight=weights / weights.mean())
    assert tuple(model.classes_) == SIDES
    names = vectorizer.get_feature_names_out()
    rounded = np.round(model.coef_, 4)
    tells = np.abs(rounded).max(axis=0) >= LEAST_WEIGHT
    table = {str(name): _three(rounded[:, at]) for at, name in enumerate(names) if tells[at]}
    return Softmax(table, _three(np.round(model.intercept_, 4)))


def _least(name: str) -> int:
    return MIN_STORIES_OF_GROUPS if name.startswith(IN_BEST) else MIN_STORIES


def _three(values: NDArray[np.float64]) -> Probabilities:
    disputes, reports, supports = (float(value) for value in values)
    return disputes, reports, supports


def answer_sentences(model: Softmax, held: Sequence[HeldAgainst]) -> list[tuple[Probabilities, ...]]:
    """Return the sides of each pair's passages."""
    return [tuple(model.probabilities(found) for found in one.passages) for one in held]


def answer_articles(
    model: Softmax, held: Sequence[HeldAgainst], sides: Sequence[Sequence[Probabilities]], library: Bodies
) -> Answers:
    """Return float[n, 3]: the sides of each pair's body."""
    return np.asarray(
        [
            turn(read_claim(one.pair.claim), model.probabilities(of_article(one, some, library)))
            for one, some in zip(held, sides, strict=True)
        ]
    )
