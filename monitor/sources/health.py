"""Decide what is wrong with a source. Pure.

In: a source after a visit, and what its visits came to day by day. Out: the slug of what is wrong ("" = well), and it
in words. Never: raises an alarm for what has not lasted, or for an outage of our own.

A feed that is dead for a month with nobody noticing is a month without hits that looks like a month without news
(NewsBlur #706); a mail for every hiccup is soon no longer read. So a failure counts after three visits and six hours,
and a source that reads well but brings nothing, or much less or more than it used to, is ill as well. Volumes are
judged in the manner of Media Cloud's web-search: a week's mean against the days before it in standard deviations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import sqrt
from statistics import fmean, pstdev

from monitor.model.archiving import PollDay, StoredSource
from monitor.sources.cadence import GONE, SETTLED_MOVES
from monitor.sources.illnesses import HEALTH, HealthWords, illness_of

__all__ = ["HEALTH", "HealthWords", "Usual", "diagnose", "usual"]

LASTED_FAILURES = 3
LASTED = timedelta(hours=6)
MISSING_FOR = timedelta(days=7)
CHANGED_AFTER = timedelta(days=7)
WELL_READ = frozenset({"silent", "few", "many", "paywall", "moved"})
"""What can be wrong with a source although it can be read."""

WINDOW = timedelta(days=28)
MIN_KNOWN_DAYS = 14
MIN_NEWS_DAYS = 3
WEEK = 7
LASTING_DAYS = 5
FEW_DEVIATIONS = 1.5
MANY_DEVIATIONS = 2.0
SHIFT = 2.0

SILENT_GAPS = 3.0
MIN_SILENT_HOURS = 48.0
MIN_ARTICLES = 5
TEASER_SHARE = 0.6
SHOWN_CHARS = 300


@dataclass(frozen=True, slots=True)
class Usual:
    """What a source usually brings: new entries a day, and hours from one to the next. Both 0: not known yet."""

    per_day: float
    gap_hours: float


def usual(days: Sequence[PollDay], now: datetime) -> Usual:
    """Return what a source usually brings, by its days up to the last one that brought something.

    `per_day` is of the 28 days up to then; `gap_hours` of all days given, as what comes every ten days shows only over
    a longer time. Left out: days without a good poll, today, which isn't over, and the first day, which holds the
    backlog. Known after fourteen days, three of which brought something.
    """
    known = _known(days, now)
    with_news = [index for index, day in enumerate(known) if day.new > 0]
    if len(known) < MIN_KNOWN_DAYS or len(with_news) < MIN_NEWS_DAYS:
        return Usual(0.0, 0.0)
    first, last = with_news[0], with_news[-1]
    since = known[last].day - WINDOW
    per_day = fmean(day.new for day in known[: last + 1] if day.day > since)
    gap = 24.0 * (last - first) / (len(with_news) - 1)
    return Usual(per_day, min(gap, 24.0 / per_day) if gap <= 24.0 else gap)


def diagnose(
    source: StoredSource, days: Sequence[PollDay], now: datetime, teasers: tuple[int, int] = (0, 0)
) -> tuple[str, str]:
    """Return what is wrong with a source as it stands after a visit, as a slug of HEALTH, and the same in words.

    `("", "")` says that it is well, or that it is too early to tell. `days` are its visits by day (UTC), the last 60
    to 90 of them; `teasers` how many of its articles of the last fourteen days were beginnings only, and of how many.
    """
    if source.failures > 0 and source.last_reason:
        if _has_lasted(source, now):
            return _settled(source, _illness(source, now), now), _say_failing(source)
        # No visit that fails makes a source well, though too few did for a new verdict.
        return source.health, _say_failing(source) if source.health else ""
    if source.moved_to and source.moves >= SETTLED_MOVES:
        return "moved", f"It says that it has moved for good, to {source.moved_to[:SHOWN_CHARS]}"
    if detail := _silence(source, days, now):
        return "silent", detail
    shown, articles = teasers
    if articles >= MIN_ARTICLES and shown >= TEASER_SHARE * articles:
        return "paywall", f"{shown} of its last {articles} articles show the beginning only"
    return _shift(days, now)


def _has_lasted(source: StoredSource, now: datetime) -> bool:
    if source.last_reason == GONE:
        return True
    well_at = source.last_good_at or source.added_at
    return source.failures >= LASTED_FAILURES and (well_at is None or now - well_at >= LASTED)


def _settled(source: StoredSource, illness: str, now: datetime) -> str:
    """Keep the first verdict on a source that fails now in this way and now in that, for a week."""
    before, since = source.health, source.health_since
    is_new = not before or before in WELL_READ or illness == "gone" or since is None
    return illness if is_new or since is None or now - since > CHANGED_AFTER else before


def _illness(source: StoredSource, now: datetime) -> str:
    good_at = source.last_good_at
    if source.last_reason == "http_404" and (good_at is None or now - good_at > MISSING_FOR):
        return "gone"
    if source.last_reason == "blocked_address" and good_at is not None:
        return "blocked_on_network"  # a public host doesn't become a private one: somebody's resolver says so
    return illness_of(source.last_reason)


def _say_failing(source: StoredSource) -> str:
    why = source.last_detail[:SHOWN_CHARS] or source.last_reason
    visits = "The last visit failed" if source.failures == 1 else f"The last {source.failures} visits failed"
    since = f"last read on {source.last_good_at:%Y-%m-%d}" if source.last_good_at else "never read yet"
    return f"{visits} ({since}): {why}"


def _known(days: Sequence[PollDay], now: datetime) -> list[PollDay]:
    """Return the days that tell something, in their order."""
    good = sorted((day for day in days if day.good > 0 and day.day <= now.date()), key=lambda day: day.day)
    return [day for day in good[1:] if day.day < now.date()]


def _silence(source: StoredSource, days: Sequence[PollDay], now: datetime) -> str:
    """Say since when a source brings nothing, where that is longer than is usual for it; only good polls count."""
    today = now.date()
    brought = [day.day for day in days if day.new > 0]
    last = max(brought, default=None)
    if last is None or last >= today:
        return _still_silent(source, days)
    after = [day for day in days if last < day.day <= today and day.good > 0]
    so_far = (now - datetime.combine(today, time(), now.tzinfo)) / timedelta(hours=1)
    hours = sum(so_far if day.day == today else 24.0 for day in after)
    brings = usual(days, now)
    if not brings.gap_hours or hours < max(MIN_SILENT_HOURS, SILENT_GAPS * brings.gap_hours):
        return _still_silent(source, days)
    return f"Nothing new since {last:%Y-%m-%d}; it used to bring {_say_rate(brings)}"


def _still_silent(source: StoredSource, days: Sequence[PollDay]) -> str:
    """Keep a source silent until it brings something, though the days that showed what is usual are long past."""
    if source.health != "silent" or source.health_since is None:
        return ""
    since = source.health_since.date()
    if any(day.new > 0 and day.day >= since for day in days):
        return ""
    return f"Nothing new since before {since:%Y-%m-%d}"


def _shift(days: Sequence[PollDay], now: datetime) -> tuple[str, str]:
    """Compare the last seven known days with those before: by deviations, by half or double, and on most days."""
    known = [day.new for day in _known(days, now) if day.day >= now.date() - WINDOW]
    if len(known) < MIN_KNOWN_DAYS:
        return "", ""
    before, week = known[:-WEEK], known[-WEEK:]
    mean, now_mean = fmean(before), fmean(week)
    # Counts scatter by their root at the least, however even the few days before happened to be.
    deviation = max(pstdev(before), sqrt(mean))
    detail = f"{now_mean:.1f} a day in the last week, {mean:.1f} a day before"
    below, above = sum(count < mean for count in week), sum(count > mean for count in week)
    if now_mean < mean - FEW_DEVIATIONS * deviation and now_mean * SHIFT <= mean and below >= LASTING_DAYS:
        return "few", detail
    if mean and now_mean > mean + MANY_DEVIATIONS * deviation and now_mean >= mean * SHIFT and above >= LASTING_DAYS:
        return "many", detail
    return "", ""


def _say_rate(brings: Usual) -> str:
    if brings.gap_hours <= 24.0:
        return f"about {brings.per_day:.0f} a day"
    return f"something every {brings.gap_hours / 24:.0f} days" if brings.gap_hours >= 36.0 else "something most days"
