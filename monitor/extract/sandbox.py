"""Parse in supervised children: a document that crashes, hangs or bloats its parser fails alone.

In: Fetched. Out: Listing, Article or Offers. Never: trafilatura or feedparser in this process, a child that outlives
its parent, or a child that holds a socket or the archive.
"""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from monitor.children import BareContext
from monitor.errors import (
    BadFeed,
    BadSelector,
    Challenged,
    LoginAsked,
    NotAFeed,
    NotAnArticle,
    ParserKilled,
    ParsersUnavailable,
    ParserTimeout,
    Rejected,
    SearchRefused,
)
from monitor.extract import child
from monitor.extract.together import Job, Together
from monitor.model.archiving import SourceKind
from monitor.model.articles import Article
from monitor.model.entries import Listing, Offer
from monitor.model.fetching import Fetched

_REFUSALS: dict[str, type[Rejected]] = {
    kind.__name__: kind
    for kind in (NotAFeed, BadFeed, NotAnArticle, BadSelector, SearchRefused, Challenged, LoginAsked)
}
T = TypeVar("T")

_START_GRACE_SECONDS = 60.0
"""What a child may need to start and load its parsers, on a busy machine."""


@dataclass(frozen=True, slots=True)
class ParserLimits:
    """What one document may cost. `memory_bytes` is a child's whole address space."""

    workers: int = 2
    parse_deadline_seconds: float = 20.0
    memory_bytes: int = 1 << 30
    max_result_bytes: int = 64 << 20
    tasks_per_worker: int = 1_000


class ParserPool:
    """The port `monitor.model.ports.Parsers` on child processes; an async context manager.

    To be entered in the program's main thread: the children die with the thread that started them. `awake_seconds` is
    a clock that stands still while the machine sleeps.

    A document that was not at fault is read once more: its child was killed from outside (the kernel wanted its
    memory), or the machine slept while it was read. One that is at fault gets no second try.
    """

    def __init__(self, limits: ParserLimits | None = None, awake_seconds: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits or ParserLimits()
        self._awake_seconds = awake_seconds
        self._slots = asyncio.Semaphore(self._limits.workers)
        self._running: set[Future[Any]] = set()
        self._together = Together(self._slots, self._read_many, self._read)
        self._pool: ProcessPool | None = None

    async def __aenter__(self) -> Self:
        try:
            self._pool = self._start()
        except OSError as error:
            raise ParsersUnavailable(
                f"the parser processes can't be set up: {error.strerror}; may this user write to /dev/shm?"
            ) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def read_listing(self, fetched: Fetched, kind: SourceKind, links: str = "") -> Listing:
        """Read what a source of that kind lists. Raises as the port says."""
        reader = partial(child.read_listing, kind=kind, links=links)
        return _expect(Listing, _or_raise(await self._together.read(reader, fetched)), fetched)

    async def extract_article(self, fetched: Fetched) -> Article:
        """Read an article page or document. Raises as the port says."""
        return _expect(Article, await self._read(child.read_article, fetched), fetched)

    async def find_offers(self, fetched: Fetched) -> tuple[Offer, ...]:
        """Find what a site's page offers to follow. Raises as the port says."""
        return _expect(tuple, await self._read(child.read_offers, fetched), fetched)

    async def close(self) -> None:
        """End the children, busy or not; what they were reading fails with ParsersUnavailable."""
        pool, self._pool = self._pool, None
        for future in list(self._running):
            future.cancel()
        if pool is not None:
            await asyncio.to_thread(_end, pool)

    async def _read(self, reader: child.Reader, fetched: Fetched) -> child.Parsed:
        # No more at a time than there are children: a task's time is never spent waiting for one.
        async with self._slots:
            pool = self._pool
            try:
                outcome = await self._run_one(reader, fetched)
            except _Interrupted:
                outcome = await self._run_once_more(reader, fetched)
            except BrokenProcessPool:
                # A child that dies idle (the kernel wanted its memory) breaks pebble's pool for good.
                await self._restart(pool)
                outcome = await self._run_once_more(reader, fetched)
        return _or_raise(outcome)

    async def _read_many(self, jobs: list[Job]) -> list[child.Outcome] | None:
        """Read several documents within one document's time; None where their child failed any of them."""
        pool = self._pool
        try:
            packed = await self._run(child.run_many, [(reader, _unburdened(fetched)) for reader, fetched in jobs])
        except (_Interrupted, ParserTimeout, ParserKilled):
            return None
        except BrokenProcessPool:
            await self._restart(pool)
            return None
        return [child.unpack(outcome) for outcome in packed]

    async def _run_once_more(self, reader: child.Reader, fetched: Fetched) -> child.Outcome:
        try:
            return await self._run_one(reader, fetched)
        except _Interrupted as error:
            raise error.failure from error
        except BrokenProcessPool as error:
            raise ParsersUnavailable(f"the parsers do not start: {error}") from error

    async def _run_one(self, reader: child.Reader, fetched: Fetched) -> child.Outcome:
        return child.unpack(await self._run(child.run, reader, _unburdened(fetched)))

    async def _run(self, function: Callable[..., T], *arguments: object) -> T:
        pool, deadline = self._pool, self._limits.parse_deadline_seconds
        if pool is None:
            raise ParsersUnavailable("the parsers are closed")
        began_at = self._awake_seconds()
        future = self._schedule(pool, function, arguments)
        try:
            # pebble keeps the deadline from when a child takes the task; this one is for a task that none takes.
            async with asyncio.timeout(deadline + _START_GRACE_SECONDS):
                return await asyncio.wrap_future(future)
        except TimeoutError as error:
            if not future.done() or future.cancelled():
                await self._restart(pool)
                raise ParsersUnavailable(f"no parser took it for {_START_GRACE_SECONDS:g} seconds") from error
            raise self._out_of_time(began_at) from error
        except ProcessExpired as error:
            raise _killed(error.exitcode) from error
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if self._pool is not None or (task is not None and task.cancelling()):
                raise
            raise ParsersUnavailable("it was being read when the parsers were closed") from error
        finally:
            self._running.discard(future)

    def _out_of_time(self, began_at: float) -> Exception:
        """Tell a document that had its time from one overtaken by the clock on the wall, which pebble goes by."""
        deadline = self._limits.parse_deadline_seconds
        failure = ParserTimeout(f"reading it took longer than {deadline:g} seconds, and was ended")
        return failure if self._awake_seconds() - began_at >= deadline / 2 else _Interrupted(failure)

    def _schedule(self, pool: ProcessPool, function: Callable[..., T], arguments: tuple[object, ...]) -> "Future[T]":
        limits = self._limits
        bounds = (limits.parse_deadline_seconds, limits.max_result_bytes)
        try:
            future = pool.schedule(function, args=(*arguments, *bounds), timeout=limits.parse_deadline_seconds)
        except RuntimeError as error:
            raise BrokenProcessPool(str(error)) from error
        self._running.add(future)
        return future

    async def _restart(self, pool: ProcessPool | None) -> None:
        """Put a new pool in the place of a broken one, unless another task has done so already."""
        if pool is not None and pool is self._pool:
            self._pool = self._start()
            await asyncio.to_thread(_end, pool)

    def _start(self) -> ProcessPool:
        pool = ProcessPool(
            max_workers=self._limits.workers,
            max_tasks=self._limits.tasks_per_worker,
            initializer=child.prepare,
            initargs=(os.getpid(), self._limits.memory_bytes),
            context=BareContext(),
        )
        # Asking starts the children, which load their parsers while the first documents are being fetched.
        if not pool.active:
            raise ParsersUnavailable("the parsers could not be started")
        return pool


def _expect(kind: type[T], parsed: child.Parsed, fetched: Fetched) -> T:
    if not isinstance(parsed, kind):
        raise ParserKilled(f"{fetched.url}: the parser answered with something else than asked for")
    return parsed


def _or_raise(outcome: child.Outcome) -> child.Parsed:
    if isinstance(outcome, child.Refusal):
        raise _REFUSALS.get(outcome.error, ParserKilled)(outcome.message)
    return outcome


def _unburdened(fetched: Fetched) -> Fetched:
    """Leave out the bytes as received: they go into the archive, a parser needs them decoded only."""
    return replace(fetched, raw_body=b"")


class _Interrupted(Exception):
    """A document was not read through no fault of its own; `failure` is what it comes to if that goes on."""

    def __init__(self, failure: Rejected) -> None:
        super().__init__(str(failure))
        self.failure = failure


def _killed(exit_code: int) -> Exception:
    """Tell a child that its document crashed from one killed from outside: no limit of ours ends one by SIGKILL."""
    failure = ParserKilled(child.explain_exit(exit_code))
    return _Interrupted(failure) if exit_code == -signal.SIGKILL else failure


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()
