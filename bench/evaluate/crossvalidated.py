"""Weights tried on other claims than they were fitted on: what a score is worth on claims nobody has seen; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import GroupKFold

from bench.evaluate.measures import Bools, Floats
from bench.fitting.logistic import fit_logistic

FOLDS = 10


@dataclass(frozen=True)
class CrossValidated:
    """Probabilities float64[claims, articles], and what is told: those above the line that is best on the others."""

    scores: Floats
    told: Bools


def cross_validated(values: Floats, wanted: Bools) -> CrossValidated:
    """Fit on nine tenths of the claims and score the last, in turn.

    `values` are float64[articles, claims, features], `wanted` is bool[claims, articles].
    """
    by_claim = np.swapaxes(values, 0, 1)
    claims = np.arange(len(wanted))
    scores, told = np.zeros(wanted.shape), np.zeros(wanted.shape, bool)
    for train, test in GroupKFold(min(FOLDS, len(claims))).split(claims, groups=claims):
        known = by_claim[train].reshape(-1, values.shape[2])
        answers = wanted[train].ravel()
        model = fit_logistic(known, answers)
        line = best_line(model.probabilities(known), answers)
        scores[test] = model.probabilities(by_claim[test].reshape(-1, values.shape[2])).reshape(len(test), -1)
        told[test] = scores[test] >= line
    return CrossValidated(scores, told)


def best_line(scores: Floats, wanted: Bools) -> float:
    """Return the score from which on telling gives the best F1."""
    order = np.argsort(-scores, kind="stable")
    right = np.cumsum(wanted[order])
    f1 = 2 * right / (np.arange(1, len(order) + 1) + wanted.sum())
    return float(scores[order][f1.argmax()])


def paired_f1(told: Bools, other: Bools, wanted: Bools, chosen: Sequence[int]) -> float:
    """Return how much better the F1 of one set of decisions is than another's, over some of the claims (rows)."""
    return _f1(told[chosen], wanted[chosen]) - _f1(other[chosen], wanted[chosen])


def _f1(told: Bools, wanted: Bools) -> float:
    return 2 * int((told & wanted).sum()) / max(1, int(told.sum()) + int(wanted.sum()))
