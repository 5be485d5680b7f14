"""The one door out: get one URL under every limit.

In: FetchRequest. Out: Fetched or NotModified; everything else is a Retryable or a Rejected that names host and remedy.
Never: follows a redirect unchecked, keeps a cookie, sends a credential, or heeds the environment's proxies.
"""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpcore
import httpx

from monitor.errors import ConfigurationError, Rejected, TooManyRedirects
from monitor.fetch.answers import AnswerReader, Trip, is_sendable
from monitor.fetch.connect import Guard, resolve_host
from monitor.fetch.gatekeepers import refuse_login
from monitor.fetch.guard import CheckedUrl, Networks, check_port, check_url
from monitor.fetch.network import Network
from monitor.fetch.pace import Pace
from monitor.fetch.proxies import Proxy, read_proxy, read_sources_proxy
from monitor.fetch.refusals import TRANSPORT_ERRORS, describe_error
from monitor.fetch.robots import Robots
from monitor.model.fetching import DIRECT, Fetched, FetchRequest, NotModified, Purpose
from monitor.model.ports import Clock, Resolver

_PAGES = "text/html, application/xhtml+xml, */*;q=0.5"
_FEEDS = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
_ACCEPT: Mapping[Purpose, str] = {
    "feed": _FEEDS,
    "search": _FEEDS,
    "page": _PAGES,
    "article": _PAGES,
    "sitemap": "application/xml, text/xml, */*;q=0.5",
    "robots": "text/plain, */*;q=0.5",
}


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one fetch may cost, and what may be asked for beyond public addresses on the web's ports."""

    fetch_deadline_seconds: float = 30.0
    connect_timeout_seconds: float = 10.0
    max_body_bytes: int = 10 * 1024 * 1024
    max_header_bytes: int = 65_536
    max_redirects: int = 5
    host_delay_seconds: float = 1.0
    max_per_host: int = 2
    max_connections: int = 16
    allowed_networks: Networks = ()
    allowed_ports: tuple[int, ...] = ()
    user_agent: str = "Monitor/0.1"
    proxy_url: str | None = None

    def __post_init__(self) -> None:
        if not (self.user_agent.isascii() and self.user_agent.isprintable()):
            raise ConfigurationError(f"The User-Agent {self.user_agent!r} must be plain ASCII: see MONITOR_CONTACT")


class HttpClient:
    """Implements the port `Http`. `mounts` serve their hosts without a socket, under the same limits but without pace.

    robots.txt is asked before every hop, unless `heeds_robots` is off (for tests of what lies below it).

    A request's `proxy_url` goes before the settings'; without either, and with DIRECT, the connection is straight.
    """

    def __init__(
        self,
        limits: FetchLimits,
        clock: Clock,
        *,
        resolve: Resolver = resolve_host,
        mounts: Mapping[str, httpx.AsyncBaseTransport] | None = None,
        ssl_context: ssl.SSLContext | None = None,
        pace: Pace | None = None,
        heeds_robots: bool = True,
    ) -> None:
        self._limits = limits
        self._mounts = dict(mounts or {})
        self._pace = pace or Pace(
            max_per_host=limits.max_per_host,
            host_delay_seconds=limits.host_delay_seconds,
            max_connections=limits.max_connections,
        )
        self._robots = Robots(self.fetch) if heeds_robots else None
        self._proxy = read_proxy(limits.proxy_url) if limits.proxy_url is not None else None
        guard = Guard(resolve, limits.allowed_networks, limits.allowed_ports)
        context = ssl_context or httpcore.default_ssl_context()
        self._reader = AnswerReader(
            max_body_bytes=limits.max_body_bytes, max_header_bytes=limits.max_header_bytes, clock=clock
        )
        self._network = Network(guard, context, connect_timeout_seconds=limits.connect_timeout_seconds)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._network.aclose()
        for transport in self._mounts.values():
            await transport.aclose()

    async def fetch(self, request: FetchRequest) -> Fetched | NotModified:
        """Get one URL under every limit. Raises Retryable or Rejected."""
        trip = Trip(request, check_url(request.url), self._proxy_for(request))
        headers = self._headers(request)
        seconds_left = self._limits.fetch_deadline_seconds
        url = trip.asked
        while True:
            answer, seconds = await self._visit(url, trip, headers, seconds_left)
            if isinstance(answer, CheckedUrl):
                seconds_left -= seconds
                url = answer
                if len(trip.passed) > self._limits.max_redirects:
                    raise TooManyRedirects(f"{request.url} redirects more than {self._limits.max_redirects} times")
            else:
                return trip.end(url, answer)

    def _proxy_for(self, request: FetchRequest) -> Proxy | None:
        if request.proxy_url == "":
            return self._proxy
        return None if request.proxy_url == DIRECT else read_sources_proxy(request.proxy_url)

    def _headers(self, request: FetchRequest) -> list[tuple[bytes, bytes]]:
        offered = ((b"If-None-Match", request.etag), (b"If-Modified-Since", request.last_modified))
        return [
            (b"User-Agent", self._limits.user_agent.encode()),
            (b"Accept", _ACCEPT[request.purpose].encode()),
            (b"Accept-Encoding", b"gzip"),
            *((name, value.encode()) for name, value in offered if value and is_sendable(value)),
        ]

    async def _visit(
        self, url: CheckedUrl, trip: Trip, headers: list[tuple[bytes, bytes]], seconds_left: float
    ) -> tuple[Fetched | NotModified | CheckedUrl, float]:
        """Ask one hop's URL in its host's turn; return what came, and the seconds it took."""
        check_port(url.port, self._limits.allowed_ports)
        try:
            pause_seconds = await self._ask_leave(url, trip)
            async with self._turn(url.host, pause_seconds, pauses=not trip.request.is_part):
                began_at = asyncio.get_running_loop().time()
                answer = await self._ask(url, trip, headers, seconds_left)
                return answer, asyncio.get_running_loop().time() - began_at
        except Rejected as error:
            if trip.is_at_login(url):
                raise refuse_login(trip.asked, url) from error
            raise

    async def _ask_leave(self, url: CheckedUrl, trip: Trip) -> float:
        if self._robots is None or url.host in self._mounts:
            asked_pause = 0.0
        else:
            asked_pause = await self._robots.check(url, trip.request.purpose, trip.request.proxy_url)
        return max(asked_pause, trip.request.pause_seconds) if url.host == trip.asked.host else asked_pause

    def _turn(self, host: str, pause_seconds: float, *, pauses: bool) -> AbstractAsyncContextManager[None]:
        return nullcontext() if host in self._mounts else self._pace.turn(host, pause_seconds, pauses=pauses)

    async def _ask(
        self, url: CheckedUrl, trip: Trip, headers: list[tuple[bytes, bytes]], seconds: float
    ) -> Fetched | NotModified | CheckedUrl:
        try:
            async with asyncio.timeout(seconds):
                known = {"checked_url": url, "proxy": trip.proxy}
                request = httpx.Request("GET", url.text, headers=headers, extensions=known)
                response = await self._mounts.get(url.host, self._network).handle_async_request(request)
                try:
                    return await self._reader.read(url, trip, response)
                finally:
                    await response.aclose()
        except TRANSPORT_ERRORS as error:
            deadline = self._limits.fetch_deadline_seconds
            host = f"{url.host} (by the proxy {trip.proxy.identity})" if trip.proxy else url.host
            raise describe_error(error, host=host, deadline_seconds=deadline) from error
