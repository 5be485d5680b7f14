"""What is watched for: every version of each document and the files they came from, its claims and their revisions."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from monitor.store.metadata import Base, ShortText


class WatchlistRow(Base):
    """A watchlist by name; its versions hold the documents. One that is retired watches for nothing and keeps all."""

    __tablename__ = "watchlists"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(ShortText(80), unique=True)
    title: Mapped[str]
    retired_at: Mapped[datetime | None]


class WatchlistVersion(Base):
    """One version of a watchlist's document: who applied it, when, why and from where. The highest number is live."""

    __tablename__ = "watchlist_versions"
    __table_args__ = (UniqueConstraint("watchlist_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    watchlist_id: Mapped[int] = mapped_column(ForeignKey("watchlists.id", ondelete="CASCADE"))
    number: Mapped[int]
    document: Mapped[str]
    document_sha256: Mapped[str] = mapped_column(ShortText(64))
    applied_at: Mapped[datetime]
    applied_by: Mapped[str]
    origin: Mapped[str] = mapped_column(default="")
    why: Mapped[str] = mapped_column(default="")


class WatchlistFile(Base):
    """The version that a file held when it was last applied or written: what an edit of it began from."""

    __tablename__ = "watchlist_files"
    __table_args__ = (UniqueConstraint("watchlist_id", "file"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    watchlist_id: Mapped[int] = mapped_column(ForeignKey("watchlists.id", ondelete="CASCADE"))
    file: Mapped[str] = mapped_column(ShortText(500))
    number: Mapped[int]


class WatchlistEventRow(Base):
    """A watchlist was retired or restored: by whom, when and why."""

    __tablename__ = "watchlist_events"
    id: Mapped[int] = mapped_column(primary_key=True)
    watchlist_id: Mapped[int] = mapped_column(ForeignKey("watchlists.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(ShortText(20))
    at: Mapped[datetime]
    by: Mapped[str]
    why: Mapped[str] = mapped_column(default="")


class ClaimRow(Base):
    """One claim of a watchlist. `position` is -1 once it no longer stands in the live document."""

    __tablename__ = "claims"
    __table_args__ = (UniqueConstraint("watchlist_id", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    watchlist_id: Mapped[int] = mapped_column(ForeignKey("watchlists.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(ShortText(80))
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
    fingerprint: Mapped[str] = mapped_column(ShortText(64))
    text: Mapped[str]
    version_id: Mapped[int] = mapped_column(ForeignKey("watchlist_versions.id"))
