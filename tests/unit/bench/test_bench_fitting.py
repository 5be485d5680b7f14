"""How weights are fitted, and how the score is held against the recipe."""

import numpy as np
import pytest

from bench.evaluate.crossvalidated import best_line, cross_validated, paired_f1
from bench.evaluate.recipe import compared, recipe_values
from bench.evaluate.tables import Tools
from bench.fitting.logistic import fit_logistic
from monitor.model.matching import MatchInput

RANDOM = np.random.default_rng(0)
VALUES = RANDOM.normal(size=(4000, 2))
WANTED = RANDOM.random(4000) < 1 / (1 + np.exp(-(-1 + 2 * VALUES[:, 0])))


def test_the_weights_that_made_the_answers_are_found() -> None:
    model = fit_logistic(VALUES, WANTED)
    assert model.base == pytest.approx(-1, abs=0.15)
    assert model.weights == pytest.approx([2, 0], abs=0.15)


def test_a_narrow_prior_holds_a_weight_where_it_is() -> None:
    model = fit_logistic(VALUES, WANTED, variance=1e-6, means=[0.5, 0.5])
    assert model.weights == pytest.approx([0.5, 0.5], abs=0.05)


def test_a_feature_that_never_varies_gets_no_weight_of_note() -> None:
    model = fit_logistic(np.column_stack([VALUES[:, 0], np.zeros(4000)]), WANTED)
    assert np.isfinite(model.weights).all()
    assert np.isfinite(model.probabilities(np.zeros((1, 2)))).all()


def test_answers_that_a_feature_tells_exactly_break_nothing() -> None:
    values = np.arange(20.0)[:, None]
    assert np.isfinite(fit_logistic(values, values[:, 0] > 10).weights).all()


def test_the_best_line_tells_what_is_wanted_and_no_more() -> None:
    assert best_line(np.array([0.9, 0.7, 0.4, 0.1]), np.array([True, True, False, False])) == 0.7


def test_claims_are_scored_by_weights_that_were_fitted_on_others() -> None:
    wanted = np.zeros((20, 30), bool)
    wanted[:, :5] = True
    values = wanted.T[:, :, None] + RANDOM.normal(scale=0.1, size=(30, 20, 1))
    found = cross_validated(values, wanted)
    assert (found.told == wanted).mean() > 0.99
    assert paired_f1(wanted, np.zeros_like(wanted), wanted, range(20)) == 1


def test_a_recipe_is_compared_by_claim() -> None:
    articles = [MatchInput("", f"A {word} was seen in town, and {word} was told of.") for word in WORDS]
    claims = [f"{word} was seen" for word in WORDS]
    recipe = recipe_values(Tools(None, None), claims, articles)  # type: ignore[arg-type]
    wanted = np.eye(len(WORDS), dtype=bool)
    assert (recipe[:, :, 0].argmax(axis=0) == np.arange(len(WORDS))).all()
    name, bm25, *_ = compared("words", recipe, cross_validated(recipe, wanted), wanted)
    assert (name, bm25) == ("words", 1.0)


WORDS = ("raven", "falcon", "badger", "otter", "beaver", "heron", "lizard", "turtle", "walrus", "panther", "ferret")
