"""Locks on a whole archive: a file beside an SQLite database, a session's advisory lock in PostgreSQL.

Both are gone with the process that held them, however it ends.
"""

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final, Literal

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from monitor.errors import StoreBusy
from monitor.model.ports import Lock
from monitor.store.engine import Archive
from monitor.store.faults import retried, told_plainly
from monitor.store.postgresql import LOCK_KEYS, LOCKS

MIGRATION_PATIENCE_SECONDS: Final = 600.0
"""A large archive's tables take minutes to rebuild; who starts meanwhile waits for that."""

Name = Literal["run", "migrate"]
_TITLE = "monitor: "


@contextmanager
def try_lock(archive: Archive, name: Name, purpose: str) -> Iterator[Lock | None]:
    """Give the archive's lock of that name until the block ends, or None where another process holds it."""
    path = _lock_file(archive, name)
    if not archive.is_sqlite:
        lock = _AdvisoryLock(archive, name, purpose)
        try:
            yield lock if lock.take() else None
        finally:
            lock.release()
    elif path is None:
        yield _FileLock()
    else:
        with path.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield None
                return
            file.truncate(0)
            file.write(purpose)
            file.flush()
            yield _FileLock()


@contextmanager
def waiting_lock(archive: Archive, name: Name, purpose: str, *, seconds: float) -> Iterator[Lock]:
    """Give the lock as soon as it is free. Raises StoreBusy, with what holds it, where it isn't in so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        with try_lock(archive, name, purpose) as lock:
            if lock is not None:
                yield lock
                return
        if time.monotonic() >= deadline:
            raise StoreBusy(f"the archive is being changed by another ({holder_of(archive, name)}); try again later")
        time.sleep(0.05)


@retried
def holder_of(archive: Archive, name: Name) -> str:
    """Return what the process that holds a lock said of itself, or "" where none does or it can't be seen.

    On SQLite it is the last one that held it.
    """
    if archive.is_sqlite:
        path = _lock_file(archive, name)
        return path.read_text(encoding="utf-8") if path is not None and path.is_file() else ""
    with archive.reading() as connection:
        found = connection.scalar(_HOLDER, {"locks": LOCKS, "key": LOCK_KEYS[name]})
    return str(found or "").removeprefix(_TITLE)


def _lock_file(archive: Archive, name: Name) -> Path | None:
    """Return where a lock stands: beside its database, whoever opens it. None in memory."""
    database = archive.engine.url.database
    return Path(f"{database}.{name}.lock") if archive.is_sqlite and database and database != ":memory:" else None


class _FileLock:
    def keep(self) -> None:
        """Nothing takes a file's lock away."""


_HOLDER = text(
    "SELECT activity.application_name FROM pg_locks JOIN pg_stat_activity AS activity USING (pid) "
    "WHERE locktype = 'advisory' AND classid = :locks AND objid = :key AND objsubid = 2 AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1"
)
_TAKE = text("SELECT pg_try_advisory_lock(:locks, :key)")
_FREE = text("SELECT pg_advisory_unlock(:locks, :key)")
_NAME = text("SELECT set_config('application_name', :name, false)")


class _AdvisoryLock:
    """A lock that lasts as long as a connection of its own."""

    def __init__(self, archive: Archive, name: Name, purpose: str) -> None:
        self._archive = archive
        self._key = LOCK_KEYS[name]
        self._purpose = purpose
        self._open = ExitStack()
        self._in_use = threading.Lock()
        self._connection: Connection | None = None
        self._is_held = False

    def take(self) -> bool:
        """Take the lock on a new connection, unless another process has it; say which."""
        connection = self._open.enter_context(self._archive.connected())
        connection.detach()  # closed at the end rather than lent out again with the lock in it
        self._connection = connection
        with told_plainly(self._archive.engine.url):
            connection.execute(_NAME, {"name": f"{_TITLE}{self._purpose}"})
            self._is_held = bool(connection.scalar(_TAKE, {"locks": LOCKS, "key": self._key}))
        return self._is_held

    def keep(self) -> None:
        """See that the connection lives; where it doesn't, a new one takes the lock again."""
        with self._in_use:
            try:
                if self._connection is not None:
                    self._connection.scalar(text("SELECT 1"))
                    return
            except DBAPIError:
                self.release()
            if not self.take():
                self.release()
                raise StoreBusy("the connection to the archive broke, and another Monitor took it over; stop one")

    def release(self) -> None:
        """Give the lock back and close the connection.

        The server notices a closed connection a moment later, and who asks at once would find its lock still held.
        """
        connection, self._connection, is_held, self._is_held = self._connection, None, self._is_held, False
        if connection is not None and is_held:
            with suppress(SQLAlchemyError):  # it broke, and the lock is gone with it
                connection.execute(_FREE, {"locks": LOCKS, "key": self._key})
        self._open.close()
