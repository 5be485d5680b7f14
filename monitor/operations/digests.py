"""Digests made by hand: looked at, or written beside the day's without using it up."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor.digest.deliver import deliver_to_files
from monitor.digest.schedule import next_digest_at
from monitor.errors import UsageError
from monitor.model.archiving import DeliveredDigest, SubscriptionSpec
from monitor.model.digesting import Digest
from monitor.operations.opening import Monitor
from monitor.pipeline.mail import make_by_hand
from monitor.store.digests import last_digest, list_subscriptions

BY_HAND = "-by-hand"


@dataclass(frozen=True, slots=True)
class NextDigest:
    """When a subscription's next digest falls due."""

    subscription: str
    at: datetime


def find_subscription(monitor: Monitor, name: str) -> SubscriptionSpec:
    """Return a subscription by name. Raises UsageError."""
    found = [subscription for subscription in list_subscriptions(monitor.archive) if subscription.name == name]
    if not found:
        raise UsageError(f"no subscription {name!r} yet; `monitor run --once` makes the first one, `local`")
    return found[0]


def preview(monitor: Monitor, name: str) -> Digest:
    """Make a subscription's digest of what is untold now; nothing is told by it."""
    subscription, at = find_subscription(monitor, name), monitor.now()
    return make_by_hand(monitor.archive, subscription, at, at.astimezone(ZoneInfo(subscription.timezone)).date())


def write_by_hand(monitor: Monitor, name: str) -> tuple[Digest, DeliveredDigest]:
    """Write such a digest to the outbox folder, over the one made by hand earlier that day."""
    digest = preview(monitor, name)
    subscription = find_subscription(monitor, name)
    today = monitor.now().astimezone(ZoneInfo(subscription.timezone)).date()
    file = f"{name}-{today.isoformat()}{BY_HAND}"
    paths = deliver_to_files(digest.message, digest.html, monitor.outbox, file)
    return digest, DeliveredDigest(file, *paths)


def next_digests(monitor: Monitor) -> list[NextDigest]:
    """Return when each subscription's next digest falls due."""
    return [
        NextDigest(
            subscription.name,
            next_digest_at(
                monitor.now(),
                send_at=subscription.send_at,
                timezone=subscription.timezone,
                last_on=last_digest(monitor.archive, subscription.id, monitor.now()),
            ),
        )
        for subscription in list_subscriptions(monitor.archive)
    ]


def by_hand_files(outbox: Path) -> list[Path]:
    """Return the files of digests made by hand."""
    return sorted(outbox.glob(f"*{BY_HAND}.*")) if outbox.is_dir() else []
