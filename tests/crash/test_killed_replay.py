"""kill -9 a process that holds changed claims against the archive, again and again: nothing lost, nothing twice."""

import asyncio
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from monitor.operations.building import pace_of
from monitor.operations.opening import Monitor, open_monitor
from monitor.pipeline import replay
from monitor.pipeline.indexing import index_older
from monitor.pipeline.replay import replay_claims
from monitor.pipeline.stages import Stages, watch
from monitor.settings import load_settings
from monitor.store.hits import list_hits
from monitor.store.replays import begin_replays
from monitor.store.watchlists import live_watchlists
from tests.databases import PostgresqlServer
from tests.unit.operations.judged import WATCHLIST, fill, put_document
from tests.unit.store.archives import NOW

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]

ARTICLES = 240
KILLS = int(os.environ.get("CRASH_ROUNDS", "2")) * 3
CHANGED = WATCHLIST.replace("raid AND sew", "sew").replace("harbour AND bribe", "harbour OR rain")
TEXTS = tuple(
    (f"Notice {number}", "Garment workers sew for less." if number % 3 else "The harbour was quiet in the rain.")
    for number in range(ARTICLES)
)

# What is killed is a process of its own; all are forked from one that has read the code already.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.crash.test_killed_replay"])


@pytest.fixture(params=["sqlite", "postgresql"])
def environ(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    given = {"MONITOR_DATA_DIR": str(tmp_path / "var")}
    if request.param == "sqlite":
        yield given
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    with server.database(is_quick=False) as name:
        yield given | {"MONITOR_DATABASE_URL": server.url_of(name)}


def opened(environ: dict[str, str]) -> Monitor:
    return open_monitor(load_settings(environ)[0], now=lambda: NOW + timedelta(days=1))


def go_through(environ: dict[str, str]) -> None:
    """Hold what changed against the archive, a few articles at a time, until it is done: what the parent kills."""
    monitor = opened(environ)
    replay._AT_ONCE = 3
    nothing = cast(Any, None)
    stages = Stages(
        *(monitor.archive, monitor.snapshots, nothing, nothing, watch(live_watchlists(monitor.archive))),
        *(pace_of(monitor.settings), monitor.now, random.random, 1),
    )

    async def rounds() -> None:
        await index_older(stages)
        while (await replay_claims(stages, 30)).left:
            await index_older(stages)

    try:
        asyncio.run(rounds())
    finally:
        stages.close()
        monitor.archive.close()


def how_far(monitor: Monitor) -> list[int]:
    """Return where each claim that isn't done stands."""
    claims = [claim for live in live_watchlists(monitor.archive) for claim in live.claims]
    return [pending.below for pending in begin_replays(monitor.archive, claims)]


def test_a_replay_that_is_killed_again_and_again_finds_each_article_once(environ: dict[str, str]) -> None:
    seed = random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)
    monitor = opened(environ)
    fill(monitor, TEXTS)
    go_through(environ)
    put_document(monitor, CHANGED)
    stood = [how_far(monitor)]
    for _ in range(KILLS):
        process = PROCESSES.Process(target=go_through, args=(environ,))
        process.start()
        until = time.monotonic() + 20
        while how_far(monitor) == stood[-1] and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.15))
        os.kill(cast(int, process.pid), signal.SIGKILL)
        process.join()
        stood.append(how_far(monitor))
    go_through(environ)
    assert how_far(monitor) == [], f"seed {seed}"
    assert len({tuple(one) for one in stood}) > 2, f"seed {seed}: nothing was gone through between the kills"
    hits = list_hits(monitor.archive, limit=10 * ARTICLES)
    found = Counter((hit.line.headline, hit.claim_key) for hit in hits)
    assert found == {(f"Notice {number}", "sewing" if number % 3 else "harbour"): 1 for number in range(ARTICLES)}, (
        f"seed {seed}"
    )
    monitor.archive.close()
