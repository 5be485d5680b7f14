"""When a source or an article is visited next."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sources.cadence import (
    Pace,
    Plan,
    Visited,
    first_visit_at,
    is_offline,
    needs_full_read,
    next_read_at,
    plan_next,
    settle_move,
)

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
PACE = Pace()
HOUR = timedelta(hours=1)


def after(
    visited: Visited,
    pace: int | None = 1800,
    interval: int | None = None,
    strikes: float = 0.0,
    jitter: float = 0.0,
    now: datetime = NOW,
) -> Plan:
    return plan_next(
        now,
        pace_seconds=pace,
        interval_seconds=interval,
        strikes=strikes,
        visited=visited,
        bounds=PACE,
        jitter=jitter,
    )


def pause(visited: Visited, *, interval: int | None = None, strikes: float = 0.0, jitter: float = 0.0) -> timedelta:
    return after(visited, interval=interval, strikes=strikes, jitter=jitter).next_poll_at - NOW


def live(hours_with_news: set[int], per_hour: int, days: int, pace: int | None = None) -> tuple[int, list[timedelta]]:
    """Let a newsroom bring so many entries in each of those hours (UTC): the visits it costs, how late each is seen."""
    start = NOW.replace(hour=0)
    published = [
        start + timedelta(hours=hour, minutes=60 * number / per_hour)
        for hour in range(24 * days)
        if hour % 24 in hours_with_news
        for number in range(per_hour)
    ]
    visits, delays, now, seen = 0, [], start, 0
    while now < start + timedelta(days=days):
        visits += 1
        out = sum(at <= now for at in published)
        delays += [now - at for at in published[seen:out]]
        plan = after(
            Visited(entries=20, new=out - seen, is_first=visits == 1), pace=pace, now=now, jitter=visits % 7 / 7
        )
        now, pace, seen = plan.next_poll_at, plan.pace_seconds, out
    return visits, delays


def test_a_new_source_begins_at_the_start_pace_and_its_backlog_does_not_hasten_it() -> None:
    plan = after(Visited(entries=20, new=20, is_first=True), pace=None)
    assert plan == Plan(NOW + timedelta(minutes=30), 1800, 0.0)


def test_nothing_new_slows_a_source_a_little_down_to_the_ceiling() -> None:
    assert after(Visited()).pace_seconds == 2250
    assert after(Visited(entries=20, new=0), pace=20_000).pace_seconds == PACE.ceiling_seconds


@pytest.mark.parametrize("new", [1, 2])
def test_one_or_two_new_entries_keep_the_pace_though_all_the_others_were_known(new: int) -> None:
    assert after(Visited(entries=50, new=new)).pace_seconds == 1800


def test_more_new_entries_hasten_a_source_to_the_floor() -> None:
    assert after(Visited(entries=20, new=3)).pace_seconds == 1200
    assert after(Visited(entries=20, new=10)).pace_seconds == 900
    assert after(Visited(entries=20, new=10), pace=700).pace_seconds == PACE.floor_seconds


def test_a_listing_that_is_mostly_new_is_read_twice_as_often_because_others_may_have_dropped_out() -> None:
    assert after(Visited(entries=2, new=2)).pace_seconds == 900
    assert after(Visited(entries=3, new=2)).pace_seconds == 1800


def test_what_piled_up_during_an_outage_does_not_change_the_pace() -> None:
    plan = after(Visited(entries=20, new=20), strikes=1.5)
    assert (plan.pace_seconds, plan.strikes) == (1800, 0.0)


def test_a_busy_newsroom_is_read_within_the_hour_at_a_visit_for_every_one_or_two_entries() -> None:
    visits, delays = live(set(range(24)), per_hour=3, days=4)
    assert 72 / 2.5 <= visits / 4 <= 72
    assert max(delays[100:]) < HOUR


def test_a_newsroom_with_twenty_entries_a_day_is_read_the_same_day() -> None:
    _, delays = live(set(range(1, 11)), per_hour=2, days=10)
    assert max(delays) <= timedelta(hours=6.6)
    assert sum(delays, timedelta()) / len(delays) < 2 * HOUR


def test_a_quiet_source_costs_no_more_than_a_visit_every_six_hours() -> None:
    visits, delays = live({9}, per_hour=1, days=30)
    assert visits <= 30 * 5
    assert max(delays) <= timedelta(hours=6.6)


def test_an_operators_interval_fixes_the_pace_whatever_the_visit_brings() -> None:
    for visited in (Visited(), Visited(entries=20, new=20), Visited(fresh_seconds=9999, ttl_seconds=9999)):
        plan = after(visited, interval=900)
        assert (plan.next_poll_at - NOW, plan.pace_seconds) == (timedelta(minutes=15), 900)
    assert pause(Visited(), interval=900, jitter=0.99) > timedelta(minutes=16)
    assert pause(Visited("server_busy", retry_after_seconds=7200), interval=900) == 2 * HOUR


def test_what_asks_to_be_left_alone_is_left_alone_up_to_the_ceiling() -> None:
    assert pause(Visited(entries=20, new=1, ttl_seconds=7200)) == 2 * HOUR
    assert pause(Visited(entries=20, new=1, fresh_seconds=5000.0)) == timedelta(seconds=5000)
    assert pause(Visited(entries=20, new=1, ttl_seconds=10**9)) == 6 * HOUR
    assert pause(Visited(entries=20, new=1, ttl_seconds=60)) == timedelta(minutes=30)


def test_jitter_spreads_sources_over_a_tenth_of_the_pause() -> None:
    assert timedelta(minutes=30) < pause(Visited(entries=20, new=1), jitter=0.99) <= timedelta(minutes=33)


@pytest.mark.parametrize(
    ("reason", "strikes"),
    [
        ("timeout", 0.25),
        ("server_busy", 0.25),
        ("http_503", 0.25),
        ("http_404", 0.5),
        ("challenged", 0.5),
        ("tls_error", 1),
    ],
)
def test_failures_weigh_by_their_kind(reason: str, strikes: float) -> None:
    plan = after(Visited(reason))
    assert (plan.strikes, plan.pace_seconds, plan.is_stopped) == (strikes, 1800, False)
    assert plan.next_poll_at - NOW == timedelta(minutes=30) * 2**strikes


def test_a_server_in_trouble_is_not_asked_more_often_than_every_quarter_of_an_hour() -> None:
    assert after(Visited("timeout"), pace=600).next_poll_at - NOW >= timedelta(minutes=15)


def test_a_source_that_is_gone_for_good_is_stopped() -> None:
    assert after(Visited("http_410")).is_stopped


@pytest.mark.parametrize(
    "reason", ["http_404", "dns_failed", "timeout", "robots_unavailable", "tls_error", "not_a_feed"]
)
@pytest.mark.parametrize("pace", [600, 1800, 21_600])
@pytest.mark.parametrize("jitter", [0.0, 0.99])
def test_a_dead_source_costs_at_most_forty_requests_in_thirty_days(reason: str, pace: int, jitter: float) -> None:
    now, strikes, requests = NOW, 0.0, 0
    while now < NOW + timedelta(days=30):
        requests += 1
        plan = after(Visited(reason), pace=pace, strikes=strikes, jitter=jitter, now=now)
        now, strikes = plan.next_poll_at, plan.strikes
    assert 5 <= requests <= 40


@pytest.mark.parametrize(("reason", "most"), [("timeout", 60), ("server_busy", 60), ("http_404", 100)])
@pytest.mark.parametrize("minutes", range(5, 121, 5))
def test_an_outage_of_two_hours_delays_a_source_by_an_hour_or_so(reason: str, most: int, minutes: int) -> None:
    now, strikes = NOW, 0.0
    back = NOW + timedelta(minutes=minutes)
    while now < back:
        plan = after(Visited(reason), strikes=strikes, jitter=0.99, now=now)
        now, strikes = plan.next_poll_at, plan.strikes
    assert now - back <= timedelta(minutes=most)


@pytest.mark.parametrize(
    "wish",
    [None, -1.0, 0.0, 0.5, 1.0, 120.0, 3599.0, 7200.0, 86_399.0, 86_400.0, 317_100.0, 1e12, float("inf"), float("nan")],
)
@pytest.mark.parametrize("jitter", [0.0, 0.99])
def test_a_servers_wish_is_obeyed_up_to_a_day(wish: float | None, jitter: float) -> None:
    waited = pause(Visited("server_busy", retry_after_seconds=wish), jitter=jitter)
    asked = timedelta(seconds=min(wish, 86_400)) if wish and wish > 0 else timedelta()
    assert max(asked, timedelta(minutes=30)) <= waited <= 24 * HOUR


@given(
    pace=st.none() | st.integers(1, 10**9),
    interval=st.none() | st.integers(-5, 10**12),
    strikes=st.floats(-1, 1e300),
    visited=st.builds(
        Visited,
        reason=st.sampled_from(
            ["", "timeout", "dns_failed", "http_404", "http_410", "http_599", "bad_url", "unheard_of"]
        ),
        entries=st.integers(0, 20_000),
        new=st.integers(0, 30_000),
        retry_after_seconds=st.none() | st.floats(),
        fresh_seconds=st.floats(),
        ttl_seconds=st.integers(-1, 10**15),
        is_first=st.booleans(),
    ),
    jitter=st.floats(0, 1, exclude_max=True),
)
def test_the_next_visit_lies_ahead_and_within_a_month_whatever_a_server_says(
    pace: int | None, interval: int | None, strikes: float, visited: Visited, jitter: float
) -> None:
    plan = after(visited, pace=pace, interval=interval, strikes=strikes, jitter=jitter)
    assert NOW < plan.next_poll_at <= NOW + timedelta(days=31)
    assert plan.strikes >= 0
    assert (plan.strikes == 0) == (visited.reason == "")
    if interval is None:
        assert PACE.floor_seconds <= plan.pace_seconds <= PACE.ceiling_seconds
    else:
        assert plan.pace_seconds > 0


def test_a_document_is_asked_for_whole_once_a_day_and_after_a_failure() -> None:
    assert needs_full_read(None, NOW, failures=0)
    assert needs_full_read(NOW - 24 * HOUR, NOW, failures=0)
    assert needs_full_read(NOW - HOUR, NOW, failures=1)
    assert not needs_full_read(NOW - 23 * HOUR, NOW, failures=0)


def test_a_full_read_in_the_future_is_a_clock_put_back_and_does_not_count() -> None:
    assert needs_full_read(NOW + HOUR, NOW, failures=0)


def test_a_few_new_sources_are_due_at_once() -> None:
    assert {first_visit_at(NOW, position, 50) for position in range(50)} == {NOW}


@pytest.mark.parametrize("total", [51, 2000, 20_000])
def test_many_new_sources_are_spread_so_that_no_second_sees_twice_its_share(total: int) -> None:
    visits = [first_visit_at(NOW, position, total) for position in range(total)]
    span = (max(visits) - NOW).total_seconds()
    buckets = Counter(int((at - NOW).total_seconds()) for at in visits)
    assert max(buckets.values()) <= 2 * total / span
    assert span <= 1800


def moved(url: str, *targets: str) -> tuple[str, int, bool]:
    state = ("", 0, False)
    for target in targets:
        state = settle_move(url, target, state[0], state[1])
    return state


def test_an_address_changes_after_the_same_answer_three_times_in_a_row() -> None:
    old, new = "http://gazette.example/rss", "https://www.gazette.example/feed/"
    assert moved(old, new, new) == (new, 2, False)
    assert moved(old, new, new, new) == (new, 3, True)
    assert moved(old, new, new, "https://gazette.example/b", new) == (new, 1, False)
    assert moved(old, new, new, "", new) == (new, 1, False)


def test_a_move_to_another_site_is_remembered_but_left_to_the_operator() -> None:
    old, new = "https://gazette.example/feed", "https://casino.example/"
    assert moved(old, *[new] * 9) == (new, 9, False)


def test_no_address_goes_back_from_https_to_http_by_itself() -> None:
    old, new = "https://gazette.example/feed", "http://gazette.example/feed"
    assert moved(old, *[new] * 5) == (new, 5, False)


def test_a_source_that_moves_to_where_it_is_has_not_moved() -> None:
    assert moved("https://gazette.example/feed", "https://gazette.example/feed") == ("", 0, False)


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
