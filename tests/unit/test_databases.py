"""An archive that tests are given at once must be what users get step by step."""

import sqlite3
from pathlib import Path

from monitor.bundled import bundled_path
from monitor.store.engine import open_archive
from tests.databases import migrate_at_once, migrated_file


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all that a file holds, its tables' definitions among it, in no order: migrating keeps none."""
    with sqlite3.connect(path) as connection:
        tables = [str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        held = {table: connection.execute(f'SELECT * FROM "{table}"').fetchall() for table in tables}
        made = connection.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master").fetchall()
    connection.close()
    return {table: sorted(found, key=repr) for table, found in (held | {"sqlite_master": map(_in_order, made)}).items()}


def _in_order(row: tuple[str, str, str, str]) -> tuple[object, ...]:
    *names, statement = row
    return (*names, sorted(line.strip(" \t,") for line in statement.splitlines()))


def test_an_archive_made_at_once_holds_what_migrating_leaves(tmp_path: Path) -> None:
    archive = open_archive(tmp_path / "at-once.db")
    assert migrate_at_once(archive, bundled_path("alembic"))
    assert not migrate_at_once(archive, bundled_path("alembic"))
    archive.close()
    assert rows(tmp_path / "at-once.db") == rows(migrated_file(tmp_path))
