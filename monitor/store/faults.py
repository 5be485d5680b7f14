"""What a database's errors mean to the operator: busy, broken or set up wrongly; and what is worth a second try."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from monitor.errors import ConfigurationError, MonitorError, StoreBroken, StoreBusy, TransactionLost

P = ParamSpec("P")
T = TypeVar("T")
A = TypeVar("A")

PAUSES_SECONDS = (0.05, 0.2, 0.5, 1.0, 2.0)
"""Between the tries at a transaction that was lost."""

# SQLSTATE codes (PostgreSQL's documentation, appendix A), by what they mean to us. Two letters are a whole class.
_LOST = {"40001", "40P01", "57P01", "57P02", "57P05", "25P03", "08"}
_BUSY = {"55P03", "57014", "57P03", "53300"}
_BROKEN = {
    "25006": "it takes no writing: is it a standby, or default_transaction_read_only set? Name the primary server",
    "42501": "its user may not do that: make it the owner of the database",
    "42P01": "a table is missing; restore it from a backup",
    "53100": "the server's disk is full; make room",
    "53200": "the server has no memory left",
    "58": "the server can't read or write its files; look at its log",
    "XX": "the server reports damage; look at its log, and restore from a backup",
}
_WHERE = "MONITOR_DATABASE_URL or --to"
_REFUSALS = ("authentication failed", "no password supplied", "pg_hba.conf", "permission denied for database")


@contextmanager
def told_plainly(url: URL) -> Iterator[None]:
    """Raise what the driver raises as an error of ours, where it is one that an operator can do something about."""
    try:
        yield
    except PoolExhausted as error:
        raise StoreBusy(f"all connections to {name_of(url)} are in use; try again") from error
    except DBAPIError as error:
        of_kind = _of_sqlite if url.get_backend_name() == "sqlite" else _of_postgresql
        found = of_kind(error, name_of(url))
        if found is None:
            raise
        raise found from error


def name_of(url: URL) -> str:
    """Name a database to its operator, without anything secret."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    hosts = url.query.get("host", "its local socket")
    host = url.host or (hosts if isinstance(hosts, str) else ", ".join(hosts))
    return f"PostgreSQL {url.database or '(default)'} at {host}{f':{url.port}' if url.port else ''}"


def retried(function: Callable[Concatenate[A, P], T]) -> Callable[Concatenate[A, P], T]:
    """Repeat a function of the archive whose transaction the database gave up or whose connection broke.

    Whether a transaction that was lost in its COMMIT took place nobody knows, so only what is harmless when done twice
    may be repeated. Raises the last TransactionLost when five tries more have failed.
    """

    @wraps(function)
    def repeat(archive: A, /, *args: P.args, **kwargs: P.kwargs) -> T:
        for pause in PAUSES_SECONDS:
            try:
                return function(archive, *args, **kwargs)
            except TransactionLost:
                time.sleep(pause)
        return function(archive, *args, **kwargs)

    return repeat


def _of_sqlite(error: DBAPIError, name: str) -> MonitorError | None:
    cause = str(error.orig)
    if isinstance(error, OperationalError):
        if "locked" in cause or "busy" in cause:
            return StoreBusy(
                f"the archive {name} is held by another process for too long; "
                "stop the other one (a backup, a second monitor?) and try again"
            )
        return StoreBroken(f"the archive {name} can't be used: {cause}. Check the disk and `monitor doctor`")
    if isinstance(error, DatabaseError) and ("malformed" in cause or "not a database" in cause):
        return StoreBroken(f"{name} is damaged or no archive ({cause}); nothing was changed. Restore it from a backup")
    return None


def _of_postgresql(error: DBAPIError, name: str) -> MonitorError | None:
    code = getattr(error.orig, "sqlstate", None) or ""
    cause = _cause(error)
    if code in _BUSY:
        return StoreBusy(f"the archive {name} is busy ({cause}); see what holds it in pg_stat_activity, and try again")
    if code in _LOST or code[:2] in _LOST or (error.connection_invalidated and code[:2] not in ("53", "58", "XX")):
        return TransactionLost(f"the archive {name} broke off ({cause}); nothing of it was kept, try again")
    if remedy := _BROKEN.get(code) or _BROKEN.get(code[:2]):
        return StoreBroken(f"the archive {name} can't be used ({cause}): {remedy}")
    if not code and isinstance(error, OperationalError | InterfaceError):
        return _of_connecting(cause, name)
    return None


def _of_connecting(cause: str, name: str) -> MonitorError:
    """Say what keeps us from connecting. The server's words are all that there is: libpq gives no code for it."""
    if "database" in cause and "does not exist" in cause:
        return ConfigurationError(f"{name} is not there ({cause}); create it, say: createdb NAME --encoding UTF8")
    if any(word in cause for word in _REFUSALS) or ("role" in cause and "does not exist" in cause):
        return ConfigurationError(f"{name} lets us not in ({cause}); check user and password in its address, {_WHERE}")
    return StoreBusy(f"{name} doesn't answer ({cause}); see that it runs and that its address, {_WHERE}, names it")


def _cause(error: DBAPIError) -> str:
    """Return the driver's reason in one line: of several tries at a server, the last one's."""
    lines = [line.strip() for line in str(error.orig).splitlines() if line.strip()]
    hints = ("Is the server running", "Multiple connection attempts", "- host:", "DETAIL", "HINT", "CONTEXT", "LINE")
    lines = [line for line in lines if not line.startswith(hints)] or ["no reason given"]
    return lines[0].rpartition("failed: ")[2].removeprefix("FATAL:").strip()
