"""Asking about what is no hit, and what the answers say of what is missed. On both databases."""

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import UsageError
from monitor.operations.claims import claim_standings
from monitor.operations.opening import Monitor, open_monitor
from monitor.operations.questions import ACROSS_DRAWN, ACROSS_NEAREST, DRAWN, NEAREST, answer, ask, ask_across, missed
from monitor.settings import load_settings
from tests.unit.operations.judged import TEXTS, fill
from tests.unit.store.archives import NOW

PLAIN = tuple((f"Notice {number}", f"The ferry of pier {number} is late today.") for number in range(14))


@pytest.fixture
def monitor(archive_url: str, tmp_path: Path) -> Iterator[Monitor]:
    settings = load_settings({"MONITOR_DATA_DIR": str(tmp_path / "var"), "MONITOR_DATABASE_URL": archive_url})[0]
    opened = open_monitor(settings, now=lambda: NOW + timedelta(days=1))
    fill(opened, (*TEXTS, *PLAIN))
    yield opened
    opened.archive.close()


def test_the_nearest_and_some_drawn_at_random_are_asked_about_with_their_probability(monitor: Monitor) -> None:
    asked = ask(monitor, "sewing", random.Random(3))
    drawn = [one for one in asked if one.offered == "random"]
    nearest = [one for one in asked if one.offered == "nearest"]
    assert len(drawn) == DRAWN
    assert {one.probability for one in drawn} == {DRAWN / 17}
    assert len(nearest) <= NEAREST
    assert "Wages" in {one.headline for one in asked}
    assert not {"Raid at the pier", "A play", "Shelter"} & {one.headline for one in asked}


def test_the_same_questions_stand_until_they_are_answered(monitor: Monitor) -> None:
    asked = ask(monitor, "sewing", random.Random(3))
    assert ask(monitor, "sewing", random.Random(4)) == asked
    assert answer(monitor, "sewing", asked[0].article_id, "not-relevant")[1]
    assert not answer(monitor, "sewing", asked[0].article_id, "not-relevant")[1]
    after = ask(monitor, "sewing", random.Random(5))
    assert asked[0] not in after
    assert len(after) == len(asked)


def test_without_a_claim_what_teaches_most_is_asked_over_all_of_them_and_stands_until_it_is_answered(
    monitor: Monitor,
) -> None:
    asked = ask_across(monitor, random.Random(3))
    drawn = [one for one in asked if one.offered == "random"]
    assert {one.claim for one in drawn} == {"raids/sewing", "raids/harbour"}
    assert all(one.probability in (1 / 17, 1 / 20) for one in drawn)
    nearest = [one for one in asked if one.offered == "nearest"]
    assert {one.headline for one in nearest} >= {"Wages", "Harbour"}
    assert len(nearest) <= ACROSS_NEAREST
    assert len(ask_across(monitor, random.Random(4), "raids")) <= ACROSS_NEAREST + ACROSS_DRAWN
    with pytest.raises(UsageError, match="no watchlist 'other'"):
        ask_across(monitor, random.Random(4), "other")


def test_answers_teach_the_claim_and_leave_its_precision_alone(monitor: Monitor) -> None:
    asked = ask(monitor, "sewing", random.Random(3))
    near = next(one for one in asked if one.headline == "Wages")
    assert near.logit is not None
    answer(monitor, "sewing", near.article_id, "relevant")
    standing = next(one for one in claim_standings(monitor) if one.identifier == "raids/sewing")
    assert (standing.fitted_on, standing.precision) == (1, None)
    assert standing.tuning.intercept > 0


def test_below_thirty_answers_nothing_is_said_of_what_is_missed(monitor: Monitor) -> None:
    for one in ask(monitor, "sewing", random.Random(3)):
        answer(monitor, "sewing", one.article_id, "not-relevant")
    known = missed(monitor, "sewing")
    assert (known.answers, known.share) == (DRAWN, None)


@pytest.mark.parametrize(("claim", "article_id", "verdict"), [("nobody", 1, "relevant"), ("sewing", 99, "relevant")])
def test_an_answer_that_makes_no_sense_is_refused(monitor: Monitor, claim: str, article_id: int, verdict: str) -> None:
    with pytest.raises(UsageError):
        answer(monitor, claim, article_id, verdict)
