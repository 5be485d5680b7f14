"""Keeping SQLite's index in one piece. In: an index in pieces, as its writing leaves it. Out: the same, in one.

Each piece is looked through for each word, so a prefix that stands for hundreds of words takes five times as long in a
dozen of them. FTS5 merges small pieces by itself, and the large ones hardly ever. PostgreSQL's index knows no pieces.
"""

from sqlalchemy import func, select, text

from monitor.store.engine import Archive
from monitor.store.faults import retried
from monitor.store.schema import ArticleRow
from monitor.store.search.tables import MERGED, keep_state, state_of

PAGES_A_STEP = 1000
"""So much is written in one transaction, some four megabytes, so that whoever else writes has their turn."""

_AT_LEAST = 20_000

_MERGE = text("INSERT INTO search_index (search_index, rank) VALUES ('merge', :pages)")
_CHANGES = text("SELECT total_changes()")
_LAST = select(func.max(ArticleRow.id))


@retried
def is_in_pieces(archive: Archive) -> bool:
    """Say whether a quarter of the articles have come, and some thousands, since the index was in one piece."""
    if not archive.is_sqlite:
        return False
    with archive.reading() as connection:
        last, merged = connection.scalar(_LAST) or 0, state_of(connection, MERGED) or 0
    return last > merged + max(_AT_LEAST, merged // 4)


def merge(archive: Archive) -> None:
    """Bring the index into one piece, in short transactions. Stopped in between, it is merged from the beginning."""
    if not archive.is_sqlite:
        return
    with archive.reading() as connection:
        last = connection.scalar(_LAST) or 0
    # A number below zero takes up all pieces, one above it goes on.
    pages = -PAGES_A_STEP
    while _step(archive, pages):
        pages = PAGES_A_STEP
    with archive.writing() as connection:
        keep_state(connection, MERGED, last)


@retried
def _step(archive: Archive, pages: int) -> bool:
    """Merge some pages; say whether there was anything to do (https://www.sqlite.org/fts5.html#the_merge_command)."""
    with archive.writing() as connection:
        before = connection.scalar(_CHANGES) or 0
        connection.execute(_MERGE, {"pages": pages})
        return (connection.scalar(_CHANGES) or 0) - before > 1
