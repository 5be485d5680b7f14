"""Threats #20, #21 and #22: servers that are slow, silent or gone. Deadlines are a tenth of the real ones."""

import asyncio
import gc
import struct
import time
from collections.abc import Awaitable, Callable
from socket import SO_LINGER, SOL_SOCKET

import pytest

from tests.loopback.fetch.rig import MakeClient, Names, feed, reason
from tests.loopback.servers import LoopbackServer, RequestHead

OK_HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
DEADLINE_SECONDS = 0.5
Raw = Callable[[RequestHead, asyncio.StreamWriter], Awaitable[None]]


def dripping(first: bytes, drop: bytes, every_seconds: float) -> Raw:
    async def route(_: RequestHead, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        for _number in range(1_000):
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(every_seconds)

    return route


SLOW: dict[str, Raw] = {
    "a status line in drops": dripping(b"", b"H", 0.1),
    "a header in drops": dripping(OK_HEAD, b"X", 0.1),
    "a body in drops": dripping(OK_HEAD + b"Content-Length: 1000\r\n\r\n", b"x", 0.1),
    "drops in chunks": dripping(CHUNKED, b"1\r\nx\r\n", 0.1),
    "nothing after the head": dripping(OK_HEAD + b"Content-Length: 1000\r\n\r\n", b"", 60),
    "nothing after half a chunk": dripping(CHUNKED + b"ff\r\n", b"x", 60),
    "100 Continue for ever": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.05),
}


@pytest.mark.parametrize("name", SLOW, ids=lambda name: f"#20 {name}")
async def test_a_slow_server_is_given_up_at_the_deadline(
    name: str, make_client: MakeClient, internet: LoopbackServer
) -> None:
    internet.routes["/slow"] = SLOW[name]
    async with make_client(fetch_deadline_seconds=DEADLINE_SECONDS) as client:
        began_at = time.monotonic()
        assert await reason(client, feed(internet.url("/slow"))) in {"timeout", "bad_response"}
        assert time.monotonic() - began_at < DEADLINE_SECONDS + 30
        assert await reason(client, feed(internet.url("/"))) == "read"


async def test_threat_20_a_refusal_whose_page_drips_keeps_its_own_reason(
    make_client: MakeClient, internet: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.fetch.answers._LOOKED_AT_SECONDS", 0.3)
    internet.routes["/slow"] = dripping(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 1000\r\n\r\n", b"x", 0.1)
    async with make_client(fetch_deadline_seconds=30.0) as client:
        assert await reason(client, feed(internet.url("/slow"))) == "http_403"


async def say_nothing(_: RequestHead, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def reset(_: RequestHead, writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def hang_up(_: RequestHead, writer: asyncio.StreamWriter) -> None:
    return


GONE: dict[str, tuple[Raw | bytes, str, str]] = {
    "silence after the request": (say_nothing, "http", "timeout"),
    "a reset": (reset, "http", "connection_lost"),
    "an end without a word": (hang_up, "http", "connection_lost"),
    "an end in the status line": (b"HTT", "http", "connection_lost"),
    "an end in the head": (OK_HEAD + b"Content-Le", "http", "connection_lost"),
    "a handshake that stalls": (b"", "https", "timeout"),
}


@pytest.mark.parametrize("name", GONE, ids=lambda name: f"#21 {name}")
async def test_a_server_that_is_gone_is_a_lost_connection_or_a_timeout(
    name: str, make_client: MakeClient, internet: LoopbackServer
) -> None:
    route, scheme, expected = GONE[name]
    internet.routes["/gone"] = route
    async with make_client(fetch_deadline_seconds=DEADLINE_SECONDS) as client:
        url = internet.url("/gone").replace("http:", f"{scheme}:")
        assert await reason(client, feed(url)) == expected
        assert await reason(client, feed(internet.url("/"))) == "read"
    gc.collect()  # an open socket would warn here, and a warning is an error


@pytest.mark.slow
async def test_threat_22_a_hundred_dripping_servers_do_not_keep_twenty_good_ones_waiting(
    make_client: MakeClient, internet: LoopbackServer, names: Names
) -> None:
    internet.routes["/slow"] = SLOW["a body in drops"]
    slow = [internet.url("/slow", f"slow{number}.test") for number in range(100)]
    good = [internet.url("/", f"good{number}.test") for number in range(20)]
    names.table |= {f"{kind}{number}.test": [("127.0.0.1",)] for kind in ("slow", "good") for number in range(100)}
    done_at: dict[str, float] = {}

    async with make_client(fetch_deadline_seconds=DEADLINE_SECONDS, max_connections=8) as client:
        began_at = time.monotonic()

        async def visit(url: str) -> str:
            outcome = await reason(client, feed(url))
            done_at[url] = time.monotonic() - began_at
            return outcome

        outcomes = await asyncio.gather(*(visit(url) for url in slow + good))
    assert outcomes == ["timeout"] * 100 + ["read"] * 20
    # The good ones stand last: a hundred over 8 places at half a second each go before, which is 6.3 s.
    assert max(done_at[url] for url in good) <= 100 / 8 * DEADLINE_SECONDS + 60
