"""Decide whether an alert may be made. Pure.

In: now, the reader's zone, the alerts of the last days. Out: AlertSlot, or None for not now. Never: reads a clock.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.model.mailing import AlertSlot, MadeAlert

FLOOR = timedelta(minutes=15)
"""So long after an alert the next one waits: what comes in between is told in it together."""

MOST_A_DAY = 10
"""So many alerts has a local date; a reader who gets more reads none."""

FRESH = timedelta(hours=24)
"""What could not be told at once for so long is no alert any more; the digest tells it."""

_A_DAY = timedelta(days=1)


def choose_alert(now: datetime, timezone: str, made: Sequence[MadeAlert]) -> AlertSlot | None:
    """Return the alert that may be made now, or None.

    While one is on its way, the next waits: when a mail server comes back, a reader gets one alert of all that came.
    What came on a date after its last alert is left to the digest for good.
    """
    if any(alert.is_owed or timedelta(0) <= now - alert.composed_at < FLOOR for alert in made):
        return None
    zone = ZoneInfo(timezone)
    on = now.astimezone(zone).date()
    number = 1 + max((alert.number for alert in made if alert.on == on), default=0)
    if number > MOST_A_DAY:
        return None
    full = [alert.on for alert in made if alert.number >= MOST_A_DAY and alert.on < on]
    since = max([now - FRESH, *(_midnight(day + _A_DAY, zone) for day in full)])
    return AlertSlot(on, number, since, is_last=number == MOST_A_DAY)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
