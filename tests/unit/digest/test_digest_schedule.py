"""Which digest is due: one a local date, whatever the clocks do."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from monitor.digest.schedule import due_digest_on, next_digest_at


def days_told(zone: str, start: datetime, hours: int, send_at: str = "07:00", step_minutes: int = 15) -> list[date]:
    told: list[date] = []
    for step in range(hours * 60 // step_minutes):
        now = start + timedelta(minutes=step * step_minutes)
        due = due_digest_on(now, send_at=send_at, timezone=zone, last_on=told[-1] if told else None)
        if due:
            told.append(due)
    return told


@pytest.mark.parametrize("zone", ["Asia/Phnom_Penh", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])
@pytest.mark.parametrize("send_at", ["00:00", "02:30", "07:00", "23:45"])
@pytest.mark.parametrize("start", [datetime(2026, 3, 5, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)])
def test_each_local_date_has_one_digest_across_every_change_of_clocks(zone: str, send_at: str, start: datetime) -> None:
    told = days_told(zone, start, 24 * 40, send_at)
    gaps = [later - earlier for earlier, later in pairwise(told)]
    assert set(gaps) == {timedelta(days=1)}


def test_the_first_digest_is_due_at_once() -> None:
    now = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    assert due_digest_on(now, send_at="07:00", timezone="UTC", last_on=None) == date(2026, 11, 22)


def test_days_of_downtime_are_told_in_one_digest() -> None:
    now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    due = due_digest_on(now, send_at="07:00", timezone="UTC", last_on=date(2026, 11, 18))
    assert due == date(2026, 11, 22)
    assert due_digest_on(now, send_at="07:00", timezone="UTC", last_on=due) is None


def test_a_clock_that_jumps_back_makes_no_second_digest() -> None:
    told = date(2026, 11, 22)
    for days in (0, -1, -300):
        now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC) + timedelta(days=days)
        assert due_digest_on(now, send_at="07:00", timezone="UTC", last_on=told) is None


def test_the_date_is_the_readers_own() -> None:
    now = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    due = due_digest_on(now, send_at="06:00", timezone="Asia/Phnom_Penh", last_on=date(2026, 11, 22))
    assert due == date(2026, 11, 23)


def test_the_next_digest_is_announced_in_the_readers_zone() -> None:
    now = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    at = next_digest_at(now, send_at="07:00", timezone="Asia/Phnom_Penh", last_on=date(2026, 11, 22))
    assert at.isoformat() == "2026-11-23T07:00:00+07:00"
