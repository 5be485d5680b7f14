"""Visits to sources in the archive: how each went, the entries it found, and what a source usually brings."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, case, delete, func, insert, select, update

from monitor.model.archiving import PAYWALL, HealthEvent, KeyedEntry, PollDay, Polled, SnapshotRecord, StoredSource
from monitor.store.engine import Archive, insert_new
from monitor.store.metadata import Base
from monitor.store.rows import STANDING, clean, dump_standing, load_spec
from monitor.store.schema import EntryRow, HealthEventRow, Poll, Snapshot, Source

FRESH_KINDS = frozenset({"watch"})
"""Kinds whose new entry is a new text under an address that is known: read although the archive has the article."""


Settle = Callable[[Polled], StoredSource]
"""Says how a source stands after a visit, once `new` is known. Pure: it is called within the transaction."""


def record_polls(archive: Archive, visits: Sequence[tuple[Polled, Settle]]) -> list[Polled]:
    """Keep visits in one transaction: each with its outcome, the entries that are new, and when to come again.

    Return them with `new` counted and `after` settled; "new" becomes "unchanged" where the archive had every entry. Of
    a source that was removed meanwhile nothing is kept, and an address that another source has is not taken.
    """
    with archive.writing() as connection:
        concerned = Source.id.in_([polled.source.id for polled, _ in visits])
        ids = set(connection.scalars(select(Source.id).where(concerned)))
        new = _record_entries(connection, [polled for polled, _ in visits if polled.source.id in ids])
        kept = []
        for polled, settle in visits:
            counted = _count(polled, new.get(polled.source.id, 0))
            kept.append(replace(counted, after=settle(counted)))
        known = [polled for polled in kept if polled.source.id in ids]
        for polled in known:
            if polled.after.spec != polled.source.spec:
                _change_spec(connection, polled)
        if known:
            connection.execute(_UPDATE, [_standing(polled) for polled in known])
    return kept


def has_new_entries(archive: Archive, polled: Polled) -> bool:
    """Say whether a visit found entries that the archive doesn't have."""
    keys = {keyed.entry_key for keyed in polled.entries}
    query = select(func.count(EntryRow.id)).where(
        EntryRow.source_id == polled.source.id, EntryRow.entry_key.in_(sorted(keys))
    )
    with archive.reading() as connection:
        return (connection.scalar(query) or 0) < len(keys)


def poll_days(archive: Archive, ids: Sequence[int], since: datetime) -> dict[int, list[PollDay]]:
    """Return what the sources' visits came to, day by day (UTC), the oldest first.

    A source's first good visit is left out: what it found had gathered before.
    """
    day = func.date(Poll.at)
    backlog = (
        select(func.min(Poll.id)).where(Poll.source_id == Source.id, Poll.outcome != "failed").correlate(Source)
    ).scalar_subquery()
    query = (
        select(
            Poll.source_id,
            day.label("day"),
            func.count(Poll.id).label("polls"),
            func.sum(case((Poll.outcome != "failed", 1), else_=0)).label("good"),
            func.sum(Poll.entries_new).label("new"),
        )
        .join(Source, Source.id == Poll.source_id)
        .where(Poll.source_id.in_(ids), Poll.at >= since, Poll.id != func.coalesce(backlog, 0))
        .group_by(Poll.source_id, day)
        .order_by(Poll.source_id, day)
    )
    days: dict[int, list[PollDay]] = defaultdict(list)
    with archive.reading() as connection:
        for row in connection.execute(query):
            found_on = row.day if isinstance(row.day, date) else date.fromisoformat(row.day)
            days[row.source_id].append(PollDay(found_on, row.polls, row.good, row.new))
    return days


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
                    detail=clean(details.get(source.id, "")),
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


def forget_old_polls(archive: Archive, before: datetime) -> int:
    """Drop visits of long ago; the entries that they found stay. Return how many."""
    with archive.writing() as connection:
        return connection.execute(delete(Poll).where(Poll.at < before)).rowcount


def insert_snapshot(connection: Connection, record: SnapshotRecord) -> int:
    """Add the row of one piece of evidence and return its id."""
    values = {
        "url": record.url,
        "fetched_at": record.fetched_at,
        "status": record.status,
        "body_sha256": record.body_sha256,
        "body_bytes": record.body_bytes,
        "blob_key": record.blob_key,
    }
    return connection.execute(insert(Snapshot).values(values).returning(Snapshot.id)).scalar_one()


# Built once: building a statement costs more than running it on a few rows.
_POLLS, _SOURCES, _ENTRIES = (Base.metadata.tables[table.__tablename__] for table in (Poll, Source, EntryRow))
_INSERT_POLLS = insert(_POLLS).returning(_POLLS.c.id, sort_by_parameter_order=True)
_INSERT_ENTRIES = insert_new(EntryRow)
_COUNT_NEW = (
    update(_POLLS)
    .where(_POLLS.c.id == bindparam("poll_id"))
    .values(entries_new=bindparam("new"), outcome=bindparam("became"))
)
_UPDATE = (
    update(_SOURCES)
    .where(_SOURCES.c.id == bindparam("source_id"))
    .values({name: bindparam(f"new_{name}") for name in STANDING} | {"claimed_until": None})
)


def _standing(polled: Polled) -> Mapping[str, object]:
    values = {f"new_{name}": value for name, value in dump_standing(polled.after).items()}
    return {"source_id": polled.source.id} | values


def _poll_row(polled: Polled) -> dict[str, object]:
    return {
        "source_id": polled.source.id,
        "at": polled.at,
        "outcome": polled.outcome,
        "reason": polled.reason,
        "detail": clean(polled.detail),
        "entries_seen": len(polled.entries),
        "entries_rejected": polled.rejected,
        "entries_older": polled.older,
        "entries_new": 0,
    }


def _record_entries(connection: Connection, visits: Sequence[Polled]) -> dict[int, int]:
    """Keep polls with their entries; return how many entries of each source are new."""
    if not visits:
        return {}
    poll_ids = connection.scalars(_INSERT_POLLS, [_poll_row(polled) for polled in visits]).all()
    rows = []
    for polled, poll_id in zip(visits, poll_ids, strict=True):
        snapshot_id = insert_snapshot(connection, polled.snapshot) if polled.snapshot else None
        rows += [_entry_row(polled, keyed, poll_id, snapshot_id) for keyed in polled.entries]
    if not rows:
        return {}
    connection.execute(_INSERT_ENTRIES, rows)
    counted = select(_ENTRIES.c.poll_id, func.count()).where(_ENTRIES.c.poll_id.in_(poll_ids)).group_by("poll_id")
    found = {poll_id: count for poll_id, count in connection.execute(counted)}  # noqa: C416 (a Row is no pair)
    new = {polled.source.id: found.get(poll_id, 0) for polled, poll_id in zip(visits, poll_ids, strict=True)}
    after = [
        {"poll_id": poll_id, "new": new[polled.source.id], "became": _count(polled, new[polled.source.id]).outcome}
        for polled, poll_id in zip(visits, poll_ids, strict=True)
        if polled.entries
    ]
    connection.execute(_COUNT_NEW, after)
    return new


def _count(polled: Polled, new: int) -> Polled:
    is_new = new or polled.outcome == "failed"
    return replace(polled, new=new, outcome=polled.outcome if is_new else "unchanged")


def _entry_row(polled: Polled, keyed: KeyedEntry, poll_id: int, snapshot_id: int | None) -> dict[str, object]:
    entry = keyed.entry
    return {
        "source_id": polled.source.id,
        "poll_id": poll_id,
        "entry_key": keyed.entry_key,
        "guid": clean(entry.guid),
        "url": entry.url,
        "url_key": keyed.url_key,
        "title": clean(entry.title),
        "summary": clean(entry.summary),
        "author": clean(entry.author),
        "text": clean(entry.text),
        "outlet": clean(entry.outlet),
        "language": entry.language,
        "is_lead": entry.is_lead,
        "is_backlog": polled.source.is_first,
        "is_fresh": polled.source.spec.kind in FRESH_KINDS,
        "snapshot_id": snapshot_id if entry.text else None,
        "published_at": entry.published_at,
        "first_seen_at": polled.at,
        "state": "pending",
        "reason": "",
        "attempts": 0,
        "next_read_at": polled.at,
    }


def _change_spec(connection: Connection, polled: Polled) -> None:
    """Stop a source that is gone, and take the address it has moved to for good, unless another source has it."""
    after = polled.after.spec
    this = update(Source).where(Source.id == polled.source.id)
    connection.execute(this.values(is_enabled=after.is_enabled))
    if connection.scalar(select(Source.id).where(Source.url == after.url)) is None:
        connection.execute(this.values(url=after.url))
