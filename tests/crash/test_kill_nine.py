"""kill -9 a real run at odd moments, start it again, and look: nothing lost, nothing twice, nothing damaged.

ROUNDS in the environment (make crash ROUNDS=N) sets how often; each round prints its seed when it fails.
"""

import asyncio
import email
import email.policy
import os
import random
import signal
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.loopback.commands import BINARY, clean_environment, monitor
from tests.loopback.newsroom import LOCKED, Newspaper, environment, newspaper, settings_for

ARTICLES = 25
ROUNDS = int(os.environ.get("CRASH_ROUNDS", "3"))
pytestmark = pytest.mark.slow


@pytest.fixture
async def paper() -> AsyncIterator[Newspaper]:
    async with newspaper() as served:
        for number in range(ARTICLES):
            served.publish(f"/{number}", f"A night in shed {number}", LOCKED, f"It was night number {number}.")
        yield served


def rows(archive: Path, query: str) -> list[tuple[object, ...]]:
    if not archive.exists():
        return []
    with closing(sqlite3.connect(archive)) as connection:
        try:
            return connection.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []  # the tables are not there yet, or a writer is at it


def start(folder: Path, environ: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(BINARY), "run"],
        env=clean_environment(environ),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


async def run_until_killed(folder: Path, environ: dict[str, str], moment: random.Random) -> None:
    """Start a run and kill it: as soon as a random number of articles stand, or a random while after its start."""
    process = start(folder, environ)
    wanted = moment.randrange(ARTICLES + 1)
    deadline = asyncio.get_running_loop().time() + moment.uniform(0.5, 8)
    try:
        while process.poll() is None and asyncio.get_running_loop().time() < deadline:
            articles = rows(folder / "var" / "monitor.db", "SELECT count(*) FROM articles")
            if articles and int(str(articles[0][0])) >= wanted > 0:
                break
            await asyncio.sleep(0.005)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


async def run_to_the_digest(folder: Path, environ: dict[str, str]) -> None:
    """Start a run, wait until its digest is delivered, and end it as Ctrl-C does; it must end well in time."""
    process = start(folder, environ)
    archive = folder / "var" / "monitor.db"
    try:
        async with asyncio.timeout(60):
            while not rows(archive, "SELECT 1 FROM outbox WHERE state = 'delivered'"):
                assert process.poll() is None, "the run ended by itself"
                await asyncio.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert await asyncio.to_thread(process.wait, 10) == 0
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_a_run_killed_at_any_moment_loses_nothing_and_tells_nothing_twice(
    tmp_path: Path, paper: Newspaper, seed: int
) -> None:
    settings_for(tmp_path)
    environ = environment(tmp_path, [paper.server.port])
    feed = paper.server.url("/feed.xml")
    added = await asyncio.to_thread(monitor, "sources", "add", feed, "--no-check", environ=environ, cwd=tmp_path)
    assert added.code == 0, added.err
    moment = random.Random(seed)
    for _ in range(moment.randint(1, 3)):
        await run_until_killed(tmp_path, environ, moment)
    await run_to_the_digest(tmp_path, environ)

    archive = tmp_path / "var" / "monitor.db"
    assert rows(archive, "PRAGMA integrity_check") == [("ok",)]
    assert rows(archive, "PRAGMA foreign_key_check") == []
    counts = {table: rows(archive, f"SELECT count(*) FROM {table}")[0][0] for table in ("entries", "articles", "hits")}
    assert counts == {"entries": ARTICLES, "articles": ARTICLES, "hits": ARTICLES}
    assert rows(archive, "SELECT count(*) FROM entries WHERE state != 'read'") == [(0,)]
    told = rows(archive, "SELECT hit_id FROM told")
    assert len(told) == len(set(told)) <= ARTICLES
    if len(told) < ARTICLES:  # killed after the digest was made and before the last article: told tomorrow
        preview = await asyncio.to_thread(monitor, "digests", "preview", environ=environ, cwd=tmp_path)
        assert preview.code == 0
    assert_every_hit_is_told_once(tmp_path, archive)


def assert_every_hit_is_told_once(folder: Path, archive: Path) -> None:
    """The delivered mail is the mail as composed, and names exactly the hits that count as told."""
    mails = sorted((folder / "var" / "outbox").glob("*.eml"))
    assert len(mails) == 1
    stored = rows(archive, "SELECT message FROM outbox")
    assert [mails[0].read_bytes()] == [row[0] for row in stored]
    body = email.message_from_bytes(mails[0].read_bytes(), policy=email.policy.default).get_body(("plain",))
    assert body
    assert f"{len(rows(archive, 'SELECT 1 FROM told'))} hits" in " ".join(body.get_content().split())
    snapshots = rows(archive, "SELECT blob_key FROM snapshots")
    missing = [key for (key,) in snapshots if not (folder / "var" / "snapshots" / str(key)).is_file()]
    assert not missing
