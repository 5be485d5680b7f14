"""Threats #18, #19 and #26: bodies that are larger than they look, lie about their length, or can't be unpacked."""

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from functools import partial

import pytest

from tests.loopback.fetch.rig import MakeClient, feed, reason
from tests.loopback.servers import LoopbackServer, RequestHead, respond

# Without the time of packing: what names a test must be the same in every process.
pack = partial(gzip.compress, mtime=0)

CAP = 5_000_000
OK_HEAD = b"HTTP/1.1 200 OK\r\n"
ZEROS = bytes(60_000_000)


def deflated(data: bytes, wbits: int) -> bytes:
    packer = zlib.compressobj(9, wbits=wbits)
    return packer.compress(data) + packer.flush()


BOMBS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "gzip": ("gzip", lambda: pack(ZEROS), "body_too_large"),
    "deflate": ("deflate", lambda: deflated(ZEROS, 15), "body_too_large"),
    "raw deflate": ("deflate", lambda: deflated(ZEROS, -15), "body_too_large"),
    "many gzip members": ("gzip", lambda: pack(bytes(2_000_000)) * 30, "body_too_large"),
    "three layers": ("gzip, gzip, gzip", lambda: pack(pack(pack(ZEROS))), "bad_encoding"),
    "brotli that nobody asked for": ("br", lambda: b"\x5b\xff\xff\x03" * 50, "bad_encoding"),
    "zstd that nobody asked for": ("zstd", lambda: b"\x28\xb5\x2f\xfd" * 50, "bad_encoding"),
    "a hundred thousand empty members": ("gzip", lambda: pack(b"") * 14_000, "bad_encoding"),
}


@pytest.mark.parametrize("name", BOMBS, ids=lambda name: f"#18 {name}")
async def test_a_bomb_is_stopped_in_little_memory(name: str, make_client: MakeClient, internet: LoopbackServer) -> None:
    encoding, make, expected = BOMBS[name]
    internet.routes["/bomb"] = respond(200, {"Content-Encoding": encoding}, make())
    assert len(internet.routes["/bomb"]) <= 300_000  # type: ignore[arg-type]
    async with make_client(max_body_bytes=CAP) as client:
        tracemalloc.start()
        assert await reason(client, feed(internet.url("/bomb"))) == expected
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 32_000_000
        assert await reason(client, feed(internet.url("/"))) == "read"


async def test_threat_18_a_packed_feed_inside_a_packed_answer_is_unpacked_once(
    make_client: MakeClient, internet: LoopbackServer
) -> None:
    internet.routes["/feed.gz"] = respond(200, {"Content-Encoding": "gzip"}, pack(pack(ZEROS)))
    async with make_client(max_body_bytes=CAP) as client:
        assert await reason(client, feed(internet.url("/feed.gz"))) == "read"


async def pour(head: RequestHead, writer: asyncio.StreamWriter) -> None:
    """Send without end, in chunks where the path says so."""
    is_chunked = head.path == "/chunks"
    writer.write(OK_HEAD + (b"Transfer-Encoding: chunked\r\n\r\n" if is_chunked else b"\r\n"))
    piece = b"10000\r\n" + bytes(65_536) + b"\r\n" if is_chunked else bytes(65_536)
    while True:
        writer.write(piece)
        await writer.drain()


LENGTHS: dict[str, tuple[bytes | None, str]] = {
    "2 GB announced": (OK_HEAD + b"Content-Length: 2147483648\r\n\r\nsmall", "body_too_large"),
    "no length and no end": (None, "body_too_large"),
    "chunks without end": (None, "body_too_large"),
    "too large a length": (OK_HEAD + b"Content-Length: 1000\r\nConnection: close\r\n\r\nsmall", "connection_lost"),
    "too small a length": (OK_HEAD + b"Content-Length: 5\r\nConnection: close\r\n\r\nsmall and more", "read"),
    "a negative length": (OK_HEAD + b"Content-Length: -5\r\n\r\nsmall", "bad_response"),
    "two lengths": (OK_HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nsmall!", "bad_response"),
    "a length that is none": (OK_HEAD + b"Content-Length: 5e0\r\n\r\nsmall", "bad_response"),
}


@pytest.mark.parametrize("name", LENGTHS, ids=lambda name: f"#19 {name}")
async def test_no_length_is_taken_on_trust(name: str, make_client: MakeClient, internet: LoopbackServer) -> None:
    answer, expected = LENGTHS[name]
    path = "/chunks" if name.startswith("chunks") else "/length"
    internet.routes[path] = answer or pour
    async with make_client(max_body_bytes=1_000_000, fetch_deadline_seconds=5.0) as client:
        assert await reason(client, feed(internet.url(path))) == expected
        assert await reason(client, feed(internet.url("/"))) == "read"


PACKED = pack(b"The garment floor. " * 500)
TORN: dict[str, bytes] = {
    "cut short in its data": PACKED[: len(PACKED) // 2],
    "cut short in its trailer": PACKED[:-3],
    "a wrong checksum": PACKED[:-8] + bytes(byte ^ 255 for byte in PACKED[-8:-4]) + PACKED[-4:],
    "not packed at all": b"<rss version='2.0'/>",
}


@pytest.mark.parametrize("name", TORN, ids=lambda name: f"#26 {name}")
async def test_what_can_not_be_unpacked_is_said_so(
    name: str, make_client: MakeClient, internet: LoopbackServer
) -> None:
    internet.routes["/torn"] = respond(200, {"Content-Encoding": "gzip"}, TORN[name])
    async with make_client() as client:
        assert await reason(client, feed(internet.url("/torn"))) == "bad_encoding"
        assert await reason(client, feed(internet.url("/"))) == "read"
