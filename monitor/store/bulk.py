"""Bulk inserts: a Core statement compiled once for each database, and its values bound together.

SQLAlchemy binds value by value, which costs more than SQLite's own work. Here it is done column by column: a column's
texts are looked at together, an instant that rows share is written once. What a type promises holds all the same.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Dialect, Float, Insert, Integer, Table
from sqlalchemy.types import TypeEngine

from monitor.store.metadata import CleanText, ShortText, UtcDateTime, clean

_Row = dict[str, Any]
_Values = Sequence[Any]
_Bind = Callable[[_Values], _Values]


class BulkInsert:
    """An INSERT of many rows that have the same columns, each of them given: no default is filled in."""

    def __init__(self, statement: Insert) -> None:
        self._statement = statement
        self._prepared = lru_cache(maxsize=8)(self._prepare)

    def execute(self, connection: Connection, rows: Sequence[_Row]) -> None:
        """Insert the rows. KeyError: one lacks a column that the first has. TypeError: a naive instant."""
        if rows:
            sql, bind = self._prepared(connection.dialect, tuple(rows[0]))
            connection.exec_driver_sql(sql, bind(rows))

    def _prepare(self, dialect: Dialect, keys: tuple[str, ...]) -> tuple[str, Callable[[Sequence[_Row]], Any]]:
        compiled = self._statement.compile(dialect=dialect, column_keys=list(keys))
        table = self._statement.table
        assert isinstance(table, Table)  # noqa: S101 (an INSERT into a table of ours)
        order = tuple(compiled.positiontup or keys)
        return str(compiled), _Binder(dialect, [table.c[name] for name in order])


class _Binder:
    """Turns rows into what a driver takes, column by column: tuples on SQLite, mappings on PostgreSQL."""

    def __init__(self, dialect: Dialect, columns: Sequence[Column[Any]]) -> None:
        self._names = [column.name for column in columns]
        self._is_sqlite = dialect.name == "sqlite"
        self._bound = [_column_binder(column.type, dialect) for column in columns]

    def __call__(self, rows: Sequence[_Row]) -> list[Any]:
        """Return the values of all rows, in the statement's order or by name."""
        # Lists, as a tuple for each row would be one more thing for the garbage collector to look at.
        columns = [[row[name] for row in rows] for name in self._names]
        texts = [bind(values) if bind else values for bind, values in zip(self._bound, columns, strict=True)]
        bound = zip(*texts, strict=True)
        return list(bound) if self._is_sqlite else [dict(zip(self._names, values, strict=True)) for values in bound]


def _column_binder(kind: TypeEngine[Any], dialect: Dialect) -> _Bind | None:
    """Return what makes a column's values fit for the driver, or None where they are so as they stand."""
    if isinstance(kind, ShortText):
        return partial(_short_texts, kind.length)
    if isinstance(kind, CleanText):
        return _texts
    if isinstance(kind, UtcDateTime):
        write = kind.bind_processor(dialect)
        assert write is not None  # noqa: S101 (an instant is always looked at)
        return partial(_instants, write)
    if isinstance(kind, Integer | Boolean | Float):
        return None
    processor = kind.dialect_impl(dialect).bind_processor(dialect)
    return (lambda values: [processor(value) for value in values]) if processor else None


def _texts(values: _Values) -> _Values:
    """Drop what a database refuses; nearly always all of a column is fit, and looked at together."""
    try:
        together = "".join(values)
        if not together.isascii():
            together.encode("utf-16-le")  # refuses what UTF-8 does, in a third of its time
        is_clean = "\0" not in together
    except (TypeError, UnicodeEncodeError):
        is_clean = False
    return values if is_clean else [value and clean(value) for value in values]


def _short_texts(length: int, values: _Values) -> _Values:
    values = _texts(values)
    is_short = None not in values and max(map(len, values)) <= length
    return values if is_short else [value and value[:length] for value in values]


def _instants(write: Callable[[datetime | None], Any], values: _Values) -> _Values:
    """Write each instant once, however many rows share it."""
    different = {id(value): value for value in values}
    written = {key: write(value) for key, value in different.items()}
    return [written[id(value)] for value in values]
