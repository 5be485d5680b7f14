"""`monitor db backup` while another process writes: what is restored is whole, and the archive as it stood once."""

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import text

from monitor.model.archiving import LiveClaim
from monitor.store.archive import record_article
from monitor.store.engine import open_archive
from monitor.store.entries import claim_entries
from tests.loopback.commands import Ended, monitor
from tests.unit.store.archives import NOW, a_read, add_source, an_entry, apply, claims_of, poll

pytestmark = pytest.mark.slow
PROCESSES = multiprocessing.get_context("forkserver")
BACKUPS = 2


def write(url: str, is_over: Event) -> None:
    """Write one article after the other, each in two transactions, until it is enough."""
    archive = open_archive(url)
    apply(archive)
    source, claims = add_source(archive), cast("dict[str, LiveClaim]", claims_of(archive))
    number = 0
    while not is_over.is_set():
        poll(archive, source, an_entry(number))
        for entry in claim_entries(archive, NOW):
            record_article(archive, a_read(entry.id, number), claims)
        number += 1
    archive.close()


@contextmanager
def a_writer_at(url: str) -> Iterator[None]:
    is_over = PROCESSES.Event()
    process = PROCESSES.Process(target=write, args=(url, is_over))
    process.start()
    try:
        deadline = time.monotonic() + 60
        while len(numbers(url, "articles")) < 20:
            assert process.is_alive()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield
        assert process.is_alive(), "the writer must write to the end"
    finally:
        is_over.set()
        process.join()


def numbers(url: str, table: str) -> list[int]:
    """Return which articles a table knows, in the order they came."""
    column = {"entries": "url", "articles": "canonical_url"}[table]
    archive = open_archive(url)
    with archive.reading() as connection:
        rows = connection.execute(text(f"SELECT {column} FROM {table} ORDER BY id")).scalars().all()
    archive.close()
    return [int(str(row).rsplit("/", 1)[1]) for row in rows]


def settings(folder: Path, url: str) -> dict[str, str]:
    return {"MONITOR_DATA_DIR": str(folder), "MONITOR_DATABASE_URL": url}


def test_a_backup_beside_a_writer_is_the_archive_as_it_stood_at_one_moment(
    archive_url: str, new_url: str, tmp_path: Path
) -> None:
    environ = settings(tmp_path / "var", archive_url)
    with a_writer_at(archive_url):
        before = numbers(archive_url, "articles")
        for backup in range(BACKUPS):
            made = monitor("db", "backup", str(tmp_path / f"{backup}"), environ=environ, cwd=tmp_path)
            assert made.code == 0, made.err
        after = numbers(archive_url, "articles")
    restored_url = new_url if new_url.startswith("postgresql") else f"sqlite:///{tmp_path}/restored.db"
    there = settings(tmp_path / "there", restored_url)
    restored = monitor("db", "restore", str(tmp_path / f"{BACKUPS - 1}"), environ=there, cwd=tmp_path)
    assert restored.code == 0, restored.err
    checked = monitor("db", "check", environ=there, cwd=tmp_path)
    assert checked.code == 0, checked.out + checked.err

    entries, articles = numbers(restored_url, "entries"), numbers(restored_url, "articles")
    assert articles == list(range(len(articles))), "a prefix, without a gap"
    assert entries == list(range(len(entries)))
    assert len(entries) - len(articles) in (0, 1), "an article is written after its entry"
    assert len(before) <= len(articles) <= len(after)
    assert len(after) > len(before), "it was written meanwhile"


def test_of_two_backups_to_one_name_at_a_time_one_gets_it_and_the_other_says_so(
    archive_url: str, tmp_path: Path
) -> None:
    environ = settings(tmp_path / "var", archive_url)
    archive = open_archive(archive_url)
    poll(archive, add_source(archive), *(an_entry(number) for number in range(3_000)))
    archive.close()

    def back_up(_number: int) -> Ended:
        return monitor("db", "backup", str(tmp_path / "monday"), environ=environ, cwd=tmp_path)

    with ThreadPoolExecutor(2) as both:
        ended = sorted(both.map(back_up, range(2)), key=lambda one: one.code)
    assert [one.code for one in ended] == [0, 2], ended
    assert "is there already, and no backup is overwritten" in ended[1].err
    assert [path.name for path in tmp_path.glob("monday*")] == ["monday"]
    there = settings(tmp_path / "there", f"sqlite:///{tmp_path}/restored.db")
    assert monitor("db", "restore", str(tmp_path / "monday"), environ=there, cwd=tmp_path).code == 0
    assert len(numbers(there["MONITOR_DATABASE_URL"], "entries")) == 3_000
