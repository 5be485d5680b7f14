"""Run the main job once, or for ever until a signal.

In: an opened Monitor and somebody to report to. Out: reports. Never: decides what is due; the archive does.
"""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC
from typing import Protocol, TypeVar

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.errors import InternalFault, MonitorError
from monitor.model.mailing import DeliveredDigest
from monitor.model.ports import Lock, Progress
from monitor.operations.heartbeat import beating
from monitor.operations.opening import SERVICE, Monitor, require_alone
from monitor.operations.rounds import Round, working

T = TypeVar("T")
READING_SECONDS = 600.0
"""So long may a round of the service read; what is left is read in the next, after the sources that are due."""

POLL_PATIENCE_SECONDS = 120
"""So long a service that starts waits for a `monitor poll` to end."""


class Report(Protocol):
    """Told of what the service did."""

    def round_done(self, done: Round, *, is_first: bool) -> None:
        """One round is done."""

    def digests_made(self, digests: list[DeliveredDigest], *, is_first: bool) -> None:
        """The digests that were due, perhaps none, are delivered."""

    def round_failed(self, error: MonitorError) -> None:
        """A round or a delivery ended early; the next begins as usual. Told once a reason."""

    def going_on(self) -> None:
        """What had failed goes well again."""


async def poll_once(
    monitor: Monitor, progress: Progress, *, ids: list[int] | None = None, all_enabled: bool = False
) -> Round:
    """Do one round, beside a running service too: each source has one visitor at a time."""

    async def work() -> Round:
        async with working(monitor, progress) as worker:
            return await worker.run_round(ids=ids, all_enabled=all_enabled)

    with monitor.alone("poll"):
        return await _until_signal(work())


async def serve(
    monitor: Monitor, progress: Progress, report: Report, beside: AbstractAsyncContextManager[None] | None = None
) -> None:
    """Work until a signal: a round at once, then a look every `tick_seconds` at what is due.

    `beside` is what runs in the same event loop for as long: the pages that readers reach.
    """

    async def work(lock: Lock) -> None:
        is_first = True
        async with beating(monitor.settings.data_dir), beside or nullcontext(), working(monitor, progress) as worker:
            report.round_done(await worker.run_round(reading_seconds=READING_SECONDS), is_first=True)

            async def do_round() -> None:
                report.round_done(await worker.run_round(reading_seconds=READING_SECONDS), is_first=False)

            async def do_alerts() -> None:
                report.digests_made(await worker.make_due_alerts(), is_first=False)

            async def do_digests() -> None:
                nonlocal is_first
                digests = await worker.make_due_digests()
                # After the digests: what one of them tells needs no alert.
                digests += await worker.make_due_alerts() if is_first else []
                report.digests_made(digests, is_first=is_first)
                is_first = False

            rounds, alerts, mails = (_Job(work, report, lock) for work in (do_round, do_alerts, do_digests))
            await mails.do()
            # Apart from each other: a reader's hour must not wait for a round that a slow site draws out. Alerts come
            # when a round is done, so that one tells all that it found.
            await _keep_ticking(monitor.settings.tick_seconds, ((rounds, alerts), (mails,)))

    deadline = asyncio.get_running_loop().time() + POLL_PATIENCE_SECONDS
    while True:
        with monitor.alone(SERVICE) as lock:
            if lock or monitor.is_served() or asyncio.get_running_loop().time() >= deadline:
                await _until_signal(work(require_alone(lock)))
                return
        await asyncio.sleep(0.2)


class _Job:
    """A kind of work that is done again and again. Why it fails is told once, until it goes well or fails otherwise."""

    def __init__(self, work: Callable[[], Awaitable[None]], report: Report, lock: Lock) -> None:
        self._work, self._report, self._lock = work, report, lock
        self._trouble = ""

    async def do(self) -> None:
        try:
            await asyncio.to_thread(self._lock.keep)
            await self._work()
        except Exception as error:  # noqa: BLE001 (a full disk or a fault of ours may be mended while we run)
            told = InternalFault.of(error)
            if str(told) != self._trouble:
                self._report.round_failed(told)
            self._trouble = str(told)
            return
        if self._trouble:
            self._report.going_on()
        self._trouble = ""


async def _keep_ticking(seconds: int, works: Iterable[Sequence[_Job]]) -> None:
    """Do each row of jobs, one after the other, at every tick."""
    running: set[asyncio.Task[None] | None] = set()

    async def job(row: Sequence[_Job]) -> None:
        running.add(asyncio.current_task())
        try:
            for work in row:
                await work.do()
        finally:
            running.discard(asyncio.current_task())

    # Its remarks on a tick that found the last one still at work are not the operator's.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    scheduler = AsyncIOScheduler(timezone=UTC)
    for work in works:
        # A tick that comes late or in a heap still only asks what is due, so none is ever dropped or doubled.
        scheduler.add_job(
            job, "interval", args=[work], seconds=seconds, coalesce=True, max_instances=1, misfire_grace_time=None
        )
    scheduler.start()
    try:
        await asyncio.Event().wait()
    finally:
        tasks = [task for task in running if task]
        scheduler.shutdown(wait=False)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _until_signal(work: Coroutine[None, None, T]) -> T:
    """Await the work; a signal cancels it, and the cancellation reaches the caller once everything is closed."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        return await task
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
