"""Read a response's body under limits, on the wire and once decoded.

In: the chunks as they came and the Content-Encoding. Out: Body. Raises BodyTooLarge or BadEncoding.
Never: inflates more than 64 KB at a time. 58 KB of gzip hold 60 MB, and 228 bytes of brotli 150 MB, so a limit that
counts chunks after decoding comes too late, and nothing but gzip and deflate is decoded at all.
"""

import hashlib
import zlib
from collections.abc import AsyncIterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from monitor.errors import BadEncoding, BodyTooLarge

_STEP_BYTES = 65_536
_GZIP_MAGIC = b"\x1f\x8b"
_MAX_GZIP_MEMBERS = 64
"""Concatenated gzip is legal (RFC 1952 §2.2), but each member costs a new decoder for 20 bytes on the wire."""


@dataclass(frozen=True, slots=True)
class Body:
    """`raw` as it came over the wire, `content` decoded; `sha256` (hex) is the hash of `raw`."""

    raw: bytes
    content: bytes
    sha256: str


class _Decoder(Protocol):
    """What `zlib.decompressobj` returns, whose own type has no public name."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


async def read_body(chunks: AsyncIterable[bytes], *, encoding: str, max_bytes: int, host: str) -> Body:
    """Read and decode a body of at most `max_bytes`, counted both on the wire and decoded."""
    coding = _coding(encoding, host)
    raw, content = bytearray(), bytearray()
    inflater = None if coding == "identity" else _Inflater(coding)
    try:
        async for chunk in chunks:
            raw += chunk
            _check_size(len(raw), max_bytes, host, "sends")
            for piece in inflater.decode(chunk) if inflater else ():
                content += piece
                _check_size(len(content), max_bytes, host, "unpacks to")
        if inflater and raw:
            inflater.finish()
    except zlib.error as error:
        raise BadEncoding(f"{host} says its answer is {coding}, but it can't be unpacked ({error})") from error
    received = bytes(raw)
    return Body(received, bytes(content) if inflater else received, hashlib.sha256(received).hexdigest())


async def read_beginning(chunks: AsyncIterable[bytes], beginning: bytearray, *, encoding: str, max_bytes: int) -> None:
    """Add to `beginning` as much of a body as can be decoded, until it holds `max_bytes` or a piece more.

    For what is looked at and not kept: it never fails on account of the body's size or encoding, and what came stands
    in `beginning` even where the reading is broken off.
    """
    taken = 0
    try:
        coding = _coding(encoding, "")
        inflater = None if coding == "identity" else _Inflater(coding)
        async for chunk in chunks:
            taken += len(chunk)
            for piece in inflater.decode(chunk) if inflater else (chunk,):
                beginning += piece
                if len(beginning) >= max_bytes:
                    return
            if taken >= max_bytes:
                return
    except (zlib.error, BadEncoding):
        return


def _coding(encoding: str, host: str) -> str:
    names = [name.strip().lower() for name in encoding.split(",")]
    names = [name for name in names if name not in {"", "identity"}]
    if not names:
        return "identity"
    if len(names) == 1 and names[0] in {"gzip", "x-gzip", "deflate"}:
        return names[0].removeprefix("x-")
    raise BadEncoding(f"{host} answers in the encoding {', '.join(names)[:80]!r}, which was not asked for")


def _check_size(size: int, max_bytes: int, host: str, verb: str) -> None:
    if size > max_bytes:
        raise BodyTooLarge(f"{host} {verb} more than {max_bytes:,} bytes, the limit for one answer")


class _Inflater:
    """Decodes gzip, with all its members, or deflate, with or (as some servers send it) without zlib's header."""

    def __init__(self, coding: str) -> None:
        self._is_gzip = coding == "gzip"
        self._decoder: _Decoder | None = None
        self._members = 0
        self._held = b""

    def decode(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _STEP_BYTES):
            yield from self._decode_slice(self._held + data[start : start + _STEP_BYTES])

    def finish(self) -> None:
        if self._decoder is not None or self._members == 0 or self._held.strip(b"\0"):
            raise zlib.error("it is cut short")

    def _decode_slice(self, data: bytes) -> Iterator[bytes]:
        self._held = b""
        while data:
            if self._decoder is None:
                if len(data) < 2:
                    self._held = data
                    return
                self._decoder = self._begin(data)
                if self._decoder is None:
                    return
            decoder = self._decoder
            yield from _inflate(decoder, data)
            if not decoder.eof:
                return
            self._decoder, data = None, decoder.unused_data

    def _begin(self, data: bytes) -> _Decoder | None:
        is_first = self._members == 0
        self._members += 1
        if self._is_gzip and (is_first or (data.startswith(_GZIP_MAGIC) and self._members <= _MAX_GZIP_MEMBERS)):
            return zlib.decompressobj(31)
        if is_first:
            return zlib.decompressobj(15 if data[0] & 15 == 8 and int.from_bytes(data[:2], "big") % 31 == 0 else -15)
        if data.strip(b"\0"):
            raise zlib.error("something follows its end")
        return None  # padding, as gzip itself lets pass


def _inflate(decoder: _Decoder, data: bytes) -> Iterator[bytes]:
    while not decoder.eof:
        piece = decoder.decompress(data, _STEP_BYTES)
        yield piece
        data = decoder.unconsumed_tail
        if not data and len(piece) < _STEP_BYTES:
            return
