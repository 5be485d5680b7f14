"""How the archive's database is opened, read and written: SQLite and PostgreSQL alike."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as insert_on_conflict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from monitor.errors import ConfigurationError, StoreBroken, StoreBusy
from monitor.store.faults import name_of, retried, told_plainly
from monitor.store.metadata import Base
from monitor.store.postgresql import begin_writing, postgresql_engine
from monitor.store.sqlite import WRITES, sqlite_engine

BUSY_SECONDS = 8.0
"""Shorter than the ten seconds in which a signal ends the service, which may be waiting for the archive just then."""

_ADDRESS = "the archive's address (MONITOR_DATABASE_URL, or --to)"
_ENGINES = {
    "sqlite": sqlite_engine,
    "sqlite+pysqlite": sqlite_engine,
    "postgres": postgresql_engine,
    "postgresql": postgresql_engine,
    "postgresql+psycopg": postgresql_engine,
}
_READS = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class Archive:
    """The archive's database: short transactions, and none held over I/O."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._has_answered = False
        self._turn = threading.Lock()

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of ours; else it is PostgreSQL."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that reads one consistent state, and can't write."""
        with self._connected() as connection:
            if not self.is_sqlite:
                connection.execution_options(**_READS)
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a transaction that commits at the end, or leaves nothing behind.

        One at a time on both databases: what it has read stays true until it has written.
        """
        with self._in_turn(), self._connected() as connection:
            connection.execution_options(**{WRITES: True})
            with connection.begin():
                if not self.is_sqlite:
                    begin_writing(connection)
                yield connection

    @contextmanager
    def rebuilding(self) -> Iterator[Connection]:
        """Give a writing connection for migrations; on SQLite foreign keys don't act in it and are checked at its end.

        SQLite changes a table by copying and dropping it: with acting keys, the drop would delete every row that
        points to it. The switch has no effect inside a transaction, so it is thrown before.
        """
        if not self.is_sqlite:
            with self.writing() as connection:
                yield connection
            return
        with self._connected() as connection:
            driver = connection.connection.cursor()
            driver.execute("PRAGMA foreign_keys=OFF")
            try:
                connection.execution_options(**{WRITES: True})
                with connection.begin():
                    yield connection
                    if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                        raise StoreBroken("the migration would leave rows that point to nothing; nothing was changed")
            finally:
                driver.execute("PRAGMA foreign_keys=ON")

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Let the writers of this process wait for each other here.

        SQLite has no queue: who finds it taken sleeps and tries again, and among eight busy writers some never got it.
        """
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise StoreBusy(f"the archive {name_of(self.engine.url)} is written to for too long; try again")
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """Give a connection whose every statement stands for itself, for locks and settings."""
        with self._connected() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """Give a connection; a server that had answered and restarts is waited for."""
        deadline = time.monotonic() + (BUSY_SECONDS if self._has_answered and not self.is_sqlite else 0)
        with told_plainly(self.engine.url):
            while True:
                try:
                    connection = self.engine.connect()
                    break
                except OperationalError:
                    if time.monotonic() >= deadline:
                        raise
                    time.sleep(0.1)
            self._has_answered = True
            with connection:
                yield connection

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_archive(place: str | Path) -> Archive:
    """Open the archive's database, by its address or its file. Raises ConfigurationError for an unusable address."""
    try:
        url = URL.create("sqlite", database=str(place.absolute())) if isinstance(place, Path) else make_url(place)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        raise ConfigurationError(
            f"{_ADDRESS} is no address of a database; examples: sqlite:///var/monitor.db, "
            "postgresql://monitor:SECRET@db.example/monitor"
        ) from None
    if url.drivername not in _ENGINES:
        raise ConfigurationError(
            f"{_ADDRESS} begins with {url.drivername!r}: the archive is kept in SQLite (sqlite:///PATH) "
            "or in PostgreSQL (postgresql://USER:PASSWORD@HOST/DATABASE)"
        )
    return Archive(_ENGINES[url.drivername](url, BUSY_SECONDS))


@retried
def read_rows(archive: Archive, query: Select[*tuple[Any, ...]]) -> Sequence[Row[Any]]:
    """Return a query's rows, read anew where the database broke off: for what goes through the archive in steps."""
    with archive.reading() as connection:
        return connection.execute(query).all()


def insert_new(table: type[Base]) -> Insert:
    """Return an INSERT that leaves rows alone whose unique key is there already: what makes a repeat harmless.

    SQLAlchemy's PostgreSQL form of it is compiled for SQLite too, which took the clause over from there.
    """
    return insert_on_conflict(table).on_conflict_do_nothing()
