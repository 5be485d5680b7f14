"""A watchlist's versions, the files they came from, and its retirement: what its history is told from."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from monitor.model.versions import DocumentVersion, WatchlistEvent, WatchlistEventKind, WatchlistStanding
from monitor.store.engine import Archive
from monitor.store.faults import retried
from monitor.store.schema import ClaimRow, Hit, WatchlistEventRow, WatchlistFile, WatchlistRow, WatchlistVersion

_EVENT_COLUMNS = (WatchlistEventRow.kind, WatchlistEventRow.at, WatchlistEventRow.by, WatchlistEventRow.why)


@retried
def list_versions(archive: Archive, name: str) -> list[DocumentVersion]:
    """Return all versions of a watchlist, the first first; none where no watchlist has that name."""
    query = _versions().where(WatchlistRow.name == name).order_by(WatchlistVersion.number)
    with archive.reading() as connection:
        return [_load_version(row) for row in connection.execute(query)]


@retried
def list_events(archive: Archive, name: str) -> list[WatchlistEvent]:
    """Return when a watchlist was retired and restored, the first first."""
    query = (
        select(*_EVENT_COLUMNS)
        .join(WatchlistRow, WatchlistRow.id == WatchlistEventRow.watchlist_id)
        .where(WatchlistRow.name == name)
        .order_by(WatchlistEventRow.id)
    )
    with archive.reading() as connection:
        return [_load_event(row) for row in connection.execute(query)]


@retried
def number_in_file(archive: Archive, name: str, file: str) -> int | None:
    """Return which version of a watchlist a file held when it was last applied or written; None = never seen."""
    query = (
        select(WatchlistFile.number)
        .join(WatchlistRow, WatchlistRow.id == WatchlistFile.watchlist_id)
        .where(WatchlistRow.name == name, WatchlistFile.file == file)
    )
    with archive.reading() as connection:
        return connection.execute(query).scalar_one_or_none()


@retried
def list_standings(archive: Archive) -> list[WatchlistStanding]:
    """Return all watchlists by name, live and retired, each with its newest version and what was found for it."""
    newest = (
        select(func.max(WatchlistVersion.number))
        .where(WatchlistVersion.watchlist_id == WatchlistRow.id)
        .correlate(WatchlistRow)
        .scalar_subquery()
    )
    query = _versions().where(WatchlistVersion.number == newest).order_by(WatchlistRow.name)
    with archive.reading() as connection:
        return [_standing(connection, row) for row in connection.execute(query).all()]


@retried
def record_event(archive: Archive, name: str, kind: WatchlistEventKind, *, now: datetime, by: str, why: str) -> bool:
    """Retire a watchlist or bring it back; say whether that changed anything."""
    is_retired = kind == "retired"
    with archive.writing() as connection:
        row = connection.execute(
            select(WatchlistRow.id, WatchlistRow.retired_at).where(WatchlistRow.name == name)
        ).one()
        if (row.retired_at is not None) == is_retired:
            return False
        values = {"retired_at": now if is_retired else None}
        connection.execute(update(WatchlistRow).where(WatchlistRow.id == row.id).values(values))
        connection.execute(insert(WatchlistEventRow).values(watchlist_id=row.id, kind=kind, at=now, by=by, why=why))
        return True


def _versions() -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = select(
        WatchlistRow.id.label("list_id"),
        WatchlistRow.name,
        WatchlistRow.title,
        WatchlistRow.retired_at,
        WatchlistVersion.number,
        WatchlistVersion.document,
        WatchlistVersion.applied_at,
        WatchlistVersion.applied_by,
        WatchlistVersion.why,
        WatchlistVersion.origin,
    ).join(WatchlistVersion, WatchlistVersion.watchlist_id == WatchlistRow.id)
    return query


def _standing(connection: Connection, row: Row[Any]) -> WatchlistStanding:
    counts = connection.execute(
        select(ClaimRow.key, func.count(Hit.id).label("hits"), func.max(Hit.first_seen_at).label("last"))
        .join(Hit, Hit.claim_id == ClaimRow.id)
        .where(ClaimRow.watchlist_id == row.list_id)
        .group_by(ClaimRow.key)
    ).all()
    retired = None
    if row.retired_at is not None:
        newest = (
            select(*_EVENT_COLUMNS)
            .where(WatchlistEventRow.watchlist_id == row.list_id)
            .order_by(WatchlistEventRow.id.desc())
            .limit(1)
        )
        retired = _load_event(connection.execute(newest).one())
    return WatchlistStanding(
        title=row.title,
        version=_load_version(row),
        retired=retired,
        hits={count.key: count.hits for count in counts},
        last_hit_at=max((count.last for count in counts), default=None),
    )


def _load_version(row: Row[Any]) -> DocumentVersion:
    return DocumentVersion(row.name, row.number, row.document, row.applied_at, row.applied_by, row.why, row.origin)


def _load_event(row: Row[*tuple[Any, ...]]) -> WatchlistEvent:
    return WatchlistEvent(row.kind, row.at, row.by, row.why)
