"""The logistic model: what it says can be recomputed."""

import json

import pytest

from monitor.match.weights import Weights, probability, read_weights, shipped_weights
from monitor.model.matching import ClaimTuning

WEIGHTS = Weights(-2.0, {"holds": 3.0, "meaning": 0.5, "out": -4.0})


def test_the_features_that_weigh_most_stand_first_and_what_is_nought_is_left_out() -> None:
    features = WEIGHTS.explain({"holds": 1.0, "meaning": 8.0, "out": 0.0})
    assert [(feature.name, feature.weight) for feature in features] == [("meaning", 0.5), ("holds", 3.0)]


def test_the_probability_follows_from_the_features_and_the_intercept() -> None:
    features = WEIGHTS.explain({"holds": 1.0})
    assert probability(-2.0, features, ClaimTuning()) == pytest.approx(0.7311, abs=1e-4)
    assert probability(-2.0, features, ClaimTuning(intercept=-1.0)) == 0.5


def test_a_monstrous_value_is_still_a_probability() -> None:
    features = WEIGHTS.explain({"meaning": 1e9})
    assert 0 < probability(-2.0, features, ClaimTuning()) <= 1


def test_the_weights_that_ship_say_what_they_were_fitted_on_and_how_well() -> None:
    raw = shipped_weights()
    assert set(raw.sets) == {"text", "text+meaning", "terms", "terms+meaning"}
    assert raw.sets["terms+meaning"].by_name["holds"] > 0
    assert raw.sets["terms+meaning"].by_name["meaning"] > 0
    assert raw.sets["terms+meaning"].by_name["out"] < 0


@pytest.mark.parametrize("name", ["text", "text+meaning", "terms", "terms+meaning"])
def test_every_weight_that_ships_has_the_sign_that_its_name_says(name: str) -> None:
    for feature, weight in shipped_weights().sets[name].by_name.items():
        speaks_against = feature == "out" or feature.endswith("_missing")
        assert weight < 0 if speaks_against else weight > 0, feature


def test_a_file_of_weights_is_known_by_its_contents() -> None:
    content = {"sets": {"text": {"base": -1, "weights": {"match": 2}}}}
    one = read_weights(json.dumps(content).encode())
    content["sets"]["text"]["base"] = -2
    assert one.sha256 != read_weights(json.dumps(content).encode()).sha256
