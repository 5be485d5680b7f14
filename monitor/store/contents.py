"""What an archive's tables hold, read in pieces and put in bytes that are the same whichever database they stand in."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Table, and_, func, literal, select, text, true, tuple_

from monitor.model.ports import Progress
from monitor.store.engine import Archive
from monitor.store.metadata import Base, CleanText, ShortText, clean

ROWS_AT_ONCE = 500
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class TableSum:
    """A table's name, how many rows it has, and the SHA-256 of their contents in the order of their keys."""

    name: str
    rows: int
    sha256: str


def tables() -> Sequence[Table]:
    """Return all tables, those first to which others point."""
    return Base.metadata.sorted_tables


def sum_tables(archive: Archive, progress: Progress) -> list[TableSum]:
    """Return what each table of an archive comes to, in one consistent state."""
    with archive.reading() as reader:
        read_in_peace(reader)
        return [sum_table(reader, table, progress) for table in tables()]


def is_empty(connection: Connection) -> bool:
    """Say whether no table has a row."""
    return not any(connection.execute(select(text("1")).select_from(table).limit(1)).first() for table in tables())


def read_in_peace(reader: Connection) -> None:
    """Let a transaction read for as long as the archive is large, and wait in between for whoever takes it."""
    if reader.dialect.name != "sqlite":
        reader.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def sum_table(reader: Connection, table: Table, progress: Progress) -> TableSum:
    """Return what one table comes to."""
    digest, after, count = hashlib.sha256(), None, 0
    total = reader.scalar(select(func.count()).select_from(table)) or 0
    while True:
        rows = read_piece(reader, table, after, None)
        for row in rows:
            digest.update(content_of(table, row, is_whole=True))
        count += len(rows)
        progress(f"comparing {table.name}", count, total)
        if len(rows) < ROWS_AT_ONCE:
            return TableSum(table.name, count, digest.hexdigest())
        after = key_of(table, rows[-1])


def read_piece(
    connection: Connection, table: Table, after: Key | None, until: Key | None, *, limit: int | None = ROWS_AT_ONCE
) -> Sequence[Row[Any]]:
    """Return rows in the order of their key, after one key and up to another."""
    columns = [column for _, column in columns_of(table)]
    query = select(*columns).where(between(connection, table, after, until)).order_by(*_order(connection, table))
    return connection.execute(query.limit(limit) if limit else query).all()


def between(connection: Connection, table: Table, after: Key | None, until: Key | None) -> ColumnElement[bool]:
    """Say which rows of a table a piece covers."""
    keys = tuple_(*_order(connection, table))
    bounds = [keys > _literal(table, after)] if after is not None else []
    if until is not None:
        bounds.append(keys <= _literal(table, until))
    return and_(true(), *bounds)


def _literal(table: Table, key: Key) -> ColumnElement[Any]:
    pairs = zip(key, table.primary_key.columns, strict=True)
    return tuple_(*(literal(value, column.type) for value, column in pairs))


def _order(connection: Connection, table: Table) -> list[ColumnElement[Any]]:
    """Return a table's key as both databases sort it: texts by their bytes, whatever a server's locale says."""
    is_sqlite = connection.dialect.name == "sqlite"
    return [
        column.collate("C") if isinstance(column.type, CleanText) and not is_sqlite else column
        for column in table.primary_key.columns
    ]


def columns_of(table: Table) -> Iterable[tuple[int, Column[Any]]]:
    """Return a table's columns with their places, without those that the database works out itself."""
    return enumerate(column for column in table.columns if column.computed is None)


def inward(table: Table) -> list[Column[Any]]:
    """Return the columns that point to rows of the same table."""
    return [
        column
        for column in table.columns
        if any(key.column.table is table for key in column.foreign_keys) and not column.primary_key
    ]


def key_of(table: Table, row: Row[Any]) -> Key:
    """Return a row's key."""
    of_row = row._mapping  # noqa: SLF001 (a Row's public way to its names)
    return tuple(of_row[column.name] for column in table.primary_key.columns)


def content_of(table: Table, row: Row[Any], *, is_whole: bool = False) -> bytes:
    """Return a row's values in bytes that are the same whichever database they came from."""
    later = set() if is_whole else {column.name for column in inward(table)}
    values = [None if column.name in later else _plain(column, row[place]) for place, column in columns_of(table)]
    return json.dumps(values, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _plain(column: Column[Any], value: object) -> object:
    match value:
        case str() if isinstance(column.type, ShortText):
            return clean(value)[: column.type.length]
        case str():
            return clean(value)
        case bytes():
            return hashlib.sha256(value).hexdigest()
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case _:
            return value
