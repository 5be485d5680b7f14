from collections.abc import AsyncIterator
from ipaddress import ip_network
from typing import Any

import pytest

from monitor.fetch import FetchLimits, HttpClient
from tests.loopback.fetch.rig import INTERNAL, INTERNET, NOW, TRUST, MakeClient, Names
from tests.loopback.servers import LoopbackServer, respond


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
async def internet() -> AsyncIterator[LoopbackServer]:
    async with LoopbackServer({"/": respond(200, {"Content-Type": "text/plain"}, b"ok")}) as server:
        yield server


@pytest.fixture
async def internal(internet: LoopbackServer) -> AsyncIterator[LoopbackServer]:
    # On the same port, so that only the address can be what stops a connection.
    async with LoopbackServer({"*": respond(200, {}, b"secret")}, address=INTERNAL, port=internet.port) as server:
        yield server


@pytest.fixture
def make_client(internet: LoopbackServer, names: Names) -> MakeClient:
    def make(*, extra_ports: tuple[int, ...] = (), **options: Any) -> HttpClient:
        # What lies below robots.txt is looked at without it; its own tests turn it on.
        given: dict[str, Any] = {"resolve": names, "ssl_context": TRUST, "heeds_robots": False, "pace": None}
        given |= {name: options.pop(name) for name in given.keys() & options.keys()}
        settings: dict[str, Any] = {
            "allowed_networks": (ip_network(f"{INTERNET}/32"),),
            "allowed_ports": (internet.port, *extra_ports),
            "host_delay_seconds": 0.0,
            "user_agent": "Monitor/0.1 (+desk@example.org)",
        }
        return HttpClient(FetchLimits(**(settings | options)), lambda: NOW, **given)

    return make


@pytest.fixture
async def client(make_client: MakeClient) -> AsyncIterator[HttpClient]:
    async with make_client(fetch_deadline_seconds=5.0) as client:
        yield client
