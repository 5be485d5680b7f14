"""The service: it works until a signal, survives what can be mended, and ends in time."""

import asyncio
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from monitor.errors import MonitorError, StoreBroken, StoreBusy
from monitor.jobs.service import serve
from monitor.model.mailing import DeliveredDigest
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
        self.recoveries = 0

    def round_done(self, done: Round, *, is_first: bool) -> None:
        assert is_first == (not self.done)
        self.done.append(done)
        self._count()

    def digests_made(self, digests: list[DeliveredDigest], *, is_first: bool) -> None:
        self.digests += digests

    def round_failed(self, error: MonitorError) -> None:
        self.failures.append(error)
        self._count()

    def going_on(self) -> None:
        self.recoveries += 1

    def _count(self) -> None:
        if len(self.done) + len(self.failures) == self.until:
            os.kill(os.getpid(), signal.SIGTERM)


async def test_the_service_ticks_until_a_signal_and_finds_what_is_new(tmp_path: Path) -> None:
    clock = Clock()
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        monitor = monitor_for(tmp_path, paper, clock, MONITOR_TICK_SECONDS="1")

        class NewsComes(Diary):
            def round_done(self, done: Round, *, is_first: bool) -> None:
                super().round_done(done, is_first=is_first)
                paper.publish("/2", "Another night", LOCKED)
                clock.advance(minutes=40)

        diary = NewsComes(until=3)
        with pytest.raises(asyncio.CancelledError):
            await serve(monitor, no_progress, diary)
    assert [len(done.hits) for done in diary.done] == [1, 1, 0]
    assert [digest.name for digest in diary.digests] == ["local-2026-11-22"]
    with monitor.alone("test") as is_alone:
        assert is_alone


async def test_a_round_that_fails_for_now_is_told_and_the_next_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = 0
    real = Worker.run_round

    async def full_in_the_middle(self: Worker, *, reading_seconds: float) -> Round:
        nonlocal rounds
        rounds += 1
        if rounds == 2:
            raise StoreBroken("the disk is full")
        return await real(self, reading_seconds=reading_seconds)

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


async def test_a_fault_of_our_own_in_one_tick_is_told_in_words_and_the_service_stays_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0
    real = Worker.make_due_digests

    async def broken_in_the_middle(self: Worker) -> list[DeliveredDigest]:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise ZeroDivisionError
        return await real(self)

    monkeypatch.setattr(Worker, "make_due_digests", broken_in_the_middle)
    async with newspaper() as paper:
        monitor = monitor_for(tmp_path, paper, MONITOR_TICK_SECONDS="1")
        diary = Diary(until=4)
        with pytest.raises(asyncio.CancelledError):
            await serve(monitor, no_progress, diary)
    assert [error.reason for error in diary.failures] == ["internal_error"]
    assert "ZeroDivisionError" in str(diary.failures[0])


async def test_what_fails_at_every_tick_is_told_once_and_once_that_it_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0
    real = Worker.make_due_digests

    async def broken_for_a_while(self: Worker) -> list[DeliveredDigest]:
        nonlocal calls
        calls += 1
        if calls in (2, 3, 4):
            raise StoreBusy("locked" if calls < 4 else "full")
        return await real(self)

    monkeypatch.setattr(Worker, "make_due_digests", broken_for_a_while)
    async with newspaper() as paper:
        monitor = monitor_for(tmp_path, paper, MONITOR_TICK_SECONDS="1")

        class UntilItIsOver(Diary):
            def going_on(self) -> None:
                super().going_on()
                os.kill(os.getpid(), signal.SIGTERM)

        diary = UntilItIsOver(until=99)
        with pytest.raises(asyncio.CancelledError):
            await serve(monitor, no_progress, diary)
    assert [str(error) for error in diary.failures] == ["locked", "full"]
    assert diary.recoveries == 1


async def test_a_digest_is_made_at_its_hour_while_a_slow_site_draws_a_round_out(tmp_path: Path) -> None:
    clock = Clock()

    async def slow(_head: object, _writer: object) -> None:
        await asyncio.sleep(30)

    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        monitor = monitor_for(tmp_path, paper, clock, MONITOR_TICK_SECONDS="1", MONITOR_FETCH_DEADLINE_SECONDS="60")

        class NextMorning(Diary):
            def round_done(self, done: Round, *, is_first: bool) -> None:
                super().round_done(done, is_first=is_first)
                paper.server.routes["/feed.xml"] = slow

            def digests_made(self, digests: list[DeliveredDigest], *, is_first: bool) -> None:
                super().digests_made(digests, is_first=is_first)
                if is_first:
                    clock.advance(hours=28)
                if len(self.digests) == 2:
                    os.kill(os.getpid(), signal.SIGTERM)

        diary = NextMorning(until=99)
        async with asyncio.timeout(60):
            with pytest.raises(asyncio.CancelledError):
                await serve(monitor, no_progress, diary)
    assert [digest.name for digest in diary.digests] == ["local-2026-11-22", "local-2026-11-23"]
    assert len(diary.done) == 1


async def test_a_service_that_starts_waits_for_a_poll_but_not_for_another_service(tmp_path: Path) -> None:
    async with newspaper() as paper:
        monitor = monitor_for(tmp_path, paper)
        loop = asyncio.get_running_loop()
        with monitor.alone("poll"):
            waiting = asyncio.create_task(serve(monitor, no_progress, Diary(until=1)))
            await asyncio.sleep(1)
            assert not waiting.done()
            assert paper.visits("/feed.xml") == 0
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert paper.visits("/feed.xml") == 1
        began = loop.time()
        with monitor.alone("service"), pytest.raises(StoreBusy):
            await serve(monitor, no_progress, Diary(until=1))
        assert loop.time() - began < 30


async def test_a_service_that_waits_for_a_poll_is_ended_at_once(tmp_path: Path) -> None:
    async with newspaper() as paper:
        monitor = monitor_for(tmp_path, paper)
        with monitor.alone("poll"):
            waiting = asyncio.create_task(serve(monitor, no_progress, Diary(until=1)))
            await asyncio.sleep(0.5)
            waiting.cancel()
            async with asyncio.timeout(30):
                with pytest.raises(asyncio.CancelledError):
                    await waiting


@pytest.mark.slow
async def test_a_signal_ends_the_service_in_time_while_another_process_holds_the_archive(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        monitor = monitor_for(tmp_path, paper, MONITOR_TICK_SECONDS="1")
        loop = asyncio.get_running_loop()
        with closing(sqlite3.connect(monitor.settings.data_dir / "monitor.db", isolation_level=None)) as other:

            class Held(Diary):
                def digests_made(self, digests: list[DeliveredDigest], *, is_first: bool) -> None:
                    super().digests_made(digests, is_first=is_first)
                    other.execute("BEGIN IMMEDIATE")
                    loop.call_later(2, os.kill, os.getpid(), signal.SIGTERM)

            began = loop.time()
            with pytest.raises(asyncio.CancelledError):
                await serve(monitor, no_progress, Held(until=99))
            other.execute("ROLLBACK")
        assert loop.time() - began < 15  # two seconds until the signal, a start, and less than ten for the end
