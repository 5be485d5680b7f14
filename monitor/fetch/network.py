"""Ask for URLs: an httpx transport on httpcore's connections, kept for each way out and origin.

In: a request with its checked URL and the proxy to go through, if any. Out: a response, to be read once and closed.
Never: hands a connection from one origin or proxy to another, or to two requests at once.

httpcore's own pool goes through all its connections and waiting requests at each request's begin and end, which grows
quadratically dearer (httpcore#1035). Here whoever asks waited for the host's turn already (`pace`), so there is nothing
to queue for: a connection that is kept is taken, or one is opened, which saves an eighth of a request's CPU
(bench/concurrency.py).
"""

import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import partial
from typing import Any

import httpcore
import httpx
from socksio import SOCKSError

from monitor.errors import DnsFailed
from monitor.fetch.connect import MAX_ADDRESSES_TRIED, Guard, GuardedBackend, closing_on_failure
from monitor.fetch.guard import CheckedUrl
from monitor.fetch.proxies import Proxy, ProxyRefused

_KEPT_SECONDS = 30.0
_MAX_IDLE_WAYS = 128
_PROXY_AUTHENTICATION = 407


class Network(httpx.AsyncBaseTransport):
    """Every connection of ours. A request brings its `checked_url` and `proxy` among its extensions."""

    def __init__(self, guard: Guard, ssl_context: ssl.SSLContext, *, connect_timeout_seconds: float) -> None:
        self._guard = guard
        self._ssl_context = ssl_context
        self._extensions: dict[str, Any] = {"timeout": {"connect": connect_timeout_seconds}}
        self._straight = self._maker(None)
        self._in_use: set[httpcore.AsyncConnectionInterface] = set()
        self._idle: OrderedDict[str, list[httpcore.AsyncConnectionInterface]] = OrderedDict()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the response must be closed.

        Raises what the guard has against the host, ConnectionLost that names a proxy at fault, or TRANSPORT_ERRORS.
        """
        url: CheckedUrl = request.extensions["checked_url"]
        proxy: Proxy | None = request.extensions["proxy"]
        refusal: ProxyRefused | None = None
        for sent in await self._requests(url, request.headers.raw, proxy):
            try:
                return await self._ask_once(sent, url, proxy)
            except ProxyRefused as error:
                refusal = error  # one of the host's addresses may be beyond it, say for want of IPv6
        raise refusal or DnsFailed(f"There is no address for the name {url.host}")

    async def _ask_once(self, request: httpcore.Request, url: CheckedUrl, proxy: Proxy | None) -> httpx.Response:
        way = f"{proxy.identity if proxy else ''} {url.origin} {request.url.host.decode()}"
        connection = await self._take(way, request, proxy)
        try:
            with closing_on_failure():
                response = await connection.handle_async_request(request)
        except BaseException as error:
            await self._give_back(way, connection)
            if proxy and isinstance(error, httpcore.ProxyError | SOCKSError):
                raise proxy.refusal(str(error)) from error
            raise
        stream = _Stream(partial(self._give_back, way, connection), response)
        if proxy and response.status == _PROXY_AUTHENTICATION and not proxy.is_socks and url.scheme == "http":
            await stream.aclose()
            raise proxy.refusal("it asks for a user name and password, or does not accept ours")
        return httpx.Response(response.status, headers=response.headers, stream=stream)

    async def _requests(
        self, url: CheckedUrl, headers: list[tuple[bytes, bytes]], proxy: Proxy | None
    ) -> list[httpcore.Request]:
        """Return what to send; through a proxy that takes addresses, one for each of the host's."""
        hosts, extensions = [url.host], self._extensions
        if proxy:
            # The proxy resolves for itself; what we can see of the target is checked before it is asked.
            addresses = await self._guard.addresses(url.host, url.port)
            if proxy.takes_addresses:
                hosts = [str(address) for address in addresses[:MAX_ADDRESSES_TRIED]]
                extensions = {**extensions, "sni_hostname": url.host}
        scheme, target = url.scheme.encode(), url.text[len(url.origin) :].encode()
        return [
            httpcore.Request(
                b"GET",
                httpcore.URL(scheme=scheme, host=host.encode(), port=url.port, target=target),
                headers=headers,
                extensions=extensions,
            )
            for host in hosts
        ]

    async def _take(
        self, way: str, request: httpcore.Request, proxy: Proxy | None
    ) -> httpcore.AsyncConnectionInterface:
        """Return a connection that was kept and still stands, or a new one, which connects when it is used."""
        while idle := self._idle.pop(way, None):
            connection = idle.pop()
            if idle:
                self._idle[way] = idle
            if not connection.has_expired():  # nor closed by the other side
                break
            await connection.aclose()
        else:
            connection = (self._maker(proxy) if proxy else self._straight).create_connection(request.url.origin)
        self._in_use.add(connection)
        return connection

    def _maker(self, proxy: Proxy | None) -> httpcore.AsyncConnectionPool:
        """Return httpcore's pool, which is asked for connections of the right kind only."""
        return httpcore.AsyncConnectionPool(
            ssl_context=self._ssl_context,
            proxy=proxy.for_httpcore(self._ssl_context) if proxy else None,
            keepalive_expiry=_KEPT_SECONDS,
            network_backend=GuardedBackend(self._guard, proxy),
        )

    async def _give_back(self, way: str, connection: httpcore.AsyncConnectionInterface) -> None:
        """Keep a connection whose exchange was ended in good order; close what is longest unused beyond the most."""
        self._in_use.discard(connection)
        if not connection.is_available():
            await connection.aclose()
            return
        self._idle.setdefault(way, []).append(connection)
        self._idle.move_to_end(way)
        if len(self._idle) > _MAX_IDLE_WAYS:
            await _close(self._idle.popitem(last=False)[1])

    async def aclose(self) -> None:
        """Close every connection."""
        connections = [*self._in_use, *(connection for idle in self._idle.values() for connection in idle)]
        self._in_use.clear()
        self._idle.clear()
        await _close(connections)


async def _close(connections: Iterable[httpcore.AsyncConnectionInterface]) -> None:
    for connection in connections:
        await connection.aclose()


class _Stream(httpx.AsyncByteStream):
    """A body while it is read."""

    def __init__(self, give_back: Callable[[], Awaitable[None]], response: httpcore.Response) -> None:
        self._give_back: Callable[[], Awaitable[None]] | None = give_back
        self._response = response

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._response.aiter_stream()

    async def aclose(self) -> None:
        """End the exchange; its connection is kept, or closed where it can't be used again."""
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            try:
                await self._response.aclose()
            finally:
                await give_back()
