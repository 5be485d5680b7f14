"""What is polled, how each visit went, and what it listed."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from monitor.store.metadata import Base, BigId, ShortText


class Source(Base):
    """Something polled, due at `next_poll_at`. `claimed_until` is a lease; `interval_seconds` its own, if any."""

    __tablename__ = "sources"
    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(ShortText(20))
    title: Mapped[str]
    language: Mapped[str] = mapped_column(ShortText(20), default="")
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
    body_sha256: Mapped[str] = mapped_column(ShortText(64), default="")
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
    last_reason: Mapped[str] = mapped_column(ShortText(40), default="")
    last_detail: Mapped[str] = mapped_column(default="")
    health: Mapped[str] = mapped_column(ShortText(40), default="")
    health_since: Mapped[datetime | None]


class HealthEventRow(Base):
    """A source fell ill (`health` says with what) or is well again (""); told once, by id."""

    __tablename__ = "health_events"
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    health: Mapped[str] = mapped_column(ShortText(40))
    before: Mapped[str] = mapped_column(ShortText(40))
    detail: Mapped[str] = mapped_column(default="")


class Poll(Base):
    """One visit to a source, with its outcome. Old ones are dropped; the entries that they found stay."""

    __tablename__ = "polls"
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    outcome: Mapped[str] = mapped_column(ShortText(20))
    reason: Mapped[str] = mapped_column(ShortText(40), default="")
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
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    poll_id: Mapped[int | None] = mapped_column(ForeignKey("polls.id", ondelete="SET NULL"), index=True)
    entry_key: Mapped[str] = mapped_column(ShortText(64))
    guid: Mapped[str]
    url: Mapped[str]
    url_key: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    author: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")
    outlet: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(ShortText(20), default="")
    is_lead: Mapped[bool] = mapped_column(default=False)
    is_backlog: Mapped[bool] = mapped_column(default=False)
    is_fresh: Mapped[bool] = mapped_column(default=False)
    is_dated_by_change: Mapped[bool] = mapped_column(default=False)
    snapshot_id: Mapped[int | None] = mapped_column(ForeignKey("snapshots.id"), index=True)
    published_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(ShortText(20))
    reason: Mapped[str] = mapped_column(ShortText(40), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    next_read_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id", ondelete="SET NULL"), index=True)
