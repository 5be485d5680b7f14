"""What our bulk writes cost beside the driver's own: `make bench STAGE=storage [DATABASE_URL=postgresql://…]`.

In: nothing, or an empty database. Out: rows a second on each database, the best of nine interleaved runs: the
pipeline's function for entries, the driver's `executemany` with the very statement and values that it sends, the
ORM's `add_all`. Beside it the ratio by the processor's time of this process, which a busy machine changes less, and
in which the disk's part is missing. Exit code 1 where ours has less than 0.75 of the driver's. Never: writes to an
archive that holds anything.
"""

import argparse
import gc
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, event, text
from sqlalchemy.orm import Session

from monitor.bundled import bundled_path
from monitor.model.archiving import Polled, SourceSpec
from monitor.model.entries import Entry
from monitor.sources.identity import key_entries
from monitor.store.catalogue import add_sources, list_sources
from monitor.store.contents import is_empty
from monitor.store.engine import Archive, open_archive
from monitor.store.migrate import migrate
from monitor.store.polls import insert_entries, record_polls
from monitor.store.schema import EntryRow

ROWS, FEEDS, ROUNDS, REQUIRED = 10_000, 250, 9, 0.75
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
_Sent = list[tuple[str, Any]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database-url", default="", help="an empty PostgreSQL database, beside SQLite")
    parser.add_argument("--data", help="not needed")
    arguments = parser.parse_args()
    passed = True
    with tempfile.TemporaryDirectory(prefix="monitor-bench-") as folder:
        for url in filter(None, (f"sqlite:///{folder}/monitor.db", arguments.database_url)):
            passed &= _measure(url)
    sys.exit(0 if passed else 1)


def _measure(url: str) -> bool:
    archive = open_archive(url)
    migrate(archive, bundled_path("alembic"))
    with archive.reading() as connection:
        if not is_empty(connection):
            sys.exit(f"{archive.engine.url} holds something already; name an empty database")
    batches = _batches(archive)
    sent = _captured(archive, batches)
    ways: dict[str, Callable[[], None]] = {
        "ours": lambda: _ours(archive, batches),
        "executemany": lambda: _raw(archive, sent),
        "add_all": lambda: _orm(archive, batches),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(ROUNDS):
        for name in sorted(ways, reverse=bool(number % 2)):
            _empty(archive)
            gc.collect()
            began, before = time.perf_counter(), time.process_time()
            ways[name]()
            seconds[name].append(time.perf_counter() - began)
            spent[name].append(time.process_time() - before)
            _require_all(archive)
    # What else a machine does only adds to a time, so the least says most of the code (as timeit does).
    least = {name: min(found) for name, found in seconds.items()}
    ratio = least["executemany"] / least["ours"]
    rates = ", ".join(f"{name} {ROWS / shortest:,.0f}" for name, shortest in least.items())
    print(f"{archive.engine.dialect.name}: rows a second: {rates}")
    here = min(spent["executemany"]) / min(spent["ours"])
    print(f"  ours against executemany {ratio:.2f} (at least {REQUIRED}; by the processor's time here {here:.2f}), "
          f"against add_all {least['add_all'] / least['ours']:.1f}")  # fmt: skip
    _empty(archive)
    with archive.writing() as connection:
        connection.execute(text("DELETE FROM sources"))
    archive.close()
    return ratio >= REQUIRED


def _batches(archive: Archive) -> list[list[dict[str, object]]]:
    """Return the rows as the pipeline makes them: what `record_polls` hands over for its batches of visits."""
    specs = [SourceSpec(f"https://paper-{number}.example/feed.xml", f"Paper {number}") for number in range(FEEDS)]
    add_sources(archive, specs, NOW)
    batches: list[list[dict[str, object]]] = []

    def keep(_connection: object, rows: list[dict[str, object]], *, is_plain: bool) -> None:
        assert is_plain, "these entries are a plain feed's"
        batches.append([dict(row) for row in rows])

    with _replaced("monitor.store.polls", "insert_entries", keep):
        sources = list_sources(archive)
        for start in range(0, FEEDS, 50):
            visits = [Polled(source, NOW, "new", source, key_entries(_entries(source.id)))
                      for source in sources[start : start + 50]]  # fmt: skip
            record_polls(archive, [(visit, lambda kept: kept.after) for visit in visits])
    return batches


def _entries(source_id: int) -> tuple[Entry, ...]:
    each = ROWS // FEEDS
    return tuple(
        Entry(
            guid=f"https://paper-{source_id}.example/?p={number}",
            url=f"https://paper-{source_id}.example/2026/11/a-headline-of-some-length-{number}",
            title=f"A headline of some length, as newspapers write them, number {number}",
            summary="ស្ត្រី៣០នាក់ត្រូវបានឃាត់ខ្លួន. " * 3 + "What happened, in a sentence or two, as feeds say it. " * 4,
            published_at=NOW - timedelta(hours=number),
        )
        for number in range(each)
    )


@contextmanager
def _replaced(module: str, name: str, value: object) -> Iterator[None]:
    before = getattr(sys.modules[module], name)
    setattr(sys.modules[module], name, value)
    try:
        yield
    finally:
        setattr(sys.modules[module], name, before)


def _captured(archive: Archive, batches: list[list[dict[str, object]]]) -> _Sent:
    """Return the statements and values that our function hands to the driver."""
    sent: _Sent = []

    def note(
        _connection: object, _cursor: object, statement: str, values: object, _context: object, many: bool
    ) -> None:
        if many and statement.startswith("INSERT INTO entries"):
            sent.append((statement, values))

    event.listen(archive.engine, "before_cursor_execute", note)
    _ours(archive, batches)
    event.remove(archive.engine, "before_cursor_execute", note)
    _require_all(archive)
    return sent


def _ours(archive: Archive, batches: list[list[dict[str, object]]]) -> None:
    with archive.writing() as connection:
        for rows in batches:
            insert_entries(connection, rows, is_plain=True)


def _raw(archive: Archive, sent: _Sent) -> None:
    with archive.writing() as connection:
        cursor = connection.connection.cursor()
        for statement, values in sent:
            cursor.executemany(statement, values)
        cursor.close()


def _orm(archive: Archive, batches: list[list[dict[str, object]]]) -> None:
    with archive.writing() as connection, Session(connection) as session:
        for rows in batches:
            session.add_all([EntryRow(state="pending", **row) for row in rows])
            session.flush()


def _empty(archive: Archive) -> None:
    with archive.writing() as connection:
        connection.execute(delete(EntryRow))
    if not archive.is_sqlite:
        with archive.connected() as connection:
            connection.execute(text("VACUUM entries"))


def _require_all(archive: Archive) -> None:
    with archive.reading() as connection:
        count = connection.scalar(text("SELECT count(*) FROM entries"))
    if count != ROWS:
        sys.exit(f"{count} rows were written in place of {ROWS}")


if __name__ == "__main__":
    main()
