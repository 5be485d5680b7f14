"""The sources in the archive: what is due, who has it in hand, and how each visit went."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, true, update

from monitor.model.archiving import Polled, SourceSpec, StoredSource
from monitor.store.engine import Archive, insert_new
from monitor.store.rows import clean, is_due, load_source
from monitor.store.schema import EntryRow, Poll, Source

LEASE = timedelta(minutes=10)


def add_sources(archive: Archive, specs: Iterable[SourceSpec], now: datetime) -> int:
    """Add sources, due at once; those whose URL is there already stay as they are. Return how many are new."""
    rows = [
        {
            "url": spec.url,
            "title": clean(spec.title),
            "kind": spec.kind,
            "language": spec.language,
            "only": spec.only,
            "note": spec.note,
            "is_enabled": spec.is_enabled,
            "is_sample": spec.is_sample,
            "added_at": now,
            "next_poll_at": now,
            "failures": 0,
            "last_reason": "",
            "last_detail": "",
        }
        for spec in specs
    ]
    with archive.writing() as connection:
        before = connection.scalar(select(func.count(Source.id))) or 0
        if rows:
            connection.execute(insert_new(Source), rows)
        return (connection.scalar(select(func.count(Source.id))) or 0) - before


def list_sources(archive: Archive) -> list[StoredSource]:
    """Return all sources, in the order they were added."""
    with archive.reading() as connection:
        return [load_source(row) for row in connection.execute(select(Source.__table__).order_by(Source.id))]


def remove_source(archive: Archive, source_id: int) -> None:
    """Forget a source, its polls and entries. The articles it brought, their hits and evidence stay."""
    with archive.writing() as connection:
        connection.execute(delete(Source).where(Source.id == source_id))


def claim_sources(
    archive: Archive, now: datetime, *, ids: Sequence[int] | None = None, all_enabled: bool = False
) -> list[StoredSource]:
    """Take a lease on the sources that are due (or on those named, or on all) and return them.

    A source that another worker has in hand is left to it until the lease runs out.
    """
    wanted: ColumnElement[bool]
    if ids is not None:
        wanted = Source.id.in_(ids)
    else:
        wanted = and_(Source.is_enabled, true() if all_enabled else is_due(Source.next_poll_at, now))
    free = or_(Source.claimed_until.is_(None), Source.claimed_until <= now)
    with archive.writing() as connection:
        rows = connection.execute(
            update(Source).where(wanted, free).values(claimed_until=now + LEASE).returning(*Source.__table__.columns)
        ).all()
    return sorted((load_source(row) for row in rows), key=lambda source: source.id)


def release_leases(archive: Archive) -> None:
    """Free what a worker that is no more had in hand. Only for a caller that knows it is the only one."""
    with archive.writing() as connection:
        connection.execute(update(Source).where(Source.claimed_until.is_not(None)).values(claimed_until=None))
        connection.execute(update(EntryRow).where(EntryRow.claimed_until.is_not(None)).values(claimed_until=None))


def release_sources(archive: Archive, ids: Sequence[int]) -> None:
    """Give sources back that were claimed and not visited, so that the next round takes them."""
    with archive.writing() as connection:
        connection.execute(update(Source).where(Source.id.in_(ids)).values(claimed_until=None))


def forgive_failures(archive: Archive, sources: Sequence[StoredSource], next_poll_at: datetime) -> None:
    """Take back that sources failed when it was our own network that was down, and visit them again soon."""
    with archive.writing() as connection:
        for source in sources:
            connection.execute(
                update(Source).where(Source.id == source.id).values(failures=source.failures, next_poll_at=next_poll_at)
            )


def record_poll(archive: Archive, polled: Polled) -> Polled:
    """Keep a visit: its outcome, the entries that are new, and when to come again, in one transaction.

    Return it with `new` counted; "new" becomes "unchanged" where the archive had every entry. Of a source that was
    removed meanwhile nothing is kept.
    """
    source = polled.source
    with archive.writing() as connection:
        if connection.scalar(select(Source.id).where(Source.id == source.id)) is None:
            return polled
        poll_id = connection.execute(
            insert(Poll)
            .values(
                source_id=source.id,
                at=polled.at,
                outcome=polled.outcome,
                reason=polled.reason,
                detail=clean(polled.detail),
                entries_seen=len(polled.entries),
                entries_rejected=polled.rejected,
                entries_new=0,
            )
            .returning(Poll.id)
        ).scalar_one()
        new = _insert_entries(connection, polled, poll_id)
        outcome = polled.outcome if new or polled.outcome == "failed" else "unchanged"
        connection.execute(update(Poll).where(Poll.id == poll_id).values(entries_new=new, outcome=outcome))
        connection.execute(update(Source).where(Source.id == source.id).values(**_source_after(polled)))
    return replace(polled, new=new, outcome=outcome)


def _source_after(polled: Polled) -> dict[str, object]:
    after: dict[str, object] = {
        "claimed_until": None,
        "next_poll_at": polled.next_poll_at,
        "last_polled_at": polled.at,
        "last_reason": polled.reason,
        "last_detail": clean(polled.detail),
    }
    if polled.outcome == "failed":
        return after | {"failures": polled.source.failures + 1}
    return after | {
        "failures": 0,
        "last_good_at": polled.at,
        "etag": polled.etag,
        "last_modified": polled.last_modified,
    }


def _insert_entries(connection: Connection, polled: Polled, poll_id: int) -> int:
    def count() -> int:
        return connection.scalar(select(func.count(EntryRow.id)).where(EntryRow.source_id == polled.source.id)) or 0

    if not polled.entries:
        return 0
    before = count()
    connection.execute(
        insert_new(EntryRow),
        [
            {
                "source_id": polled.source.id,
                "poll_id": poll_id,
                "entry_key": keyed.entry_key,
                "guid": clean(keyed.entry.guid),
                "url": keyed.entry.url,
                "url_key": keyed.url_key,
                "title": clean(keyed.entry.title),
                "summary": clean(keyed.entry.summary),
                "author": clean(keyed.entry.author),
                "published_at": keyed.entry.published_at,
                "first_seen_at": polled.at,
                "state": "pending",
                "reason": "",
                "attempts": 0,
                "next_read_at": polled.at,
            }
            for keyed in polled.entries
        ],
    )
    return count() - before
