"""Decide what becomes of a mail after a try. Pure.

In: how the try ended, how many there were, now, a number drawn at random. Out: Outcome. Never: reads a clock.
"""

from datetime import datetime, timedelta

from monitor.errors import (
    MailServerDown,
    MailUnknown,
    MonitorError,
    OutboxNotWritable,
    Rejected,
    Retryable,
    StoreBusy,
)
from monitor.model.mailing import Outcome, OwedMail

_PAUSES = (
    *(timedelta(minutes=minutes) for minutes in (5, 15, 60, 120)),
    *(timedelta(hours=hours) for hours in (4, 8, 8, 12, 12, 24, 24)),
)
MAX_ATTEMPTS = len(_PAUSES) + 1
"""Over four days: RFC 5321 §4.5.4.1 asks a sender for four to five."""

_SERVER_PAUSE = timedelta(minutes=4)
"""A server that comes back has what it is owed within five minutes."""

_SPREAD = 0.2
MAX_WORDS = 400


def decide_outcome(error: MonitorError, mail: OwedMail, now: datetime, drawn: float) -> Outcome:
    """Say what becomes of a mail whose try ended with an error; `drawn` in [0, 1) spreads those that end together."""
    words = str(error)[:MAX_WORDS]
    if isinstance(error, (MailServerDown, OutboxNotWritable, StoreBusy)):
        # No mail is at fault, so none uses up an attempt. What is ours is looked at again at the next tick.
        pause = _SERVER_PAUSE * (1 - _SPREAD * drawn) if isinstance(error, MailServerDown) else timedelta(0)
        return Outcome("queued", error.reason, words, now + pause, is_counted=False, is_server_down=True)
    if isinstance(error, MailUnknown):
        return Outcome("unknown", error.reason, words, now + _PAUSES[0])
    if isinstance(error, Rejected) or not isinstance(error, Retryable):
        return Outcome("dead", error.reason, words)
    if mail.attempts >= MAX_ATTEMPTS:
        return Outcome("dead", error.reason, f"given up after {mail.attempts} tries: {words}")
    pause = _PAUSES[mail.attempts - 1] * (1 + _SPREAD * (2 * drawn - 1))
    return Outcome("queued", error.reason, words, now + pause)
