"""Make the digests that are due and deliver what is owed.

In: the archive and the present instant. Out: which files hold which digest. Never: tells a hit twice.
"""

import uuid
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Literal

from monitor.digest.compose import compose_digest
from monitor.digest.deliver import deliver_to_files
from monitor.digest.schedule import due_digest_on
from monitor.errors import MonitorError
from monitor.model.archiving import DeliveredDigest, HealthEvent, LiveWatchlist, StoredHit, SubscriptionSpec
from monitor.model.digesting import ClaimSection, Coverage, Digest, DigestInput, HealthNews, WatchlistSection
from monitor.model.ports import Clock
from monitor.sources.health import HEALTH
from monitor.store.digests import (
    Compose,
    last_digest,
    list_subscriptions,
    mark_delivered,
    mark_undelivered,
    owed_mail,
    preview_digest,
    write_digest,
)
from monitor.store.engine import Archive
from monitor.store.watchlists import live_watchlists


def write_due_digests(archive: Archive, now: Clock) -> int:
    """Make each subscription's digest where one is due. Return how many were made."""
    made = 0
    for subscription in list_subscriptions(archive):
        at = now()
        digest_on = due_digest_on(
            at,
            send_at=subscription.send_at,
            timezone=subscription.timezone,
            last_on=last_digest(archive, subscription.id, at),
        )
        if digest_on is not None:
            compose = composer(archive, subscription, digest_on, at, "daily")
            name = f"{subscription.name}-{digest_on.isoformat()}"
            made += write_digest(archive, subscription.id, digest_on, at, name, compose)
    return made


def deliver_owed(archive: Archive, folder: Path, now: Clock) -> list[DeliveredDigest]:
    """Deliver everything that the outbox owes; what can't be delivered stays owed and the first reason is raised.

    A kill between the files and the mark repeats the same bytes under the same names.
    """
    delivered = []
    for mail in owed_mail(archive):
        try:
            paths = deliver_to_files(mail.message, mail.html, folder, mail.name)
        except MonitorError as error:
            mark_undelivered(archive, mail.id, str(error))
            raise
        mark_delivered(archive, mail.id, now())
        delivered.append(DeliveredDigest(mail.name, *paths))
    return delivered


def make_by_hand(archive: Archive, subscription: SubscriptionSpec, at: datetime, digest_on: date) -> Digest:
    """Make a digest of what is untold now without using up the day's."""
    return preview_digest(archive, subscription.id, at, composer(archive, subscription, digest_on, at, "by_hand"))


def composer(
    archive: Archive,
    subscription: SubscriptionSpec,
    digest_on: date,
    at: datetime,
    kind: Literal["daily", "by_hand"],
) -> Compose:
    """Return what makes a subscription's digest out of hits and coverage; what is kept of it are its bytes."""
    live = live_watchlists(archive)
    # Random: two desks may write to one mailbox. It is kept with the bytes, so a repeat has the same.
    message_id = f"<{uuid.uuid4().hex}@monitor.invalid>"

    def compose(
        hits: list[StoredHit], coverage: Coverage, events: tuple[HealthEvent, ...], since: datetime | None
    ) -> Digest:
        sections = _sections(hits, live)
        coverage = replace(coverage, health=_health_news(events))
        if not any(hit.line.is_sample for hit in hits):
            # A digest that tells nothing of the sample doesn't name it: removing the sample leaves such a one alone.
            coverage = replace(coverage, sources=tuple(source for source in coverage.sources if not source.is_sample))
        return compose_digest(
            DigestInput(
                subscription=subscription.name,
                kind=kind,
                digest_on=digest_on,
                timezone=subscription.timezone,
                composed_at=at,
                since=since,
                watchlists=sections,
                coverage=coverage,
                message_id=message_id,
            )
        )

    return compose


def _health_news(events: tuple[HealthEvent, ...]) -> tuple[HealthNews, ...]:
    """Say how the sources stand that fell ill or got well: each once, not what came and went between two digests."""
    first: dict[str, HealthEvent] = {}
    last: dict[str, HealthEvent] = {}
    for event in events:
        first.setdefault(event.source.url, event)
        last[event.source.url] = event
    return tuple(
        HealthNews(_name(event), HEALTH[event.health].what if event.health in HEALTH else "")
        for url, event in last.items()
        if event.health != first[url].before
    )


def _name(event: HealthEvent) -> str:
    """Name the source; where it has moved, with where to: a reader may know whether that is the outlet's own."""
    return f"{event.source.title} ({event.detail})" if event.health == "moved" else event.source.title


def _sections(hits: list[StoredHit], live: list[LiveWatchlist]) -> tuple[WatchlistSection, ...]:
    """Group hits, which come sorted by watchlist and claim; every live watchlist shows, even with nothing to tell."""
    titles = {watchlist.name: watchlist.title for watchlist in live}
    sections: dict[str, list[ClaimSection]] = {name: [] for name in titles}
    for (name, key), group in groupby(hits, key=lambda hit: (hit.watchlist, hit.claim_key)):
        told = list(group)
        titles.setdefault(name, told[0].watchlist_title)
        lines = tuple(hit.line for hit in told)
        sections.setdefault(name, []).append(ClaimSection(key, told[0].claim, told[0].said_by, lines))
    claims = {watchlist.name: {claim.identifier for claim in watchlist.claims} for watchlist in live}
    return tuple(
        WatchlistSection(
            titles[name],
            tuple(told),
            len(claims.get(name, set()) - {f"{name}/{section.claim_key}" for section in told}),
        )
        for name, told in sections.items()
    )
