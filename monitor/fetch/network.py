"""Ask for URLs: an httpx transport over httpcore, with a small pool for each way out and origin.

In: a request with its checked URL and the proxy to go through, if any. Out: a response, to be read once and closed.
Never: hands a connection from one origin or proxy to another.

One pool for all origins would do, but httpcore's grows quadratically dearer with what it holds (httpcore#1035).
"""

import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
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
_MAX_IDLE_POOLS = 128
_PROXY_AUTHENTICATION = 407

_Way = tuple[str, str]
"""The proxy ("" = none) and the origin that a connection leads to."""


@dataclass(slots=True)
class _Pool:
    connections: httpcore.AsyncConnectionPool
    users: int = 0


class Network(httpx.AsyncBaseTransport):
    """Every connection of ours. A request brings its `checked_url` and `proxy` among its extensions."""

    def __init__(self, guard: Guard, ssl_context: ssl.SSLContext, *, connect_timeout_seconds: float) -> None:
        self._guard = guard
        self._ssl_context = ssl_context
        self._extensions: dict[str, Any] = {"timeout": {"connect": connect_timeout_seconds}}
        self._straight = GuardedBackend(guard)
        self._in_use: dict[_Way, _Pool] = {}
        self._idle: OrderedDict[_Way, _Pool] = OrderedDict()

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
        way = (proxy.identity if proxy else "", f"{url.origin} {request.url.host.decode()}")
        pool = self._take(way, proxy)
        try:
            with closing_on_failure():
                response = await pool.connections.handle_async_request(request)
        except BaseException as error:
            await self._give_back(way, pool)
            if proxy and isinstance(error, httpcore.ProxyError | SOCKSError):
                raise proxy.refusal(str(error)) from error
            raise
        stream = _Stream(partial(self._give_back, way, pool), response)
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

    def _take(self, way: _Way, proxy: Proxy | None) -> _Pool:
        pool = self._in_use.get(way) or self._idle.pop(way, None) or self._open(proxy)
        self._in_use[way] = pool
        pool.users += 1
        return pool

    def _open(self, proxy: Proxy | None) -> _Pool:
        backend = GuardedBackend(self._guard, proxy) if proxy else self._straight
        return _Pool(
            httpcore.AsyncConnectionPool(
                ssl_context=self._ssl_context,
                proxy=proxy.for_httpcore(self._ssl_context) if proxy else None,
                keepalive_expiry=_KEPT_SECONDS,
                network_backend=backend,
            )
        )

    async def _give_back(self, way: _Way, pool: _Pool) -> None:
        """Note that one use of a pool is over; close the pool that is longest unused where there are too many."""
        pool.users -= 1
        if pool.users:
            return
        del self._in_use[way]
        self._idle[way] = pool
        if len(self._idle) > _MAX_IDLE_POOLS:
            _, oldest = self._idle.popitem(last=False)
            await oldest.connections.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        pools = [*self._in_use.values(), *self._idle.values()]
        self._in_use.clear()
        self._idle.clear()
        for pool in pools:
            await pool.connections.aclose()


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
