"""Who is told, what they were told, and what they are owed."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from monitor.store.metadata import Base, ShortText


class Subscription(Base):
    """Who gets what, when. `send_at` is local time ("07:00") in `timezone`; `delivery` is "files" or "mail"."""

    __tablename__ = "subscriptions"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(ShortText(80), unique=True)
    delivery: Mapped[str] = mapped_column(ShortText(20))
    send_at: Mapped[str] = mapped_column(ShortText(5))
    timezone: Mapped[str] = mapped_column(ShortText(60))
    created_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(default="")
    watchlists: Mapped[list[str]] = mapped_column(JSON, default=list)
    weekday: Mapped[int | None]
    tells_from: Mapped[datetime | None]
    paused_by: Mapped[str] = mapped_column(ShortText(20), default="")
    paused_at: Mapped[datetime | None]
    wants_alerts: Mapped[bool] = mapped_column(default=True)
    ticket: Mapped[str] = mapped_column(ShortText(40), unique=True)


class DigestRow(Base):
    """The digest of one local date (`alert` 0), or one of its alerts (1 …).

    By this key no restart, late timer or clock change makes a second one.
    """

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("subscription_id", "digest_on", "alert"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id", ondelete="CASCADE"))
    digest_on: Mapped[date]
    alert: Mapped[int] = mapped_column(default=0)
    composed_at: Mapped[datetime]
    last_health_event_id: Mapped[int] = mapped_column(default=0)


class Told(Base):
    """A hit that a subscription was told of, once per event: "new" in a digest, "alert" before that in an alert."""

    __tablename__ = "told"
    __table_args__ = (UniqueConstraint("subscription_id", "hit_id", "event"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id", ondelete="CASCADE"))
    hit_id: Mapped[int] = mapped_column(ForeignKey("hits.id", ondelete="CASCADE"), index=True)
    event: Mapped[str] = mapped_column(ShortText(20))
    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id", ondelete="CASCADE"), index=True)


class OutboxRow(Base):
    """A digest or an alert that is owed: its bytes as composed, and what became of it.

    While a mail is in hand, `lease` names who has it, and `is_handed_over` says whether its text may be on its way.
    `doubts` counts tries of which nobody knows whether they arrived. `receipt` is what the receiving server said.
    """

    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(primary_key=True)
    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id", ondelete="CASCADE"), unique=True)
    name: Mapped[str]
    message: Mapped[bytes] = mapped_column(LargeBinary)
    html: Mapped[str]
    state: Mapped[str] = mapped_column(ShortText(20), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    doubts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    lease: Mapped[str | None] = mapped_column(ShortText(40))
    leased_until: Mapped[datetime | None]
    is_handed_over: Mapped[bool] = mapped_column(default=False)
    delivered_at: Mapped[datetime | None]
    receipt: Mapped[str] = mapped_column(default="")
    last_reason: Mapped[str] = mapped_column(ShortText(40), default="")
    last_error: Mapped[str] = mapped_column(default="")
