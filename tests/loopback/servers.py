"""A small raw HTTP/1.1 server on a loopback address, for tests that need a real socket and full control of the bytes.

In: routes (path → answer). Out: a listening server that counts connections and keeps each request's head.
Never: binds anything but an address of 127.0.0.0/8 or ::1.

    async with LoopbackServer({"/feed": respond(200, {"Content-Type": "text/xml"}, b"<rss/>")}) as server:
        ...fetch(server.url("/feed"))...
        assert server.requests[0].header("user-agent")

A route is bytes (sent as they stand), or a function `(head, writer)`: a plain one returns such bytes, a coroutine
function writes what it likes and the connection closes when it returns. "*" answers every other path.
"""

import asyncio
import contextlib
import http.client
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from types import TracebackType
from typing import Self

Answer = Callable[["RequestHead", asyncio.StreamWriter], bytes | Awaitable[None]]
Route = bytes | Answer


@dataclass(frozen=True, slots=True)
class RequestHead:
    """The head of one request as it came; header names are lower-case."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]

    @property
    def path(self) -> str:
        """Return the target without its query."""
        return self.target.partition("?")[0]

    def header(self, name: str) -> str | None:
        """Return the first header of that name."""
        return next((value for key, value in self.headers if key == name.lower()), None)


def respond(status: int = 200, headers: Mapping[str, str] | None = None, body: bytes = b"") -> bytes:
    """Return a whole HTTP/1.1 response; Content-Length is added unless it is given."""
    phrase = http.client.responses.get(status, "Unknown")
    fields = dict(headers or {})
    if "content-length" not in {name.lower() for name in fields}:
        fields["Content-Length"] = str(len(body))
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


class LoopbackServer:
    """Serves `routes` on one loopback address; `routes` may be changed while it runs."""

    def __init__(
        self,
        routes: Mapping[str, Route] | None = None,
        *,
        address: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        if not ip_address(address).is_loopback:
            raise ValueError(f"{address} is not a loopback address")
        self.routes: dict[str, Route] = dict(routes or {})
        self.address = address
        self.port = port
        self.tls = tls
        self.requests: list[RequestHead] = []
        self.connections = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, self.address, self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    def url(self, path: str = "/", host: str | None = None) -> str:
        """Return this server's URL of a path, under its address or under a name that the test resolves."""
        literal = f"[{self.address}]" if ":" in self.address else self.address
        return f"{'https' if self.tls else 'http'}://{host or literal}:{self.port}{path}"

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A client may leave at any byte: that is its right, and what many tests provoke.
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            try:
                while await self._answer_one(reader, writer):
                    pass
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = _parse_head(await reader.readuntil(b"\r\n\r\n"))
        self.requests.append(head)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._send(head, writer)
        finally:
            self.in_flight -= 1

    async def _send(self, head: RequestHead, writer: asyncio.StreamWriter) -> bool:
        route = self.routes.get(head.target) or self.routes.get(head.path) or self.routes.get("*") or respond(404)
        answer = await _run(route, head, writer)
        if answer is None:
            return False
        writer.write(answer)
        await writer.drain()
        # Bytes that don't say where they end are ended by closing.
        fields = answer.partition(b"\r\n\r\n")[0].lower()
        return b"content-length:" in fields and b"connection: close" not in fields


async def _run(route: Route, head: RequestHead, writer: asyncio.StreamWriter) -> bytes | None:
    if isinstance(route, bytes):
        return route
    answer = route(head, writer)
    if isinstance(answer, bytes):
        return answer
    await answer
    return None


def _parse_head(raw: bytes) -> RequestHead:
    first, *lines = raw.decode("latin-1").split("\r\n")
    method, target, _version = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines if line)
    return RequestHead(method, target, tuple((name.lower(), value.strip()) for name, _, value in pairs))
