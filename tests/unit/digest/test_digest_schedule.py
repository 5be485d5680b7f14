"""Which digest is due: one a local date, whatever the clocks do."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.digest.schedule import Rhythm, due_digest_on, next_digest_at

DAY = timedelta(days=1)
# Half an hour of summer time, a date left out (Samoa, 30 December 2011), clocks changed at midnight or over it, and
# zones that never change.
ZONES = {
    "Asia/Phnom_Penh": 2025,
    "UTC": 2025,
    "Europe/Berlin": 2025,
    "America/New_York": 2025,
    "Australia/Lord_Howe": 2025,
    "Pacific/Apia": 2010,
    "America/Havana": 2025,
    "America/Scoresbysund": 2023,
    "Africa/Cairo": 2024,
    "Asia/Beirut": 2024,
    "America/Sao_Paulo": 2016,
    "Asia/Kathmandu": 2025,
}


def dates_told(rhythm: Rhythm, begin: datetime, end: datetime) -> list[date]:
    """Live from one digest to the next, a tick at each instant around which one might come too early or twice."""
    told = [begin.astimezone(ZoneInfo(rhythm.timezone)).date()]
    while (due_at := next_digest_at(begin, rhythm, told[-1])) < end:
        at = due_at.astimezone(UTC)
        assert due_digest_on(at - timedelta(seconds=1), rhythm, told[-1]) is None
        due_on = due_digest_on(at, rhythm, told[-1])
        assert due_on is not None
        told.append(due_on)
        for minutes in (0, 30, 60, 90, 150):
            assert due_digest_on(at + timedelta(minutes=minutes), rhythm, told[-1]) is None
        begin = at
    return told


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("send_at", ["00:00", "00:30", "02:30", "07:00", "23:45"])
def test_each_local_date_of_three_years_has_one_digest(zone: str, send_at: str) -> None:
    begin = datetime(ZONES[zone], 1, 1, 12, tzinfo=UTC)
    told = dates_told(Rhythm(send_at, zone), begin, begin + 3 * 365 * DAY)
    skipped = {date(2011, 12, 30)} if zone == "Pacific/Apia" else set()
    expected = {told[0] + n * DAY for n in range((told[-1] - told[0]).days + 1)} - skipped
    assert told == sorted(expected)
    assert len(told) > 3 * 364


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("weekday", "send_at"), [(0, "07:00"), (4, "02:30"), (6, "00:00"), (5, "23:45")])
def test_each_week_of_three_years_has_one_digest_on_its_day(zone: str, weekday: int, send_at: str) -> None:
    begin = datetime(ZONES[zone], 1, 1, 12, tzinfo=UTC)
    told = dates_told(Rhythm(send_at, zone, weekday), begin, begin + 3 * 365 * DAY)[1:]
    assert {day.weekday() for day in told} == {weekday}
    # A Friday that a zone leaves out has no digest; the one after it tells the fortnight.
    gaps = [later - earlier for earlier, later in pairwise(told)]
    assert [gap for gap in gaps if gap != 7 * DAY] == ([14 * DAY] if (zone, weekday) == ("Pacific/Apia", 4) else [])


@pytest.mark.parametrize("zone", ["Australia/Lord_Howe", "America/Scoresbysund", "Europe/Berlin", "Asia/Beirut"])
@settings(max_examples=60)
@given(data=st.data())
def test_ticks_at_any_instants_make_no_date_twice_and_leave_none_out(zone: str, data: st.DataObject) -> None:
    send_at = data.draw(st.sampled_from(["00:15", "02:10", "07:00", "23:50"]))
    begin = datetime(ZONES[zone], 3, 20, tzinfo=UTC)
    minutes = data.draw(st.lists(st.integers(1, 20 * 60), min_size=100, max_size=250))
    rhythm, at = Rhythm(send_at, zone), begin
    told = [begin.astimezone(ZoneInfo(zone)).date()]
    for pause in minutes:
        at += timedelta(minutes=pause)
        due_on = due_digest_on(at, rhythm, told[-1])
        if due_on is not None:
            told.append(due_on)
    # Pauses are shorter than a day, so each date's hour is met before the next date's has come.
    assert {later - earlier for earlier, later in pairwise(told)} <= {DAY}


def test_the_first_digest_to_files_is_due_at_once() -> None:
    now = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    assert due_digest_on(now, Rhythm("07:00", "UTC"), None) == date(2026, 11, 22)
    assert next_digest_at(now, Rhythm("07:00", "UTC"), None) == now


@pytest.mark.parametrize(
    ("hour", "first_on"), [(3, date(2026, 11, 22)), (7, date(2026, 11, 22)), (9, date(2026, 11, 23))]
)
def test_a_readers_first_mail_is_due_at_its_hour_after_the_subscription(hour: int, first_on: date) -> None:
    begins_at = datetime(2026, 11, 22, hour, 0, tzinfo=UTC)
    rhythm = Rhythm("07:00", "UTC", begins_at=begins_at)
    due_at = next_digest_at(begins_at, rhythm, None)
    assert due_at == datetime(first_on.year, first_on.month, first_on.day, 7, tzinfo=UTC)
    assert due_digest_on(due_at, rhythm, None) == first_on


def test_days_of_downtime_are_told_in_one_digest() -> None:
    now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    due = due_digest_on(now, Rhythm("07:00", "UTC"), date(2026, 11, 18))
    assert due == date(2026, 11, 22)
    assert due_digest_on(now, Rhythm("07:00", "UTC"), due) is None


def test_a_weekly_digest_missed_on_its_day_comes_when_the_service_is_up_and_the_next_on_its_day() -> None:
    rhythm, last_on = Rhythm("07:00", "UTC", 0), date(2026, 11, 16)
    thursday = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
    due = due_digest_on(thursday, rhythm, last_on)
    assert due == date(2026, 11, 23)
    assert next_digest_at(thursday, rhythm, due) == datetime(2026, 11, 30, 7, tzinfo=UTC)


@pytest.mark.parametrize("jump", [timedelta(hours=-1), -DAY, -300 * DAY, -20_000 * DAY])
def test_a_clock_that_jumps_back_makes_no_second_digest(jump: timedelta) -> None:
    now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC) + jump
    assert due_digest_on(now, Rhythm("07:00", "UTC"), date(2026, 11, 22)) is None


def test_the_date_is_the_readers_own() -> None:
    now = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert due_digest_on(now, Rhythm("06:00", "Asia/Phnom_Penh"), date(2026, 11, 22)) == date(2026, 11, 23)


def test_the_next_digest_is_announced_in_the_readers_zone() -> None:
    now = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    at = next_digest_at(now, Rhythm("07:00", "Asia/Phnom_Penh"), date(2026, 11, 22))
    assert at.isoformat() == "2026-11-23T07:00:00+07:00"
