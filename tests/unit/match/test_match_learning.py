"""What judgements teach a claim."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.match.learning import INTERCEPT_SPREAD, fit_intercept, logit_of, missed_share, sigmoid, wilson
from monitor.model.matching import BY_HAND, ClaimTuning, Feature, Why


def loss(intercept: float, logits: list[float], verdicts: list[bool]) -> float:
    said = sum(
        math.log(sigmoid(logit + intercept) if yes else 1 - sigmoid(logit + intercept))
        for logit, yes in zip(logits, verdicts, strict=True)
    )
    return intercept**2 / (2 * INTERCEPT_SPREAD**2) - said


def test_without_judgements_a_claim_has_no_intercept_of_its_own() -> None:
    assert fit_intercept([], []) == 0.0


@given(st.lists(st.tuples(st.floats(-8, 8), st.booleans()), min_size=1, max_size=30))
def test_the_intercept_is_the_most_probable_one(judged: list[tuple[float, bool]]) -> None:
    logits, verdicts = [logit for logit, _ in judged], [yes for _, yes in judged]
    best = fit_intercept(logits, verdicts)
    assert all(
        loss(best, logits, verdicts) <= loss(best + step, logits, verdicts) + 1e-6 for step in (-1, -0.01, 0.01, 1)
    )


def test_rejections_lower_a_claim_and_more_of_them_lower_it_further_but_not_without_end() -> None:
    few, more, many = (fit_intercept([1.0] * count, [False] * count) for count in (1, 5, 5000))
    assert 0 > few > more > many > -12


def test_judgements_that_agree_with_the_score_leave_it_as_it_is() -> None:
    assert abs(fit_intercept([3.0, 3.0, -3.0, -3.0], [True, True, False, False])) < 0.2


@pytest.mark.parametrize("logits", [[500.0], [-500.0], [30.0] * 100])
def test_a_logit_beyond_all_measure_does_not_break_the_fit(logits: list[float]) -> None:
    assert math.isfinite(fit_intercept(logits, [False] * len(logits)))
    assert math.isfinite(fit_intercept(logits, [True] * len(logits)))


def test_the_logit_of_an_assessment_leaves_the_claims_own_intercept_out() -> None:
    why = Why(features=(Feature("terms", 2.0, 0.5),), base=-3.0, tuning=ClaimTuning(intercept=1.5))
    assert logit_of(0.9, why) == -2.0
    assert logit_of(0.5, Why(tuning=ClaimTuning(intercept=1.0))) == -1.0
    assert logit_of(1.0, Why(matcher=BY_HAND)) is None


def test_a_share_has_the_interval_of_wilson() -> None:
    share = wilson(8, 10)
    assert (share.value, round(share.low, 3), round(share.high, 3)) == (0.8, 0.490, 0.943)
    none, every = wilson(0, 30), wilson(30, 30)
    assert (none.low, round(none.high, 3), round(every.low, 3), round(every.high, 9)) == (0.0, 0.114, 0.886, 1.0)
    with pytest.raises(ValueError, match="no trials"):
        wilson(0, 0)


def test_each_answer_counts_for_as_many_articles_as_it_was_drawn_from() -> None:
    even = missed_share([(number < 3, 0.01) for number in range(30)], 1000).share
    assert even is not None
    assert (round(even.value, 3), even.low < 0.1 < even.high) == (0.1, True)
    uneven = missed_share([(True, 0.5)] * 15 + [(False, 0.005)] * 15, 1000).share
    assert uneven is not None
    assert round(uneven.value, 4) == round(30 / 3030, 4)
    assert uneven.high > wilson(30 * uneven.value, 30).high


def test_too_few_answers_say_nothing() -> None:
    assert missed_share([(False, 0.01)] * 29, 1000).share is None
