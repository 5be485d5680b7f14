"""Run the main job once, or for ever until a signal.

In: an opened Monitor and somebody to report to. Out: reports. Never: decides what is due; the archive does.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC
from typing import Protocol, TypeVar

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.errors import MonitorError
from monitor.model.archiving import DeliveredDigest
from monitor.model.ports import Progress
from monitor.operations.opening import Monitor, require_alone
from monitor.operations.rounds import Round, Worker, working

T = TypeVar("T")


class Report(Protocol):
    """Told of what the service did."""

    def round_done(self, done: Round, digests: list[DeliveredDigest], *, is_first: bool) -> None:
        """One round is done."""

    def round_failed(self, error: MonitorError) -> None:
        """One round ended early; the next begins as usual."""


async def poll_once(
    monitor: Monitor, progress: Progress, *, ids: list[int] | None = None, all_enabled: bool = False
) -> Round:
    """Do one round, beside a running service too: each source has one visitor at a time."""

    async def work() -> Round:
        async with working(monitor, progress) as worker:
            return await worker.run_round(ids=ids, all_enabled=all_enabled)

    with monitor.alone():
        return await _until_signal(work())


async def serve(monitor: Monitor, progress: Progress, report: Report) -> None:
    """Work until a signal: a round at once, then a look every `tick_seconds` at what is due."""

    async def work() -> None:
        async with working(monitor, progress) as worker:
            report.round_done(await worker.run_round(), await worker.make_due_digests(), is_first=True)
            await _keep_ticking(monitor.settings.tick_seconds, lambda: _tick(worker, report))

    with monitor.alone() as is_alone:
        require_alone(is_alone)
        await _until_signal(work())


async def _tick(worker: Worker, report: Report) -> None:
    try:
        done, digests = await worker.run_round(), await worker.make_due_digests()
    except MonitorError as error:
        # A full disk or a locked archive may be mended while we run: what is due stays due.
        report.round_failed(error)
    else:
        report.round_done(done, digests, is_first=False)


async def _keep_ticking(seconds: int, work: Callable[[], Awaitable[None]]) -> None:
    running: set[asyncio.Task[None] | None] = set()

    async def job() -> None:
        running.add(asyncio.current_task())
        try:
            await work()
        finally:
            running.discard(asyncio.current_task())

    scheduler = AsyncIOScheduler(timezone=UTC)
    # A tick that comes late or in a heap still only asks what is due, so none is ever dropped or doubled.
    scheduler.add_job(job, "interval", seconds=seconds, coalesce=True, max_instances=1, misfire_grace_time=None)
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
