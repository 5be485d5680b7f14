"""What each subscription was told: digests and alerts by local date, their hits, and the mail that is owed for them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, insert, select

from monitor.model.archiving import TEXT, HealthEvent, StoredHit
from monitor.model.digesting import Coverage, Digest, SourceCoverage
from monitor.model.mailing import AlertSlot, MadeAlert, SubscriptionSpec
from monitor.store.engine import Archive, insert_new
from monitor.store.faults import retried
from monitor.store.health import health_events
from monitor.store.schema import ArticleRow, DigestRow, OutboxRow, Revision, Source, Told
from monitor.store.untold import alertable_hits, untold_hits

_A_DAY = timedelta(days=1)
Compose = Callable[[list[StoredHit], Coverage, tuple[HealthEvent, ...], datetime | None], Digest]
"""Makes a digest of the untold hits, the coverage, the sources' health events, and when the digest before was made."""

ChooseAlert = Callable[[Sequence[MadeAlert]], AlertSlot | None]
"""Says which alert may be made now, after those of the last days."""

ComposeAlert = Callable[[list[StoredHit], AlertSlot], Digest]


@retried
def last_digest(archive: Archive, subscription_id: int, now: datetime) -> date | None:
    """Return the local date of a subscription's last digest, or None before its first.

    One of a day that has begun nowhere yet was made while the clock was wrong, and keeps no other from being made.
    """
    with archive.reading() as connection:
        return _last(connection, subscription_id, now)[0]


def _last(connection: Connection, subscription_id: int, now: datetime) -> tuple[date | None, datetime | None]:
    row = connection.execute(
        select(DigestRow.digest_on, DigestRow.composed_at)
        .where(DigestRow.subscription_id == subscription_id, DigestRow.alert == 0)
        .where(DigestRow.digest_on <= (now + _A_DAY).date())
        .order_by(DigestRow.digest_on.desc())
        .limit(1)
    ).one_or_none()
    return (row.digest_on, row.composed_at) if row else (None, None)


@retried
def preview_digest(archive: Archive, subscription: SubscriptionSpec, now: datetime, compose: Compose) -> Digest:
    """Make a digest of what is untold now, and keep nothing of it: the day's digest isn't used up."""
    with archive.reading() as connection:
        return _compose(connection, subscription, now, compose)[0]


@retried
def write_digest(
    archive: Archive, subscription: SubscriptionSpec, digest_on: date, now: datetime, name: str, compose: Compose
) -> bool:
    """Make the digest of a local date: its hits are told and its bytes owed, in one transaction.

    Return False where that date has its digest already.
    """
    with archive.writing() as connection:
        digest, last_health_event_id = _compose(connection, subscription, now, compose)
        key = {"subscription_id": subscription.id, "digest_on": digest_on, "composed_at": now}
        key |= {"last_health_event_id": last_health_event_id}
        return _keep(connection, key, digest, name)


@retried
def write_alert(
    archive: Archive,
    subscription: SubscriptionSpec,
    now: datetime,
    lines: Mapping[int, float],
    choose: ChooseAlert,
    compose: ComposeAlert,
) -> bool:
    """Make an alert of the hits that are to be told at once, where one may be made, as a digest is: in one transaction.

    `lines` are the claims that ask for it, by id, each with the score from which on. Return whether one was made.
    """
    with archive.reading() as connection:  # nearly always there is nothing, and nobody need wait to learn that
        if not _choose(connection, subscription, now, lines, choose):
            return False
    with archive.writing() as connection:
        chosen = _choose(connection, subscription, now, lines, choose)
        if chosen is None:
            return False
        slot, hits = chosen
        key = {"subscription_id": subscription.id, "digest_on": slot.on, "alert": slot.number, "composed_at": now}
        name = f"{subscription.name}-{slot.on.isoformat()}-alert-{slot.number}"
        return _keep(connection, key, compose(hits, slot), name)


def _choose(
    connection: Connection,
    subscription: SubscriptionSpec,
    now: datetime,
    lines: Mapping[int, float],
    choose: ChooseAlert,
) -> tuple[AlertSlot, list[StoredHit]] | None:
    """Return the alert that may be made now and its hits, or None where there are none or it may not."""
    slot = choose(_made_alerts(connection, subscription.id, now))
    hits = alertable_hits(connection, subscription, lines, slot.since) if slot else []
    return (slot, hits) if slot and hits else None


@retried
def waiting_hits(
    archive: Archive, subscription: SubscriptionSpec, lines: Mapping[int, float], since: datetime
) -> list[StoredHit]:
    """Return the hits that wait to be told at once; nothing is told by it."""
    with archive.reading() as connection:
        return alertable_hits(connection, subscription, lines, since)


def _made_alerts(connection: Connection, subscription_id: int, now: datetime) -> list[MadeAlert]:
    query = (
        select(DigestRow.digest_on, DigestRow.alert, DigestRow.composed_at, OutboxRow.state)
        .join(OutboxRow, OutboxRow.digest_id == DigestRow.id)
        .where(DigestRow.subscription_id == subscription_id, DigestRow.alert > 0)
        .where(DigestRow.digest_on >= (now - 3 * _A_DAY).date())
    )
    return [
        MadeAlert(row.digest_on, row.alert, row.composed_at, row.state in ("queued", "sending"))
        for row in connection.execute(query)
    ]


def _keep(connection: Connection, key: Mapping[str, object], digest: Digest, name: str) -> bool:
    """Keep a digest or an alert with what it tells and the bytes that are owed; False where it is there already."""
    digest_id = connection.execute(insert_new(DigestRow).returning(DigestRow.id), dict(key)).scalar_one_or_none()
    if digest_id is None:
        return False
    row = {"subscription_id": key["subscription_id"], "event": "alert" if key.get("alert") else "new"}
    told = [row | {"hit_id": hit_id, "digest_id": digest_id} for hit_id in digest.hit_ids]
    if told:
        connection.execute(insert(Told), told)
    mail = {"name": name, "message": digest.message, "html": digest.html}
    owed = {"digest_id": digest_id, "state": "queued", "next_attempt_at": key["composed_at"]}
    connection.execute(insert(OutboxRow).values(mail | owed))
    return True


def _compose(
    connection: Connection, subscription: SubscriptionSpec, now: datetime, compose: Compose
) -> tuple[Digest, int]:
    since = _last(connection, subscription.id, now)[1] or subscription.tells_from
    told = select(func.max(DigestRow.last_health_event_id)).where(DigestRow.subscription_id == subscription.id)
    events, last_event_id = health_events(connection, connection.scalar(told) or 0)
    coverage = _coverage(connection, since)
    return compose(untold_hits(connection, subscription), coverage, events, since), last_event_id


def _coverage(connection: Connection, since: datetime | None) -> Coverage:
    """Return how the enabled sources did. A source counts as read where its last visit was good."""
    sources = connection.execute(select(Source.__table__).where(Source.is_enabled).order_by(Source.id)).all()
    first = select(Revision.extraction, func.count()).join(ArticleRow, ArticleRow.id == Revision.article_id)
    first = first.where(Revision.number == 1, ~ArticleRow.is_sample).group_by(Revision.extraction)
    if since is not None:
        first = first.where(ArticleRow.first_seen_at > since)
    counts: dict[str, int] = {row[0]: row[1] for row in connection.execute(first)}
    return Coverage(
        sources=tuple(
            SourceCoverage(
                title=row.title,
                is_read=row.last_polled_at is not None and not row.last_reason,
                reason=row.last_reason,
                detail=row.last_detail,
                last_good_at=row.last_good_at,
                is_sample=row.is_sample,
            )
            for row in sources
        ),
        new_articles=sum(counts.values()),
        unread_articles=sum(count for extraction, count in counts.items() if extraction != TEXT),
    )
