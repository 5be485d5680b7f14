"""Whether an archive is whole: its database, and the evidence that its rows name."""

from collections.abc import Iterator

from sqlalchemy import func, select

from monitor.store.contents import ROWS_AT_ONCE
from monitor.store.engine import Archive, read_rows
from monitor.store.schema import Snapshot


def quick_check(archive: Archive) -> str:
    """Return what is damaged in the database, or "" where it is whole as far as a quick look tells."""
    return _pragma(archive, "quick_check(1)")


def thorough_check(archive: Archive) -> str:
    """Return the first fault of the database's own examination, or "": its pages, its indexes, its foreign keys.

    PostgreSQL keeps foreign keys by itself and has no such examination; there, reading every row must do.
    """
    fault = _pragma(archive, "integrity_check(1)")
    if fault or not archive.is_sqlite:
        return fault
    with archive.reading() as connection:
        row = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    return f"a row of {row[0]} points to one of {row[2]} that is not there" if row else ""


def _pragma(archive: Archive, pragma: str) -> str:
    with archive.reading() as connection:
        found = connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() if archive.is_sqlite else "ok"
    return "" if found == "ok" else str(found)


def count_evidence(archive: Archive) -> int:
    """Return how many pieces of evidence the archive's rows name."""
    with archive.reading() as connection:
        return connection.scalar(select(func.count(Snapshot.id))) or 0


def evidence(archive: Archive) -> Iterator[tuple[str, str]]:
    """Give the file and the body's SHA-256 of each piece of evidence that a row names."""
    after = 0
    query = select(Snapshot.id, Snapshot.blob_key, Snapshot.body_sha256).order_by(Snapshot.id).limit(ROWS_AT_ONCE)
    while True:
        rows = read_rows(archive, query.where(Snapshot.id > after))
        for row in rows:
            yield row.blob_key, row.body_sha256
        if len(rows) < ROWS_AT_ONCE:
            return
        after = rows[-1].id
