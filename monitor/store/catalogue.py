"""The sources in the archive: which there are, what is due, and who has it in hand."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, true, update

from monitor.model.archiving import BY_HAND_URL, SourceSpec, StoredSource
from monitor.store.engine import Archive, insert_new
from monitor.store.faults import retried
from monitor.store.rows import LONGEST_POLL_PLAN, dump_spec, is_due, load_source
from monitor.store.schema import EntryRow, Source

LEASE = timedelta(minutes=10)
_HOW_IT_IS_READ = ("url", "kind", "links", "proxy_url", "needs_browser")


@retried
def add_sources(
    archive: Archive, specs: Iterable[SourceSpec], now: datetime, *, due_at: Sequence[datetime] = ()
) -> int:
    """Add sources, due at once or each at its instant; those whose URL is there already stay as they are.

    Return how many are new.
    """
    rows = [
        dump_spec(spec)
        | {
            "added_at": now,
            "next_poll_at": due_at[place] if due_at else now,
            "failures": 0,
            "strikes": 0.0,
            "body_sha256": "",
            "moved_to": "",
            "moves": 0,
            "last_reason": "",
            "last_detail": "",
            "health": "",
        }
        for place, spec in enumerate(specs)
    ]
    with archive.writing() as connection:
        before = connection.scalar(select(func.count(Source.id))) or 0
        if rows:
            connection.execute(insert_new(Source), rows)
        return (connection.scalar(select(func.count(Source.id))) or 0) - before


@retried
def change_source(archive: Archive, source: StoredSource, spec: SourceSpec, next_poll_at: datetime) -> bool:
    """Give a source what the operator says of it now; say whether it was done: its new URL may be another's.

    Where it is to be read otherwise than before, what made its next visit conditional is forgotten, and its failures
    with it; at another address or as another kind it begins anew, with a backlog.
    """
    before = source.spec
    values = dump_spec(spec) | {"next_poll_at": next_poll_at}
    if spec.interval_seconds != before.interval_seconds:
        values |= {"pace_seconds": spec.interval_seconds}
    if any(getattr(spec, name) != getattr(before, name) for name in _HOW_IT_IS_READ):
        values |= {"etag": None, "last_modified": None, "body_sha256": "", "moved_to": "", "moves": 0}
        values |= {"failures": 0, "strikes": 0.0}
    if (spec.url, spec.kind) != (before.url, before.kind):
        values |= {"last_good_at": None, "last_polled_at": None, "last_reason": "", "last_detail": ""}
    with archive.writing() as connection:
        taken = select(Source.id).where(Source.url == spec.url, Source.id != source.id)
        if connection.scalar(taken) is not None:
            return False
        return connection.execute(update(Source).where(Source.id == source.id).values(values)).rowcount > 0


@retried
def list_sources(archive: Archive) -> list[StoredSource]:
    """Return all sources, in the order they were added."""
    with archive.reading() as connection:
        polled = select(Source.__table__).where(Source.url != BY_HAND_URL).order_by(Source.id)
        return [load_source(row) for row in connection.execute(polled)]


@retried
def remove_source(archive: Archive, source_id: int) -> None:
    """Forget a source, its polls and entries. The articles it brought, their hits and evidence stay."""
    with archive.writing() as connection:
        connection.execute(delete(Source).where(Source.id == source_id))


@retried
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
        wanted = and_(Source.is_enabled, true() if all_enabled else is_due(Source.next_poll_at, now, LONGEST_POLL_PLAN))
    free = or_(Source.claimed_until.is_(None), Source.claimed_until <= now)
    with archive.writing() as connection:
        rows = connection.execute(
            update(Source).where(wanted, free).values(claimed_until=now + LEASE).returning(*Source.__table__.columns)
        ).all()
    return sorted((load_source(row) for row in rows), key=lambda source: source.id)


@retried
def release_leases(archive: Archive) -> None:
    """Free what a worker that is no more had in hand. Only for a caller that knows it is the only one."""
    with archive.writing() as connection:
        connection.execute(update(Source).where(Source.claimed_until.is_not(None)).values(claimed_until=None))
        connection.execute(update(EntryRow).where(EntryRow.claimed_until.is_not(None)).values(claimed_until=None))


@retried
def release_sources(archive: Archive, ids: Sequence[int]) -> None:
    """Give sources back that were claimed and not visited, so that the next round takes them."""
    with archive.writing() as connection:
        connection.execute(update(Source).where(Source.id.in_(ids)).values(claimed_until=None))


@retried
def forgive_failures(archive: Archive, sources: Sequence[StoredSource], next_poll_at: datetime) -> bool:
    """Take back that sources failed when it was our own network that was down, and visit them again soon.

    Return whether that was done. It isn't where each had failed before, or failed last time although others were read
    since: two dead sources that once fall due together would else be forgiven, and due together, for ever.
    """
    with archive.writing() as connection:
        read_at = connection.scalar(select(func.max(Source.last_good_at)).where(~Source.is_sample))
        if all(_was_ailing(source, read_at) for source in sources):
            return False
        for source in sources:
            connection.execute(
                update(Source)
                .where(Source.id == source.id)
                .values(failures=source.failures, strikes=source.strikes, next_poll_at=next_poll_at)
            )
    return True


def _was_ailing(source: StoredSource, read_at: datetime | None) -> bool:
    """Say whether a source was failing before this visit; `read_at` is when any was last read."""
    if source.failures > 0:
        return True
    polled_at = source.last_polled_at
    return bool(source.last_reason and polled_at and read_at and read_at >= polled_at)
