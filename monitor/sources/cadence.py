"""Decide when a source or an entry is visited next. Pure: takes values and gives an instant.

In: what just happened. Out: the next instant, and what is to be remembered for the visit after. Never: reads a clock.

A source finds its own pace. Media Cloud's rss-fetcher judges by the share of entries it knew already: under a third
faster, over two thirds slower. Its lower edge is kept here, because where two of three entries are new, others may have
dropped out of the listing unseen. Its upper edge would slow every newsroom to the ceiling: of the twenty entries that
a feed lists, most are known at each visit although one or two are new each time. So the count of new ones decides
instead: none slows a little, one or two keep the pace, more hasten it. That settles where a visit brings one or two.

A source that fails is slowed and never given up; only 410 (RFC 9110 §15.5.11) stops it, until an operator says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.text.urls import is_same_site

MAX_PAUSE = timedelta(hours=24)
JITTER = 0.1
MAX_JITTER = timedelta(hours=20)
OFFLINE_PAUSE = timedelta(minutes=5)
REJECTED_PAUSE = timedelta(hours=1)
STRUGGLING_HOST_PAUSE = timedelta(minutes=30)
UNREACHED = frozenset({"dns_failed", "network_down", "timeout", "connection_lost"})
STRUGGLING = UNREACHED | {"parser_timeout"}
READ_PAUSES = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))

GONE = "http_410"
TEMPORARY = UNREACHED | {
    "host_struggling",
    "robots_unavailable",
    "server_busy",
    "store_busy",
    "parsers_unavailable",
    "internal_error",
}
# A mail server locks an account that is asked with a wrong password again and again.
HARD = frozenset({"bad_url", "blocked_port", "tls_error", "mailbox_refused", GONE})
LONG_DEAD = 4.0
FAILING_FLOOR = timedelta(minutes=15)
MAX_STRIKES = 64.0
MAX_INTERVAL = timedelta(days=30)

HASTY_SHARE = 1 / 3
WELCOME_NEW = 2
SLOWER = 1.25

FULL_READ_EVERY = timedelta(hours=24)
HERD = 50
SPACING = timedelta(seconds=0.5)
MAX_SPREAD = timedelta(minutes=30)
SETTLED_MOVES = 3


@dataclass(frozen=True, slots=True)
class Pace:
    """Between which bounds a source's own pace moves, in seconds between two visits, and where it begins."""

    start_seconds: int = 1800
    floor_seconds: int = 600
    ceiling_seconds: int = 21_600


@dataclass(frozen=True, slots=True)
class Visited:
    """What one visit came to: `reason` is "" for a good one.

    `entries` is how many it listed (0 for "unchanged"), `new` how many of them were not known. `retry_after_seconds`
    is the server's wish, `fresh_seconds` how long it says the answer stays as it is (RFC 9111), `ttl_seconds` how long
    the document asks to be left alone. `is_first`: it found the backlog, which says nothing about the pace.
    """

    reason: str = ""
    entries: int = 0
    new: int = 0
    retry_after_seconds: float | None = None
    fresh_seconds: float = 0.0
    ttl_seconds: int = 0
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What follows from a visit: when the next one is due, the source's own pace, and its weighted failures in a row.

    `is_stopped`: the source said that it is gone for good, and is not polled again until an operator says so.
    """

    next_poll_at: datetime
    pace_seconds: int
    strikes: float
    is_stopped: bool = False


@dataclass(frozen=True, slots=True)
class _Kind:
    """How much one failure of a kind weighs, and the longest pause that failures of this kind lead to."""

    weight: float
    longest: timedelta


# The weights are Media Cloud's. Strikes double the pause, so a temporary failure lengthens it by a fifth: after an
# outage the next visit comes at the latest a fifth of its length late.
_TEMPORARY = _Kind(0.25, timedelta(days=3))
_SOFT = _Kind(0.5, timedelta(days=7))
_HARD = _Kind(1.0, timedelta(days=30))


def plan_next(
    now: datetime,
    *,
    pace_seconds: int | None,
    interval_seconds: int | None,
    strikes: float,
    visited: Visited,
    bounds: Pace,
    jitter: float,
) -> Plan:
    """Return when a source is due again, and its pace and strikes after this visit.

    `pace_seconds` and `strikes` are as the last visit left them (None and 0 before the first). `interval_seconds` is an
    operator's own and fixes the pace. The server's wish is obeyed up to a day. `jitter` in [0, 1) spreads sources that
    began together over a tenth of the pause. The next visit always lies between `now` and 31 days later.
    """
    if interval_seconds is not None:
        pace = min(max(interval_seconds, 1), int(MAX_INTERVAL.total_seconds()))
    else:
        pace = _own_pace(pace_seconds, strikes, visited, bounds)
    struck = 0.0
    if visited.reason:
        kind = _kind_of(visited.reason, strikes)
        struck = min(max(strikes, 0.0) + kind.weight, MAX_STRIKES)
        pause = _backed_off(pace, struck, kind)
    else:
        wished = 0.0 if interval_seconds is not None else max(visited.fresh_seconds, visited.ttl_seconds)
        pause = timedelta(seconds=max(pace, min(wished, bounds.ceiling_seconds)))
    due = _jittered(pause, jitter)
    wish = visited.retry_after_seconds
    if wish is not None and wish > 0:
        obeyed = timedelta(seconds=min(wish, MAX_PAUSE.total_seconds()))
        due = max(due, min(_jittered(obeyed, jitter), MAX_PAUSE))
    return Plan(now + due, pace, struck, visited.reason == GONE)


def _own_pace(pace_seconds: int | None, strikes: float, visited: Visited, bounds: Pace) -> int:
    """Return the pace that the source has shown by what this visit brought."""
    pace = float(bounds.start_seconds if pace_seconds is None else pace_seconds)
    # What has piled up before the first visit, or while the source could not be read, is no measure.
    if not (visited.reason or visited.is_first or strikes > 0):
        known = 1.0 - visited.new / visited.entries if visited.entries > 0 else 1.0
        if visited.new <= 0:
            pace *= SLOWER
        elif known < HASTY_SHARE:
            pace /= 2
        elif visited.new > WELCOME_NEW:
            pace *= max(0.5, WELCOME_NEW / visited.new)
    return max(1, round(min(max(pace, bounds.floor_seconds), bounds.ceiling_seconds)))


def _kind_of(reason: str, strikes: float) -> _Kind:
    if reason in HARD or (reason == "dns_failed" and strikes >= LONG_DEAD):
        return _HARD
    return _TEMPORARY if reason in TEMPORARY or reason.startswith("http_5") else _SOFT


def _backed_off(pace: int, strikes: float, kind: _Kind) -> timedelta:
    """Double the pause with each strike; what is in trouble is not asked more often than every quarter of an hour."""
    base = max(timedelta(seconds=pace), FAILING_FLOOR)
    return max(base, min(base * 2 ** min(strikes, 16.0), kind.longest))


def _jittered(pause: timedelta, jitter: float) -> timedelta:
    return pause + min(pause * JITTER, MAX_JITTER) * jitter


def needs_full_read(full_read_at: datetime | None, now: datetime, *, failures: int) -> bool:
    """Decide whether a source is asked for its document whole, even where it could be asked whether it has changed.

    Some servers go on answering 304 although it has (known to Media Cloud's rss-fetcher), so it is asked for at least
    once a day, and after a failure, as what was kept of it may be what is wrong.
    """
    if full_read_at is None or failures > 0:
        return True
    return not timedelta(0) <= now - full_read_at < FULL_READ_EVERY


def first_visit_at(now: datetime, position: int, total: int) -> datetime:
    """Return when a new source is first due, being number `position` (from 0) of `total` that are added together.

    A few are due at once. Many are spread evenly, two a second and over half an hour at most, so that they neither
    start together nor come back together ever after.
    """
    if total <= HERD:
        return now
    spread = min(SPACING * total, MAX_SPREAD)
    return now + spread * (min(max(position, 0), total - 1) / total)


def settle_move(url: str, moved_to: str, before: str, moves: int) -> tuple[str, int, bool]:
    """Return where a source says it has moved, how often in a row it said so, and whether its address is to change.

    To be asked after good visits only: a redirect to something that can't be read is no move. `moved_to` is this
    visit's permanent redirect (301, 308; "" = none), `before` and `moves` are as the last one left them.

    The address changes after the same answer three times in a row, and by itself only within the same site and not
    from https back to http. A domain that has lapsed often redirects for good, to somebody else: what is kept under an
    outlet's name must not come from there, so `health` shows such a move and an operator decides.
    """
    if not moved_to or moved_to == url:
        return "", 0, False
    said = max(moves, 0) + 1 if moved_to == before else 1
    is_downgrade = url.lower().startswith("https:") and not moved_to.lower().startswith("https:")
    return moved_to, said, said >= SETTLED_MOVES and is_same_site(url, moved_to) and not is_downgrade


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
