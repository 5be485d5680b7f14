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
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.databases import PostgresqlServer
from tests.loopback.commands import BINARY, clean_environment, monitor
from tests.loopback.newsroom import LOCKED, Newspaper, environment, newspaper, settings_for

ARTICLES = 25
ROUNDS = int(os.environ.get("CRASH_ROUNDS", "2"))
pytestmark = pytest.mark.slow


@pytest.fixture
async def paper() -> AsyncIterator[Newspaper]:
    async with newspaper() as served:
        for number in range(ARTICLES):
            served.publish(f"/{number}", f"A night in shed {number}", LOCKED, f"It was night number {number}.")
        yield served


@pytest.fixture(params=["sqlite", "postgresql"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of the archive that is killed: on PostgreSQL a database whose commits are as safe as a desk's."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/var/monitor.db"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    with server.database(is_quick=False) as name:
        yield server.url_of(name)


def rows(archive: str, query: str) -> list[tuple[object, ...]]:
    """Return what a query gives; nothing while the tables are not there yet, or a writer is at it."""
    if archive.startswith("postgresql"):
        with psycopg.connect(archive) as connection:
            try:
                return connection.execute(query).fetchall()
            except psycopg.Error:
                return []
    path = Path(archive.removeprefix("sqlite:///"))
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as connection:
        try:
            return connection.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []


def start(folder: Path, environ: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(BINARY), "run"],
        env=clean_environment(environ),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def is_heeding_sigterm(process: subprocess.Popen[bytes]) -> bool:
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii", errors="replace")
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


async def run_until_killed(folder: Path, environ: dict[str, str], moment: random.Random) -> None:
    """Start a run and kill it at a random moment of a random kind; at the latest after some seconds."""
    archive = environ["MONITOR_DATABASE_URL"]
    wanted = moment.randrange(1, ARTICLES + 1)
    moments: list[Callable[[], bool]] = [
        lambda: False,
        lambda: (rows(archive, "SELECT count(*) FROM articles") or [(0,)])[0] >= (wanted,),
        lambda: bool(rows(archive, "SELECT 1 FROM digests")),
        lambda: bool(list((folder / "var" / "outbox").glob("*.html"))),
        lambda: bool(rows(archive, "SELECT 1 FROM outbox WHERE state = 'sent'")),
    ]
    has_come = moment.choice(moments)
    process = start(folder, environ)
    deadline = asyncio.get_running_loop().time() + moment.uniform(0.5, 9)
    try:
        while process.poll() is None and asyncio.get_running_loop().time() < deadline and not has_come():
            await asyncio.sleep(0.002)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


async def run_to_the_digest(folder: Path, environ: dict[str, str]) -> None:
    """Start a run, wait until its digest is delivered, and end it as Ctrl-C does; it must end well in time."""
    process = start(folder, environ)
    archive = environ["MONITOR_DATABASE_URL"]
    try:
        async with asyncio.timeout(60):
            while not rows(archive, "SELECT 1 FROM outbox WHERE state = 'sent'"):
                assert process.poll() is None, "the run ended by itself"
                await asyncio.sleep(0.05)
            # An earlier run may have delivered it: this one may still be starting.
            while not is_heeding_sigterm(process):
                await asyncio.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert await asyncio.to_thread(process.wait, 10) == 0
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_a_run_killed_at_any_moment_loses_nothing_and_tells_nothing_twice(
    tmp_path: Path, paper: Newspaper, archive: str, seed: int
) -> None:
    settings_for(tmp_path)
    environ = environment(tmp_path, [paper.server.port]) | {"MONITOR_DATABASE_URL": archive}
    feed = paper.server.url("/feed.xml")
    added = await asyncio.to_thread(monitor, "sources", "add", feed, "--no-check", environ=environ, cwd=tmp_path)
    assert added.code == 0, added.err
    moment = random.Random(seed)
    for _ in range(moment.randint(1, 3)):
        await run_until_killed(tmp_path, environ, moment)
    await run_to_the_digest(tmp_path, environ)

    if archive.startswith("sqlite"):
        assert rows(archive, "PRAGMA integrity_check") == [("ok",)]
        assert rows(archive, "PRAGMA foreign_key_check") == []
    counts = {table: rows(archive, f"SELECT count(*) FROM {table}")[0][0] for table in ("entries", "articles", "hits")}
    assert counts == {"entries": ARTICLES, "articles": ARTICLES, "hits": ARTICLES}
    assert rows(archive, "SELECT count(*) FROM entries WHERE state != 'read'") == [(0,)]
    told = [hit_id for (hit_id,) in rows(archive, "SELECT hit_id FROM told")]
    preview = await asyncio.to_thread(monitor, "digests", "preview", "--json", environ=environ, cwd=tmp_path)
    to_be_told = preview.records[0]["hits"]
    assert sorted([*map(str, told), *map(str, to_be_told)]) == sorted(
        str(row[0]) for row in rows(archive, "SELECT id FROM hits")
    )
    assert_the_mail_is_what_was_composed(tmp_path, archive)


def assert_the_mail_is_what_was_composed(folder: Path, archive: str) -> None:
    """Each date has one mail of the bytes composed, naming as many hits as count as told; all evidence is there."""
    mails = sorted((folder / "var" / "outbox").glob("*.eml"))
    stored = rows(archive, "SELECT name, message, digest_id FROM outbox ORDER BY name")
    assert [(mail.stem, mail.read_bytes()) for mail in mails] == [(name, message) for name, message, _ in stored]
    for _name, message, digest_id in stored:
        assert isinstance(message, bytes)
        body = email.message_from_bytes(message, policy=email.policy.default).get_body(("plain",))
        assert body
        told = len(rows(archive, f"SELECT 1 FROM told WHERE digest_id = {digest_id}"))
        words = "No hits" if not told else "1 older hit" if told == 1 else f"{told} older hits"
        assert words.lower() in " ".join(body.get_content().split()).lower()
    snapshots = rows(archive, "SELECT blob_key FROM snapshots")
    assert len(snapshots) == ARTICLES
    assert [key for (key,) in snapshots if not (folder / "var" / "snapshots" / str(key)).is_file()] == []
