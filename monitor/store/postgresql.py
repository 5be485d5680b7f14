"""What is PostgreSQL's own: how its connections are made ready, and the locks that stand for the whole archive."""

from typing import Final, Protocol

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL

LOCKS: Final = 0x4D6F6E69
"""The first half of our advisory locks' keys ("Moni"), apart from anybody else's in the same database."""

LOCK_KEYS: Final = {"run": 1, "migrate": 2, "write": 3}

_BEGIN_WRITING = text("SELECT pg_advisory_xact_lock(:locks, :key)").bindparams(locks=LOCKS, key=LOCK_KEYS["write"])


class _Driver(Protocol):
    """What we use of a psycopg connection."""

    def execute(self, query: str) -> object: ...
    def commit(self) -> None: ...


def postgresql_engine(url: URL, busy_seconds: float) -> Engine:
    """Return an engine whose connections speak UTF-8 and UTC, and wait so long for a lock."""
    # A server that vanished without a word is noticed within about a minute.
    wanted = {
        "connect_timeout": max(2, round(busy_seconds)),
        "keepalives_idle": 20,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 60_000,
        "application_name": "monitor",
        "client_encoding": "utf8",
    }
    arguments = {name: value for name, value in wanted.items() if name not in url.query}
    engine = create_engine(url.set(drivername="postgresql+psycopg"), connect_args=arguments, pool_pre_ping=True)

    def prepare(connection: _Driver, _record: object) -> None:
        # `date(instant)` counts by the session's zone. A process that hangs in a transaction must not hold all others.
        # A plan made without the words that are looked for, as the driver's prepared statements get in time, is made
        # for average words, and takes twenty times as long. Compiling a search takes longer than the search.
        connection.execute(
            f"SET TIME ZONE 'UTC'; SET lock_timeout = '{round(busy_seconds * 1000)}ms'; "
            "SET idle_in_transaction_session_timeout = '120s'; SET plan_cache_mode = force_custom_plan; "
            "SET jit = off"
        )
        connection.commit()

    event.listen(engine, "connect", prepare)
    return engine


def begin_writing(connection: Connection) -> None:
    """Wait until no other transaction writes: one writer at a time, as on SQLite, so that both mean the same.

    What reads and then writes by what it read (a digest's untold hits, a revision's number, who has an entry in hand)
    needs no second form for a database with many writers, and no two of ours can deadlock.
    """
    connection.execute(_BEGIN_WRITING)
