"""Who gets digests: added, changed, paused, removed; by the operator, or stopped by a reader's link."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor.digest.unsubscribe import read_token
from monitor.errors import UsageError
from monitor.model.mailing import WEEKDAYS, SubscriptionSpec
from monitor.operations.opening import Monitor
from monitor.operations.rounds import SUBSCRIPTION
from monitor.operations.signing import signing_keys
from monitor.store.subscriptions import (
    add_subscription,
    change_subscription,
    find_by_ticket,
    list_subscriptions,
    pause_subscription,
    remove_subscription,
    resume_subscription,
)
from monitor.store.watchlists import live_watchlists
from monitor.text.addresses import read_mailbox

_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_MAX_NAME_CHARS = 60
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def find_subscription(monitor: Monitor, name: str) -> SubscriptionSpec:
    """Return a subscription by name. Raises UsageError."""
    found = [subscription for subscription in list_subscriptions(monitor.archive) if subscription.name == name]
    if not found:
        hint = "`monitor run --once` makes the first one, `local`; `monitor subscriptions add` makes more"
        raise UsageError(f"no subscription {name!r}; {hint}")
    return found[0]


def all_subscriptions(monitor: Monitor) -> list[SubscriptionSpec]:
    """Return all subscriptions, in the order they were made."""
    return list_subscriptions(monitor.archive)


def add(monitor: Monitor, spec: SubscriptionSpec, since: str = "") -> SubscriptionSpec:
    """Add a subscription; it tells what is found from now on, or from the date `since`. Raises UsageError."""
    if not _NAME.fullmatch(spec.name) or len(spec.name) > _MAX_NAME_CHARS:
        raise UsageError(f"{spec.name!r} can't name a subscription: small letters, digits, and . _ - between them")
    spec = replace(spec, delivery="mail" if spec.address else "files")
    check(monitor, spec)
    now = monitor.now()
    spec = replace(spec, tells_from=_read_since(since, spec.timezone, now) if since else now)
    if not add_subscription(monitor.archive, spec, monitor.now()):
        raise UsageError(f"a subscription {spec.name!r} is there already; `monitor subscriptions edit` changes it")
    return find_subscription(monitor, spec.name)


def change(monitor: Monitor, changed: SubscriptionSpec) -> SubscriptionSpec:
    """Give a subscription its new address, watchlists, hour, zone or weekday. Raises UsageError."""
    if changed.name == SUBSCRIPTION:
        raise UsageError(
            f"{SUBSCRIPTION!r} goes by the settings MONITOR_DIGEST_AT and MONITOR_TIMEZONE; add one of your own instead"
        )
    changed = replace(changed, delivery="mail" if changed.address else "files")
    check(monitor, changed)
    change_subscription(monitor.archive, changed)
    return find_subscription(monitor, changed.name)


def check(monitor: Monitor, spec: SubscriptionSpec) -> None:
    """Say what is wrong with a subscription. Raises UsageError."""
    if spec.address and read_mailbox(spec.address) is None:
        raise UsageError(f"{spec.address!r} is not one mail address: write it as reader@example.org")
    if not _HOUR.fullmatch(spec.send_at):
        raise UsageError(f"{spec.send_at!r} is no time of day: write it as 07:00")
    try:
        ZoneInfo(spec.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"no time zone is called {spec.timezone!r}: write one such as Asia/Phnom_Penh") from error
    live = [watchlist.name for watchlist in live_watchlists(monitor.archive)]
    unknown = [name for name in spec.watchlists if name not in live]
    if unknown:
        there = ", ".join(live) or "none yet; `monitor run` applies those that ship"
        raise UsageError(f"no live watchlist is called {', '.join(unknown)}; there is: {there}")


def read_weekday(raw_day: str) -> int | None:
    """Return a day of the week by its English name, from Monday = 0; None for "" or "daily". Raises UsageError."""
    day = raw_day.lower()
    if day in ("", "daily"):
        return None
    found = [number for number, name in enumerate(WEEKDAYS) if len(day) >= 3 and name.startswith(day)]
    if not found:
        raise UsageError(f"{raw_day!r} is no day of the week: write monday … sunday, or daily")
    return found[0]


def pause(monitor: Monitor, names: Sequence[str]) -> list[str]:
    """Make and send no more for these; return those that were not paused before. Raises UsageError."""
    return [
        name
        for name, its_id in _ids(monitor, names)
        if pause_subscription(monitor.archive, its_id, "operator", monitor.now())
    ]


def resume(monitor: Monitor, names: Sequence[str]) -> list[str]:
    """Go on with these; their next digests tell what came meanwhile. Raises UsageError."""
    return [name for name, its_id in _ids(monitor, names) if resume_subscription(monitor.archive, its_id)]


def remove(monitor: Monitor, names: Sequence[str]) -> None:
    """Forget these, with their addresses and what they are owed. Raises UsageError."""
    found = _ids(monitor, names)
    if any(name == SUBSCRIPTION for name, _id in found):
        raise UsageError(f"{SUBSCRIPTION!r} would be made anew at the next start: pause it instead")
    for _name, subscription_id in found:
        remove_subscription(monitor.archive, subscription_id)


def unsubscribe(monitor: Monitor, token: str) -> SubscriptionSpec | None:
    """Stop the subscription that a reader's link speaks of, for good and however often it is asked.

    None where the link is not ours, too old, or its subscription no more: whoever holds it learns nothing else.
    """
    subscription = subscription_of(monitor, token)
    if subscription is not None:
        pause_subscription(monitor.archive, subscription.id, "reader", monitor.now())
    return subscription


def subscription_of(monitor: Monitor, token: str) -> SubscriptionSpec | None:
    """Return the subscription that a reader's link speaks of, and change nothing."""
    ticket = read_token(token, signing_keys(monitor.settings, monitor.now()))
    return find_by_ticket(monitor.archive, ticket) if ticket else None


def _ids(monitor: Monitor, names: Sequence[str]) -> list[tuple[str, int]]:
    return [(name, find_subscription(monitor, name).id) for name in dict.fromkeys(names)]


def _read_since(since: str, timezone: str, now: datetime) -> datetime:
    try:
        instant = datetime.combine(date.fromisoformat(since), time(), ZoneInfo(timezone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:  # the first day of year 1 is in no year in UTC
        raise UsageError(f"{since!r} is no date: write it as 2026-11-22") from error
    if instant > now:
        raise UsageError(f"{since} is still to come, and nothing would be told till then: give a day that has begun")
    return instant
