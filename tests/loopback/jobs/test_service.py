"""The service: it works until a signal, survives what can be mended, and ends in time."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from monitor.errors import MonitorError, StoreBroken
from monitor.jobs.service import serve
from monitor.model.archiving import DeliveredDigest
from monitor.operations.rounds import Round, Worker
from monitor.pipeline.stages import no_progress
from tests.loopback.newsroom import LOCKED, Clock, monitor_for, newspaper


class Diary:
    """Keeps what the service reports, and signals it after so many reports."""

    def __init__(self, until: int) -> None:
        self.until = until
        self.done: list[Round] = []
        self.digests: list[DeliveredDigest] = []
        self.failures: list[MonitorError] = []

    def round_done(self, done: Round, digests: list[DeliveredDigest], *, is_first: bool) -> None:
        assert is_first == (not self.done)
        self.done.append(done)
        self.digests += digests
        self._count()

    def round_failed(self, error: MonitorError) -> None:
        self.failures.append(error)
        self._count()

    def _count(self) -> None:
        if len(self.done) + len(self.failures) == self.until:
            os.kill(os.getpid(), signal.SIGTERM)


async def test_the_service_ticks_until_a_signal_and_finds_what_is_new(tmp_path: Path) -> None:
    clock = Clock()
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        monitor = monitor_for(tmp_path, paper, clock, MONITOR_TICK_SECONDS="1")

        class NewsComes(Diary):
            def round_done(self, done: Round, digests: list[DeliveredDigest], *, is_first: bool) -> None:
                super().round_done(done, digests, is_first=is_first)
                paper.publish("/2", "Another night", LOCKED)
                clock.advance(minutes=40)

        diary = NewsComes(until=3)
        with pytest.raises(asyncio.CancelledError):
            await serve(monitor, no_progress, diary)
    assert [len(done.hits) for done in diary.done] == [1, 1, 0]
    assert [digest.name for digest in diary.digests] == ["local-2026-11-22"]
    with monitor.alone() as is_alone:
        assert is_alone


async def test_a_round_that_fails_for_now_is_told_and_the_next_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = 0
    real = Worker.run_round

    async def full_in_the_middle(self: Worker) -> Round:
        nonlocal rounds
        rounds += 1
        if rounds == 2:
            raise StoreBroken("the disk is full")
        return await real(self)

    monkeypatch.setattr(Worker, "run_round", full_in_the_middle)
    async with newspaper() as paper:
        monitor = monitor_for(tmp_path, paper, MONITOR_TICK_SECONDS="1")
        diary = Diary(until=3)
        with pytest.raises(asyncio.CancelledError):
            await serve(monitor, no_progress, diary)
    assert [str(error) for error in diary.failures] == ["the disk is full"]
    assert len(diary.done) == 2


async def test_a_signal_in_the_middle_of_slow_work_ends_it_at_once(tmp_path: Path) -> None:
    async def never(_head: object, _writer: object) -> None:
        await asyncio.sleep(60)

    async with newspaper() as paper:
        paper.server.routes["/feed.xml"] = never
        monitor = monitor_for(tmp_path, paper, MONITOR_FETCH_DEADLINE_SECONDS="60")
        loop = asyncio.get_running_loop()
        loop.call_later(2, os.kill, os.getpid(), signal.SIGINT)
        began = loop.time()
        with pytest.raises(asyncio.CancelledError):
            await serve(monitor, no_progress, Diary(until=99))
        assert loop.time() - began < 10
