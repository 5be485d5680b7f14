import gzip
import hashlib
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from functools import partial

import pytest

from monitor.errors import BadEncoding, BodyTooLarge
from monitor.fetch.body import Body, read_body

# Without the time of packing: what names a test must be the same in every process.
pack = partial(gzip.compress, mtime=0)

TEXT = b"The garment floor. " * 5_000


async def chunks_of(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def read(data: bytes, encoding: str = "", *, size: int = 1_000, max_bytes: int = 1_000_000) -> Body:
    return await read_body(chunks_of(data, size), encoding=encoding, max_bytes=max_bytes, host="a.example")


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("size", [1, 7, 1_000, 10_000_000])
@pytest.mark.parametrize(
    ("encoding", "wire"),
    [
        ("", TEXT[:3_000]),
        ("identity", TEXT[:3_000]),
        ("gzip", pack(TEXT[:3_000])),
        ("X-GZIP", pack(TEXT[:3_000])),
        ("identity, gzip", pack(TEXT[:3_000])),
        ("gzip", pack(TEXT[:1_000]) + pack(TEXT[1_000:3_000]) + b"\0" * 9),
        ("deflate", zlib.compress(TEXT[:3_000])),
        ("deflate", raw_deflate(TEXT[:3_000])),
    ],
)
async def test_a_body_is_kept_as_received_and_decoded_whatever_its_chunks(
    encoding: str, wire: bytes, size: int
) -> None:
    body = await read(wire, encoding, size=size)
    assert body == Body(raw=wire, content=TEXT[:3_000], sha256=hashlib.sha256(wire).hexdigest())


async def test_an_empty_body_is_empty_in_any_encoding() -> None:
    assert (await read(b"", "gzip")).content == b""


PACKED = pack(TEXT)
BAD_CRC = PACKED[:-8] + bytes(byte ^ 255 for byte in PACKED[-8:-4]) + PACKED[-4:]


@pytest.mark.parametrize(
    ("encoding", "wire"),
    [
        ("gzip", PACKED[:-1]),
        ("gzip", PACKED[: len(PACKED) // 2]),
        ("gzip", PACKED[:5]),
        ("gzip", b"\x1f"),
        ("gzip", BAD_CRC),
        ("gzip", b"<rss>not packed at all</rss>"),
        ("gzip", PACKED + b"garbage"),
        ("gzip", PACKED + b"g"),
        ("gzip", pack(b"") * 100),
        ("deflate", zlib.compress(TEXT)[:-2]),
        ("deflate", b"\xff\xff\xff\xff"),
        ("br", b"anything"),
        ("zstd", b"anything"),
        ("gzip, gzip", pack(PACKED)),
        ("gzip, br", PACKED),
        ("rot13", b"anything"),
    ],
)
async def test_a_body_that_is_not_what_its_encoding_says_is_refused(encoding: str, wire: bytes) -> None:
    with pytest.raises(BadEncoding, match=r"a\.example"):
        await read(wire, encoding)


@pytest.mark.parametrize("size", [100, 65_536, 10_000_000])
async def test_a_gzip_bomb_is_stopped_at_the_limit_without_being_unpacked(size: int) -> None:
    bomb = pack(bytes(60_000_000))
    tracemalloc.start()
    with pytest.raises(BodyTooLarge, match="5,000,000"):
        await read(bomb, "gzip", size=size, max_bytes=5_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(bomb) < 60_000
    assert peak < 16_000_000


async def test_a_plain_body_is_stopped_within_one_chunk_of_the_limit() -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 65_536
            yield bytes(65_536)

    with pytest.raises(BodyTooLarge):
        await read_body(endless(), encoding="", max_bytes=1_000_000, host="a.example")
    assert taken <= 1_000_000 + 65_536


async def test_a_body_exactly_at_the_limit_passes_and_one_byte_more_does_not() -> None:
    assert len((await read(bytes(1_000), max_bytes=1_000)).content) == 1_000
    assert len((await read(pack(bytes(1_000)), "gzip", max_bytes=1_000)).content) == 1_000
    for encoding, wire in (("", bytes(1_001)), ("gzip", pack(bytes(1_001)))):
        with pytest.raises(BodyTooLarge):
            await read(wire, encoding, max_bytes=1_000)
