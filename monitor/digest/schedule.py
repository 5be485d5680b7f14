"""Decide which digest is due. Pure: a timer only wakes us; what is due follows from dates.

In: now, the subscription's hour and zone, the date of its last digest. Out: a local date. Never: reads a clock.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a subscription's digests fall due: at `send_at` ("07:00") in `timezone`, on `weekday` (Monday = 0) or daily.

    `begins_at`: its first is due at the first such hour from then on; None: at once.
    """

    send_at: str
    timezone: str
    weekday: int | None = None
    begins_at: datetime | None = None


def due_digest_on(now: datetime, rhythm: Rhythm, last_on: date | None) -> date | None:
    """Return the local date whose digest is due now, or None.

    A date's digest falls due once: at the instant of its hour, or where a change of clocks skips that hour, when it
    would have come. By comparing dates, an hour that comes twice makes no second digest, and days on which the service
    was down are told in the next one.
    """
    if last_on is None:
        if rhythm.begins_at is None:
            return now.astimezone(ZoneInfo(rhythm.timezone)).date()
        last_on = _last_on(rhythm.begins_at - timedelta.resolution, rhythm)
    latest = _last_on(now, rhythm)
    return latest if latest > last_on else None


def next_digest_at(now: datetime, rhythm: Rhythm, last_on: date | None) -> datetime:
    """Return when the next digest falls due, as an instant in the subscription's zone."""
    local = now.astimezone(ZoneInfo(rhythm.timezone))
    if due_digest_on(now, rhythm, last_on) is not None:
        return local
    day = max(_last_on(now, rhythm), last_on or date.min) + _A_DAY
    while not _is_day(day, rhythm):
        day += _A_DAY
    return _instant(day, rhythm).astimezone(local.tzinfo)


def _last_on(now: datetime, rhythm: Rhythm) -> date:
    """Return the latest date whose hour has come."""
    # One day on: where clocks are set back over midnight, tomorrow's hour may have come and gone.
    day = now.astimezone(ZoneInfo(rhythm.timezone)).date() + _A_DAY
    while not (_is_day(day, rhythm) and _instant(day, rhythm) <= now):
        day -= _A_DAY
    return day


def _is_day(day: date, rhythm: Rhythm) -> bool:
    return rhythm.weekday in (None, day.weekday()) and not _is_skipped(day, ZoneInfo(rhythm.timezone))


def _is_skipped(day: date, zone: ZoneInfo) -> bool:
    """Say whether a zone leaves out a whole date, as Samoa did in 2011 when it crossed the date line."""
    noon = datetime.combine(day, time(12), zone)
    return noon.astimezone(ZoneInfo("UTC")).astimezone(zone).date() != day


def _instant(day: date, rhythm: Rhythm) -> datetime:
    zone = ZoneInfo(rhythm.timezone)
    return datetime.combine(day, time.fromisoformat(rhythm.send_at), zone).astimezone(ZoneInfo("UTC"))
