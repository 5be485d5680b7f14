"""The challenge's four classes, counted as its scorer counts them."""

from pathlib import Path

import numpy as np
import pytest

from bench.evaluate.stance_four import UNRELATED, Challenge, four_classes, held_against, related, weighted
from bench.evaluate.stance_sets import Pair
from bench.evaluate.tables import Tools

TEXTS = {"1": "A dam broke by the river. Nobody was hurt.", "2": "Bread became dear in the city."}


def a_challenge() -> Challenge:
    headlines = ("Dam broke by the river", "Bread became dear", "Dam broke by the river", "Bread became dear")
    return held_against(headlines, ("1", "2", "2", "1"), [1, 2, UNRELATED, UNRELATED], TEXTS, Tools(Path(), None))


def test_a_side_counts_one_being_related_a_quarter_and_unrelated_a_quarter() -> None:
    truth = np.array([0, 1, 2, UNRELATED])
    assert weighted(truth, truth) == 100
    assert weighted(truth, np.array([1, 1, 1, UNRELATED])) == pytest.approx(100 * (0.25 + 1 + 0.25 + 0.25) / 3.25)
    assert weighted(truth, np.full(4, UNRELATED)) == pytest.approx(100 * 0.25 / 3.25)
    assert weighted(truth, np.array([0, 1, 2, 1])) == pytest.approx(100 * 3 / 3.25)


def test_what_shares_a_headlines_words_is_related() -> None:
    challenge = a_challenge()
    assert related(challenge, challenge).tolist() == [True, True, False, False]


def test_the_four_class_figure_counts_the_unrelated_and_the_three_way_one_does_not() -> None:
    challenge = a_challenge()
    pairs = [Pair("Dam broke by the river", (), "reports", "1"), Pair("Bread became dear", (), "supports", "2")]
    answers = np.array([[0.1, 0.8, 0.1], [0.2, 0.6, 0.2]])
    row = dict(
        zip(
            ("name", "n", "related", "weighted", "four", "disagree", "accuracy", "three"),
            four_classes("a set", challenge, np.array([True, True, False, False]), pairs, answers),
            strict=True,
        )
    )
    assert row["n"] == 4
    assert row["related"] == 1
    assert row["four"] == pytest.approx((0 + 2 / 3 + 0 + 1) / 4)
    assert row["three"] == pytest.approx((2 / 3) / 3)
    assert row["accuracy"] == 0.5
