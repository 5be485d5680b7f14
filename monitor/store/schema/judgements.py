"""What people said of matches, what they are asked, and what a claim has learnt from it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from monitor.store.metadata import Base, ShortText


class JudgementRow(Base):
    """One person's word on an article and a claim. Never replaced: the latest of each person counts."""

    __tablename__ = "judgements"
    __table_args__ = (Index("ix_judgements_claim_id_article_id", "claim_id", "article_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"))
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), index=True)
    verdict: Mapped[str] = mapped_column(ShortText(20))
    by: Mapped[str] = mapped_column(ShortText(200))
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")
    score: Mapped[float | None]
    logit: Mapped[float | None]
    offered: Mapped[str] = mapped_column(ShortText(20), default="")
    probability: Mapped[float | None]


class QuestionRow(Base):
    """An article that was offered for a judgement, and with which probability; asked once of each claim."""

    __tablename__ = "questions"
    __table_args__ = (UniqueConstraint("claim_id", "article_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"))
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), index=True)
    offered: Mapped[str] = mapped_column(ShortText(20))
    asked_at: Mapped[datetime]
    score: Mapped[float | None]
    logit: Mapped[float | None]
    probability: Mapped[float | None]


class ClaimTuningRow(Base):
    """A claim's own intercept, learnt from so many judgements, and the thresholds somebody set (None: as shipped)."""

    __tablename__ = "claim_tunings"
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id", ondelete="CASCADE"), primary_key=True)
    intercept: Mapped[float] = mapped_column(default=0.0)
    fitted_on: Mapped[int] = mapped_column(default=0)
    digest_from: Mapped[float | None]
    alert_from: Mapped[float | None]
    changed_at: Mapped[datetime]


class ClaimReplay(Base):
    """How far a claim revision was held against older articles: those from the id `below` on were, or all."""

    __tablename__ = "claim_replays"
    claim_revision_id: Mapped[int] = mapped_column(
        ForeignKey("claim_revisions.id", ondelete="CASCADE"), primary_key=True
    )
    below: Mapped[int]
    is_done: Mapped[bool]
