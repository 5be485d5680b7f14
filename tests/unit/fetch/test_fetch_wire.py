"""A connection's bytes, as the event loop delivers them; the transport is the only thing not real."""

import asyncio

import pytest

from monitor.errors import BadResponse, ConnectionLost
from monitor.fetch.proxies import read_proxy
from monitor.fetch.wire import Arrivals, Wire


class Line(asyncio.Transport):
    """Keeps what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.lets_in = True
        self.was_aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def pause_reading(self) -> None:
        self.lets_in = False

    def resume_reading(self) -> None:
        self.lets_in = True

    def abort(self) -> None:
        self.was_aborted = True


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def arrivals(line: Line) -> Arrivals:
    arrivals = Arrivals()
    arrivals.connection_made(line)
    return arrivals


async def test_what_came_is_read_in_order_and_then_the_end(arrivals: Arrivals) -> None:
    wire = Wire("a.example", arrivals)
    reading = asyncio.create_task(wire.read(65_536))
    await asyncio.sleep(0)
    arrivals.data_received(b"HTTP/1.1 2")
    assert await reading == b"HTTP/1.1 2"
    arrivals.data_received(b"00 OK")
    arrivals.eof_received()
    assert await wire.read(3) == b"00 "
    assert await wire.read(65_536) == b"OK"
    assert await wire.read(65_536) == b""


async def test_a_connection_that_breaks_says_so_after_what_came_before(arrivals: Arrivals) -> None:
    wire = Wire("a.example", arrivals)
    arrivals.data_received(b"HTTP/")
    arrivals.connection_lost(ConnectionResetError())
    assert await wire.read(65_536) == b"HTTP/"
    with pytest.raises(ConnectionResetError):
        await wire.read(65_536)


async def test_a_reader_that_waits_is_woken_by_the_end(arrivals: Arrivals) -> None:
    reading = asyncio.create_task(Wire("a.example", arrivals).read(65_536))
    await asyncio.sleep(0)
    arrivals.connection_lost(None)
    assert await reading == b""


async def test_a_reader_that_was_given_up_leaves_the_rest_to_the_next(arrivals: Arrivals) -> None:
    wire = Wire("a.example", arrivals)
    reading = asyncio.create_task(wire.read(65_536))
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    arrivals.data_received(b"HTTP/1.1")
    assert await wire.read(65_536) == b"HTTP/1.1"


async def test_no_more_is_let_in_while_much_is_unread(arrivals: Arrivals, line: Line) -> None:
    wire = Wire("a.example", arrivals)
    arrivals.data_received(b"HTTP/" + bytes(65_536))
    assert not line.lets_in
    await wire.read(65_536)
    assert not line.lets_in
    await wire.read(65_536)
    assert line.lets_in


@pytest.mark.parametrize("pieces", [[b"SSH-2.0"], [b"H", b"T", b"X"], [b"<html>"], [b"\x05\x00"]])
async def test_a_server_that_does_not_begin_with_http_is_refused_at_its_first_wrong_byte(
    pieces: list[bytes], arrivals: Arrivals
) -> None:
    wire = Wire("a.example", arrivals)
    for piece in pieces[:-1]:
        arrivals.data_received(piece)
        assert await wire.read(65_536) == piece
    arrivals.data_received(pieces[-1])
    with pytest.raises(BadResponse, match=r"a\.example does not speak HTTP"):
        await wire.read(65_536)


async def test_a_proxy_that_does_not_speak_http_is_the_one_at_fault_and_socks_need_not(line: Line) -> None:
    for scheme, is_fault in (("http", True), ("socks5", False)):
        arrivals = Arrivals()
        arrivals.connection_made(line)
        arrivals.data_received(b"\x05\x00")
        wire = Wire("proxy.example", arrivals, read_proxy(f"{scheme}://proxy.example"))
        if is_fault:
            with pytest.raises(ConnectionLost, match="MONITOR_PROXY_URL"):
                await wire.read(65_536)
        else:
            assert await wire.read(65_536) == b"\x05\x00"


async def test_a_kept_connection_that_says_something_or_ends_is_known_for_it(arrivals: Arrivals, line: Line) -> None:
    wire = Wire("a.example", arrivals)
    assert wire.get_extra_info("is_readable") is False
    arrivals.data_received(b"HTTP/1.1 408")
    assert wire.get_extra_info("is_readable") is True
    await wire.read(65_536)
    assert wire.get_extra_info("is_readable") is False
    await wire.aclose()
    assert wire.get_extra_info("is_readable") is True
    assert line.was_aborted
