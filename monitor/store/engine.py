"""How the archive's database is opened, read and written."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import Connection, Engine, Insert, create_engine, event
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from monitor.errors import ConfigurationError, StoreBroken, StoreBusy
from monitor.store.metadata import Base

WRITES = "monitor_writes"
BUSY_SECONDS = 8.0
"""Shorter than the ten seconds in which a signal ends the service, which may be waiting for the archive just then."""
_FILE = "monitor_file"


class Archive:
    """The archive's database: short transactions, and none held over I/O."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that reads one consistent state."""
        with _told_plainly(self.engine.url), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a transaction that commits at the end, or leaves nothing behind.

        On SQLite it begins IMMEDIATE: a deferred transaction that reads before it writes fails at once with
        "database is locked", whatever the busy timeout.
        """
        with _told_plainly(self.engine.url), self.engine.connect() as connection:
            connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection

    @contextmanager
    def rebuilding(self) -> Iterator[Connection]:
        """Give a writing connection for migrations; foreign keys don't act in it and are checked at its end.

        SQLite changes a table by copying and dropping it: with acting keys, the drop would delete every row that
        points to it. The switch has no effect inside a transaction, so it is thrown before.
        """
        with _told_plainly(self.engine.url), self.engine.connect() as connection:
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

    def lock_file(self, name: str) -> Path | None:
        """Return where a lock on this archive stands: beside its database, whoever opens it. None in memory."""
        database = self.engine.url.database
        return Path(f"{database}.{name}.lock") if database and database != ":memory:" else None

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


@contextmanager
def _told_plainly(url: URL) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        cause = str(error.orig)
        if "locked" in cause or "busy" in cause:
            raise StoreBusy(
                f"the archive {url.database} is held by another process for too long; "
                "stop the other one (a backup, a second monitor?) and try again"
            ) from error
        raise StoreBroken(
            f"the archive {url.database} can't be used: {cause}. Check the disk and `monitor doctor`"
        ) from error
    except DatabaseError as error:
        if "malformed" in str(error.orig) or "not a database" in str(error.orig):
            raise StoreBroken(
                f"{url.database} is damaged or no archive ({error.orig}); nothing was changed. Restore it from a backup"
            ) from error
        raise


def open_archive(place: str | Path) -> Archive:
    """Open the archive's database, by its address or its file. Raises ConfigurationError for an unusable address."""
    try:
        url = URL.create("sqlite", database=str(place.absolute())) if isinstance(place, Path) else make_url(place)
    except ArgumentError as error:
        raise ConfigurationError("database_url is not a database address; example: sqlite:///var/monitor.db") from error
    if url.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise ConfigurationError(
            f"database_url begins with {url.drivername!r}: this version keeps its archive in SQLite only "
            "(sqlite:///PATH); PostgreSQL comes later"
        )
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", partial(_prepare_sqlite, url.database or ""))
    event.listen(engine, "begin", _begin_sqlite)
    return Archive(engine)


def _prepare_sqlite(path: str, connection: SqliteConnection, record: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions on its own, or BEGIN IMMEDIATE comes too late.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    record.info[_FILE] = (path, _identity(path))


def _identity(path: str) -> tuple[int, int] | None:
    """Return what tells a file from another of its name; None where there is none, or the database is in memory."""
    try:
        status = Path(path).stat() if path else None
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if status else None


def _begin_sqlite(connection: Connection) -> None:
    path, opened = connection.info[_FILE]
    if _identity(path) != opened:
        # What is written to a file without a name is lost with the process, and nobody else sees it.
        raise StoreBroken(f"the archive {path} was removed or replaced while Monitor runs; stop Monitor, start it anew")
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def insert_new(table: type[Base]) -> Insert:
    """Return an INSERT that leaves rows alone whose unique key is there already: what makes a repeat harmless."""
    return sqlite_insert(table).on_conflict_do_nothing()


def quick_check(archive: Archive) -> str:
    """Return what is damaged in the database, or "" where it is whole."""
    with archive.reading() as connection:
        found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    return "" if found == "ok" else found
