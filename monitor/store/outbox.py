"""The outbox: mail that is owed, and what became of it (docs/decisions/013-outbox.md).

A mail in hand carries a lease. Only its holder may say what became of it, and no transaction is open while a server is
spoken to.
"""

import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, false, func, or_, select, text, true, update

from monitor.model.mailing import Delivery, MailRecord, Outcome, OwedMail
from monitor.store.engine import Archive
from monitor.store.faults import retried
from monitor.store.rows import is_due
from monitor.store.schema import DigestRow, OutboxRow, Subscription, Told

LEASE = timedelta(minutes=15)
"""Longer than the patience with any server, so that nobody takes a mail that another is still sending."""

LONGEST_PAUSE = timedelta(hours=36)
_SYNCHRONOUS = text(
    "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'"
)
_FREED: dict[str, Any] = {"lease": None, "leased_until": None, "is_handed_over": False}


@contextmanager
def _lasting(archive: Archive) -> Iterator[Connection]:
    """Give a writing transaction that outlasts a loss of power once it is committed, however the server is set.

    SQLite's is so by synchronous=FULL. What is forgotten of a mail that was sent would be sent again.
    """
    with archive.writing() as connection:
        if not archive.is_sqlite:
            connection.execute(_SYNCHRONOUS)
        yield connection


@retried
def claim_mail(
    archive: Archive, now: datetime, deliveries: Collection[Delivery], *, resends_unknown: bool
) -> OwedMail | None:
    """Take the oldest mail that is due into hand, or None. Mail of a paused subscription waits.

    One that is unknown is taken once more, where `resends_unknown`; after that it waits for the operator.
    """
    once_more = and_(OutboxRow.state == "unknown", OutboxRow.doubts <= 1) if resends_unknown else false()
    due = (
        select(OutboxRow.id)
        .join(DigestRow, DigestRow.id == OutboxRow.digest_id)
        .join(Subscription, Subscription.id == DigestRow.subscription_id)
        .where(Subscription.delivery.in_(deliveries), Subscription.paused_by == "")
        .where(or_(OutboxRow.state == "queued", once_more), is_due(OutboxRow.next_attempt_at, now, LONGEST_PAUSE))
        .order_by(OutboxRow.id)
        .limit(1)
        .with_for_update(of=OutboxRow, skip_locked=True)
    )
    lease = uuid.uuid4().hex
    taken = {"state": "sending", "attempts": OutboxRow.attempts + 1, "is_handed_over": False}
    with _lasting(archive) as connection:
        mail_id = connection.scalar(due)
        if mail_id is None:
            return None
        claim = update(OutboxRow).where(OutboxRow.id == mail_id)
        connection.execute(claim.values(lease=lease, leased_until=now + LEASE, **taken))
        return _owed(connection, mail_id)


def _owed(connection: Connection, mail_id: int) -> OwedMail:
    row = connection.execute(_mails(OutboxRow.message, OutboxRow.html, OutboxRow.lease).where(OutboxRow.id == mail_id))
    mail = row.one()
    return OwedMail(
        id=mail.id,
        name=mail.name,
        delivery=mail.delivery,
        address=mail.address,
        message=mail.message,
        html=mail.html,
        attempts=mail.attempts,
        doubts=mail.doubts,
        lease=mail.lease,
        alert=mail.alert,
    )


@retried
def mark_handed_over(archive: Archive, mail: OwedMail) -> bool:
    """Keep that a mail's text is about to go out; False where another has the mail by now, and it must not."""
    with _lasting(archive) as connection:
        return connection.execute(_held(mail).values(is_handed_over=True)).rowcount > 0


@retried
def settle_mail(archive: Archive, mail: OwedMail, outcome: Outcome, now: datetime) -> bool:
    """Keep what became of a mail in hand; False where another has it by now, and nothing is kept.

    Where the server is down, every mail that waits for it waits as long.
    """
    values = _FREED | {
        "state": outcome.state,
        "attempts": mail.attempts if outcome.is_counted else max(0, mail.attempts - 1),
        "doubts": mail.doubts + (outcome.state == "unknown"),
        "next_attempt_at": outcome.next_attempt_at or now,
        "last_reason": outcome.reason,
        "last_error": outcome.words if outcome.reason else "",
        "receipt": "" if outcome.reason else outcome.words,
        "delivered_at": now if outcome.state == "sent" else None,
    }
    with _lasting(archive) as connection:
        is_kept = connection.execute(_held(mail).values(values)).rowcount > 0
        if is_kept and outcome.is_server_down:
            _put_off_all(connection, mail.delivery, outcome)
    return is_kept


def _held(mail: OwedMail) -> Any:  # noqa: ANN401 (SQLAlchemy's own type for an UPDATE names its driver's row)
    return update(OutboxRow).where(OutboxRow.id == mail.id, OutboxRow.lease == mail.lease)


def _put_off_all(connection: Connection, delivery: Delivery, outcome: Outcome) -> None:
    digests = select(DigestRow.id).join(Subscription, Subscription.id == DigestRow.subscription_id)
    waiting = and_(OutboxRow.state == "queued", OutboxRow.next_attempt_at < outcome.next_attempt_at)
    connection.execute(
        update(OutboxRow)
        .where(OutboxRow.digest_id.in_(digests.where(Subscription.delivery == delivery)), waiting)
        .values(next_attempt_at=outcome.next_attempt_at, last_reason=outcome.reason, last_error=outcome.words)
    )


@retried
def recover_mail(archive: Archive, now: datetime, *, is_alone: bool = False) -> int:
    """Take back what a sender had in hand that is no more; return how many mails that were.

    What was not handed over is owed as before. What was may have arrived: it is unknown. `is_alone`: the caller knows
    that no other sender lives, so no lease need run out.
    """
    gone: ColumnElement[bool] = (
        true() if is_alone else or_(OutboxRow.leased_until <= now, OutboxRow.leased_until > now + LEASE)
    )
    # Written again over the same names, files are the same files.
    files = select(DigestRow.id).join(Subscription, Subscription.id == DigestRow.subscription_id)
    is_doubtful = and_(
        OutboxRow.is_handed_over, OutboxRow.digest_id.not_in(files.where(Subscription.delivery == "files"))
    )
    values = {
        "state": case((is_doubtful, "unknown"), else_="queued"),
        "doubts": OutboxRow.doubts + case((is_doubtful, 1), else_=0),
        "last_reason": case((is_doubtful, "mail_unknown"), else_="internal_error"),
        "last_error": case(
            (is_doubtful, "Monitor was ended while the server was taking it"),
            else_="Monitor was ended before the server took it",
        ),
        "next_attempt_at": now,
    }
    with _lasting(archive) as connection:
        lost = update(OutboxRow).where(OutboxRow.state == "sending", gone)
        return connection.execute(lost.values(values | _FREED)).rowcount


@retried
def requeue_mail(archive: Archive, ids: Sequence[int], now: datetime) -> int:
    """Owe mails again that are dead or unknown, the same bytes; return how many."""
    revived = {"state": "queued", "attempts": 0, "next_attempt_at": now}
    with archive.writing() as connection:
        wanted = update(OutboxRow).where(OutboxRow.id.in_(ids), OutboxRow.state.in_(("dead", "unknown")))
        return connection.execute(wanted.values(revived)).rowcount


@retried
def close_mail(archive: Archive, ids: Sequence[int]) -> int:
    """Close mails that are dead, unknown or still owed: nobody sends them any more; return how many."""
    with archive.writing() as connection:
        open_ones = OutboxRow.state.in_(("dead", "unknown", "queued"))
        wanted = update(OutboxRow).where(OutboxRow.id.in_(ids), open_ones)
        return connection.execute(wanted.values(state="settled")).rowcount


@retried
def list_mail(archive: Archive, *, limit: int = 50, in_states: Collection[str] = ()) -> list[MailRecord]:
    """Return the mails of the outbox, the newest first."""
    told = select(func.count(Told.id)).where(Told.digest_id == OutboxRow.digest_id).correlate(OutboxRow)
    query = _mails(
        OutboxRow.state,
        OutboxRow.next_attempt_at,
        OutboxRow.delivered_at,
        OutboxRow.receipt,
        OutboxRow.last_reason,
        OutboxRow.last_error,
        told.scalar_subquery().label("hits"),
    )
    if in_states:
        query = query.where(OutboxRow.state.in_(in_states))
    with archive.reading() as connection:
        return [
            MailRecord(
                id=row.id,
                name=row.name,
                subscription=row.subscription,
                delivery=row.delivery,
                address=row.address,
                digest_on=row.digest_on,
                hits=row.hits,
                state=row.state,
                attempts=row.attempts,
                doubts=row.doubts,
                next_attempt_at=row.next_attempt_at,
                sent_at=row.delivered_at,
                reason=row.last_reason,
                words=row.last_error or row.receipt,
                alert=row.alert,
            )
            for row in connection.execute(query.order_by(OutboxRow.id.desc()).limit(limit))
        ]


def _mails(*more: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 (columns of any type)
    query: Select[*tuple[Any, ...]] = (
        select(
            OutboxRow.id,
            OutboxRow.name,
            OutboxRow.attempts,
            OutboxRow.doubts,
            DigestRow.digest_on,
            DigestRow.alert,
            Subscription.name.label("subscription"),
            Subscription.delivery,
            Subscription.address,
            *more,
        )
        .join(DigestRow, DigestRow.id == OutboxRow.digest_id)
        .join(Subscription, Subscription.id == DigestRow.subscription_id)
    )
    return query
