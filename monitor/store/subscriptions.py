"""Who gets digests: kept by name, found by the ticket that links in mail carry."""

import secrets
from datetime import datetime

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from monitor.model.mailing import Paused, SubscriptionSpec
from monitor.store.engine import Archive
from monitor.store.faults import retried
from monitor.store.schema import Subscription


@retried
def put_subscription(archive: Archive, spec: SubscriptionSpec, now: datetime) -> bool:
    """Add a subscription, or give the one of that name its hour and zone; say whether it is new."""
    if add_subscription(archive, spec, now):
        return True
    with archive.writing() as connection:
        schedule = {"delivery": spec.delivery, "send_at": spec.send_at, "timezone": spec.timezone}
        connection.execute(update(Subscription).where(Subscription.name == spec.name).values(schedule))
    return False


@retried
def add_subscription(archive: Archive, spec: SubscriptionSpec, now: datetime) -> bool:
    """Add a subscription; say whether it was added: one of that name is left as it is."""
    with archive.writing() as connection:
        if connection.scalar(select(Subscription.id).where(Subscription.name == spec.name)) is not None:
            return False
        row = _changeable(spec) | {"name": spec.name, "ticket": secrets.token_hex(16), "created_at": now}
        connection.execute(insert(Subscription), row)
    return True


@retried
def change_subscription(archive: Archive, spec: SubscriptionSpec) -> bool:
    """Give a subscription everything that `spec` says, its name too; False where another has that name."""
    try:
        with archive.writing() as connection:
            values = _changeable(spec) | {"name": spec.name}
            connection.execute(update(Subscription).where(Subscription.id == spec.id).values(values))
    except IntegrityError:
        return False
    return True


def _changeable(spec: SubscriptionSpec) -> dict[str, object]:
    return {
        "delivery": spec.delivery,
        "send_at": spec.send_at,
        "timezone": spec.timezone,
        "address": spec.address,
        "watchlists": list(spec.watchlists),
        "weekday": spec.weekday,
        "tells_from": spec.tells_from,
        "wants_alerts": spec.wants_alerts,
    }


@retried
def list_subscriptions(archive: Archive) -> list[SubscriptionSpec]:
    """Return all subscriptions, in the order they were made."""
    with archive.reading() as connection:
        return [_load(row) for row in connection.execute(select(Subscription.__table__).order_by(Subscription.id))]


@retried
def find_by_ticket(archive: Archive, ticket: str) -> SubscriptionSpec | None:
    """Return the subscription that a link in a mail speaks of, or None where it is no more."""
    with archive.reading() as connection:
        row = connection.execute(select(Subscription.__table__).where(Subscription.ticket == ticket)).one_or_none()
    return _load(row) if row else None


@retried
def pause_subscription(archive: Archive, subscription_id: int, by: Paused, now: datetime) -> bool:
    """Make and send no more for a subscription; say whether that changes anything. What it is owed waits.

    A reader's word stands above the operator's: it is kept where the operator had paused, and never the other way.
    """
    overruled = ("", "operator") if by == "reader" else ("",)
    with archive.writing() as connection:
        wanted = update(Subscription).where(Subscription.id == subscription_id, Subscription.paused_by.in_(overruled))
        return connection.execute(wanted.values(paused_by=by, paused_at=now)).rowcount > 0


@retried
def resume_subscription(archive: Archive, subscription_id: int) -> bool:
    """Go on with a subscription that was paused; say whether that changes anything."""
    with archive.writing() as connection:
        wanted = update(Subscription).where(Subscription.id == subscription_id, Subscription.paused_by != "")
        return connection.execute(wanted.values(paused_by="", paused_at=None)).rowcount > 0


@retried
def remove_subscription(archive: Archive, subscription_id: int) -> None:
    """Forget a subscription with its address, what it was told, and what it is owed."""
    with archive.writing() as connection:
        connection.execute(delete(Subscription).where(Subscription.id == subscription_id))


def _load(row: Row[tuple[object, ...]]) -> SubscriptionSpec:
    return SubscriptionSpec(
        name=row.name,
        delivery=row.delivery,
        send_at=row.send_at,
        timezone=row.timezone,
        address=row.address,
        watchlists=tuple(row.watchlists),
        weekday=row.weekday,
        tells_from=row.tells_from,
        paused_by=row.paused_by,
        paused_at=row.paused_at,
        created_at=row.created_at,
        wants_alerts=row.wants_alerts,
        ticket=row.ticket,
        id=row.id,
    )
