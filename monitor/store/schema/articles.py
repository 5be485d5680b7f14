"""What was read, and the evidence for it."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from monitor.store.metadata import Base, ShortText


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
    language: Mapped[str] = mapped_column(ShortText(20), default="")
    published_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime] = mapped_column(index=True)
    arrival: Mapped[str] = mapped_column(ShortText(20), default="news")
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
    body_sha256: Mapped[str] = mapped_column(ShortText(64), index=True)
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
    text_sha256: Mapped[str] = mapped_column(ShortText(64))
    extraction: Mapped[str] = mapped_column(ShortText(40))
    made_at: Mapped[datetime]
    page_starts: Mapped[list[int]] = mapped_column(JSON)
    snapshot_id: Mapped[int | None] = mapped_column(ForeignKey("snapshots.id"), index=True)
