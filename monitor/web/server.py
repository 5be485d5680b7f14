"""Serve the readers' pages in the service's own event loop, for the operator's web server to pass requests on to.

In: an opened Monitor and its settings. Out: a block in which the pages are served. Never: takes a signal, writes a log
(the addresses in it would be tokens), or ends the service because its port is taken.
"""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from monitor.operations.opening import Monitor
from monitor.settings import Settings
from monitor.web.app import Tell, pages
from monitor.web.page import HEADERS

MAX_HEAD_BYTES = 8192
MAX_CONNECTIONS = 50
EXCHANGE_SECONDS = 15.0
"""So long may a connection last, whatever is done with it: uvicorn itself waits for a slow head without end."""

END_SECONDS = 2


class _Protocol(H11Protocol):
    """One exchange on a connection, within a deadline; an answer to nonsense is as careful as every other."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to count."""
        super().connection_made(transport)
        self._deadline = self.loop.call_later(EXCHANGE_SECONDS, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count no more."""
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, or has too long a head."""
        head = h11.Response(status_code=400, headers=[("content-type", "text/plain"), *HEADERS], reason=b"Bad Request")
        for event in (head, h11.Data(data=msg.encode("ascii")), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the service."""
        yield


@asynccontextmanager
async def serving(monitor: Monitor, tell: Tell) -> AsyncIterator[None]:
    """Serve the pages while the block lasts; where that can't be, say so and go on without."""
    listener = _listen(monitor.settings, tell)
    if listener is None:
        yield
        return
    server = _Server(_configure(monitor, tell))
    work = asyncio.ensure_future(server.serve(sockets=[listener]))
    try:
        while not (server.started or work.done()):  # noqa: ASYNC110 (a flag is all that uvicorn shows)
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await asyncio.wait({work}, timeout=END_SECONDS + 1)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        listener.close()


def _listen(settings: Settings, tell: Tell) -> socket.socket | None:
    host, port = settings.listen_at
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=MAX_CONNECTIONS)
    except OSError as error:
        tell(
            f"MONITOR_LISTEN: {settings.listen} can't be listened on ({error.strerror}), so the links by which readers "
            "stop mails lead nowhere. Free it or set another, then start anew; everything else goes on."
        )
        return None


def _configure(monitor: Monitor, tell: Tell) -> uvicorn.Config:
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    return uvicorn.Config(
        pages(monitor, tell),
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        headers=list(HEADERS),
        limit_concurrency=MAX_CONNECTIONS,
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=END_SECONDS,
    )
