"""When a source or an article is visited next."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.errors import ConfigurationError
from monitor.sources.cadence import is_offline, next_poll_at, next_read_at
from monitor.sources.catalogue import read_catalogue

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def pause(failures: int = 0, retry_after: float | None = None, jitter: float = 0) -> timedelta:
    at = next_poll_at(NOW, interval_seconds=1800, failures=failures, retry_after_seconds=retry_after, jitter=jitter)
    return at - NOW


def test_a_good_source_is_visited_after_its_interval() -> None:
    assert pause() == timedelta(minutes=30)


def test_each_failure_in_a_row_doubles_the_pause_up_to_a_day_and_no_source_is_given_up() -> None:
    assert [pause(failures).total_seconds() / 3600 for failures in (1, 2, 3)] == [1, 2, 4]
    assert pause(6) == pause(1000) == timedelta(hours=24)


def test_a_server_that_asks_for_time_gets_it_up_to_a_day() -> None:
    assert pause(1, retry_after=7200) == timedelta(hours=2)
    assert pause(1, retry_after=1e12) == timedelta(hours=24)
    assert pause(1, retry_after=1) == timedelta(hours=1)


def test_jitter_spreads_sources_over_a_tenth_of_the_pause() -> None:
    assert timedelta(minutes=30) < pause(jitter=0.99) <= timedelta(minutes=33)


def test_an_article_is_tried_five_times_and_then_kept_as_a_lead() -> None:
    pauses = [next_read_at(NOW, attempts=attempts) for attempts in range(1, 6)]
    assert pauses[0] == NOW + timedelta(minutes=5)
    assert pauses[3] == NOW + timedelta(hours=24)
    assert pauses[4] is None


def test_what_was_rejected_gets_one_more_try_an_hour_later() -> None:
    assert next_read_at(NOW, attempts=1, is_rejected=True) == NOW + timedelta(hours=1)
    assert next_read_at(NOW, attempts=2, is_rejected=True) is None


@pytest.mark.parametrize(
    ("reasons", "offline"),
    [
        (["dns_failed", "timeout", "network_down"], True),
        (["dns_failed", "dns_failed", ""], False),
        (["dns_failed", "http_404"], False),
        (["dns_failed"], False),
        ([], False),
    ],
)
def test_our_own_network_is_down_when_nobody_answers_anything(reasons: list[str], offline: bool) -> None:
    assert is_offline(reasons) == offline


@pytest.mark.parametrize(
    "text", ["sources: [{title: A}]", "sources: [{title: A, url: x, ulr: y}]", "- a", "sources: [", "a: 1\na: 2"]
)
def test_a_broken_starter_list_is_refused_with_its_name(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"sources\.yaml"):
        read_catalogue(text, "sources.yaml")
