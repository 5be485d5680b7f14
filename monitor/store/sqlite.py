"""What is SQLite's own: how its connections are made ready, and how a transaction begins."""

from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import ConnectionPoolEntry

from monitor.errors import StoreBroken

WRITES = "monitor_writes"
_FILE = "monitor_file"


def sqlite_engine(url: URL, busy_seconds: float) -> Engine:
    """Return an engine on a file whose connections wait so long for another's writing."""
    engine = create_engine(url, connect_args={"timeout": busy_seconds})

    def prepare(connection: SqliteConnection, record: ConnectionPoolEntry) -> None:
        _prepare(url.database or "", connection, record)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(path: str, connection: SqliteConnection, record: ConnectionPoolEntry) -> None:
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


def _begin(connection: Connection) -> None:
    path, opened = connection.info[_FILE]
    if _identity(path) != opened:
        # What is written to a file without a name is lost with the process, and nobody else sees it.
        raise StoreBroken(f"the archive {path} was removed or replaced while Monitor runs; stop Monitor, start it anew")
    # A deferred transaction that reads before it writes fails at once with "database is locked", whatever the timeout.
    options = connection.get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITES) else "BEGIN")
