"""What one fetch may cost in time and in places; for servers that misbehave, see test_hostile_*.py."""

import asyncio
import time

import pytest

from monitor.errors import ConnectionLost, Timeout
from monitor.model.fetching import Fetched
from tests.loopback.fetch.rig import MakeClient, feed
from tests.loopback.servers import LoopbackServer, RequestHead, respond


async def say_nothing(_: RequestHead, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def test_the_deadline_spans_redirects_and_the_resolver(make_client: MakeClient, internet: LoopbackServer) -> None:
    async def dawdle(head: RequestHead, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        writer.write(respond(302, {"Location": head.path + "x"}))

    internet.routes["*"] = dawdle
    async with make_client(fetch_deadline_seconds=0.5) as client:
        began_at = time.monotonic()
        with pytest.raises(Timeout):
            await client.fetch(feed(internet.url("/r")))
        assert 0.4 < time.monotonic() - began_at < 30.5


async def test_a_resolver_that_hangs_is_given_up_at_the_deadline(
    make_client: MakeClient, internet: LoopbackServer
) -> None:
    async def hang(host: str, port: int) -> tuple[str, ...]:
        await asyncio.sleep(60)
        return ()

    async with make_client(fetch_deadline_seconds=0.3, resolve=hang) as client:
        began_at = time.monotonic()
        with pytest.raises(Timeout):
            await client.fetch(feed(internet.url("/", "public.test")))
        assert time.monotonic() - began_at < 30.3


async def test_waiting_for_a_turn_does_not_count_against_the_deadline(
    make_client: MakeClient, internet: LoopbackServer
) -> None:
    async with make_client(fetch_deadline_seconds=0.4, host_delay_seconds=0.3) as client:
        began_at = time.monotonic()
        await asyncio.gather(*(client.fetch(feed(internet.url("/"))) for _ in range(4)))
        assert time.monotonic() - began_at > 0.85


async def test_a_host_sees_no_more_than_two_requests_at_once(make_client: MakeClient, internet: LoopbackServer) -> None:
    async def linger(_: RequestHead, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.02)
        writer.write(respond(200, {}, b"ok"))

    internet.routes["/linger"] = linger
    async with make_client() as client:
        await asyncio.gather(*(client.fetch(feed(internet.url("/linger"))) for _ in range(20)))
    assert internet.most_in_flight == 2


async def test_a_closed_port_is_a_lost_connection_that_names_the_port(make_client: MakeClient) -> None:
    async with LoopbackServer() as server:
        url, port = server.url("/"), server.port
    async with make_client(extra_ports=(port,)) as client:
        with pytest.raises(ConnectionLost, match=f"refuses connections on port {port}"):
            await client.fetch(feed(url))


async def test_a_fetch_that_is_cancelled_gives_its_place_back(
    make_client: MakeClient, internet: LoopbackServer
) -> None:
    internet.routes["/slow"] = say_nothing
    async with make_client(max_connections=1, max_per_host=1) as client:
        task = asyncio.create_task(client.fetch(feed(internet.url("/slow"))))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert isinstance(await client.fetch(feed(internet.url("/"))), Fetched)
