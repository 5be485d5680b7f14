"""Logistic regression by Newton's method, with a normal prior on each weight; pure.

A weight is drawn to its prior's mean as strongly as the prior is narrow, so that few data leave a sensible weight where
it is. Weights are held against their prior in units of their feature's spread.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_STEPS = 60
_HALVINGS = 20
_CLOSE = 1e-8
_TINY = 1e-6


@dataclass(frozen=True)
class Logistic:
    """A fitted model: probability = 1 / (1 + exp(-(base + values · weights)))."""

    base: float
    weights: Floats

    def logits(self, values: Floats) -> Floats:
        """Return float64[n] of values float64[n, features]."""
        logits: Floats = self.base + values @ self.weights
        return logits

    def probabilities(self, values: Floats) -> Floats:
        """Return float64[n] in (0, 1)."""
        return _sigmoid(self.logits(values))


def fit_logistic(
    values: Floats, wanted: Bools, *, variance: float = 1.0, means: Sequence[float] | None = None
) -> Logistic:
    """Fit weights to values float64[n, features] with the prior N(mean, variance) each; means are 0 unless given.

    Both are of weights per standard deviation of the feature; the base has no prior.
    """
    spread = np.maximum(values.std(axis=0), _TINY)
    table = np.column_stack([np.ones(len(values)), values / spread])
    middle = np.concatenate([[0.0], np.zeros(values.shape[1]) if means is None else np.asarray(means, float)])
    narrow = np.concatenate([[0.0], np.full(values.shape[1], 1 / variance)])
    answers = wanted.astype(float)
    given, best = middle.copy(), np.inf
    for _ in range(_STEPS):
        said = _sigmoid(table @ given)
        slope = table.T @ (answers - said) - narrow * (given - middle)
        bend = (table * (said * (1 - said))[:, None]).T @ table + np.diag(narrow + _TINY)
        step = np.linalg.solve(bend, slope)
        given, loss = _improved(table, answers, given, step, middle, narrow)
        if best - loss < _CLOSE * max(1.0, abs(loss)):
            break
        best = loss
    return Logistic(float(given[0]), given[1:] / spread)


def _improved(
    table: Floats, answers: Floats, given: Floats, step: Floats, middle: Floats, narrow: Floats
) -> tuple[Floats, float]:
    """Return weights a step further, the step halved until the loss falls; a whole one may overshoot."""
    now = _loss(table, answers, given, middle, narrow)
    for _ in range(_HALVINGS):
        loss = _loss(table, answers, given + step, middle, narrow)
        if loss <= now:
            return given + step, loss
        step = step / 2
    return given, now


def _loss(table: Floats, answers: Floats, given: Floats, middle: Floats, narrow: Floats) -> float:
    logits = table @ given
    missed = np.logaddexp(0.0, logits) - answers * logits
    return float(missed.sum() + (narrow * (given - middle) ** 2).sum() / 2)


def _sigmoid(logits: Floats) -> Floats:
    said: Floats = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    return said
