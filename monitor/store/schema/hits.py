"""What was found, and how each find was judged."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from monitor.store.metadata import Base, ShortText


class Hit(Base):
    """An article that bears on a claim; `arrival` says how the text came that made it one."""

    __tablename__ = "hits"
    __table_args__ = (UniqueConstraint("article_id", "claim_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"), index=True)
    first_seen_at: Mapped[datetime] = mapped_column(index=True)
    arrival: Mapped[str] = mapped_column(ShortText(20), default="news")


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
    stance: Mapped[str] = mapped_column(ShortText(20))
    passages: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    why: Mapped[dict[str, Any]] = mapped_column(JSON)
