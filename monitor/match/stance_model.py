"""The fitted stance model: coefficients in a readable file, applied without any library.

`data/stance.json` names the data it was fitted on, their licences and SHA-256, the command, and what was measured.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from monitor.match.stance_article import SIDES, Probabilities, Side
from monitor.match.stance_features import Features

FILE = "stance.json"


@dataclass(frozen=True, slots=True)
class Softmax:
    """A multinomial logistic regression: per feature one weight a side."""

    weights: Mapping[str, Probabilities]
    intercept: Probabilities

    def probabilities(self, features: Features) -> Probabilities:
        """Return the probability of each side; features it doesn't know count nothing."""
        against, between, of = self.intercept
        for name, value in features.items():
            if weights := self.weights.get(name):
                against += weights[0] * value
                between += weights[1] * value
                of += weights[2] * value
        logits = against, between, of
        most = max(logits)
        raised = [math.exp(logit - most) for logit in logits]
        total = sum(raised)
        disputes, reports, supports = (value / total for value in raised)
        return disputes, reports, supports


@dataclass(frozen=True, slots=True)
class StanceModel:
    """One model for a sentence, one for an article; from which probability on a side is told (None: never).

    `plain_denial` is how often a sentence that plainly denies was labelled as a dispute.
    """

    sentence: Softmax
    article: Softmax
    sentence_from: Mapping[Side, float | None]
    article_from: Mapping[Side, float | None]
    plain_denial: float


@cache
def shipped_model() -> StanceModel:
    """Return the model that ships with the package."""
    return load_model(files("monitor.match").joinpath("data", FILE).read_text(encoding="utf-8"))


def load_model(text: str) -> StanceModel:
    """Read a model from JSON as `bench/fit_stance` writes it."""
    kept = json.loads(text)
    if tuple(kept["sides"]) != SIDES:
        raise ValueError(f"{FILE} has the sides {kept['sides']}, not {SIDES}: fit it anew")
    parts = {
        name: Softmax(
            {feature: tuple(weights) for feature, weights in kept[name]["weights"].items()},
            tuple(kept[name]["intercept"]),
        )
        for name in ("sentence", "article")
    }
    return StanceModel(
        parts["sentence"],
        parts["article"],
        kept["sentence"]["from"],
        kept["article"]["from"],
        kept["plain_denial"]["precision"],
    )
