"""What judgements teach of a claim. In: logits and verdicts. Out: an intercept, shares with their intervals. Pure."""

import math
from collections.abc import Sequence

from monitor.model.judging import Missed, Share
from monitor.model.matching import BY_HAND, Why

INTERCEPT_SPREAD = 1.5
"""How far a claim's own intercept may be expected from 0, before anybody judged (in units of the logit)."""

MOST_LOGIT = 30.0
_DECIMALS = 4
_STEPS = 50
_CLOSE = 1e-9
_NORMAL_95 = 1.959963984540054
_EDGE = 1e-6

LEAST_ANSWERS = 30
"""With fewer, what a claim misses is not told: none of 29 may still be a tenth."""


def fit_intercept(logits: Sequence[float], is_relevant: Sequence[bool], spread: float = INTERCEPT_SPREAD) -> float:
    """Return the intercept of a claim that its judgements make most probable.

    One number b with the prior N(0, spread²), found by Newton's method on a function with one top: few judgements move
    it little, and one-sided ones not without end. `logits` are the judged articles' without an intercept.
    """
    intercept = 0.0
    for _ in range(_STEPS):
        shares = [sigmoid(logit + intercept) for logit in logits]
        slope = sum(yes - share for yes, share in zip(is_relevant, shares, strict=True)) - intercept / spread**2
        bend = sum(share * (1 - share) for share in shares) + 1 / spread**2
        # No step is longer than the prior is wide: far from the top Newton's would overshoot.
        step = max(-spread, min(spread, slope / bend))
        intercept += step
        if abs(step) < _CLOSE:
            break
    return round(intercept, _DECIMALS)


def sigmoid(logit: float) -> float:
    """Return the probability of a logit."""
    return 1 / (1 + math.exp(-max(-MOST_LOGIT, min(MOST_LOGIT, logit))))


def logit_of(score: float, why: Why) -> float | None:
    """Return the logit of an assessment without its claim's own intercept; None where a person set it by hand.

    An assessment without features (an earlier matcher's) has only its score.
    """
    if why.matcher == BY_HAND:
        return None
    if why.features:
        return why.base + sum(feature.value * feature.weight for feature in why.features)
    kept = min(1 - _EDGE, max(_EDGE, score))
    return math.log(kept / (1 - kept)) - why.tuning.intercept


def wilson(successes: float, count: float) -> Share:
    """Return a share with its interval at 95 % (Wilson 1927): sound for few trials, and for none or all of them.

    Weighted trials may be given as fractions. Raises ValueError where there are no trials.
    """
    if count <= 0:
        raise ValueError("no trials")
    share, square = successes / count, _NORMAL_95**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    reach = _NORMAL_95 * math.sqrt(share * (1 - share) / count + square / (4 * count**2)) / (1 + square / count)
    return Share(share, max(0.0, middle - reach), min(1.0, middle + reach))


def missed_share(drawn: Sequence[tuple[bool, float]], below: int) -> Missed:
    """Return the share of relevant articles among those below the line.

    `drawn` are answers with the probability with which each article was drawn: each stands for 1 / probability articles
    (Hájek 1971). The interval is Wilson's, over as many answers as the uneven weights are worth (Kish 1965).
    """
    if len(drawn) < LEAST_ANSWERS:
        return Missed(len(drawn), below)
    weights = [1 / probability for _, probability in drawn]
    share = sum(weight for weight, (yes, _) in zip(weights, drawn, strict=True) if yes) / sum(weights)
    worth = sum(weights) ** 2 / sum(weight**2 for weight in weights)
    return Missed(len(drawn), below, wilson(share * worth, worth))
