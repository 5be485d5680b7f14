"""Copy a whole archive's tables into another, whichever databases they stand in.

In: two migrated archives. Out: each table's rows and what they hash to, the same on both sides. Never: anything but a
table's rows; indexes and what searches them follow in the target by themselves. A copy that was killed is taken up
where it stood, and until it is whole nobody works with it: a table of its own marks it.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Row,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from monitor.errors import StoreBroken, UsageError
from monitor.model.ports import Progress
from monitor.store.contents import (
    ROWS_AT_ONCE,
    Key,
    TableSum,
    between,
    columns_of,
    content_of,
    inward,
    is_empty,
    key_of,
    read_in_peace,
    read_piece,
    sum_table,
    sum_tables,
    tables,
)
from monitor.store.engine import Archive

_MARK = Table("unfinished_copy", MetaData(), Column("origin", Text, nullable=False))


def copy_rows(source: Archive, target: Archive, origin: str, progress: Progress) -> list[TableSum]:
    """Copy all rows of one consistent state of the source; return what each table came to.

    `origin` names the source, so that another copy is not mistaken for the beginning of this one. Raises UsageError
    where the target holds an archive of its own, StoreBroken where what arrived differs from what was sent.
    """
    _begin(target, origin)
    with source.reading() as reader:
        read_in_peace(reader)
        total = sum(reader.scalar(select(func.count()).select_from(table)) or 0 for table in tables())
        done = 0
        for table in tables():
            for rows in _copy_table(reader, target, table):
                done += rows
                progress("rows", min(done, total), total)
            _point_to_each_other(reader, target, table)
        sums = _compare(reader, target, progress)
    _end(target)
    return sums


def is_unfinished(archive: Archive) -> str:
    """Return where the rows of an unfinished copy come from, or "" where the archive is whole."""
    with archive.reading() as connection:
        return _origin(connection)


def _origin(connection: Connection) -> str:
    return str(connection.scalar(select(_MARK.c.origin)) or "") if inspect(connection).has_table(_MARK.name) else ""


def _begin(target: Archive, origin: str) -> None:
    with target.writing() as connection:
        before = _origin(connection)
        if before and before != origin:
            raise UsageError(
                f"the target holds an unfinished copy of {before}; finish that one, or take another target"
            )
        if not before:
            if not is_empty(connection):
                raise UsageError("the target holds an archive already, and none is overwritten; take an empty one")
            _MARK.create(connection, checkfirst=True)
            connection.execute(insert(_MARK).values(origin=origin))


def _end(target: Archive) -> None:
    with target.writing() as connection:
        if not target.is_sqlite:
            for table in tables():
                _number_on(connection, table)
        _MARK.drop(connection)


def _number_on(connection: Connection, table: Table) -> None:
    """Let a PostgreSQL table number its next row after the last that was copied."""
    for column in table.primary_key.columns:
        named = {"table": table.name, "column": column.name}
        sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:table, :column)"), named)
        last = connection.scalar(select(func.max(column))) if sequence else None
        if last is not None:
            connection.execute(text("SELECT setval(CAST(:name AS regclass), :last)"), {"name": sequence, "last": last})


def _copy_table(reader: Connection, target: Archive, table: Table) -> Iterator[int]:
    """Bring one table over, a piece in a transaction; pieces that are there already are left alone."""
    after: Key | None = None
    while True:
        rows = read_piece(reader, table, after, None)
        until = key_of(table, rows[-1]) if len(rows) == ROWS_AT_ONCE else None
        with target.writing() as writer:
            there = read_piece(writer, table, after, until, limit=None)
            if [content_of(table, row) for row in rows] != [content_of(table, row) for row in there]:
                _replace(writer, table, between(writer, table, after, until), rows)
        yield len(rows)
        if until is None:
            return
        after = until


def _replace(writer: Connection, table: Table, where: ColumnElement[bool], rows: Sequence[Row[Any]]) -> None:
    """Put rows in the place of what stands there. Where a row points within its table is filled in afterwards."""
    later = {column.name for column in inward(table)}
    try:
        writer.execute(delete(table).where(where))
        if rows:
            writer.execute(
                insert(table),
                [
                    {column.name: None if column.name in later else row[place] for place, column in columns_of(table)}
                    for row in rows
                ],
            )
    except IntegrityError as error:
        raise StoreBroken(
            f"the target's table {table.name} holds something else ({error.orig}); take an empty database"
        ) from error


def _point_to_each_other(reader: Connection, target: Archive, table: Table) -> None:
    """Fill in where rows point to others of the same table, once all are there."""
    for column in inward(table):
        keys = list(table.primary_key.columns)
        found = reader.execute(select(*keys, column).where(column.is_not(None))).all()
        statement = (
            update(table)
            .where(*(key == bindparam(f"key_{key.name}") for key in keys))
            .values({column.name: bindparam("points_to")})
        )
        values = [
            {f"key_{key.name}": row[place] for place, key in enumerate(keys)} | {"points_to": row[-1]} for row in found
        ]
        if values:
            with target.writing() as writer:
                writer.execute(statement, values)


def _compare(reader: Connection, target: Archive, progress: Progress) -> list[TableSum]:
    sums = [sum_table(reader, table, progress) for table in tables()]
    arrived = {found.name: found for found in sum_tables(target, progress)}
    wrong = [f"{sent.name} ({sent.rows} rows, there {arrived[sent.name].rows})" for sent in sums
             if sent != arrived[sent.name]]  # fmt: skip
    if wrong:
        raise StoreBroken(f"what arrived differs from what was sent: {', '.join(wrong)}; type the same again")
    return sums
