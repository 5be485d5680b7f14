"""What a few judgements a claim bring, when they move nothing but the claim's own intercept; pure."""

import numpy as np

from bench.evaluate.measures import Bools, Floats, precision_recall
from monitor.match.learning import fit_intercept
from monitor.model.matching import DIGEST_FROM

COUNTS = (0, 3, 5)
_EDGE = 1e-6


def with_judgements(scores: Floats, wanted: Bools) -> tuple[float, ...]:
    """Return the F1 over all pairs that nobody judged, after so many judgements a claim as `COUNTS` says."""
    clipped = np.clip(scores, _EDGE, 1 - _EDGE)
    logits = np.log(clipped / (1 - clipped))
    judged = [_judged(row, max(COUNTS)) for row in logits]
    left_out = np.zeros_like(wanted)
    for claim, order in enumerate(judged):
        left_out[claim, order] = True
    figures = []
    for count in COUNTS:
        moved = np.array(
            [
                row + (fit_intercept(row[order[:count]].tolist(), answers[order[:count]].tolist()) if count else 0.0)
                for row, order, answers in zip(logits, judged, wanted, strict=True)
            ]
        )
        told = 1 / (1 + np.exp(-moved)) >= DIGEST_FROM
        figures.append(precision_recall(told[~left_out], wanted[~left_out])[2])
    return tuple(figures)


def _judged(logits: Floats, count: int) -> list[int]:
    """Return which articles of a claim are judged, in order: the nearest to the line and the best, in turn."""
    nearest = np.argsort(np.abs(logits), kind="stable").tolist()
    best = np.argsort(-logits, kind="stable").tolist()
    turns = [at for pair in zip(nearest, best, strict=True) for at in pair]
    return list(dict.fromkeys(turns))[:count]
