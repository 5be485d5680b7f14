"""The logistic model of the score: named features × weights, from a file that says what it was fitted on. Pure.

    probability = 1 / (1 + exp(-(base + intercept of the claim + Σ value × weight)))

`data/weights.json` holds four sets of weights: with terms or for a claim's text alone, each with and without meaning.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from monitor.model.matching import ClaimTuning, Feature

INTERCEPT_SPREAD = 1.5
"""How far a claim's own intercept may be expected from 0, before anybody judged (in units of the logit)."""

_DECIMALS = 4
_NEWTON_STEPS = 25


@dataclass(frozen=True)
class Weights:
    """One set of weights, by the features' names."""

    base: float
    by_name: Mapping[str, float]

    def explain(self, values: Mapping[str, float]) -> tuple[Feature, ...]:
        """Return the features with their weights, those that weigh most first; what is 0 is left out."""
        features = [
            Feature(name, round(values[name], _DECIMALS), weight)
            for name, weight in self.by_name.items()
            if values.get(name)
        ]
        return tuple(sorted(features, key=lambda feature: -abs(feature.value * feature.weight)))


@dataclass(frozen=True)
class WeightsFile:
    """All sets by name, and the SHA-256 of the file they stand in."""

    sets: Mapping[str, Weights]
    sha256: str


def probability(base: float, features: tuple[Feature, ...], tuning: ClaimTuning) -> float:
    """Return the score: recomputed from a stored explanation, it is the same."""
    logit = base + tuning.intercept + sum(feature.value * feature.weight for feature in features)
    return round(1 / (1 + math.exp(-max(-30.0, min(30.0, logit)))), _DECIMALS)


@cache
def shipped_weights() -> WeightsFile:
    """Return the weights that ship."""
    return read_weights(files("monitor.match").joinpath("data/weights.json").read_bytes())


def read_weights(raw: bytes) -> WeightsFile:
    """Read a file of weights."""
    given = json.loads(raw)
    sets = {name: Weights(float(one["base"]), one["weights"]) for name, one in given["sets"].items()}
    return WeightsFile(sets, hashlib.sha256(raw).hexdigest())


def fit_intercept(logits: Sequence[float], is_relevant: Sequence[bool], spread: float = INTERCEPT_SPREAD) -> float:
    """Return the intercept of a claim that its judgements make most probable.

    One number b with the prior N(0, spread²), found by Newton's method: few judgements move it little, and one-sided
    ones not without end. `logits` are the judged articles' without an intercept.
    """
    intercept = 0.0
    for _ in range(_NEWTON_STEPS):
        shares = [1 / (1 + math.exp(-max(-30.0, min(30.0, logit + intercept)))) for logit in logits]
        slope = sum(yes - share for yes, share in zip(is_relevant, shares, strict=True)) - intercept / spread**2
        bend = sum(share * (1 - share) for share in shares) + 1 / spread**2
        intercept += slope / bend
    return round(intercept, _DECIMALS)
