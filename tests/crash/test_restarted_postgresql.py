"""A PostgreSQL server is restarted under a service at work: it lives, loses nothing, doubles nothing, and says so.

RESTARTS in the environment sets how often in each mode.
"""

import asyncio
import os
import random
import signal
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from monitor.model.archiving import SourceSpec
from monitor.operations.opening import open_monitor
from monitor.operations.rounds import prepare
from monitor.store.catalogue import add_sources
from tests.clusters import Cluster, Mode, cluster, new_database
from tests.crash.test_kill_nine import is_heeding_sigterm
from tests.loopback.commands import BINARY, clean_environment, monitor
from tests.loopback.maildesk import ask_for_alerts, mail_settings, subscribe
from tests.loopback.newsroom import LOCKED, Newspaper, environment, newspaper, settings_for
from tests.loopback.smtp import SmtpSink

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]
RESTARTS = int(os.environ.get("RESTARTS", "3"))
ARTICLES_EACH = 6
READERS = 4
_OF_READERS = (
    "FROM outbox JOIN digests ON digests.id = digest_id JOIN subscriptions ON subscriptions.id = subscription_id "
    "WHERE delivery = 'mail'"
)
_ALL_SENT = "SELECT count(*) > 0 AND count(*) FILTER (WHERE state <> 'sent') = 0 FROM outbox"
_SOON = "UPDATE sources SET next_poll_at = now() - interval '1 minute'"


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with cluster() as made:
        yield made


@pytest.fixture
async def sink() -> AsyncIterator[SmtpSink]:
    async with SmtpSink() as served:
        yield served


@pytest.fixture
async def paper() -> AsyncIterator[Newspaper]:
    async with newspaper() as served:
        served.publish("/first", "The harbour's first night", LOCKED)
        yield served


class Service:
    """A running `monitor run` on the cluster."""

    def __init__(self, folder: Path, server: Cluster, environ: dict[str, str]) -> None:
        self.folder, self.server, self.environ = folder, server, environ
        self.said = folder / "said"
        with self.said.open("wb") as out:
            command = [str(BINARY), "run"]
            self.process = subprocess.Popen(
                command, env=clean_environment(environ), cwd=folder, stdout=out, stderr=subprocess.STDOUT
            )

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Ask the database; nothing while there are no tables yet."""
        try:
            with psycopg.connect(self.environ["MONITOR_DATABASE_URL"], autocommit=True) as connection:
                cursor = connection.execute(query)
                return cursor.fetchall() if cursor.description else []
        except psycopg.Error:
            return []

    async def until(self, query: str, wanted: object, seconds: float = 120) -> None:
        """Wait until a query gives what is wanted; the service must live meanwhile."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self.rows(query) != [(wanted,)]:
            assert self.process.poll() is None, self.words()
            mails = self.rows("SELECT name, state, attempts, next_attempt_at, last_error FROM outbox")
            assert asyncio.get_running_loop().time() < deadline, (query, mails, self.words())
            await asyncio.sleep(0.1)

    def words(self) -> str:
        """Return what it said, on one line."""
        return " ".join(self.said.read_text(encoding="utf-8").split())

    async def end(self) -> int:
        """End it as Ctrl-C does."""
        while not is_heeding_sigterm(self.process):
            await asyncio.sleep(0.1)
        self.process.send_signal(signal.SIGINT)
        return await asyncio.to_thread(self.process.wait, 20)


@pytest.fixture
async def service(tmp_path: Path, paper: Newspaper, server: Cluster, sink: SmtpSink) -> AsyncIterator[Service]:
    ask_for_alerts(tmp_path)
    more = mail_settings(sink.port) | {"MONITOR_DATABASE_URL": new_database(server), "MONITOR_TICK_SECONDS": "1"}
    environ = environment(tmp_path, [paper.server.port]) | more
    desk = open_monitor(settings_for(tmp_path, [paper.server.port], **more))
    add_sources(desk.archive, [SourceSpec(paper.server.url("/feed.xml"), "The Gazette", language="en")], desk.now())
    prepare(desk)
    subscribe(desk, READERS)
    desk.archive.close()
    started = Service(tmp_path, server, environ)
    try:
        yield started
    finally:
        started.process.kill()
        started.process.wait()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_a_restart_under_a_service_loses_nothing_and_is_survived(
    service: Service, paper: Newspaper, sink: SmtpSink, mode: Mode
) -> None:
    await service.until(_ALL_SENT, wanted=True)  # the local reader's first digest
    moment, wanted = random.Random(mode), 1
    for step in range(RESTARTS):
        for number in range(ARTICLES_EACH):
            title = f"Night {step}-{number} in the shed"
            paper.publish(f"/{step}/{number}", title, LOCKED, f"It was night {number} of week {step}.")
        wanted += ARTICLES_EACH
        service.rows(_SOON)
        await asyncio.sleep(moment.uniform(0, 3))
        await asyncio.to_thread(service.server.restart, mode)
        service.rows(_SOON)
        await service.until("SELECT count(*) FROM hits", wanted)
    await service.until("SELECT count(*) > 0 FROM outbox WHERE state <> 'sent'", wanted=False)
    await service.until(
        f"SELECT count(*) = {READERS} FROM digests WHERE alert = 1 AND subscription_id > 1", wanted=True
    )
    await service.until("SELECT count(*) > 0 FROM outbox WHERE state <> 'sent'", wanted=False)
    assert await service.end() == 0, service.words()

    counts = {table: service.rows(f"SELECT count(*) FROM {table}")[0][0] for table in ("entries", "articles", "hits")}
    assert counts == {"entries": wanted, "articles": wanted, "hits": wanted}
    assert service.rows("SELECT count(*) FROM entries WHERE state <> 'read'") == [(0,)]
    assert_mail_arrived_once(service, sink)
    assert "Traceback" not in service.words()
    checked = await asyncio.to_thread(monitor, "db", "check", environ=service.environ, cwd=service.folder)
    assert checked.code == 0, checked.err + checked.out


def assert_mail_arrived_once(service: Service, sink: SmtpSink) -> None:
    """Each mail came as it was composed, and twice only where that is told."""
    owed = service.rows(f"SELECT message, doubts {_OF_READERS}")
    doubts = {bytes(message): count for message, count in owed}  # type: ignore[call-overload]
    received = Counter(mail.message for mail in sink.accepted)
    assert set(received) == set(doubts)
    assert [message for message, count in received.items() if count > 1 and not doubts[message]] == []


async def test_a_server_that_is_away_for_long_is_told_once_and_so_is_its_return(
    service: Service, paper: Newspaper
) -> None:
    await service.until(_ALL_SENT, wanted=True)
    await asyncio.to_thread(service.server.stop)
    async with asyncio.timeout(120):  # on a busy machine the rounds come slowly
        while "doesn't answer" not in service.words():
            await asyncio.sleep(0.2)
    await asyncio.sleep(15)  # as many rounds in which nothing more is to be told
    assert service.process.poll() is None
    told = service.words().count("doesn't answer")
    assert 1 <= told <= 3, service.words()  # each kind of work says it for itself
    await asyncio.to_thread(service.server.restart, "fast")
    paper.publish("/later", "A later night in the shed", LOCKED, "It was later.")
    async with asyncio.timeout(60):
        while "goes well again" not in service.words():
            await asyncio.sleep(0.2)
    service.rows(_SOON)
    await service.until("SELECT count(*) FROM hits", 2)
    assert await service.end() == 0
