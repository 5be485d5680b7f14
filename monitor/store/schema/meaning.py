"""What the comparing of meanings keeps: vectors, and which articles still wait for it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from monitor.store.metadata import Base, ShortText


class VectorRow(Base):
    """A text's vector by one encoder: float16, little-endian. `text_sha256` is of the text as it was encoded.

    `is_background` marks the passages, drawn from all articles alike, against which scores are normalised.
    """

    __tablename__ = "vectors"
    __table_args__ = (
        UniqueConstraint("model_id", "kind", "text_sha256"),
        # The newest of a language are asked for in every pass, of millions.
        Index(
            "ix_vectors_background",
            *("model_id", "language", "id"),
            sqlite_where=text("is_background = 1"),
            postgresql_where=text("is_background"),
        ),
    )
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
