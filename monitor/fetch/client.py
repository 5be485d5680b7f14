"""The one door out: get one URL under every limit.

In: FetchRequest. Out: Fetched or NotModified; everything else is a Retryable or a Rejected that names host and remedy.
Never: follows a redirect unchecked, keeps a cookie, sends a credential, or heeds the environment's proxies.
"""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

import httpcore
import httpx

from monitor.errors import BadResponse, BadUrl, BodyTooLarge, ConfigurationError, TooManyRedirects
from monitor.fetch.body import read_body
from monitor.fetch.connect import Guard, GuardedTransport, resolve_host
from monitor.fetch.guard import CheckedUrl, Networks, check_port, check_redirect, check_url
from monitor.fetch.pace import Pace
from monitor.fetch.refusals import TRANSPORT_ERRORS, describe_error, refuse_status
from monitor.fetch.robots import Robots
from monitor.model.fetching import Fetched, FetchRequest, Headers, NotModified, Purpose
from monitor.model.ports import Clock, Resolver

_MAX_VALIDATOR_CHARS = 1_024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_WITH_CONTENT = frozenset({200, 203})
_ACCEPT: Mapping[Purpose, str] = {
    "feed": "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5",
    "article": "text/html, application/xhtml+xml, */*;q=0.5",
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

    It speaks to httpx's transports directly: httpx's own client would keep cookies and read redirects before us.
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
        self._clock = clock
        self._mounts = dict(mounts or {})
        self._pace = pace or Pace(
            max_per_host=limits.max_per_host,
            host_delay_seconds=limits.host_delay_seconds,
            max_connections=limits.max_connections,
        )
        self._robots = Robots(self.fetch) if heeds_robots else None
        context = ssl_context or httpcore.default_ssl_context()
        guard = Guard(resolve, limits.allowed_networks, limits.allowed_ports)
        self._network = GuardedTransport(guard, context, _read_proxy(limits.proxy_url, context))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for transport in (self._network, *self._mounts.values()):
            await transport.aclose()

    async def fetch(self, request: FetchRequest) -> Fetched | NotModified:
        """Get one URL under every limit. Raises Retryable or Rejected."""
        url, passed = check_url(request.url), list[str]()
        headers = self._headers(request)
        seconds_left = self._limits.fetch_deadline_seconds
        while True:
            check_port(url.port, self._limits.allowed_ports)
            pause_seconds = await self._ask_leave(url, request.purpose)
            async with self._turn(url.host, pause_seconds):
                began_at = asyncio.get_running_loop().time()
                answer = await self._ask(url, headers, seconds_left)
                seconds_left -= asyncio.get_running_loop().time() - began_at
            if isinstance(answer, NotModified):
                return answer
            if isinstance(answer, Fetched):
                return replace(answer, requested_url=request.url, redirects=tuple(passed))
            passed.append(url.text)
            if len(passed) > self._limits.max_redirects:
                raise TooManyRedirects(f"{request.url} redirects more than {self._limits.max_redirects} times")
            url = answer

    def _headers(self, request: FetchRequest) -> dict[str, str]:
        offered = {"If-None-Match": request.etag, "If-Modified-Since": request.last_modified}
        return {
            "User-Agent": self._limits.user_agent,
            "Accept": _ACCEPT[request.purpose],
            "Accept-Encoding": "gzip",
            **{name: value for name, value in offered.items() if value and _is_sendable(value)},
        }

    async def _ask_leave(self, url: CheckedUrl, purpose: Purpose) -> float:
        if self._robots is None or url.host in self._mounts:
            return 0.0
        return await self._robots.check(url, purpose)

    def _turn(self, host: str, pause_seconds: float) -> AbstractAsyncContextManager[None]:
        return nullcontext() if host in self._mounts else self._pace.turn(host, pause_seconds)

    async def _ask(
        self, url: CheckedUrl, headers: Mapping[str, str], seconds: float
    ) -> Fetched | NotModified | CheckedUrl:
        try:
            async with asyncio.timeout(seconds):
                return await self._exchange(url, headers)
        except TRANSPORT_ERRORS as error:
            deadline = self._limits.fetch_deadline_seconds
            raise describe_error(error, host=url.host, deadline_seconds=deadline) from error

    async def _exchange(self, url: CheckedUrl, headers: Mapping[str, str]) -> Fetched | NotModified | CheckedUrl:
        timeout = httpx.Timeout(self._limits.fetch_deadline_seconds, connect=self._limits.connect_timeout_seconds)
        request = httpx.Request("GET", url.text, headers=headers, extensions={"timeout": timeout.as_dict()})
        if request.url.raw_host.decode("ascii").strip("[]") != url.host:
            raise BadUrl(f"{url.text} is read in two ways: as {url.host} and as {request.url.host}")
        response = await self._mounts.get(url.host, self._network).handle_async_request(request)
        try:
            return await self._read(
                url, response, is_conditional="If-None-Match" in headers or "If-Modified-Since" in headers
            )
        finally:
            await response.aclose()

    async def _read(
        self, url: CheckedUrl, response: httpx.Response, *, is_conditional: bool
    ) -> Fetched | NotModified | CheckedUrl:
        status, host = response.status_code, url.host
        headers = self._read_headers(response, host)
        if status in _REDIRECTS:
            return _read_redirect(url, _joined(headers, "location"))
        if status == 304:
            if not is_conditional:
                raise BadResponse(f"{host} answers 304 Not Modified, though we asked without conditions")
            return NotModified(url.text, self._clock())
        if status == 101:
            raise BadResponse(f"{host} wants to switch to another protocol (101), which was not asked for")
        if status not in _WITH_CONTENT:
            raise refuse_status(status, _joined(headers, "retry-after"), host=host, now=self._clock())
        limit = self._limits.max_body_bytes
        announced = _joined(headers, "content-length") or ""
        if announced.isdecimal() and int(announced[:20]) > limit:
            raise BodyTooLarge(f"{host} announces {announced} bytes; {limit:,} are the limit for one answer")
        encoding = _joined(headers, "content-encoding") or ""
        body = await read_body(response.aiter_raw(), encoding=encoding, max_bytes=limit, host=host)
        return Fetched(url.text, url.text, status, headers, body.raw, body.content, body.sha256, self._clock())

    def _read_headers(self, response: httpx.Response, host: str) -> Headers:
        raw = response.headers.raw
        if sum(len(name) + len(value) + 4 for name, value in raw) > self._limits.max_header_bytes:
            raise BadResponse(f"{host} sends more than {self._limits.max_header_bytes:,} bytes of headers")
        # Latin-1 keeps every byte as it came.
        return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)


def _read_redirect(url: CheckedUrl, location: str | None) -> CheckedUrl:
    if location is None:
        raise BadResponse(f"{url.host} redirects without saying where to")
    try:
        location = location.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadResponse(f"{url.host} redirects to an address that is not UTF-8") from error
    try:
        return check_redirect(url, location)
    except BadUrl as error:
        raise BadUrl(f"{url.host} redirects to where Monitor does not go: {error}") from error


def _joined(headers: Headers, name: str) -> str | None:
    values = [value for key, value in headers if key.lower() == name]
    return ", ".join(values) if values else None


def _is_sendable(validator: str) -> bool:
    return len(validator) <= _MAX_VALIDATOR_CHARS and validator.isascii() and validator.isprintable()


def _read_proxy(proxy_url: str | None, context: ssl.SSLContext) -> httpcore.Proxy | None:
    if proxy_url is None:
        return None
    try:
        parts = urlsplit(proxy_url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if host is None or parts.scheme not in {"http", "https"}:
        raise ConfigurationError("MONITOR_PROXY_URL must read like http://proxy.example:3128 (http and https only)")
    return httpcore.Proxy(
        httpcore.URL(scheme=parts.scheme, host=host, port=port, target="/"),
        auth=(unquote(parts.username), unquote(parts.password or "")) if parts.username else None,
        ssl_context=context if parts.scheme == "https" else None,
    )
