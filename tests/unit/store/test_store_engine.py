"""How the archive's database behaves: migrations, locking, and faults told plainly."""

import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from monitor.bundled import bundled_path
from monitor.errors import ConfigurationError, StoreBroken, StoreBusy
from monitor.store.engine import Archive, open_archive
from monitor.store.integrity import quick_check
from monitor.store.migrate import migrate
from tests.unit.store.archives import FEED, add_source, an_entry, new_archive, poll

SCRIPTS = bundled_path("alembic")


def test_a_failed_unit_of_work_leaves_nothing_behind(archive: Archive) -> None:

    def fail_half_way() -> None:
        with archive.writing() as connection:
            connection.execute(text("INSERT INTO watchlists (name, title) VALUES ('a', 'b')"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    with archive.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM watchlists")).scalar() == 0


def test_many_writers_wait_for_each_other_instead_of_failing(archive: Archive) -> None:
    source = add_source(archive)
    faults: list[Exception] = []

    def write(number: int) -> None:
        try:
            for step in range(25):
                poll(archive, source, an_entry(number * 100 + step))
        except Exception as error:  # noqa: BLE001 (whatever a thread raises fails the test)
            faults.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with archive.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM entries")).scalar() == 200


def test_an_archive_held_by_another_process_is_told_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new_archive(tmp_path).close()
    other = sqlite3.connect(tmp_path / "monitor.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("monitor.store.engine.BUSY_SECONDS", 0.05)
    quick = open_archive(f"sqlite:///{tmp_path}/monitor.db")
    with pytest.raises(StoreBusy, match="held by another process"), quick.writing():
        pass
    other.execute("ROLLBACK")
    other.close()
    quick.close()


def test_a_damaged_database_is_refused_and_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "monitor.db"
    path.write_bytes(b"This is no database at all. " * 200)
    archive = open_archive(f"sqlite:///{path}")
    with pytest.raises(StoreBroken, match="damaged or no archive"):
        migrate(archive, SCRIPTS)
    assert path.read_bytes().startswith(b"This is no database")


@pytest.mark.parametrize("is_replaced", [False, True])
def test_nothing_is_written_to_a_database_that_lost_its_name(tmp_path: Path, is_replaced: bool) -> None:
    archive = new_archive(tmp_path)
    source = add_source(archive)
    (tmp_path / "monitor.db").rename(tmp_path / "moved.db")
    if is_replaced:
        shutil.copy(tmp_path / "moved.db", tmp_path / "monitor.db")
    with pytest.raises(StoreBroken, match="removed or replaced while Monitor runs"):
        poll(archive, source, an_entry(1))
    (tmp_path / "moved.db").rename(tmp_path / "monitor.db")
    assert poll(archive, source, an_entry(1)).new == 1


def test_a_whole_database_passes_the_quick_check(archive: Archive) -> None:
    assert quick_check(archive) == ""


def test_a_full_disk_is_told_plainly_and_loses_nothing(tmp_path: Path) -> None:
    archive = new_archive(tmp_path)
    source = add_source(archive)
    poll(archive, source, an_entry(1))
    small = open_archive(f"sqlite:///{tmp_path}/monitor.db")
    with small.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreBroken, match="full"):
        poll(small, source, *(an_entry(number) for number in range(2, 3000)))
    assert quick_check(archive) == ""
    assert poll(archive, source, an_entry(1)).new == 0
    small.close()


@pytest.mark.parametrize(
    "url", ["postgresql+asyncpg://x/y", "mysql://x/y", "sqlite+aiosqlite:///x", "postgresql://x:y/z", "no address", ""]
)
def test_a_database_that_this_version_cannot_use_is_refused_by_name(url: str) -> None:
    with pytest.raises(ConfigurationError, match="MONITOR_DATABASE_URL, or --to"):
        open_archive(url)


def test_foreign_keys_hold(archive: Archive) -> None:
    assert add_source(archive).spec.url == FEED
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), archive.writing() as connection:
        connection.execute(
            text(
                "INSERT INTO polls (source_id, at, outcome, reason, detail, entries_seen, "
                "entries_new, entries_rejected) VALUES (99, '2026-01-01', 'new', '', '', 0, 0, 0)"
            )
        )
