"""Decide which digest is due. Pure: a timer only wakes us; what is due follows from dates.

In: now, the subscription's hour and zone, the date of its last digest. Out: a local date. Never: reads a clock.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def due_digest_on(now: datetime, *, send_at: str, timezone: str, last_on: date | None) -> date | None:
    """Return the local date whose digest is due now, or None.

    The first digest is due at once; after that one a local date, from `send_at` ("07:00") on. By comparing dates, an
    hour that a clock change skips or repeats makes neither a gap nor a second digest, and days on which the service
    was down are told in the next one.
    """
    local = now.astimezone(ZoneInfo(timezone))
    if last_on is None:
        return local.date()
    is_time = local.time() >= time.fromisoformat(send_at)
    return local.date() if is_time and local.date() > last_on else None


def next_digest_at(now: datetime, *, send_at: str, timezone: str, last_on: date | None) -> datetime:
    """Return when the next digest falls due, as an instant in the subscription's zone."""
    zone = ZoneInfo(timezone)
    local = now.astimezone(zone)
    day = local.date() if last_on is None else max(local.date(), last_on + timedelta(days=1))
    due = datetime.combine(day, time.fromisoformat(send_at), zone)
    return max(due, local)
