"""Run the main job once, or for ever until a signal.

In: an opened Monitor and somebody to report to. Out: reports. Never: decides what is due; the archive does.
"""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC
from typing import Protocol, TypeVar

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.errors import InternalFault, MonitorError
from monitor.model.mailing import DeliveredDigest
from monitor.model.ports import Lock, Progress
from monitor.operations.heartbeat import beating
from monitor.operations.opening import SERVICE, Monitor, require_alone
from monitor.operations.rounds import Round, Worker, working

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
        """A round or a delivery ended early; the next begins as usual."""


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
        async with beating(monitor.settings.data_dir), beside or nullcontext(), working(monitor, progress) as worker:
            report.round_done(await worker.run_round(reading_seconds=READING_SECONDS), is_first=True)
            report.digests_made(await worker.make_due_digests(), is_first=True)
            # Apart from each other: a reader's hour must not wait for a round that a slow site draws out.
            jobs = (lambda: _do_round(worker, report, lock), lambda: _do_digests(worker, report, lock))
            await _keep_ticking(monitor.settings.tick_seconds, jobs)

    deadline = asyncio.get_running_loop().time() + POLL_PATIENCE_SECONDS
    while True:
        with monitor.alone(SERVICE) as lock:
            if lock or monitor.is_served() or asyncio.get_running_loop().time() >= deadline:
                await _until_signal(work(require_alone(lock)))
                return
        await asyncio.sleep(0.2)


async def _do_round(worker: Worker, report: Report, lock: Lock) -> None:
    try:
        await asyncio.to_thread(lock.keep)
        report.round_done(await worker.run_round(reading_seconds=READING_SECONDS), is_first=False)
    except Exception as error:  # noqa: BLE001 (a full disk or a fault of ours may be mended while we run)
        report.round_failed(InternalFault.of(error))


async def _do_digests(worker: Worker, report: Report, lock: Lock) -> None:
    try:
        await asyncio.to_thread(lock.keep)
        report.digests_made(await worker.make_due_digests(), is_first=False)
    except Exception as error:  # noqa: BLE001 (what is owed stays owed)
        report.round_failed(InternalFault.of(error))


async def _keep_ticking(seconds: int, works: Iterable[Callable[[], Awaitable[None]]]) -> None:
    running: set[asyncio.Task[None] | None] = set()

    async def job(work: Callable[[], Awaitable[None]]) -> None:
        running.add(asyncio.current_task())
        try:
            await work()
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
