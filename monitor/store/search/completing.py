"""Bringing the index up to the archive: what isn't in it yet is taken in, or all of it is made anew.

Both go batch by batch, each in a short transaction beside those of a running service, and what is done stays done.
While the index is made anew, searches find what they found before.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, column, delete, func, select, table, text
from sqlalchemy.exc import OperationalError

from monitor.errors import StoreBroken
from monitor.store.engine import Archive
from monitor.store.faults import retried
from monitor.store.schema import ArticleRow, Revision
from monitor.store.search.merging import merge
from monitor.store.search.tables import COMPLETE, FTS5, MERGED, REBUILT_TO, entries, keep_state, state_of
from monitor.store.search.writing import LATEST, analyse, committed, write_analysed
from monitor.text.tokens import ANALYSIS

BATCH = 200
_END = 2**62

_fts5 = table("search_index", column("rowid"))
_vectors = table("search_index", column("article_id"))


@retried
def is_complete(archive: Archive) -> bool:
    """Say whether all articles were once seen to be in the index; from then on each enters as it is kept."""
    with archive.reading() as connection:
        return knows_all(connection)


def knows_all(connection: Connection) -> bool:
    """Say the same to who reads the archive already."""
    return state_of(connection, COMPLETE) == ANALYSIS


def is_rebuilding(archive: Archive) -> bool:
    """Say whether making the index anew was begun and isn't finished."""
    return _state(archive, REBUILT_TO) is not None


@retried
def count_missing(archive: Archive) -> int:
    """Count the articles that a search can't find, since the index lacks them. It looks at every article."""
    row = _fts5.c.rowid if archive.is_sqlite else _vectors.c.article_id
    is_there = select(row).where(row == ArticleRow.id).correlate(ArticleRow).exists()
    with archive.reading() as connection:
        query = select(func.count()).select_from(ArticleRow).where(_is_missing() | (_has_text() & ~is_there))
        return connection.scalar(query) or 0


def take_in(archive: Archive, progress: Callable[[int, int], None], *, most: int | None = None) -> int:
    """Put into the index what isn't in it, at most about so many; return how many articles that were."""
    total = count_missing(archive) if most is None else most
    done, last = 0, 0
    while most is None or done < most:
        rows = _next(archive, LATEST.where(_is_missing()), last)
        if not rows:
            if done or _has_articles(archive):
                with archive.writing() as connection:
                    keep_state(connection, COMPLETE, ANALYSIS)
                merge(archive)
            break
        _put(archive, rows, ArticleRow.id.in_([row.id for row in rows]) & _is_missing())
        last = rows[-1].id
        done += len(rows)
        progress(min(done, total), total)
    return done


def rebuild(archive: Archive, progress: Callable[[int, int], None], *, most: int | None = None) -> int:
    """Make the index anew, or go on where that was stopped, by about so many articles; return how many that were."""
    done, last = 0, _state(archive, REBUILT_TO) or 0
    total = _count_after(archive, last) if most is None else most
    while most is None or done < most:
        rows = _next(archive, LATEST, last)
        try:
            _put(archive, rows, ArticleRow.id.in_([row.id for row in rows]), anew_from=last)
        except StoreBroken as error:
            if not archive.is_sqlite or isinstance(error.__cause__, OperationalError):
                raise
            # Damaged, it can't even be written over. Where more than the index is, this fails in its turn.
            _empty(archive)
            done, last = 0, 0
            continue
        if not rows:
            merge(archive)
            break
        last = rows[-1].id
        done += len(rows)
        progress(min(done, total), total)
    return done


@retried
def _next(archive: Archive, query: Select[*tuple[Any, ...]], last: int) -> list[Row[*tuple[Any, ...]]]:
    # Said of both tables: PostgreSQL joins them in order, and would go through all revisions before those.
    after = (ArticleRow.id > last) & (Revision.article_id > last)
    with archive.reading() as connection:
        return list(connection.execute(query.where(after).order_by(ArticleRow.id).limit(BATCH)))


@retried
def _put(
    archive: Archive, rows: list[Row[*tuple[Any, ...]]], still: ColumnElement[bool], anew_from: int | None = None
) -> None:
    """Put articles into the index that are still as they were read: one that changed has entered it by itself."""
    analysed = {(row.id, row.revision_id): analyse(row) for row in rows}
    query = LATEST.with_only_columns(ArticleRow.id, Revision.id).where(still)
    with archive.writing() as connection:
        now = {(row[0], row[1]) for row in connection.execute(query)} if rows else set()
        new = write_analysed(connection, archive, [(key[0], analysed[key]) for key in sorted(now & analysed.keys())])
        if anew_from is not None:
            _drop_strays(connection, anew_from, rows[-1].id if rows else _END)
            keep_state(connection, REBUILT_TO, rows[-1].id if rows else None)
            if not rows:
                keep_state(connection, COMPLETE, ANALYSIS)
    committed(archive, new)


def _drop_strays(connection: Connection, after: int, up_to: int) -> None:
    """Take out what the index has of articles that are no more. On PostgreSQL foreign keys do it."""
    if connection.dialect.name != "sqlite":
        return
    here = select(ArticleRow.id).where(ArticleRow.id > after, ArticleRow.id <= up_to)
    for kept, number in ((_fts5, _fts5.c.rowid), (entries, entries.c.article_id)):
        connection.execute(delete(kept).where(number > after, number <= up_to, number.not_in(here)))


def _empty(archive: Archive) -> None:
    """Begin with an empty index."""
    with archive.writing() as connection:
        connection.execute(text("DROP TABLE search_index"))
        connection.execute(text(FTS5))
        connection.execute(delete(entries))
        keep_state(connection, COMPLETE, 0)
        keep_state(connection, MERGED, 0)
        keep_state(connection, REBUILT_TO, 0)


@retried
def _state(archive: Archive, name: str) -> int | None:
    with archive.reading() as connection:
        return state_of(connection, name)


@retried
def _has_articles(archive: Archive) -> bool:
    """Say whether the archive has any article: an empty one may yet be filled by a copy, which brings no index."""
    with archive.reading() as connection:
        return connection.scalar(select(ArticleRow.id).limit(1)) is not None


@retried
def _count_after(archive: Archive, last: int) -> int:
    with archive.reading() as connection:
        return connection.scalar(select(func.count()).select_from(ArticleRow).where(ArticleRow.id > last)) or 0


def _is_missing() -> ColumnElement[bool]:
    here = select(entries.c.article_id).where(entries.c.article_id == ArticleRow.id, entries.c.analysis == ANALYSIS)
    return ~here.correlate(ArticleRow).exists() & _has_text()


def _has_text() -> ColumnElement[bool]:
    return select(Revision.id).where(Revision.article_id == ArticleRow.id).correlate(ArticleRow).exists()
