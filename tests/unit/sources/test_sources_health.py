"""What is wrong with a source, and what only looks so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model.archiving import PollDay, SourceSpec, StoredSource
from monitor.sources.health import HEALTH, Usual, diagnose, usual
from monitor.sources.illnesses import illness_of

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)  # a Sunday
TODAY = NOW.date()
HOUR = timedelta(hours=1)
SPEC = SourceSpec("https://gazette.example/feed", "The Gazette")


def source(
    reason: str = "",
    failures: int = 0,
    good: timedelta | None = timedelta(0),
    health: str = "",
    since: timedelta | None = None,
    moved_to: str = "",
    moves: int = 0,
) -> StoredSource:
    return StoredSource(
        id=1,
        spec=SPEC,
        next_poll_at=NOW,
        failures=failures,
        last_good_at=None if good is None else NOW - good,
        last_reason=reason,
        health=health,
        health_since=None if since is None else NOW - since,
        moved_to=moved_to,
        moves=moves,
    )


def days(count: int, brings: Callable[[date], int], good: int = 24, until: int = 0) -> list[PollDay]:
    """Return so many days up to `until` days ago, the last of them; each brings what the function says."""
    each = [TODAY - timedelta(days=ago) for ago in range(count - 1 + until, until - 1, -1)]
    return [PollDay(day, 24, good, brings(day)) for day in each]


def quiet_for(count: int, before: list[PollDay]) -> list[PollDay]:
    return [PollDay(d.day, d.polls, d.good, 0) if d.day > TODAY - timedelta(days=count) else d for d in before]


def slug(days_: list[PollDay], now: datetime = NOW) -> str:
    return diagnose(source(), days_, now)[0]


@pytest.mark.parametrize(
    ("reason", "illness"),
    [
        ("challenged", "challenged"),
        ("login", "login"),
        ("http_401", "login"),
        ("blocked_on_network", "blocked_on_network"),
        ("http_451", "blocked_on_network"),
        ("http_511", "blocked_on_network"),
        ("blocked_address", "blocked_on_network"),
        ("not_a_feed", "not_a_feed"),
        ("bad_selector", "not_a_feed"),
        ("search_refused", "not_a_feed"),
        ("dns_failed", "unreachable"),
        ("tls_error", "unreachable"),
        ("http_503", "unreachable"),
        ("http_403", "refused"),
        ("http_404", "refused"),
        ("robots_disallowed", "robots"),
        ("mailbox_refused", "mailbox"),
        ("internal_error", "fault"),
    ],
)
def test_a_failure_that_has_lasted_is_named_by_its_kind(reason: str, illness: str) -> None:
    found, detail = diagnose(source(reason, 3, 6 * HOUR), (), NOW)
    assert found == illness
    assert "The last 3 visits failed (last read on 2026-11-22)" in detail


@pytest.mark.parametrize(("failures", "good"), [(1, 20 * HOUR), (2, 20 * HOUR), (9, 5 * HOUR)])
def test_a_failure_that_has_not_lasted_is_no_illness(failures: int, good: timedelta) -> None:
    assert diagnose(source("timeout", failures, good), (), NOW) == ("", "")


def test_a_source_that_was_never_read_is_ill_after_three_failures() -> None:
    assert diagnose(source("not_a_feed", 2, None), (), NOW)[0] == ""
    assert diagnose(source("not_a_feed", 3, None), (), NOW)[0] == "not_a_feed"
    assert diagnose(source("blocked_address", 3, None), (), NOW)[0] == "address"


def test_a_source_that_was_added_an_hour_ago_is_not_called_ill_yet() -> None:
    new = replace(source("timeout", 3, None), added_at=NOW - HOUR)
    assert diagnose(new, (), NOW) == ("", "")
    assert diagnose(replace(new, added_at=NOW - 7 * HOUR), (), NOW)[0] == "unreachable"


def test_a_visit_that_fails_makes_no_ill_source_well() -> None:
    ill = replace(source("http_403", 1, HOUR), health="refused", health_since=NOW - HOUR)
    assert diagnose(ill, (), NOW)[0] == "refused"


def test_a_source_that_fails_now_so_and_now_so_keeps_its_first_verdict_for_a_week() -> None:
    ill = replace(source("http_403", 9, 20 * HOUR), health="unreachable", health_since=NOW - HOUR)
    assert diagnose(ill, (), NOW)[0] == "unreachable"
    assert diagnose(replace(ill, health_since=NOW - timedelta(days=8)), (), NOW)[0] == "refused"
    assert diagnose(replace(ill, last_reason="http_410"), (), NOW)[0] == "gone"


def test_a_missing_page_counts_as_gone_after_a_week_or_where_it_never_was_there() -> None:
    assert diagnose(source("http_404", 9, timedelta(days=7)), (), NOW)[0] == "refused"
    assert diagnose(source("http_404", 9, timedelta(days=8)), (), NOW)[0] == "gone"
    assert diagnose(source("http_404", 3, None), (), NOW)[0] == "gone"


def test_what_says_that_it_is_gone_is_believed_at_once() -> None:
    found, detail = diagnose(source("http_410", 1, HOUR), (), NOW)
    assert found == "gone"
    assert "The last visit failed" in detail


def test_a_move_to_another_site_is_told_once_it_was_said_three_times() -> None:
    elsewhere = "https://other.example/feed"
    assert diagnose(source(moved_to=elsewhere, moves=2), (), NOW)[0] == ""
    assert diagnose(source(moved_to=elsewhere, moves=3), (), NOW) == (
        "moved",
        f"It says that it has moved for good, to {elsewhere}",
    )


def test_a_source_that_is_read_again_is_well_again() -> None:
    assert diagnose(source(health="unreachable", since=9 * HOUR), days(20, lambda _: 5), NOW) == ("", "")


def test_a_daily_source_that_brings_nothing_for_two_days_is_silent() -> None:
    busy = days(29, lambda _: 12)
    assert slug(quiet_for(2, busy)) == ""
    found, detail = diagnose(source(), quiet_for(3, busy), NOW)
    assert (found, detail) == ("silent", "Nothing new since 2026-11-19; it used to bring about 12 a day")


def test_days_on_which_nothing_could_be_read_are_no_silence() -> None:
    busy = days(29, lambda _: 12, until=4)
    assert slug([*busy, *days(4, lambda _: 0, good=0)]) == ""


@pytest.mark.parametrize("weekday", range(7))
def test_an_outlet_that_works_on_weekdays_rests_at_weekends_in_peace(weekday: int) -> None:
    now = NOW + timedelta(days=weekday)
    each = [now.date() - timedelta(days=ago) for ago in range(60, 0, -1)]
    assert slug([PollDay(day, 24, 24, 15 if day.weekday() < 5 else 0) for day in each], now) == ""


@pytest.mark.parametrize("weekday", range(7))
def test_an_outlet_of_weekends_only_rests_on_weekdays_in_peace(weekday: int) -> None:
    now = NOW + timedelta(days=weekday)
    each = [now.date() - timedelta(days=ago) for ago in range(60, 0, -1)]
    assert slug([PollDay(day, 24, 24, 20 if day.weekday() >= 5 else 0) for day in each], now) == ""


def test_an_outlet_of_weekends_only_is_silent_after_two_weekends_without_anything() -> None:
    weekends = days(60, lambda day: 20 if day.weekday() >= 5 else 0)
    assert slug(quiet_for(16, weekends)) == "silent"


def test_a_sleepy_source_is_not_silent_before_three_times_its_usual_gap() -> None:
    sleepy = days(90, lambda day: int((TODAY - day).days % 10 == 0))
    assert usual(sleepy, NOW).gap_hours == 240
    assert slug(quiet_for(30, sleepy)) == ""
    assert slug(quiet_for(40, sleepy)) == "silent"


def test_a_source_stays_silent_until_it_brings_something_though_its_better_days_are_forgotten() -> None:
    silent = source(health="silent", since=timedelta(days=200))
    nothing = days(60, lambda _: 0)
    assert diagnose(silent, nothing, NOW)[0] == "silent"
    assert diagnose(silent, [*nothing[:-1], PollDay(TODAY, 24, 24, 1)], NOW) == ("", "")


def test_a_new_source_gets_no_verdict_on_its_volume() -> None:
    assert usual(days(13, lambda _: 5), NOW) == Usual(0, 0)
    assert slug(quiet_for(5, days(13, lambda _: 5))) == ""


def test_the_backlog_of_the_first_day_is_not_what_a_source_usually_brings() -> None:
    first, *rest = days(21, lambda _: 4)
    backlog = PollDay(first.day, 24, 24, 500)
    assert usual([backlog, *rest], NOW) == Usual(4.0, 6.0)
    assert slug([backlog, *rest]) == ""


def test_a_lasting_fall_to_half_or_less_is_told() -> None:
    halved = days(29, lambda day: 4 if day >= TODAY - timedelta(days=7) else 12)
    found, detail = diagnose(source(), halved, NOW)
    assert (found, detail) == ("few", "4.0 a day in the last week, 12.0 a day before")


def test_a_lasting_rise_to_double_or_more_is_told() -> None:
    assert slug(days(29, lambda day: 40 if day >= TODAY - timedelta(days=7) else 12)) == "many"


def test_one_wild_day_is_no_lasting_rise() -> None:
    assert slug(days(29, lambda day: 900 if day == TODAY - timedelta(days=3) else 12)) == ""


def test_a_level_that_has_come_to_stay_is_no_alarm_any_more() -> None:
    assert slug(days(60, lambda day: 40 if day >= TODAY - timedelta(days=28) else 12)) == ""


@pytest.mark.parametrize("rate", [1, 3, 10, 60])
def test_ordinary_scatter_raises_no_alarm_in_two_hundred_sources(rate: int) -> None:
    chance = Random(rate)
    alarms = 0
    for _ in range(200):
        scattered = days(60, lambda _: sum(chance.random() < rate / 200 for _ in range(200)))
        alarms += slug(scattered) != ""
    assert alarms <= 1


def test_a_source_that_shows_beginnings_only_may_need_an_argument() -> None:
    well = days(20, lambda _: 5)
    assert diagnose(source(), well, NOW, teasers=(12, 20))[0] == "paywall"
    assert diagnose(source(), well, NOW, teasers=(4, 4)) == ("", "")
    assert diagnose(source(), well, NOW, teasers=(5, 20)) == ("", "")


def test_a_night_without_a_network_makes_no_source_ill() -> None:
    nights = [
        diagnose(source("dns_failed", hours, hours * HOUR), days(30, lambda _: 9), NOW)[0] for hours in range(1, 6)
    ]
    assert set(nights) == {""}


@pytest.mark.parametrize("slug_", sorted(HEALTH))
def test_every_illness_has_its_words(slug_: str) -> None:
    words = HEALTH[slug_]
    assert 5 < len(words.what) <= 30
    assert words.meaning.endswith(".")
    assert words.remedy.endswith(".")


@given(
    reason=st.sampled_from(["", "http_410", "http_404", "timeout", "unheard_of", "http_599"]),
    failures=st.integers(0, 50),
    good=st.none() | st.timedeltas(timedelta(0), timedelta(days=900)),
    counts=st.lists(st.tuples(st.integers(-2, 120), st.integers(0, 24), st.integers(0, 5000)), max_size=90),
    health=st.sampled_from(["", *HEALTH]),
    teasers=st.tuples(st.integers(0, 30), st.integers(0, 30)),
)
def test_a_diagnosis_is_always_one_that_has_words(
    reason: str,
    failures: int,
    good: timedelta | None,
    counts: list[tuple[int, int, int]],
    health: str,
    teasers: tuple[int, int],
) -> None:
    history = [PollDay(TODAY - timedelta(days=ago), 24, polled, new) for ago, polled, new in counts]
    ill = source(reason, failures, good, health, since=timedelta(days=3))
    found, detail = diagnose(ill, history, NOW, teasers)
    assert (found in HEALTH and detail) or (found, detail) == ("", "")


def test_an_unknown_reason_is_a_refusal() -> None:
    assert illness_of("http_418") == "refused"
