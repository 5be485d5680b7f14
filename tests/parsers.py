"""Parser processes that stay from one test to the next: a child takes a second of CPU to load its parsers."""

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from pebble import ProcessPool

from monitor.extract import sandbox
from monitor.extract.sandbox import ParserLimits, ParserPool

MAX_IDLE = 2


class KeptParsers:
    """Gives an opening pool the children of one that was closed with the same limits; what was being read is ended.

    A child dies with the thread that started it, so one thread starts them all and lives as long as they do.
    """

    def __init__(self) -> None:
        self.is_keeping = True
        self._start = ParserPool._start
        self._end = sandbox._end
        self._starter = ThreadPoolExecutor(1, "parsers")
        self._idle: dict[ParserLimits, list[ProcessPool]] = defaultdict(list)
        self._limits: dict[ProcessPool, ParserLimits] = {}

    def start(self, parsers: ParserPool) -> ProcessPool:
        """Stand in for `ParserPool._start`."""
        if not self.is_keeping:
            return self._start(parsers)
        idle = self._idle[_costing(parsers._limits)]
        while idle:
            pool = idle.pop()
            if pool.active:
                return pool
            self._drop(pool)
        pool = self._starter.submit(self._start, parsers).result()
        self._limits[pool] = _costing(parsers._limits)
        return pool

    def end(self, pool: ProcessPool) -> None:
        """Stand in for `sandbox._end`."""
        limits = self._limits.get(pool)
        if limits is not None and pool.active and len(self._idle[limits]) < MAX_IDLE:
            self._idle[limits].append(pool)
        else:
            self._drop(pool)

    def close(self) -> None:
        """End all."""
        for pools in self._idle.values():
            for pool in pools:
                self._drop(pool)
        self._starter.shutdown()

    def _drop(self, pool: ProcessPool) -> None:
        self._limits.pop(pool, None)
        self._end(pool)


def _costing(limits: ParserLimits) -> ParserLimits:
    """Leave out what is told with each document."""
    return ParserLimits(
        workers=limits.workers, memory_bytes=limits.memory_bytes, tasks_per_worker=limits.tasks_per_worker
    )


@contextmanager
def kept_parsers() -> Iterator[KeptParsers]:
    """Keep parsers within the block."""
    kept = KeptParsers()

    def start(parsers: ParserPool) -> ProcessPool:
        return kept.start(parsers)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ParserPool, "_start", start)
        patch.setattr(sandbox, "_end", kept.end)
        try:
            yield kept
        finally:
            kept.close()
