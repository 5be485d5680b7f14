"""Ask a question that may hang, such as a name lookup, in threads that nobody waits for.

In: a host and a port. Out: what the resolver answers. Never: more threads than allowed, or a program that can't end.

The loop's own threads would do, but they are few, other work shares them, and asyncio joins them at the end: name
servers that keep silent for half a minute would hold up the archive, the other sources and Ctrl-C.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Answer = TypeVar("Answer")

MAX_THREADS = 64
"""Four times as many as there are requests in flight by default: a lookup outlives the request that gave it up."""


class Lookups(Generic[Answer]):
    """Runs a blocking resolver in daemon threads; where all of them hang, a further lookup waits until one is free."""

    def __init__(self, ask: Callable[[str, int], Answer], max_threads: int = MAX_THREADS) -> None:
        self._ask = ask
        self._max_threads = max_threads
        self._threads = 0
        self._waiting: deque[tuple[str, int, Future[Answer]]] = deque()
        self._lock = threading.Lock()

    async def find(self, host: str, port: int) -> Answer:
        """Return the resolver's answer, or raise what it raises. A lookup given up before it began is dropped."""
        answer = Future[Answer]()
        with self._lock:
            self._waiting.append((host, port, answer))
            needs_thread = self._threads < self._max_threads
            self._threads += needs_thread
        if needs_thread:
            threading.Thread(target=self._work, name="name lookup", daemon=True).start()
        return await asyncio.wrap_future(answer)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._threads -= 1
                    return
                host, port, answer = self._waiting.popleft()
            if not answer.set_running_or_notify_cancel():
                continue
            try:
                answer.set_result(self._ask(host, port))
            except BaseException as error:  # noqa: BLE001 (it is raised where the answer is awaited)
                answer.set_exception(error)
