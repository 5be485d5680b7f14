"""Decide when a source or an entry is visited next. Pure: takes values and gives an instant.

In: what just happened. Out: the next instant. Never: reads a clock.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

MAX_PAUSE = timedelta(hours=24)
JITTER = 0.1
OFFLINE_PAUSE = timedelta(minutes=5)
REJECTED_PAUSE = timedelta(hours=1)
STRUGGLING_HOST_PAUSE = timedelta(minutes=30)
UNREACHED = frozenset({"dns_failed", "network_down", "timeout", "connection_lost"})
STRUGGLING = UNREACHED | {"parser_timeout"}
READ_PAUSES = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))


def next_poll_at(
    now: datetime, *, interval_seconds: int, failures: int, retry_after_seconds: float | None, jitter: float
) -> datetime:
    """Return when a source is due again.

    `failures` counts those in a row, this visit's included; each doubles the pause, up to a day: a source is slowed
    down, never given up. `retry_after_seconds` is the server's wish, obeyed up to a day. `jitter` in [0, 1) spreads
    sources that began together over a tenth of the pause.
    """
    pause = timedelta(seconds=interval_seconds * (1 << min(failures, 10)))
    if retry_after_seconds is not None:
        pause = max(pause, timedelta(seconds=retry_after_seconds))
    return now + min(pause, MAX_PAUSE) * (1 + JITTER * jitter)


def is_offline(reasons: Iterable[str]) -> bool:
    """Decide from a round's outcomes (a reason each, "" for a good visit) whether it was our own network that failed.

    Two sources at least, and not one that answered anything.
    """
    outcomes = list(reasons)
    return len(outcomes) > 1 and all(reason in UNREACHED for reason in outcomes)


def next_read_at(
    now: datetime, *, attempts: int, is_rejected: bool = False, retry_after_seconds: float | None = None
) -> datetime | None:
    """Return when an article that could not be had is tried again, or None after the last try.

    `attempts` counts the tries so far, this one included. What was rejected gets one more try, an hour later: a page
    may be missing or locked for moments after its feed named it, and a network may answer for others.
    """
    if attempts > (1 if is_rejected else len(READ_PAUSES)):
        return None
    pause = REJECTED_PAUSE if is_rejected else READ_PAUSES[attempts - 1]
    return now + min(max(pause, timedelta(seconds=retry_after_seconds or 0)), MAX_PAUSE)
