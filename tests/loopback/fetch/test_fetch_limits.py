"""However a server misbehaves, one fetch costs no more than its limits and ends with a failure that says why."""

import asyncio
import gzip
import struct
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from functools import partial
from socket import SO_LINGER, SOL_SOCKET

import pytest

from monitor.errors import (
    BadEncoding,
    BadResponse,
    BodyTooLarge,
    ConnectionLost,
    MonitorError,
    Timeout,
    TooManyRedirects,
)
from monitor.fetch import HttpClient
from monitor.model.fetching import Fetched
from tests.loopback.fetch.rig import MakeClient, feed
from tests.loopback.servers import LoopbackServer, RequestHead, respond

# Without the time of packing: what names a test must be the same in every process.
pack = partial(gzip.compress, mtime=0)

CAP = 1_000_000
OK_HEAD = b"HTTP/1.1 200 OK\r\n"
Raw = Callable[[RequestHead, asyncio.StreamWriter], Awaitable[None]]


def dripping(first: bytes, drop: bytes, every_seconds: float) -> Raw:
    async def route(_: RequestHead, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        for _number in range(1_000):
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(every_seconds)

    return route


async def say_nothing(_: RequestHead, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def reset(_: RequestHead, writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@pytest.mark.parametrize(
    "route",
    [
        say_nothing,
        dripping(b"", b"H", 0.1),
        dripping(OK_HEAD, b"X", 0.1),
        dripping(OK_HEAD + b"Content-Length: 1000\r\n\r\n", b"x", 0.1),
        dripping(OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", 0.1),
        dripping(OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\n", b"x", 60),
        dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.05),
    ],
    ids=[
        "silence",
        "drops of a status line",
        "drops of a header",
        "drops",
        "drops in chunks",
        "half a chunk",
        "100 for ever",
    ],
)
async def test_a_slow_server_is_given_up_at_the_deadline(
    route: Raw, make_client: MakeClient, internet: LoopbackServer
) -> None:
    internet.routes["/slow"] = route
    async with make_client(fetch_deadline_seconds=0.5) as client:
        began_at = time.monotonic()
        with pytest.raises((Timeout, BadResponse), match=r"127\.0\.0\.1"):
            await client.fetch(feed(internet.url("/slow")))
        assert time.monotonic() - began_at < 1.5
        assert isinstance(await client.fetch(feed(internet.url("/"))), Fetched)


async def test_the_deadline_spans_redirects_and_the_resolver(make_client: MakeClient, internet: LoopbackServer) -> None:
    async def dawdle(head: RequestHead, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        writer.write(respond(302, {"Location": head.path + "x"}))

    internet.routes["*"] = dawdle
    async with make_client(fetch_deadline_seconds=0.5) as client:
        began_at = time.monotonic()
        with pytest.raises(Timeout):
            await client.fetch(feed(internet.url("/r")))
        assert 0.4 < time.monotonic() - began_at < 1.5


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
        assert time.monotonic() - began_at < 1.3


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


async def test_a_gzip_bomb_is_stopped_fast_and_in_little_memory(
    make_client: MakeClient, internet: LoopbackServer
) -> None:
    bomb = pack(bytes(60_000_000))
    assert len(bomb) < 60_000
    internet.routes["/bomb"] = respond(200, {"Content-Encoding": "gzip"}, bomb)
    async with make_client(max_body_bytes=5_000_000) as client:
        tracemalloc.start()
        began_at = time.monotonic()
        with pytest.raises(BodyTooLarge):
            await client.fetch(feed(internet.url("/bomb")))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert time.monotonic() - began_at < 2.0
    assert peak < 32_000_000


async def test_an_endless_stream_is_cut_at_the_limit(make_client: MakeClient, internet: LoopbackServer) -> None:
    async def pour(_: RequestHead, writer: asyncio.StreamWriter) -> None:
        writer.write(OK_HEAD + b"\r\n")
        while True:
            writer.write(bytes(65_536))
            await writer.drain()

    internet.routes["/endless"] = pour
    async with make_client(max_body_bytes=CAP) as client:
        with pytest.raises(BodyTooLarge):
            await client.fetch(feed(internet.url("/endless")))


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (OK_HEAD + b"Content-Length: 5000000000\r\n\r\nsmall", BodyTooLarge),
        (OK_HEAD + b"Content-Length: 1000\r\nConnection: close\r\n\r\nsmall", ConnectionLost),
        (OK_HEAD + b"Content-Length: -5\r\n\r\nsmall", BadResponse),
        (OK_HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nsmall!", BadResponse),
        (OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n", BadResponse),
        (OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nx\r\n", BadResponse),
        (OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nsmall\r\n", ConnectionLost),
        (OK_HEAD + b"X: " + b"x" * 200_000 + b"\r\n\r\n", BadResponse),
        (OK_HEAD + b"X: yyyy\r\n" * 10_000 + b"\r\n", BadResponse),
        (OK_HEAD + b"X: a\0b\r\n\r\n", BadResponse),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", BadResponse),
        (b"220 mail.example ESMTP\r\n", BadResponse),
        (bytes(range(256)) * 4, BadResponse),
        (b"<html>HTTP/0.9</html>", BadResponse),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", BadResponse),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", BadResponse),
        (b"HTTP/1.1 302 Found\r\n\r\n", BadResponse),
        (b"HTTP/1.1 302 Found\r\nLocation: /" + b"x" * 300_000 + b"\r\n\r\n", BadResponse),
        (b"HTTP/1.1 302 Found\r\nLocation: /" + b"x" * 20_000 + b"\r\n\r\n", MonitorError),
        (b"HTTP/1.1 200 OK\r\nContent-Le", ConnectionLost),
        (b"HTT", ConnectionLost),
        (respond(200, {"Content-Encoding": "gzip"}, pack(b"x" * 999)[:-9]), BadEncoding),
        (respond(200, {"Content-Encoding": "br"}, b"\x0b\x02\x80hello\x03"), BadEncoding),
        (respond(200, {"Content-Encoding": "zstd"}, b"x"), BadEncoding),
        (respond(200, {"Content-Encoding": "gzip, gzip"}, pack(pack(b"x"))), BadEncoding),
    ],
)
async def test_a_bad_answer_has_a_failure_that_says_so(
    answer: bytes, failure: type[MonitorError], client: HttpClient, internet: LoopbackServer
) -> None:
    internet.routes["/bad"] = answer
    with pytest.raises(failure) as caught:
        await client.fetch(feed(internet.url("/bad")))
    assert "127.0.0.1" in str(caught.value)
    assert str(caught.value).isprintable()
    assert isinstance(await client.fetch(feed(internet.url("/"))), Fetched)


async def test_a_short_content_length_is_believed(client: HttpClient, internet: LoopbackServer) -> None:
    internet.routes["/short"] = respond(200, {"Content-Length": "5", "Connection": "close"}, b"small and more")
    fetched = await client.fetch(feed(internet.url("/short")))
    assert isinstance(fetched, Fetched)
    assert fetched.content == b"small"


async def test_a_reset_connection_is_lost(client: HttpClient, internet: LoopbackServer) -> None:
    internet.routes["/reset"] = reset
    with pytest.raises(ConnectionLost, match=r"127\.0\.0\.1"):
        await client.fetch(feed(internet.url("/reset")))


async def test_a_closed_port_is_a_lost_connection_that_names_the_port(make_client: MakeClient) -> None:
    async with LoopbackServer() as server:
        url, port = server.url("/"), server.port
    async with make_client(extra_ports=(port,)) as client:
        with pytest.raises(ConnectionLost, match=f"refuses connections on port {port}"):
            await client.fetch(feed(url))


@pytest.mark.parametrize("location", ["/loop", "/loop?n={n}"])
async def test_a_redirect_loop_ends_after_five(location: str, client: HttpClient, internet: LoopbackServer) -> None:
    internet.routes["/loop"] = lambda head, _: respond(302, {"Location": location.format(n=head.target + "1")})
    with pytest.raises(TooManyRedirects):
        await client.fetch(feed(internet.url("/loop")))
    assert len(internet.requests) == 6


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
