"""Connect, and only to what the guard lets pass.

In: a host and a port. Out: a Wire to an address that was checked.
Never: resolves a name twice (what is checked is what is connected to), opens a Unix socket, or reads the
environment's proxies.
"""

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address

import httpcore

from monitor.errors import ConnectionLost, DnsFailed, MonitorError, NetworkDown, Timeout
from monitor.fetch.guard import Address, Networks, check_addresses, check_port
from monitor.fetch.lookups import Lookups
from monitor.fetch.proxies import Proxy
from monitor.fetch.wire import Arrivals, Wire
from monitor.model.ports import Resolver

MAX_ADDRESSES_TRIED = 4
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


OpenWire = Callable[[str, int], Awaitable[Arrivals]]


async def _open_wire(address: str, port: int) -> Arrivals:
    _, arrivals = await asyncio.get_running_loop().create_connection(Arrivals, address, port)
    return arrivals


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves once, checks all, connects to what was checked; TLS and the Host header keep the name.

    `proxy` was named by the operator: exactly its host and port are connected to as they stand.
    """

    def __init__(self, guard: Guard, proxy: Proxy | None = None, *, open_wire: OpenWire | None = None) -> None:
        self._guard = guard
        self._proxy = proxy
        self._open_wire = open_wire or _open_wire

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's signature)
        local_address: str | None = None,  # noqa: ARG002 (the same)
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 (the same)
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first checked address that answers.

        Raises BlockedPort, BlockedAddress, or why none was reached: DnsFailed, NetworkDown, ConnectionLost, Timeout.
        """
        proxy = self._proxy if self._proxy and (host, port) == self._proxy.place else None
        try:
            arrivals = await self._reach(host, port, timeout, is_operators=proxy is not None)
        except MonitorError as error:
            if proxy:
                raise proxy.failure(error) from error
            raise
        wire = Wire(host, arrivals, proxy)
        _opened_for_this_request.get().append(wire)
        return wire

    async def _reach(self, host: str, port: int, seconds: float | None, *, is_operators: bool) -> Arrivals:
        if is_operators:
            addresses = (host,) if _is_literal(host) else await self._guard.resolve(host, port)
        else:
            addresses = tuple(map(str, await self._guard.addresses(host, port)))
        failure: MonitorError = DnsFailed(f"There is no address for the name {host}")
        for address in addresses[:MAX_ADDRESSES_TRIED]:
            try:
                async with asyncio.timeout(seconds):
                    return await self._open_wire(address, port)
            except OSError as error:  # TimeoutError among them
                described = _describe_failure(error, host, port)
                # A machine without IPv6 has no way to the second address, which says nothing about the network.
                if not isinstance(described, NetworkDown) or isinstance(failure, DnsFailed):
                    failure = described
        raise failure


_opened_for_this_request: ContextVar[list[Wire]] = ContextVar("opened_for_this_request")


@contextmanager
def closing_on_failure() -> Iterator[None]:
    """Close what a request opened, where it fails: httpcore forgets the socket of a proxy that says no (1.0.9)."""
    opened: list[Wire] = []
    token = _opened_for_this_request.set(opened)
    try:
        yield
    except BaseException:
        for wire in opened:
            wire.abort()
        raise
    finally:
        _opened_for_this_request.reset(token)


def _describe_failure(error: OSError, host: str, port: int) -> MonitorError:
    if isinstance(error, TimeoutError) and error.errno is None:
        return Timeout(f"{host} did not accept a connection on port {port} in time")
    if error.errno in _NO_ROUTE:
        return NetworkDown(f"There is no way to {host}: this machine seems to have no network; look at its connection")
    if error.errno == errno.ECONNREFUSED:
        return ConnectionLost(f"{host} refuses connections on port {port}; is the server up?")
    return ConnectionLost(f"{host} can't be reached on port {port}")


def _is_literal(host: str) -> bool:
    # Asking ip_address about each name would raise and catch an error every time.
    if not (host[-1:].isdigit() or ":" in host):
        return False
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
