"""kill -9 between any two steps of a mail's way to a server: none is lost, and none is doubled but in one window.

Digests and alerts, on both databases. CRASH_ROUNDS in the environment (make crash ROUNDS=N) sets how often each point
is struck; twenty subscribers a round.
"""

import asyncio
import base64
import json
import multiprocessing
import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.operations.opening import Monitor, open_monitor
from tests.crash.mail_driver import POINTS, look
from tests.databases import PostgresqlServer
from tests.loopback.maildesk import ask_for_alerts, bring_hits, mail_monitor, mail_settings, mails_of, subscribe
from tests.loopback.newsroom import Clock, settings_for
from tests.loopback.smtp import SmtpSink

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]
ROUNDS = int(os.environ.get("CRASH_ROUNDS", "1"))
READERS = 20
LOOKS_AFTER = {"digest": timedelta(hours=24), "alert": timedelta(minutes=10)}
"""So long after the hits came. A day later they are no alert any more; ten minutes later no digest is due."""

# What is killed is a process of its own; all are forked from one that has read the code already.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.crash.mail_driver"])


@dataclass(frozen=True)
class Template:
    """An archive with its subscribers and three hits, before anything of it is due; `database` is PostgreSQL's."""

    folder: Path
    server: PostgresqlServer | None = None
    database: str = ""

    @contextmanager
    def copied(self, folder: Path) -> Iterator[str]:
        """Copy it to a folder and a database of its own; give that database's address."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        if self.server is None:
            yield f"sqlite:///{folder}/var/monitor.db"
            return
        with self.server.database(is_quick=False, template=self.database) as name:
            yield self.server.url_of(name)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    folder = tmp_path_factory.mktemp("template")
    if request.param == "sqlite":
        fill(folder, f"sqlite:///{folder}/var/monitor.db")
        yield Template(folder)
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    with server.database() as name:
        fill(folder, server.url_of(name))
        yield Template(folder, server, name)


def fill(folder: Path, database_url: str) -> None:
    """Give an archive its subscribers and its hits, of a claim that asks for alerts."""
    ask_for_alerts(folder)
    monitor = mail_monitor(folder, Clock(), MONITOR_DATABASE_URL=database_url, **mail_settings(25))
    subscribe(monitor, READERS)
    bring_hits(monitor, 1, 2, 3)
    monitor.archive.close()


class Desk:
    """A service that looks after its mail, in processes of its own that may be killed."""

    def __init__(self, folder: Path, database_url: str, sink: SmtpSink, kept: Path) -> None:
        self.folder, self.database_url, self.sink, self.kept = folder, database_url, sink, kept
        self.at: datetime = Clock().at

    async def look(self, point: str = "", number: int = 0) -> int:
        """Do what is due once in a process; return how that ended: -9 where it was killed."""
        given = (str(self.folder), self.sink.port, self.database_url, self.at, point, number)
        process = PROCESSES.Process(target=look, args=given)
        process.start()
        await asyncio.to_thread(process.join)
        return process.exitcode or 0

    async def look_until_all_is_sent(self) -> None:
        """Go on as a service that starts again does."""
        for _ in range(6):
            self.at += timedelta(minutes=6)
            assert await self.look() == 0
            monitor = self.monitor()
            states = {mail.state for mail in mails_of(monitor).values()}
            monitor.archive.close()
            if states == {"sent"}:
                return

    def accepted(self) -> list[tuple[str, bytes]]:
        """Return what the server had on its disk before it said 250."""
        lines = self.kept.read_text(encoding="ascii").splitlines() if self.kept.exists() else []
        return [(record["to"][0], base64.b64decode(record["message"])) for record in map(json.loads, lines)]

    def monitor(self) -> Monitor:
        more = mail_settings(self.sink.port) | {"MONITOR_DATABASE_URL": self.database_url}
        settings = settings_for(self.folder, (), **more)
        return open_monitor(settings, now=Clock(self.at))


async def strike(template: Template, folder: Path, kind: str, kills: list[tuple[str, int]]) -> tuple[Counter[str], int]:
    """Kill one look after the other, then let the service be; return what each reader got and how many kills struck."""
    kept = folder / "accepted"
    with template.copied(folder / "desk") as database_url:
        async with SmtpSink(kept=kept) as sink:
            desk = Desk(folder / "desk", database_url, sink, kept)
            desk.at += LOOKS_AFTER[kind]
            struck = 0
            for kill in kills:
                struck += await desk.look(*kill) == -9
                desk.at += timedelta(minutes=6)
            await desk.look_until_all_is_sent()
            assert_nothing_is_lost_or_changed(desk, kind)
            return Counter(address for address, _message in desk.accepted()), struck


def assert_nothing_is_lost_or_changed(desk: Desk, kind: str) -> None:
    monitor = desk.monitor()
    with monitor.archive.reading() as connection:
        composed: dict[str, bytes] = dict(
            connection.exec_driver_sql(
                "SELECT s.address, o.message FROM outbox o JOIN digests d ON d.id = o.digest_id "
                "JOIN subscriptions s ON s.id = d.subscription_id WHERE s.delivery = 'mail'"
            ).fetchall()
        )
        told = connection.exec_driver_sql(
            "SELECT s.name, t.event, count(*) FROM told t JOIN subscriptions s ON s.id = t.subscription_id "
            "WHERE s.delivery = 'mail' GROUP BY s.name, t.event"
        ).fetchall()
        damage = connection.exec_driver_sql("PRAGMA integrity_check").scalar() if monitor.archive.is_sqlite else "ok"
    assert damage == "ok"
    assert len(composed) == READERS
    event = "alert" if kind == "alert" else "new"
    assert {tuple(row) for row in told} == {(f"r{n}", event, 3) for n in range(READERS)}
    received = desk.accepted()
    assert {address for address, _ in received} == set(composed)
    assert [address for address, message in received if message != composed[address]] == []
    mails = mails_of(monitor).values()
    assert {mail.state for mail in mails} == {"sent"}
    doubled = {address for address, count in Counter(a for a, _ in received).items() if count > 1}
    assert doubled <= {mail.address for mail in mails if mail.doubts}, "what may have come twice must be flagged"
    monitor.archive.close()


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("kind", LOOKS_AFTER)
async def test_a_kill_at_a_point_loses_no_mail_and_doubles_none_but_in_the_window(
    tmp_path: Path, template: Template, kind: str, point: str, seed: int
) -> None:
    number = random.Random(f"{point}{seed}").randrange(READERS)
    received, struck = await strike(template, tmp_path, kind, [(point, number)])
    assert struck == 1
    assert sum(received.values()) - READERS <= (1 if point == "after_250" else 0)
    if point == "after_250":
        assert max(received.values()) == 2


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.parametrize("kind", LOOKS_AFTER)
async def test_kills_at_any_moments_lose_no_mail_and_double_at_most_one_each(
    tmp_path: Path, template: Template, kind: str, seed: int
) -> None:
    received, struck = await strike(template, tmp_path, kind, [("random", seed * 3 + n) for n in range(2)])
    assert sum(received.values()) - READERS <= struck
