"""Connect, and only to what the guard lets pass.

In: a request for a host. Out: a response over a connection to an address that was checked.
Never: resolves a name twice (what is checked is what is connected to), opens a Unix socket, or reads the
environment's proxies.
"""

import asyncio
import errno
import socket
import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import httpcore
import httpx

from monitor.errors import BadResponse, ConnectionLost, DnsFailed, MonitorError, NetworkDown, Timeout, TlsError
from monitor.fetch.guard import Address, Networks, check_addresses, check_port
from monitor.fetch.lookups import Lookups
from monitor.fetch.refusals import describe_tls
from monitor.model.ports import Resolver

_MAX_ADDRESSES_TRIED = 4
_KEEPALIVE_SECONDS = 30.0
_MAX_IDLE_HOSTS = 64
_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.ENETDOWN})


async def resolve_host(host: str, port: int) -> tuple[str, ...]:
    """Ask the system's resolver for a host's addresses. Raises DnsFailed or NetworkDown."""
    try:
        return await _SYSTEM.find(host, port)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            # Mostly it is the network, but the name's own servers failing (SERVFAIL) looks the same from here.
            raise NetworkDown(
                f"No name server answers for {host}: look at this machine's network; if other sources are read, "
                f"the name servers of {host} are down"
            ) from error
        raise DnsFailed(f"There is no address for the name {host}; is it spelt right?") from error
    except OSError as error:
        raise NetworkDown(
            f"The name {host} can't be looked up ({error.strerror}); look at this machine's network"
        ) from error


def _ask_system(host: str, port: int) -> tuple[str, ...]:
    return tuple(str(answer[4][0]) for answer in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


_SYSTEM = Lookups(_ask_system)


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be connected to: resolves a host and checks every answer."""

    resolve: Resolver
    allowed_networks: Networks = ()
    allowed_ports: Collection[int] = ()

    async def addresses(self, host: str, port: int) -> tuple[Address, ...]:
        """Return the addresses that may be tried. Raises BlockedPort, BlockedAddress, DnsFailed or NetworkDown."""
        check_port(port, self.allowed_ports)
        raw_addresses = (host,) if _is_literal(host) else await self.resolve(host, port)
        if not raw_addresses:
            raise DnsFailed(f"There is no address for the name {host}")
        return check_addresses(raw_addresses, self.allowed_networks, host=host)


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves once, checks all, connects to what was checked; TLS and the Host header keep the name.

    `proxy` is a host and port that the operator named: exactly that pair is connected to as it stands.
    """

    def __init__(self, guard: Guard, proxy: tuple[str, int] | None = None) -> None:
        self._guard = guard
        self._proxy = proxy
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first checked address that answers."""
        if (host, port) == self._proxy:
            addresses = (host,) if _is_literal(host) else await self._guard.resolve(host, port)
        else:
            addresses = tuple(map(str, await self._guard.addresses(host, port)))
        failure: MonitorError = DnsFailed(f"There is no address for the name {host}")
        for address in addresses[:_MAX_ADDRESSES_TRIED]:
            try:
                stream = await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                described = _describe_failure(error, host, port)
                # A machine without IPv6 has no way to the second address, which says nothing about the network.
                if not isinstance(described, NetworkDown) or isinstance(failure, DnsFailed):
                    failure = described
            else:
                return _HttpStream(stream, host)
        raise failure


class _HttpStream(httpcore.AsyncNetworkStream):
    """A connection whose first bytes must be HTTP's: an SSH banner would else look like a header that never ends."""

    def __init__(self, stream: httpcore.AsyncNetworkStream, host: str) -> None:
        self._stream = stream
        self._host = host
        self._begin: bytes | None = b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's signature
        data = await self._stream.read(max_bytes, timeout)
        if self._begin is not None and data:
            self._begin += data[:5]
            if not (b"HTTP/".startswith(self._begin[:5])):
                raise BadResponse(f"{self._host} does not speak HTTP on this port; is the address right?")
            if len(self._begin) >= 5:
                self._begin = None
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's signature
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        host = server_hostname or self._host
        try:
            stream = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except httpcore.ConnectError as error:
            if isinstance(error.__cause__, ssl.SSLError):
                raise TlsError(describe_tls(error.__cause__, host)) from error
            raise
        except asyncio.CancelledError:
            # httpcore closes the socket of a handshake that fails, but not of one that our deadline ends.
            await self._stream.aclose()
            raise
        return _HttpStream(stream, host)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's signature
        return self._stream.get_extra_info(info)


class GuardedTransport(httpx.AsyncBaseTransport):
    """httpx over httpcore with the guard inside: a small pool per host, the longest unused closed, one SSLContext.

    One pool for all hosts would do, but httpcore's grows quadratically slower with what it holds (httpcore#1035).
    """

    def __init__(self, guard: Guard, ssl_context: ssl.SSLContext, proxy: httpcore.Proxy | None = None) -> None:
        self._guard = guard
        self._ssl_context = ssl_context
        self._proxy = proxy
        proxy_place = (proxy.url.host.decode("ascii"), _port_of(proxy.url)) if proxy else None
        self._backend = GuardedBackend(guard, proxy_place)
        self._pools: OrderedDict[str, _Pool] = OrderedDict()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the response's stream must be closed."""
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        if self._proxy is not None:
            # The proxy resolves for itself; what we can see of the target is checked before it is asked.
            await self._guard.addresses(request.url.host, port)
        pool = self._take_pool(f"{request.url.scheme}://{request.url.netloc.decode('ascii')}")
        try:
            for idle in self._drop_idle():
                await idle.connections.aclose()
            response = await pool.connections.handle_async_request(_to_httpcore(request))
        except BaseException:
            pool.users -= 1
            raise
        return httpx.Response(
            response.status, headers=response.headers, stream=_Stream(response, pool), extensions=response.extensions
        )

    async def aclose(self) -> None:
        """Close every connection."""
        while self._pools:
            _, pool = self._pools.popitem()
            await pool.connections.aclose()

    def _take_pool(self, origin: str) -> "_Pool":
        pool = self._pools.get(origin)
        if pool is None:
            pool = self._pools[origin] = _Pool(
                httpcore.AsyncConnectionPool(
                    ssl_context=self._ssl_context,
                    proxy=self._proxy,
                    keepalive_expiry=_KEEPALIVE_SECONDS,
                    network_backend=self._backend,
                )
            )
        pool.users += 1
        self._pools.move_to_end(origin)
        return pool

    def _drop_idle(self) -> list["_Pool"]:
        # All at once, before the first is awaited: another request may come for one of them meanwhile.
        idle = [origin for origin, pool in self._pools.items() if not pool.users]
        return [self._pools.pop(origin) for origin in idle[:-_MAX_IDLE_HOSTS]]


@dataclass(slots=True)
class _Pool:
    connections: httpcore.AsyncConnectionPool
    users: int = 0


class _Stream(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response, pool: _Pool) -> None:
        self._response = response
        self._pool: _Pool | None = pool

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._response.aiter_stream():
            yield chunk

    async def aclose(self) -> None:
        if self._pool is not None:
            self._pool.users -= 1
            self._pool = None
            await self._response.aclose()


def _to_httpcore(request: httpx.Request) -> httpcore.Request:
    url = request.url
    return httpcore.Request(
        request.method,
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        extensions={"timeout": request.extensions["timeout"]},
    )


def _port_of(url: httpcore.URL) -> int:
    return url.port or (443 if url.scheme == b"https" else 80)


def _describe_failure(error: Exception, host: str, port: int) -> MonitorError:
    if isinstance(error, httpcore.ConnectTimeout):
        return Timeout(f"{host} did not accept a connection on port {port} in time")
    numbers = set(_error_numbers(error))
    if numbers & _NO_ROUTE:
        return NetworkDown(f"There is no way to {host}: this machine seems to have no network; look at its connection")
    if errno.ECONNREFUSED in numbers:
        return ConnectionLost(f"{host} refuses connections on port {port}; is the server up?")
    return ConnectionLost(f"{host} can't be reached on port {port}")


def _error_numbers(error: BaseException | None) -> Iterable[int]:
    while error is not None:
        if isinstance(error, OSError) and error.errno is not None:
            yield error.errno
        error = error.__cause__ or error.__context__


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
