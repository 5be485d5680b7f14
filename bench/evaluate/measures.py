"""The measures of retrieval and of yes-or-no decisions; pure."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

CONFIDENCE = 1.959964
"""The normal quantile of a two-sided 95 % interval."""


def average_precision(scores: Floats, relevant: Bools) -> float:
    """Return the mean, over the relevant, of the precision at each one's rank; ties in the order given."""
    order = np.argsort(-scores, kind="stable")
    hits = relevant[order]
    if not hits.any():
        return 0.0
    ranks = np.flatnonzero(hits) + 1
    return float(np.mean(np.arange(1, len(ranks) + 1) / ranks))


def precision_recall(told: Bools, wanted: Bools) -> tuple[float, float, float]:
    """Return precision, recall and F1 of a set of decisions; 0 where there is nothing to divide by."""
    right = int((told & wanted).sum())
    precision = right / max(1, int(told.sum()))
    recall = right / max(1, int(wanted.sum()))
    return precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0


def wilson(right: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927); (0, 1) where nothing was seen."""
    if total == 0:
        return 0.0, 1.0
    share, square = right / total, CONFIDENCE**2
    middle = share + square / (2 * total)
    reach = CONFIDENCE * math.sqrt(share * (1 - share) / total + square / (4 * total**2))
    return max(0.0, (middle - reach) / (1 + square / total)), min(1.0, (middle + reach) / (1 + square / total))


def bootstrap(values: Sequence[float], measure: Callable[[Floats], float] = np.mean, rounds: int = 2000) -> str:
    """Return the 95 % interval of a measure over independent values, by resampling them (seed 0), as text."""
    given = np.asarray(values, np.float64)
    if len(given) < 2:
        return "–"
    random = np.random.default_rng(0)
    drawn = [measure(given[random.integers(0, len(given), len(given))]) for _ in range(rounds)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return f"[{low:.3f}, {high:.3f}]"


def true_positives_at(match: Floats, other: Floats, false_rate: float) -> float:
    """Return the share of matches above the score that only `false_rate` of the others exceed."""
    return float((match > np.quantile(other, 1 - false_rate)).mean())
