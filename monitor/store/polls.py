"""Visits to sources in the archive: how each went, and the entries that it found."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    false,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    update,
)

from monitor.model.archiving import (
    KeyedEntry,
    Polled,
    SnapshotRecord,
    SourceKind,
    StoredSource,
)
from monitor.model.entries import Entry
from monitor.store.bulk import BulkInsert
from monitor.store.engine import Archive, insert_new
from monitor.store.faults import retried
from monitor.store.metadata import Base
from monitor.store.rows import STANDING, dump_standing
from monitor.store.schema import EntryRow, Poll, Snapshot, Source
from monitor.text.plain import TITLE_CHARS, one_line
from monitor.text.urls import is_same_site

FRESH_KINDS = frozenset({"watch"})
"""Kinds whose new entry is a new text under an address that is known: read although the archive has the article."""

NAMING_KINDS: frozenset[SourceKind] = frozenset({"search", "newsletter", "channel"})
"""Kinds whose entries are others' by their nature, and are told under those names."""

Settle = Callable[[Polled], StoredSource]
"""Says how a source stands after a visit, once `new` is known. Pure: it is called within the transaction."""


@retried
def record_polls(archive: Archive, visits: Sequence[tuple[Polled, Settle]]) -> list[Polled]:
    """Keep visits in one transaction: each with its outcome, the entries that are new, and when to come again.

    Return them with `new` counted and `after` settled; "new" becomes "unchanged" where the archive had every entry. Of
    a source that was removed meanwhile nothing is kept, and an address that another source has is not taken. Of a visit
    that comes so late that another worker has made one since, its entries are kept and nothing else.
    """
    with archive.writing() as connection:
        concerned = Source.id.in_([polled.source.id for polled, _ in visits])
        stands = {row.id: row.last_polled_at for row in connection.execute(_LAST_VISIT.where(concerned))}
        new = _record_entries(connection, [polled for polled, _ in visits if polled.source.id in stands])
        kept = []
        for polled, settle in visits:
            counted = _count(polled, new.get(polled.source.id, 0))
            kept.append(replace(counted, after=settle(counted)))
        known = [polled for polled in kept if polled.source.id in stands and _is_in_time(polled, stands)]
        if known:
            connection.execute(_UPDATE, [_standing(polled) for polled in known])
        for polled in known:
            if polled.after.spec != polled.source.spec:
                _change_spec(connection, polled)
        _release(connection, sorted(polled.source.id for polled in known))
    return kept


def _is_in_time(polled: Polled, stands: Mapping[int, datetime | None]) -> bool:
    """Say whether nobody has visited a source since it was claimed. By what the claim saw, not by any clock."""
    last = stands[polled.source.id]
    return last is None or last == polled.source.last_polled_at


@retried
def has_new_entries(archive: Archive, polled: Polled) -> bool:
    """Say whether a visit found entries that the archive doesn't have."""
    keys = {keyed.entry_key for keyed in polled.entries}
    query = select(func.count(EntryRow.id)).where(
        EntryRow.source_id == polled.source.id, EntryRow.entry_key.in_(sorted(keys))
    )
    with archive.reading() as connection:
        return (connection.scalar(query) or 0) < len(keys)


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


def insert_entries(connection: Connection, rows: Sequence[dict[str, Any]], *, is_plain: bool) -> None:
    """Add entries' rows in bulk; those whose source and key are there already change nothing.

    Plain rows are without the columns that only some sources fill.
    """
    _INSERT_ENTRIES[is_plain].execute(connection, rows)


# Built once: building a statement costs more than running it on a few rows.
_POLLS, _SOURCES, _ENTRIES = (Base.metadata.tables[table.__tablename__] for table in (Poll, Source, EntryRow))
_LAST_VISIT = select(_SOURCES.c.id, _SOURCES.c.last_polled_at)
_INSERT_POLLS = insert(_POLLS).returning(_POLLS.c.id, sort_by_parameter_order=True)
# What stands in the statement itself isn't bound row by row, and binding costs more than SQLite's own work: of 10,000
# entries of plain feeds 0.21 s are spent in place of 0.34 s.
_NOTHING: ColumnElement[str] = literal_column("''")
_AT_FIRST: dict[str, ColumnElement[Any]] = {
    "state": literal_column("'pending'"),
    "reason": _NOTHING,
    "attempts": literal_column("0"),
}
_PLAIN: dict[str, ColumnElement[Any]] = {
    **dict.fromkeys(("text", "outlet", "language"), _NOTHING),
    **dict.fromkeys(("is_lead", "is_fresh", "is_dated_by_change"), false()),
    "snapshot_id": null(),
}
_INSERT_ENTRIES = {
    False: BulkInsert(insert_new(EntryRow).values(_AT_FIRST)),
    True: BulkInsert(insert_new(EntryRow).values(_AT_FIRST | _PLAIN)),
}
"""By whether the rows are plain, that is, without the columns that only some sources fill."""
_BEFORE = _ENTRIES.alias("before")
_WAS_LISTED = (
    select(_BEFORE.c.id)
    .where(_BEFORE.c.source_id == _ENTRIES.c.source_id, _BEFORE.c.url_key == _ENTRIES.c.url_key)
    .where(or_(_ENTRIES.c.text == "", _BEFORE.c.state == "read"))  # a text makes an article of a lead
    .where(_BEFORE.c.id < _ENTRIES.c.id, _BEFORE.c.poll_id.is_distinct_from(_ENTRIES.c.poll_id))
    .correlate(_ENTRIES)
    .exists()
)
_COUNT_NEW = (
    update(_POLLS)
    .where(_POLLS.c.id == bindparam("poll_id"))
    .values(entries_new=bindparam("new"), outcome=bindparam("became"))
)
_UPDATE = (
    update(_SOURCES)
    .where(_SOURCES.c.id == bindparam("source_id"), _SOURCES.c.url == bindparam("visited_url"))
    .values({name: bindparam(f"new_{name}") for name in STANDING})
)


def _standing(polled: Polled) -> Mapping[str, object]:
    values = {f"new_{name}": value for name, value in dump_standing(polled.after).items()}
    # Where an operator has given it another address meanwhile, what was found at the old one says nothing of it.
    return {"source_id": polled.source.id, "visited_url": polled.source.spec.url} | values


def _release(connection: Connection, ids: Sequence[int]) -> None:
    connection.execute(update(Source).where(Source.id.in_(ids)).values(claimed_until=None))


def _poll_row(polled: Polled) -> dict[str, object]:
    return {
        "source_id": polled.source.id,
        "at": polled.at,
        "outcome": polled.outcome,
        "reason": polled.reason,
        "detail": polled.detail,
        "entries_seen": len(polled.entries),
        "entries_rejected": polled.rejected,
        "entries_older": polled.older,
        "is_backlog": polled.source.is_first,
        "entries_new": 0,
    }


def _record_entries(connection: Connection, visits: Sequence[Polled]) -> dict[int, int]:
    """Keep polls with their entries; return how many entries of each source are new."""
    if not visits:
        return {}
    poll_ids = connection.scalars(_INSERT_POLLS, [_poll_row(polled) for polled in visits]).all()
    listing = [(polled, poll_id) for polled, poll_id in zip(visits, poll_ids, strict=True) if polled.entries]
    if not listing:
        return {}
    # In the order in which they were listed: by it they are read.
    for is_plain, alike in groupby(listing, lambda visit: _is_plain(visit[0])):
        rows = [row for polled, poll_id in alike for row in _entry_rows(connection, polled, poll_id, is_plain=is_plain)]
        insert_entries(connection, rows, is_plain=is_plain)
        for row in rows:
            if row.get("is_fresh"):
                _bring_back(connection, row)
    again = [poll_id for polled, poll_id in zip(visits, poll_ids, strict=True) if not polled.source.is_first]
    _drop_known(connection, again)
    counted = select(_ENTRIES.c.poll_id, func.count()).where(_ENTRIES.c.poll_id.in_(poll_ids)).group_by("poll_id")
    found = {poll_id: count for poll_id, count in connection.execute(counted)}  # noqa: C416 (a Row is no pair)
    new = {polled.source.id: found.get(poll_id, 0) for polled, poll_id in zip(visits, poll_ids, strict=True)}
    after = [
        {"poll_id": poll_id, "new": new[polled.source.id], "became": _count(polled, new[polled.source.id]).outcome}
        for polled, poll_id in listing
    ]
    connection.execute(_COUNT_NEW, after)
    return new


def _drop_known(connection: Connection, poll_ids: Sequence[int]) -> None:
    """Take out entries whose address their source had listed before: some feeds give each a new guid every time."""
    if poll_ids:
        connection.execute(delete(_ENTRIES).where(_ENTRIES.c.poll_id.in_(poll_ids), ~_ENTRIES.c.is_fresh, _WAS_LISTED))


def _bring_back(connection: Connection, row: Mapping[str, object]) -> None:
    """Read a watched page again that says what it said before another text: A, B, A is three revisions."""
    of_source = EntryRow.source_id == row["source_id"]
    latest = select(func.max(EntryRow.poll_id)).where(of_source).scalar_subquery()
    connection.execute(
        update(EntryRow)
        .where(of_source, EntryRow.entry_key == row["entry_key"], EntryRow.poll_id != latest)
        .values(poll_id=row["poll_id"], state="pending", is_backlog=False, next_read_at=row["next_read_at"], attempts=0)
    )


def _count(polled: Polled, new: int) -> Polled:
    is_new = new or polled.outcome == "failed"
    return replace(polled, new=new, outcome=polled.outcome if is_new else "unchanged")


def _entry_rows(connection: Connection, polled: Polled, poll_id: int, *, is_plain: bool) -> Iterator[dict[str, object]]:
    snapshot_id = insert_snapshot(connection, polled.snapshot) if polled.snapshot else None
    for keyed in polled.entries:
        row = _plain_row(polled, keyed, poll_id)
        yield row if is_plain else row | _further_columns(polled, keyed.entry, snapshot_id)


def _is_plain(polled: Polled) -> bool:
    """Say whether a visit's entries carry nothing beyond what every feed's do."""
    is_fresh = polled.source.spec.kind in FRESH_KINDS
    return not is_fresh and not any(_carries_more(keyed.entry) for keyed in polled.entries)


def _carries_more(entry: Entry) -> bool:
    return bool(entry.text or entry.outlet or entry.language or entry.is_lead or entry.is_dated_by_change)


def _plain_row(polled: Polled, keyed: KeyedEntry, poll_id: int) -> dict[str, object]:
    entry = keyed.entry
    return {
        "source_id": polled.source.id,
        "poll_id": poll_id,
        "entry_key": keyed.entry_key,
        "guid": entry.guid,
        "url": entry.url,
        "url_key": keyed.url_key,
        "title": one_line(entry.title, TITLE_CHARS),  # an address in its place may hold an encoded ESC
        "summary": entry.summary,
        "author": entry.author,
        "is_backlog": polled.source.is_first,
        "published_at": entry.published_at,
        "first_seen_at": polled.at,
        "next_read_at": polled.at,
    }


def _further_columns(polled: Polled, entry: Entry, snapshot_id: int | None) -> dict[str, object]:
    return {
        "text": entry.text,
        "outlet": _believed_outlet(polled, entry),
        "language": entry.language,
        "is_lead": entry.is_lead,
        "is_dated_by_change": entry.is_dated_by_change,
        "is_fresh": polled.source.spec.kind in FRESH_KINDS,
        "snapshot_id": snapshot_id if entry.text else None,
    }


def _believed_outlet(polled: Polled, entry: Entry) -> str:
    """Return the outlet that a listing names, but not where a feed names another site's: it could be anybody's."""
    spec = polled.source.spec
    is_own = spec.kind in NAMING_KINDS or (entry.outlet and is_same_site(spec.url, entry.url))
    return entry.outlet if is_own else ""


def _change_spec(connection: Connection, polled: Polled) -> None:
    """Stop a source that is gone, and take the address it has moved to for good, unless another source has it."""
    before, after = polled.source.spec, polled.after.spec
    this = update(Source).where(Source.id == polled.source.id, Source.url == before.url)
    if not after.is_enabled:
        connection.execute(this.values(is_enabled=False))
    if after.url != before.url and connection.scalar(select(Source.id).where(Source.url == after.url)) is None:
        connection.execute(this.values(url=after.url))
