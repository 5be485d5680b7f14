"""Keep requests to one host apart, and all requests together few.

In: a host. Out: its turn, as an async context.
Never: counts against anybody's deadline; whoever waits for a turn has not begun.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_FORGET_ABOVE = 1_000


@dataclass(slots=True)
class _Host:
    slots: asyncio.Semaphore
    gate: asyncio.Lock = field(default_factory=asyncio.Lock)
    next_start: float = 0.0
    users: int = 0


class Pace:
    """At most `max_per_host` requests to one host at once, their starts `host_delay_seconds` apart."""

    def __init__(
        self,
        *,
        max_per_host: int,
        host_delay_seconds: float,
        max_connections: int,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._max_per_host = max_per_host
        self._host_delay_seconds = host_delay_seconds
        self._places = asyncio.Semaphore(max_connections)
        self._monotonic = monotonic
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, host: str, pause_seconds: float = 0.0, *, pauses: bool = True) -> AsyncIterator[None]:
        """Wait until the host may be asked again; the turn lasts as long as the context.

        `pause_seconds` is what the host itself asks for between requests, where that is longer than our own pause. What
        is part of a page that waited for its turn already doesn't pause.
        """
        state = self._hosts.get(host)
        if state is None:
            self._forget_idle()
            state = self._hosts[host] = _Host(asyncio.Semaphore(self._max_per_host))
        state.users += 1
        try:
            async with state.slots:
                if pauses:
                    await self._start(state, max(self._host_delay_seconds, pause_seconds))
                else:
                    await self._places.acquire()
                try:
                    yield
                finally:
                    self._places.release()
        finally:
            state.users -= 1

    async def _start(self, state: _Host, pause_seconds: float) -> None:
        # The place among all hosts is taken last, so that nobody holds one while it waits for its own host; and
        # within the gate, so that two starts that both waited for a place don't then happen at once.
        async with state.gate:
            while (wait := state.next_start - self._monotonic()) > 0:
                await self._sleep(wait)
            await self._places.acquire()
            state.next_start = self._monotonic() + pause_seconds

    def _forget_idle(self) -> None:
        if len(self._hosts) >= _FORGET_ABOVE:
            now = self._monotonic()
            self._hosts = {name: host for name, host in self._hosts.items() if host.users or host.next_start > now}
