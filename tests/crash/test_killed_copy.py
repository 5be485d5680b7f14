"""kill -9 while an archive is copied: nothing works with the half, and the same command finishes it."""

import random
import subprocess
import time
from pathlib import Path

import pytest

from monitor.store.contents import sum_tables
from monitor.store.engine import open_archive
from tests.loopback.commands import BINARY, clean_environment, monitor
from tests.unit.store.archives import add_source, an_entry, poll

pytestmark = pytest.mark.slow
ENTRIES = 4_000
KILLS = 4


def quietly(_what: str, _done: int, _total: int) -> None:
    pass


def test_a_copy_killed_again_and_again_is_finished_by_the_same_command(
    tmp_path: Path, archive_url: str, new_url: str
) -> None:
    archive = open_archive(archive_url)
    source = add_source(archive)
    poll(archive, source, *(an_entry(number) for number in range(ENTRIES)))
    target = new_url if new_url.startswith("postgresql") else f"sqlite:///{tmp_path}/target.db"
    environ = {"MONITOR_DATABASE_URL": archive_url, "MONITOR_DATA_DIR": str(tmp_path / "var")}
    command = [str(BINARY), "db", "copy", "--to", target]
    moment, killed = random.Random(4), 0
    for _ in range(KILLS):
        process = subprocess.Popen(
            command, env=clean_environment(environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(moment.uniform(0.8, 3.0))
        killed += process.poll() is None
        process.kill()
        process.wait()
    assert killed, "the copy was done before it could be killed"
    done = monitor("db", "copy", "--to", target, "--json", environ=environ, cwd=tmp_path)
    if done.code:  # one of those before had come to its end
        assert "none is overwritten" in done.err
    copied = open_archive(target)
    assert sum_tables(copied, quietly) == sum_tables(archive, quietly)
    copied.close()
    archive.close()
