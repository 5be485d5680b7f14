"""Make the digests that are due.

In: the archive and the present instant. Out: digests whose bytes are owed. Never: tells a hit twice.
"""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Required, TypedDict

from monitor.digest.compose import compose_digest
from monitor.digest.schedule import Rhythm, due_digest_on
from monitor.model.archiving import HealthEvent, LiveWatchlist, StoredHit
from monitor.model.digesting import (
    ClaimSection,
    Coverage,
    Digest,
    DigestInput,
    DigestKind,
    HealthNews,
    WatchlistSection,
)
from monitor.model.mailing import WEEKDAYS, Stopping, SubscriptionSpec
from monitor.model.ports import Clock
from monitor.pipeline.patience import Patience
from monitor.sources.health import HEALTH
from monitor.store.digests import Compose, last_digest, preview_digest, write_digest
from monitor.store.engine import Archive
from monitor.store.subscriptions import list_subscriptions
from monitor.store.watchlists import live_watchlists
from monitor.text.addresses import read_mailbox


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Whom a mail comes from (`Name <address>`), and the page that ends a subscription, by its ticket."""

    sender: str
    stop_url: Callable[[str], str]

    @property
    def address(self) -> str:
        """The address alone."""
        mailbox = read_mailbox(self.sender)
        return mailbox.address if mailbox else ""


def write_due_digests(
    archive: Archive, now: Clock, letterhead: Letterhead | None, patience: Patience | None = None
) -> int:
    """Make each subscription's digest where one is due. Return how many were made. Raises as `for_each_reader` does."""

    def make(subscription: SubscriptionSpec, at: datetime) -> bool:
        digest_on = due_digest_on(at, rhythm_of(subscription), last_digest(archive, subscription.id, at))
        if digest_on is None:
            return False
        compose = composer(archive, subscription, digest_on, at, "daily", letterhead)
        name = f"{subscription.name}-{digest_on.isoformat()}"
        return write_digest(archive, subscription, digest_on, at, name, compose)

    readers = [one for one in list_subscriptions(archive) if letterhead or one.delivery != "mail"]
    return for_each_reader(readers, make, now, patience or Patience())


def for_each_reader(
    subscriptions: Iterable[SubscriptionSpec],
    make: Callable[[SubscriptionSpec, datetime], bool],
    now: Clock,
    patience: Patience,
) -> int:
    """Make each a mail where one is due, but for those that are paused. Return how many were made.

    Without a letterhead no mail can leave, so a caller gives no subscription by mail then: nothing of it is used up.
    One that fails keeps no other reader's from being made, and is tried later; till then the first such error is raised
    each time, once all were tried.
    """
    made, failed = 0, None
    for subscription in subscriptions:
        at, name = now(), subscription.name
        if subscription.paused_by:
            continue
        if trouble := patience.waits_for(name, at):
            failed = failed or trouble
            continue
        try:
            made += make(subscription, at)
        except Exception as error:  # noqa: BLE001 (a zone that the system knows no more, a fault of ours in one text)
            failed = failed or patience.keep(name, error, at)
        else:
            patience.forget(name)
    if failed:
        raise failed
    return made


def rhythm_of(subscription: SubscriptionSpec) -> Rhythm:
    """Return when a subscription's digests fall due. Files are there for who tries Monitor: the first at once."""
    begins_at = subscription.created_at if subscription.delivery == "mail" else None
    return Rhythm(subscription.send_at, subscription.timezone, subscription.weekday, begins_at)


def make_by_hand(
    archive: Archive, subscription: SubscriptionSpec, at: datetime, digest_on: date, letterhead: Letterhead | None
) -> Digest:
    """Make a digest of what is untold now without using up the day's."""
    compose = composer(archive, subscription, digest_on, at, "by_hand", letterhead)
    return preview_digest(archive, subscription, at, compose)


def composer(
    archive: Archive,
    subscription: SubscriptionSpec,
    digest_on: date,
    at: datetime,
    kind: DigestKind,
    letterhead: Letterhead | None,
) -> Compose:
    """Return what makes a subscription's digest out of hits and coverage; what is kept of it are its bytes."""
    live = [
        watchlist
        for watchlist in live_watchlists(archive)
        if not subscription.watchlists or watchlist.name in subscription.watchlists
    ]
    addressed = address(subscription, letterhead, kind)

    def compose(
        hits: list[StoredHit], coverage: Coverage, events: tuple[HealthEvent, ...], since: datetime | None
    ) -> Digest:
        sections = group_hits(hits, live)
        coverage = replace(coverage, health=_health_news(events))
        if not any(hit.line.is_sample for hit in hits):
            # A digest that tells nothing of the sample doesn't name it: removing the sample leaves such a one alone.
            coverage = replace(coverage, sources=tuple(source for source in coverage.sources if not source.is_sample))
        given = DigestInput(
            subscription=subscription.name,
            kind=kind,
            digest_on=digest_on,
            timezone=subscription.timezone,
            composed_at=at,
            since=since,
            watchlists=sections,
            coverage=coverage,
            **addressed,
        )
        return compose_digest(given)

    return compose


class Addressed(TypedDict, total=False):
    """What a mail is called, and where it goes by mail, from whom to whom and how its reader ends that."""

    message_id: Required[str]
    sender: str
    recipient: str
    rhythm: str
    stopping: Stopping


def address(subscription: SubscriptionSpec, letterhead: Letterhead | None, kind: DigestKind) -> Addressed:
    """Say from whom to whom a mail goes, and how its reader ends that.

    One made by hand carries no link: it may go to somebody else, whose click would end the reader's subscription.
    """
    # Random: two desks may write to one mailbox. It is kept with the bytes, so a repeat has the same.
    number = uuid.uuid4().hex
    if letterhead is None or subscription.delivery != "mail":
        return {"message_id": f"<{number}@monitor.invalid>"}
    day = "every day" if subscription.weekday is None else f"every {WEEKDAYS[subscription.weekday].title()}"
    link = "" if kind == "by_hand" else letterhead.stop_url(subscription.ticket)
    return {
        "message_id": f"<{number}@{letterhead.address.rpartition('@')[2]}>",
        "sender": letterhead.sender,
        "recipient": subscription.address,
        "rhythm": f"{day} at {subscription.send_at}",
        "stopping": Stopping(letterhead.address, link),
    }


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


def group_hits(hits: list[StoredHit], live: list[LiveWatchlist]) -> tuple[WatchlistSection, ...]:
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
