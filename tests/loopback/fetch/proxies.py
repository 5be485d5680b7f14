"""Real proxies on loopback: SOCKS5 (RFC 1928), and HTTP that forwards or tunnels. They connect wherever they are asked.

Names are looked up in `names`, or lead to 127.0.0.1; what they were asked for is kept in `asked`.
"""

import asyncio
import base64
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from types import TracebackType
from typing import Self

from tests.loopback.fetch.rig import INTERNET

Converse = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Refused(Exception):
    """The proxy says no."""


class Proxy:
    """A listener that hands every conversation to `_serve`."""

    scheme = ""

    def __init__(
        self,
        *,
        credentials: str = "",
        tls: ssl.SSLContext | None = None,
        refusal: int = 0,
        names: dict[str, str] | None = None,
    ) -> None:
        self.credentials = credentials
        self.refusal = refusal
        self.names = names or {}
        self.asked: list[str] = []
        self.connections = 0
        self.port = 0
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.4", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def url(self, scheme: str = "", host: str = "127.0.0.4") -> str:
        """Return the proxy's URL, with its credentials."""
        at = f"{self.credentials}@" if self.credentials else ""
        return f"{scheme or self.scheme}://{at}{host}:{self.port}"

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, Refused):
            try:
                await self._serve(reader, writer)
            finally:
                writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError

    async def _join(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        host: str,
        port: int,
        granted: bytes,
    ) -> None:
        there, back = await asyncio.open_connection(self.names.get(host, host if host[0].isdigit() else INTERNET), port)
        writer.write(granted)
        try:
            await asyncio.gather(_pump(reader, back), _pump(there, writer))
        finally:
            back.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        writer.close()


class Socks5(Proxy):
    """Speaks SOCKS5; with `credentials` "user:password" it takes nothing else."""

    scheme = "socks5"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        methods = await reader.readexactly(count)
        method = 2 if self.credentials else 0
        if method not in methods:
            writer.write(b"\x05\xff")
            raise Refused
        writer.write(bytes([5, method]))
        if self.credentials:
            await self._check_password(reader, writer)
        host, port = await self._read_target(reader)
        self.asked.append(f"{host}:{port}")
        if self.refusal or ":" in host:  # it has no IPv6
            writer.write(bytes([5, self.refusal or 3, 0, 1, 0, 0, 0, 0, 0, 0]))
            raise Refused
        await self._join(reader, writer, host, port, granted=b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")

    async def _check_password(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, size = await reader.readexactly(2)
        name = await reader.readexactly(size)
        password = await reader.readexactly((await reader.readexactly(1))[0])
        is_right = f"{name.decode()}:{password.decode()}" == self.credentials
        writer.write(b"\x01\x00" if is_right else b"\x01\x01")
        if not is_right:
            raise Refused

    @staticmethod
    async def _read_target(reader: asyncio.StreamReader) -> tuple[str, int]:
        kind = (await reader.readexactly(4))[3]
        size = (await reader.readexactly(1))[0] if kind == 3 else {1: 4, 4: 16}[kind]
        raw = await reader.readexactly(size)
        host = raw.decode() if kind == 3 else str(ip_address(raw))
        return host, int.from_bytes(await reader.readexactly(2), "big")


class HttpProxy(Proxy):
    """Forwards what is asked with an absolute URL, and tunnels CONNECT."""

    scheme = "http"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, target, _ = head.split(" ", 2)
        self.asked.append(f"{method} {target}")
        wanted = "Basic " + base64.b64encode(self.credentials.encode()).decode()
        if self.credentials and f"proxy-authorization: {wanted}".lower() not in head.lower():
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            raise Refused
        if self.refusal:
            writer.write(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % self.refusal)
            raise Refused
        authority = target if method == "CONNECT" else target.split("/")[2]
        host, _, port = authority.rpartition(":")
        if method == "CONNECT":
            await self._join(reader, writer, host, int(port), granted=b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            await self._forward(reader, writer, head, host, int(port))

    @staticmethod
    async def _forward(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str, host: str, port: int
    ) -> None:
        there, back = await asyncio.open_connection(host if host[0].isdigit() else INTERNET, port)
        answers = asyncio.create_task(_pump(there, writer))
        try:
            while True:
                target = head.split(" ", 2)[1]
                back.write(head.replace(target, "/" + target.split("/", 3)[3], 1).encode("latin-1"))
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        finally:
            answers.cancel()
            back.close()
