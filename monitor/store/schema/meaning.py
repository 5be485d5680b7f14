"""What the comparing of meanings keeps: vectors, and which articles still wait for it."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from monitor.store.metadata import Base, ShortText


class VectorRow(Base):
    """A text's vector by one encoder: float16, little-endian. `text_sha256` is of the text as it was encoded.

    `is_background` marks the passages, drawn from all articles alike, against which scores are normalised.
    """

    __tablename__ = "vectors"
    __table_args__ = (UniqueConstraint("model_id", "kind", "text_sha256"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[str]
    kind: Mapped[str] = mapped_column(ShortText(10))
    text_sha256: Mapped[str] = mapped_column(ShortText(64))
    language: Mapped[str] = mapped_column(ShortText(20), default="")
    is_background: Mapped[bool] = mapped_column(default=False)
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(index=True)


class MeaningPending(Base):
    """An article's revision whose passages are still to be compared with the claims; gone once they were."""

    __tablename__ = "meaning_pending"
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id", ondelete="CASCADE"), primary_key=True)
    queued_at: Mapped[datetime] = mapped_column(index=True)
    is_candidate: Mapped[bool] = mapped_column(default=True)
    tries: Mapped[int] = mapped_column(default=0)
