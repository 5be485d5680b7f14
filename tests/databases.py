"""Databases for tests: PostgreSQL's made and dropped by the suite under random names, SQLite's copied from one file."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import inspect

from monitor.bundled import bundled_path
from monitor.store.engine import Archive, open_archive
from monitor.store.migrate import migrate
from monitor.store.schema import Base

SERVER_VARIABLE = "TEST_POSTGRESQL_URL"
"""Names a server where the suite may make databases; default: the one behind the local socket."""


END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


class PostgresqlServer:
    """A server on which tests have databases of their own."""

    def __init__(self, url: str) -> None:
        self.url = url

    @classmethod
    def find(cls) -> "PostgresqlServer":
        """Return the server, or skip the test loudly; in CI its absence is a failure."""
        server = cls(os.environ.get(SERVER_VARIABLE, "postgresql:///postgres"))
        try:
            server.run("SELECT 1")
        except psycopg.OperationalError as error:
            words = f"NOT TESTED ON POSTGRESQL: {server.url} doesn't answer ({error}); {SERVER_VARIABLE} names another"
            if os.environ.get("CI"):
                pytest.fail(words)
            pytest.skip(words)
        return server

    def run(self, statement: str, database: str = "") -> list[tuple[object, ...]]:
        """Run a statement by itself, on the server or in one of its databases, and return its rows."""
        with psycopg.connect(self.url_of(database) if database else self.url, autocommit=True) as connection:
            cursor = connection.execute(sql.SQL(statement))
            return cursor.fetchall() if cursor.description else []

    def url_of(self, database: str) -> str:
        """Return the address of one of the server's databases."""
        front, _, tail = self.url.partition("://")
        host, _, rest = tail.partition("/")
        _, mark, query = rest.partition("?")
        return f"{front}://{host}/{database}{mark}{query}"

    @contextmanager
    def database(self, *, is_quick: bool = True, encoding: str = "UTF8", template: str = "template0") -> Iterator[str]:
        """Give the name of a new database, empty or a template's copy; a quick one may lose commits on a crash."""
        name = f"monitor_test_{secrets.token_hex(6)}"
        self.run(f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE {template}")
        try:
            if is_quick:
                self.run(f"ALTER DATABASE {name} SET synchronous_commit = off")
            yield name
        finally:
            self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def empty(self, database: str) -> None:
        """Empty all tables, number from 1 again, and end whatever an earlier test left connected.

        TRUNCATE would take a hundred times as long on tables of a few rows.
        """
        self.run(END_OTHERS, database)
        found = {str(name) for (name,) in self.run(_TABLES, database)}
        known = [table.name for table in reversed(Base.metadata.sorted_tables)]
        names = [*sorted(found - {*known, "alembic_version"}), *(name for name in known if name in found)]
        statements = [f'DELETE FROM "{name}"' for name in names]
        statements.append("SELECT setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences")
        self.run("; ".join(statements), database)


@contextmanager
def migrated_database(server: PostgresqlServer) -> Iterator[str]:
    """Give the name of a new database with an archive's tables and nothing in them."""
    with server.database() as name:
        archive = open_archive(server.url_of(name))
        migrate(archive, bundled_path("alembic"))
        archive.close()
        yield name


def migrated_file(folder: Path) -> Path:
    """Return an SQLite archive with its tables and nothing in them, in one file."""
    path = folder / "template.db"
    archive = open_archive(path)
    migrate(archive, bundled_path("alembic"))
    archive.close()
    return path


def copy_of(template: Path, folder: Path) -> str:
    """Return the address of a copy of an SQLite archive."""
    shutil.copy(template, folder / "monitor.db")
    return f"sqlite:///{folder}/monitor.db"


def migrate_at_once(archive: Archive, scripts: Path) -> bool:
    """Stand in for `migrate`: a new SQLite archive gets the tables that migrating leaves, without the way there."""
    if not archive.is_sqlite:
        return migrate(archive, scripts)
    with archive.reading() as connection:
        is_new = not inspect(connection).get_table_names()
    if is_new:
        with archive.rebuilding() as connection:
            for statement in _migrated_tables():
                connection.exec_driver_sql(statement)
    return is_new or migrate(archive, scripts)


@cache
def _migrated_tables() -> tuple[str, ...]:
    """Return the statements that make a migrated archive's tables; those of an index by FTS5 make its own tables."""
    with TemporaryDirectory() as folder:
        archive = open_archive(migrated_file(Path(folder)))
        with archive.reading() as connection:
            made = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        archive.close()
    indexes = [name for _, name, statement in made if "VIRTUAL TABLE" in statement]
    own = [
        statement
        for _, name, statement in sorted(made, key=lambda row: row[0] != "table")
        if not name.startswith("sqlite_") and not any(name.startswith(f"{index}_") for index in indexes)
    ]
    return (*own, f"INSERT INTO alembic_version VALUES ('{found}')")
