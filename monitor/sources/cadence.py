"""Decide when a source or an entry is visited next. Pure: takes values and gives an instant.

In: what just happened. Out: the next instant. Never: reads a clock.
"""

from datetime import datetime, timedelta

MAX_PAUSE = timedelta(hours=24)
JITTER = 0.1
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


def next_read_at(now: datetime, *, attempts: int, retry_after_seconds: float | None = None) -> datetime | None:
    """Return when an article that could not be had is tried again, or None after the last try.

    `attempts` counts the tries so far, this one included.
    """
    if attempts > len(READ_PAUSES):
        return None
    pause = max(READ_PAUSES[attempts - 1], timedelta(seconds=retry_after_seconds or 0))
    return now + min(pause, MAX_PAUSE)
