"""How sources are doing, in the archive: what their visits came to, and what fell ill or is well again."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, case, delete, func, insert, select, update

from monitor.model.archiving import PAYWALL, HealthEvent, PollDay, StoredSource
from monitor.store.engine import Archive
from monitor.store.faults import retried
from monitor.store.rows import load_spec
from monitor.store.schema import EntryRow, HealthEventRow, Poll, Source


@retried
def poll_days(archive: Archive, ids: Sequence[int], since: datetime) -> dict[int, list[PollDay]]:
    """Return what the sources' visits came to, day by day (UTC), the oldest first.

    A source's first good visit is left out, and what failed before it: what it found had gathered before.
    """
    day = func.date(Poll.at)
    query = (
        select(
            Poll.source_id,
            day.label("day"),
            func.count(Poll.id).label("polls"),
            func.sum(case((Poll.outcome != "failed", 1), else_=0)).label("good"),
            func.sum(Poll.entries_new).label("new"),
        )
        .where(Poll.source_id.in_(ids), Poll.at >= since, ~Poll.is_backlog)
        .group_by(Poll.source_id, day)
        .order_by(Poll.source_id, day)
    )
    days: dict[int, list[PollDay]] = defaultdict(list)
    with archive.reading() as connection:
        for row in connection.execute(query):
            found_on = row.day if isinstance(row.day, date) else date.fromisoformat(row.day)
            days[row.source_id].append(PollDay(found_on, row.polls, row.good, row.new))
    return days


@retried
def teaser_shares(archive: Archive, ids: Sequence[int], since: datetime) -> dict[int, tuple[int, int]]:
    """Return, for each source, how many of the entries it listed since were teasers, and how many were read at all."""
    is_teaser = case((EntryRow.reason == PAYWALL, 1), else_=0)
    query = (
        select(EntryRow.source_id, func.sum(is_teaser), func.count(EntryRow.id))
        .where(EntryRow.source_id.in_(ids), EntryRow.first_seen_at >= since, EntryRow.state.in_(("read", "lead")))
        .group_by(EntryRow.source_id)
    )
    with archive.reading() as connection:
        return {source_id: (int(teasers), total) for source_id, teasers, total in connection.execute(query)}


@retried
def record_health(archive: Archive, sources: Sequence[StoredSource], details: Mapping[int, str]) -> None:
    """Keep sources whose health has changed, each with the event that is told once; `details` say more, by id."""
    with archive.writing() as connection:
        for source in sources:
            before = connection.scalar(select(Source.health).where(Source.id == source.id))
            if before is None or before == source.health:
                continue
            values = {"health": source.health, "health_since": source.health_since}
            connection.execute(update(Source).where(Source.id == source.id).values(values))
            connection.execute(
                insert(HealthEventRow).values(
                    source_id=source.id,
                    at=source.health_since,
                    health=source.health,
                    before=before,
                    detail=details.get(source.id, ""),
                )
            )


def health_events(connection: Connection, after_id: int) -> tuple[tuple[HealthEvent, ...], int]:
    """Return what fell ill or is well again since an event, and the id of the last one."""
    query = (
        select(HealthEventRow.id, HealthEventRow.at, HealthEventRow.health, HealthEventRow.before)
        .add_columns(HealthEventRow.detail, HealthEventRow.source_id)
        .where(HealthEventRow.id > after_id)
        .order_by(HealthEventRow.id)
    )
    rows = connection.execute(query).all()
    wanted = {row.source_id for row in rows}
    found = connection.execute(select(Source.__table__).where(Source.id.in_(wanted)))
    specs = {row.id: load_spec(row) for row in found}
    events = tuple(HealthEvent(specs[row.source_id], row.at, row.health, row.before, row.detail) for row in rows)
    return events, rows[-1].id if rows else after_id


@retried
def forget_old_polls(archive: Archive, before: datetime) -> int:
    """Drop visits of long ago; the entries that they found stay. Return how many."""
    with archive.writing() as connection:
        return connection.execute(delete(Poll).where(Poll.at < before)).rowcount
