"""The archive's tables. Their unique keys are the identities that make every repeat harmless (docs/architecture.md)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from monitor.store.metadata import Base


class Source(Base):
    """Something polled, due at `next_poll_at`. `claimed_until` is a lease; `interval_seconds` its own, if any."""

    __tablename__ = "sources"
    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str]
    language: Mapped[str] = mapped_column(String(20), default="")
    only: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    is_enabled: Mapped[bool] = mapped_column(default=True)
    is_sample: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime]
    interval_seconds: Mapped[int | None]
    tags: Mapped[list[str]] = mapped_column(JSON)
    links: Mapped[str] = mapped_column(default="")
    proxy_url: Mapped[str] = mapped_column(default="")
    needs_browser: Mapped[bool] = mapped_column(default=False)
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    body_sha256: Mapped[str] = mapped_column(String(64), default="")
    full_read_at: Mapped[datetime | None]
    next_poll_at: Mapped[datetime] = mapped_column(index=True)
    pace_seconds: Mapped[int | None]
    claimed_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    strikes: Mapped[float] = mapped_column(default=0.0)
    moved_to: Mapped[str] = mapped_column(default="")
    moves: Mapped[int] = mapped_column(default=0)
    last_polled_at: Mapped[datetime | None]
    last_good_at: Mapped[datetime | None]
    last_reason: Mapped[str] = mapped_column(String(40), default="")
    last_detail: Mapped[str] = mapped_column(default="")
    health: Mapped[str] = mapped_column(String(40), default="")
    health_since: Mapped[datetime | None]


class HealthEventRow(Base):
    """A source fell ill (`health` says with what) or is well again (""); told once, by id."""

    __tablename__ = "health_events"
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    health: Mapped[str] = mapped_column(String(40))
    before: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(default="")


class Poll(Base):
    """One visit to a source, with its outcome. Old ones are dropped; the entries that they found stay."""

    __tablename__ = "polls"
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    outcome: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40), default="")
    detail: Mapped[str] = mapped_column(default="")
    entries_seen: Mapped[int] = mapped_column(default=0)
    entries_new: Mapped[int] = mapped_column(default=0)
    entries_rejected: Mapped[int] = mapped_column(default=0)
    entries_older: Mapped[int] = mapped_column(default=0)
    is_backlog: Mapped[bool] = mapped_column(default=False)


class EntryRow(Base):
    """One link that a poll found, and what became of it. Identity: `(source, entry_key)`.

    `text` is the article's own text where the listing carried it, with that document as evidence (`snapshot_id`);
    it is emptied once the article is read. `is_fresh`: read anew although the archive knows the article.
    """

    __tablename__ = "entries"
    __table_args__ = (
        UniqueConstraint("source_id", "entry_key"),
        Index("ix_entries_state_next_read_at", "state", "next_read_at"),
        Index("ix_entries_source_id_first_seen_at", "source_id", "first_seen_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    poll_id: Mapped[int | None] = mapped_column(ForeignKey("polls.id", ondelete="SET NULL"), index=True)
    entry_key: Mapped[str] = mapped_column(String(64))
    guid: Mapped[str]
    url: Mapped[str]
    url_key: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    author: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")
    outlet: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(20), default="")
    is_lead: Mapped[bool] = mapped_column(default=False)
    is_backlog: Mapped[bool] = mapped_column(default=False)
    is_fresh: Mapped[bool] = mapped_column(default=False)
    is_dated_by_change: Mapped[bool] = mapped_column(default=False)
    snapshot_id: Mapped[int | None] = mapped_column(ForeignKey("snapshots.id"), index=True)
    published_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    next_read_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id", ondelete="SET NULL"), index=True)


class ArticleRow(Base):
    """One canonical URL. `url_key` is its identity: the URL less what doesn't tell articles apart.

    `arrival` says how it came: as news, in a backlog, older, or by hand. `title_key` compares headlines; a lead that
    a search gave is `replaced_by_id` the article itself once that comes.
    """

    __tablename__ = "articles"
    id: Mapped[int] = mapped_column(primary_key=True)
    url_key: Mapped[str] = mapped_column(unique=True)
    canonical_url: Mapped[str]
    outlet: Mapped[str] = mapped_column(default="")
    byline: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(20), default="")
    published_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime] = mapped_column(index=True)
    arrival: Mapped[str] = mapped_column(String(20), default="news")
    title_key: Mapped[str] = mapped_column(default="", index=True)
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id", ondelete="SET NULL"), index=True)
    is_sample: Mapped[bool] = mapped_column(default=False)


class Snapshot(Base):
    """The HTTP response behind a revision, as received: a WARC record in the blob store and the hash of its body."""

    __tablename__ = "snapshots"
    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str]
    fetched_at: Mapped[datetime]
    status: Mapped[int]
    body_sha256: Mapped[str] = mapped_column(String(64), index=True)
    body_bytes: Mapped[int]
    blob_key: Mapped[str]


class Revision(Base):
    """One version of an article's text. Where `extraction` isn't "text" it says why; `text` is the feed's summary.

    `page_starts` are the offsets of a paged document's pages.
    """

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("article_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str]
    text: Mapped[str]
    text_sha256: Mapped[str] = mapped_column(String(64))
    extraction: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime]
    page_starts: Mapped[list[int]] = mapped_column(JSON)
    snapshot_id: Mapped[int | None] = mapped_column(ForeignKey("snapshots.id"), index=True)


class WatchlistRow(Base):
    """A watchlist by name; its versions hold the documents."""

    __tablename__ = "watchlists"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str]


class WatchlistVersion(Base):
    """One version of a watchlist's document: who applied it, when and from where. The highest number is live."""

    __tablename__ = "watchlist_versions"
    __table_args__ = (UniqueConstraint("watchlist_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    watchlist_id: Mapped[int] = mapped_column(ForeignKey("watchlists.id", ondelete="CASCADE"))
    number: Mapped[int]
    document: Mapped[str]
    document_sha256: Mapped[str] = mapped_column(String(64))
    applied_at: Mapped[datetime]
    applied_by: Mapped[str]
    origin: Mapped[str] = mapped_column(default="")


class ClaimRow(Base):
    """One claim of a watchlist. `position` is -1 once it no longer stands in the live document."""

    __tablename__ = "claims"
    __table_args__ = (UniqueConstraint("watchlist_id", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    watchlist_id: Mapped[int] = mapped_column(ForeignKey("watchlists.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    text: Mapped[str]
    said_by: Mapped[str]


class ClaimRevision(Base):
    """What a claim was when it judged: a new one only where text, terms, exclusions or names differ."""

    __tablename__ = "claim_revisions"
    __table_args__ = (UniqueConstraint("claim_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id", ondelete="CASCADE"))
    number: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(64))
    text: Mapped[str]
    version_id: Mapped[int] = mapped_column(ForeignKey("watchlist_versions.id"))


class Hit(Base):
    """An article that bears on a claim; `arrival` says how the text came that made it one."""

    __tablename__ = "hits"
    __table_args__ = (UniqueConstraint("article_id", "claim_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"), index=True)
    first_seen_at: Mapped[datetime] = mapped_column(index=True)
    arrival: Mapped[str] = mapped_column(String(20), default="news")


class AssessmentRow(Base):
    """How one claim revision judged one article revision; never replaced, only followed by another."""

    __tablename__ = "assessments"
    __table_args__ = (UniqueConstraint("hit_id", "claim_revision_id", "revision_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    hit_id: Mapped[int] = mapped_column(ForeignKey("hits.id", ondelete="CASCADE"))
    claim_revision_id: Mapped[int] = mapped_column(ForeignKey("claim_revisions.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id", ondelete="CASCADE"))
    assessed_at: Mapped[datetime]
    score: Mapped[float]
    is_hit: Mapped[bool]
    stance: Mapped[str] = mapped_column(String(20))
    passages: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    why: Mapped[dict[str, Any]] = mapped_column(JSON)


class Subscription(Base):
    """Who gets what, when. `send_at` is local time ("07:00") in `timezone`; `delivery` is "files"."""

    __tablename__ = "subscriptions"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    delivery: Mapped[str] = mapped_column(String(20))
    send_at: Mapped[str] = mapped_column(String(5))
    timezone: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]


class DigestRow(Base):
    """The digest of one local date: by this key no restart, late timer or clock change makes a second one."""

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("subscription_id", "digest_on"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id", ondelete="CASCADE"))
    digest_on: Mapped[date]
    composed_at: Mapped[datetime]
    last_health_event_id: Mapped[int] = mapped_column(default=0)


class Told(Base):
    """A hit that a subscription was told of, once per event."""

    __tablename__ = "told"
    __table_args__ = (UniqueConstraint("subscription_id", "hit_id", "event"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id", ondelete="CASCADE"))
    hit_id: Mapped[int] = mapped_column(ForeignKey("hits.id", ondelete="CASCADE"), index=True)
    event: Mapped[str] = mapped_column(String(20))
    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id", ondelete="CASCADE"), index=True)


class OutboxRow(Base):
    """A digest that is owed: its bytes as composed, and what became of it."""

    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(primary_key=True)
    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id", ondelete="CASCADE"), unique=True)
    name: Mapped[str]
    message: Mapped[bytes] = mapped_column(LargeBinary)
    html: Mapped[str]
    state: Mapped[str] = mapped_column(String(20), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(default="")
