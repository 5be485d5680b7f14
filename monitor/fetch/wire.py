"""One connection's bytes for httpcore, over the event loop's own transports.

In: a connected transport. Out: an httpcore.AsyncNetworkStream. Never: holds more than 320 KB unread, or takes what came
before TLS for something that came under it.

httpcore's own stream (anyio's) sets up cancel scopes for each read and write. Here one deadline spans the whole
exchange, so a read's own timeout is not heeded, which saves a third of a request's cost (bench/concurrency.py).
"""

import asyncio
import ssl
from contextlib import suppress
from typing import Any

import httpcore

from monitor.errors import BadResponse, ConnectionLost, MonitorError, Timeout, TlsError
from monitor.fetch.proxies import Proxy
from monitor.fetch.refusals import describe_tls

_HELD_BYTES = 65_536
_HTTP = b"HTTP/"


class Arrivals(asyncio.Protocol):
    """What has come and not been read yet, as the event loop delivers it."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.has_ended = False
        self.error: Exception | None = None
        self._received = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._is_paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (a stream's transport is one)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Keep what came, and let no more come while it is much."""
        self._received += data
        if len(self._received) > _HELD_BYTES and self.transport is not None and not self._is_paused:
            self.transport.pause_reading()
            self._is_paused = True
        self._wake()

    def eof_received(self) -> None:
        """Note that nothing more comes."""
        self.has_ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the connection is gone, and why."""
        self.has_ended = True
        self.error = exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        self._waiter = None

    @property
    def is_quiet(self) -> bool:
        """Say whether the connection stands and nothing came that nobody asked for."""
        return not (self.has_ended or self._received)

    async def take(self, max_bytes: int) -> bytes:
        """Return what came, once something did; b"" at the end. Raises OSError where the connection broke."""
        while self.is_quiet:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        data = bytes(self._received[:max_bytes])
        del self._received[:max_bytes]
        if self._is_paused and not self._received and self.transport is not None:
            self._is_paused = False
            with suppress(RuntimeError):  # it is closing
                self.transport.resume_reading()
        if not data and self.error is not None:
            raise self.error
        return data


class Wire(httpcore.AsyncNetworkStream):
    """A connection to a host, or to the proxy before it.

    Its first bytes must be HTTP's, a SOCKS proxy's apart: an SSH banner would else be a header without end.
    """

    def __init__(self, host: str, arrivals: Arrivals, proxy: Proxy | None = None) -> None:
        self._host = host
        self._arrivals = arrivals
        self._proxy = proxy
        self._begin: bytes | None = None if proxy and proxy.is_socks else b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, ASYNC109 (httpcore's)
        """Return what came; b"" at the end."""
        data = await self._arrivals.take(max_bytes)
        if self._begin is not None and data:
            self._begin += data[: len(_HTTP) - len(self._begin)]
            if not _HTTP.startswith(self._begin):
                failure = BadResponse(f"{self._host} does not speak HTTP on this port; is the address right?")
                raise self._proxy.failure(failure) if self._proxy else failure
            if self._begin == _HTTP:
                self._begin = None
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 (httpcore's)
        """Send; it is only ever a request's head, which needs no holding back."""
        if self._arrivals.transport is not None:
            self._arrivals.transport.write(buffer)

    async def aclose(self) -> None:
        """Close at once: what is not read by now nobody wants, and TLS would wait for the other side's goodbye."""
        self.abort()

    def abort(self) -> None:
        """Close at once."""
        self._arrivals.has_ended = True
        if self._arrivals.transport is not None:
            self._arrivals.transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's signature)
    ) -> httpcore.AsyncNetworkStream:
        """Go on under TLS, the certificate checked for the name. Raises TlsError, Timeout or ConnectionLost."""
        host = server_hostname or self._host
        proxy = self._proxy if self._proxy and self._proxy.scheme == "https" and host == self._proxy.host else None
        try:
            await self._secure(ssl_context, host, timeout)
        except MonitorError as error:
            if proxy:
                raise proxy.failure(error) from error
            raise
        return Wire(host, self._arrivals, proxy)

    async def _secure(self, ssl_context: ssl.SSLContext, host: str, seconds: float | None) -> None:
        plain = self._arrivals.transport
        if plain is None or not self._arrivals.is_quiet:
            # Whoever stands in between could else put words before the true answer.
            self.abort()
            raise TlsError(f"{host} speaks before a secure connection stands; does it speak https on this port?")
        try:
            async with asyncio.timeout(seconds):
                self._arrivals.transport = await _start_tls(plain, self._arrivals, ssl_context, host)
        except ssl.SSLError as error:
            raise TlsError(describe_tls(error, host)) from error
        except TimeoutError as error:
            raise Timeout(f"{host} did not make a secure connection in time") from error
        except OSError as error:
            raise ConnectionLost(f"{host} closed the connection while it was being secured") from error

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 (httpcore's signature)
        """Answer what httpcore asks: whether the connection is readable while it is kept, and for the TLS object."""
        if info == "is_readable":
            return not self._arrivals.is_quiet
        return self._arrivals.transport.get_extra_info(info) if self._arrivals.transport is not None else None


async def _start_tls(
    plain: asyncio.Transport, arrivals: Arrivals, ssl_context: ssl.SSLContext, host: str
) -> asyncio.Transport:
    try:
        secured = await asyncio.get_running_loop().start_tls(plain, arrivals, ssl_context, server_hostname=host)
    except BaseException:
        plain.abort()
        raise
    if secured is None:
        raise ConnectionResetError
    return secured
