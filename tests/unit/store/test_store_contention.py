"""Many at once on one archive: nobody fails for it, and nothing is done twice."""

import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from monitor.errors import StoreBroken
from monitor.model.archiving import SourceSpec
from monitor.store.catalogue import add_sources
from monitor.store.engine import Archive, open_archive
from monitor.store.integrity import quick_check
from tests.unit.store.archives import NOW, add_source, an_entry, poll


@contextmanager
def _files_at_most(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


CLAIMER = """
import sys
from datetime import datetime, timedelta
from monitor.store.catalogue import claim_sources
from monitor.store.engine import open_archive

archive = open_archive(sys.argv[1])
for line in sys.stdin:
    found = claim_sources(archive, datetime.fromisoformat(line.strip()))
    print(*(source.id for source in found), flush=True)
"""


@pytest.mark.slow
def test_eight_threads_with_a_thousand_writes_each_never_find_the_archive_locked(archive: Archive) -> None:
    source = add_source(archive)
    faults: list[Exception] = []

    def write() -> None:
        try:
            for _ in range(1_000):
                with archive.writing() as connection:
                    connection.scalar(text("SELECT count(*) FROM polls"))
                    connection.execute(text("UPDATE sources SET moves = moves + 1 WHERE id = :id"), {"id": source.id})
        except Exception as error:  # noqa: BLE001 (whatever a thread raises fails the test)
            faults.append(error)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with archive.reading() as connection:
        assert connection.scalar(text("SELECT moves FROM sources")) == 8_000


@pytest.mark.slow
def test_of_eight_processes_each_due_source_is_taken_by_one(archive: Archive, archive_url: str) -> None:
    sources, rounds = 500, 5
    add_sources(archive, [SourceSpec(f"https://paper.example/{n}.xml", "P") for n in range(sources)], NOW)
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIMER, archive_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(8)
    ]
    try:
        for number in range(rounds):
            at = NOW + timedelta(minutes=11 * number)
            for worker in workers:
                assert worker.stdin
                worker.stdin.write(f"{at.isoformat()}\n")
                worker.stdin.flush()
            taken = [int(found) for worker in workers if worker.stdout for found in worker.stdout.readline().split()]
            assert sorted(taken) == sorted(set(taken))
            assert len(taken) == sources
    finally:
        for worker in workers:
            worker.communicate(timeout=120)


def test_a_database_that_may_only_be_read_is_told_plainly(tmp_path: Path, archive: Archive) -> None:
    if not archive.is_sqlite:
        return  # test_nobody_writes_while_reading has PostgreSQL's words
    source = add_source(archive)
    archive.close()
    only_read = open_archive(f"sqlite:///file:{archive.engine.url.database}?mode=ro&uri=true")
    with pytest.raises(StoreBroken, match="readonly"):
        poll(only_read, source, an_entry(1))
    only_read.close()


def test_a_disk_that_fills_in_the_middle_of_a_write_costs_that_write_alone(archive: Archive) -> None:
    if not archive.is_sqlite:
        return
    source = add_source(archive)
    poll(archive, source, an_entry(1))
    size = Path(str(archive.engine.url.database) + "-wal").stat().st_size
    with _files_at_most(size + 20_000), pytest.raises(StoreBroken, match="Check the disk"):
        poll(archive, source, *(an_entry(number) for number in range(2, 3000)))
    assert quick_check(archive) == ""
    assert poll(archive, source, *(an_entry(number) for number in range(2, 3000))).new == 2998
