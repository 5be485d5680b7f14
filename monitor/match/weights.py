"""The logistic model of the score: named features × weights, from a file that says what it was fitted on. Pure.

    probability = 1 / (1 + exp(-(base + intercept of the claim + Σ value × weight)))

`data/weights.json` holds four sets of weights: with terms or for a claim's text alone, each with and without meaning.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from monitor.match.learning import sigmoid
from monitor.model.matching import ClaimTuning, Feature

_DECIMALS = 4


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
    return round(sigmoid(logit), _DECIMALS)


@cache
def shipped_weights() -> WeightsFile:
    """Return the weights that ship."""
    return read_weights(files("monitor.match").joinpath("data/weights.json").read_bytes())


def read_weights(raw: bytes) -> WeightsFile:
    """Read a file of weights."""
    given = json.loads(raw)
    sets = {name: Weights(float(one["base"]), one["weights"]) for name, one in given["sets"].items()}
    return WeightsFile(sets, hashlib.sha256(raw).hexdigest())
