"""kill -9 in the middle of a migration: the archive stands where it stood, and the next start brings it up to date."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import event, inspect, select

from monitor.bundled import bundled_path
from monitor.store.contents import tables
from monitor.store.engine import Archive, open_archive
from monitor.store.migrate import current_revision, differences, migrate
from tests.unit.store.archives import add_source, an_entry, apply, poll

pytestmark = pytest.mark.slow
SCRIPTS = bundled_path("alembic")
KILLS = int(os.environ.get("CRASH_ROUNDS", "3"))
CHILD = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from monitor.bundled import bundled_path
from monitor.store.engine import open_archive
from monitor.store.migrate import migrate

left = int(sys.argv[2])

@event.listens_for(Engine, "before_cursor_execute")
def count(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

migrate(open_archive(sys.argv[1]), bundled_path("alembic"), to=sys.argv[3])
"""


def statements(archive: Archive, to: str) -> int:
    """Return how many statements a migration takes, by doing it."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(archive.engine, "before_cursor_execute", note)
    migrate(archive, SCRIPTS, to=to)
    event.remove(archive.engine, "before_cursor_execute", note)
    return count


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_migration_killed_anywhere_changes_nothing_and_is_done_by_the_next(new_url: str, way: str) -> None:
    archive = open_archive(new_url)
    start, to = (None, "head") if way == "up" else ("head", "0001")
    if start:
        migrate(archive, SCRIPTS, to=start)
    before = current_revision(archive)
    total = statements(archive, to)
    migrate(archive, SCRIPTS, to=start or "base")
    for step in range(KILLS):
        at = 3 + (total - 12) * step // max(1, KILLS - 1)
        child = subprocess.run([sys.executable, "-c", CHILD, new_url, str(at), to], check=False, timeout=60)
        assert child.returncode == -9, f"statement {at} of {total} was not reached"
        assert current_revision(archive) == before
    assert migrate(archive, SCRIPTS, to=to)
    migrate(archive, SCRIPTS)
    assert differences(archive, SCRIPTS) == []
    archive.close()


def test_what_the_first_version_knew_survives_the_way_down_and_up(new_url: str) -> None:
    archive = open_archive(new_url)
    migrate(archive, SCRIPTS, to="0001")
    with archive.reading() as connection:
        first = {name: {column["name"] for column in inspect(connection).get_columns(name)}
                 for name in inspect(connection).get_table_names()}  # fmt: skip
    migrate(archive, SCRIPTS)
    apply(archive)
    poll(archive, add_source(archive), *(an_entry(number) for number in range(20)))
    before = _known(archive, first)
    assert len(before["entries"]) == 20
    migrate(archive, SCRIPTS, to="0001")
    migrate(archive, SCRIPTS)
    assert _known(archive, first) == before
    archive.close()


def _known(archive: Archive, first: dict[str, set[str]]) -> dict[str, list[tuple[object, ...]]]:
    with archive.reading() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(
                    select(*(column for column in table.columns if column.name in first[table.name])).order_by("id")
                )
            ]
            for table in tables()
            if table.name in first
        }
