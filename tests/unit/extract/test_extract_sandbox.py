import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import (
    BadFeed,
    MonitorError,
    NotAFeed,
    NotAnArticle,
    ParserKilled,
    ParsersUnavailable,
    ParserTimeout,
    ServerBusy,
)
from monitor.extract.sandbox import ParserLimits, ParserPool
from monitor.model.entries import Listing
from monitor.model.fetching import Fetched

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://example.org/feed"
FEED = b'<rss version="2.0"><channel><title>T</title><item><title>A</title><link>/a</link></item></channel></rss>'
LIMITS = ParserLimits(workers=1, parse_deadline_seconds=1.0, max_result_bytes=1 << 20)


def fetched(content: bytes) -> Fetched:
    return Fetched(URL, URL, 200, (("Content-Type", "text/xml"),), content, content, "", NOW)


# What follows runs in the child, in the place of a parser.


def call_abort(_: Fetched) -> Listing:
    os.abort()


def read_null(_: Fetched) -> Listing:
    ctypes.string_at(0)
    raise AssertionError


def leave(_: Fetched) -> Listing:
    os._exit(3)


def leave_as_if_done(_: Fetched) -> Listing:
    os._exit(0)


def raise_system_exit(_: Fetched) -> Listing:
    sys.exit("bye")


def take_memory(_: Fetched) -> Listing:
    return Listing("x" * (4 << 30), "")


def loop_for_ever(_: Fetched) -> Listing:
    while True:
        pass


def loop_for_ever_in_c(_: Fetched) -> Listing:
    return Listing(str(sum(range(10**15))), "")


def answer_hugely(_: Fetched) -> Listing:
    return Listing("x" * (8 << 20), "")


def fail(_: Fetched) -> Listing:
    raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "a parser's own fault")


def recurse(document: Fetched) -> Listing:
    return recurse(document)


def fail_with_keywords(_: Fetched) -> Listing:
    raise ServerBusy("no parser says this", status=503)


def connect(_: Fetched) -> Listing:
    with socket.create_connection(("127.0.0.1", 9)):
        raise AssertionError


def start_a_program(_: Fetched) -> Listing:
    os.system("true")  # noqa: S605 - it is never run
    raise AssertionError


def count_try(document: Fetched) -> int:
    tries = Path(document.content.decode())
    with tries.open("a") as file:
        file.write("x")
    return tries.stat().st_size


def die_at_first(document: Fetched) -> Listing:
    if (tries := count_try(document)) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return Listing(f"{tries} tries", "")


def die_always(document: Fetched) -> Listing:
    count_try(document)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def hang_at_first(document: Fetched) -> Listing:
    if (tries := count_try(document)) == 1:
        time.sleep(60)
    return Listing(f"{tries} tries", "")


def tell_about_itself(_: Fetched) -> Listing:
    links = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    facts = {
        "sockets": str(sum(link.startswith("socket:") for link in links)),
        "databases": str(sum(".db" in link for link in links)),
        "store": str("monitor.store" in sys.modules or "sqlalchemy" in sys.modules),
        "main": str(hasattr(sys.modules["__main__"], "__file__")),
        "pid": str(os.getpid()),
    }
    return Listing(" ".join(f"{name}={value}" for name, value in facts.items()), "")


@pytest.fixture
async def parsers() -> AsyncIterator[ParserPool]:
    async with ParserPool(LIMITS) as pool:
        yield pool


@pytest.mark.usefixtures("parsers_of_its_own")
async def test_a_feed_and_an_article_come_back_as_values(parsers: ParserPool) -> None:
    feed = await parsers.read_listing(fetched(FEED), "feed")
    assert [entry.url for entry in feed.entries] == ["https://example.org/a"]
    text = "Inspectors of the labour ministry spoke with eleven residents of the shelter on Thursday. " * 4
    article = await parsers.extract_article(fetched(f"<html><body><p>{text}</p></body></html>".encode()))
    assert text.strip() in article.text


_slow = partial(pytest.param, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    ("reader", "error", "words"),
    [
        (call_abort, ParserKilled, "SIGABRT"),
        (read_null, ParserKilled, "SIGSEGV"),
        _slow(leave, ParserKilled, "exit code 3"),
        _slow(leave_as_if_done, ParserTimeout, "1 seconds"),
        _slow(raise_system_exit, ParserKilled, "SystemExit"),
        (take_memory, ParserKilled, "memory"),
        (loop_for_ever, ParserTimeout, "1 seconds"),
        _slow(loop_for_ever_in_c, ParserTimeout, "1 seconds"),
        _slow(answer_hugely, ParserKilled, "larger than"),
        _slow(fail, ParserKilled, "UnicodeDecodeError"),
        _slow(recurse, ParserKilled, "RecursionError"),
        _slow(fail_with_keywords, ParserKilled, "no parser says this"),
        (connect, ParserKilled, "socket"),
        _slow(start_a_program, ParserKilled, "os.system"),
    ],
)
async def test_what_kills_a_parser_fails_its_own_document_alone(
    parsers: ParserPool, reader: Callable[[Fetched], Listing], error: type[MonitorError], words: str
) -> None:
    await parsers.read_listing(fetched(FEED), "feed")
    started = time.monotonic()
    with pytest.raises(error, match=words):
        await parsers._read(reader, fetched(b""))
    assert time.monotonic() - started < LIMITS.parse_deadline_seconds + 30
    assert (await parsers.read_listing(fetched(FEED), "feed")).title == "T"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", NotAFeed),
        (b"/etc/passwd", NotAFeed),
        (b"http://127.0.0.1:9/feed", NotAFeed),
        (b'<!DOCTYPE rss [<!ENTITY a "b">]><rss version="2.0"/>', BadFeed),
    ],
)
async def test_a_refusal_comes_back_as_itself(parsers: ParserPool, content: bytes, error: type[MonitorError]) -> None:
    with pytest.raises(error):
        await parsers.read_listing(fetched(content), "feed")
    with pytest.raises(NotAnArticle):
        await parsers.extract_article(fetched(content))


@pytest.mark.usefixtures("parsers_of_its_own")
async def test_a_child_carries_no_socket_no_archive_and_nothing_of_main(parsers: ParserPool) -> None:
    left, right = socket.socketpair()
    with left, right:
        told = await parsers._read(tell_about_itself, fetched(b""))
    assert isinstance(told, Listing)
    assert told.title.split()[:4] == ["sockets=0", "databases=0", "store=False", "main=False"]


async def test_a_child_killed_while_idle_is_replaced(parsers: ParserPool) -> None:
    told = await parsers._read(tell_about_itself, fetched(b""))
    assert isinstance(told, Listing)
    os.kill(int(told.title.rpartition("pid=")[2]), signal.SIGKILL)
    await asyncio.sleep(0.5)
    assert (await parsers.read_listing(fetched(FEED), "feed")).title == "T"


async def test_a_document_whose_child_is_killed_from_outside_is_read_once_more(
    parsers: ParserPool, tmp_path: Path
) -> None:
    await parsers.read_listing(fetched(FEED), "feed")
    told = await parsers._read(die_at_first, fetched(str(tmp_path / "tries").encode()))
    assert isinstance(told, Listing)
    assert told.title == "2 tries"


async def test_a_document_whose_child_is_killed_every_time_is_given_up(parsers: ParserPool, tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    await parsers.read_listing(fetched(FEED), "feed")
    with pytest.raises(ParserKilled, match="SIGKILL"):
        await parsers._read(die_always, fetched(str(tries).encode()))
    assert tries.read_text() == "xx"


async def test_a_document_that_hangs_is_tried_once(parsers: ParserPool, tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    await parsers.read_listing(fetched(FEED), "feed")
    with pytest.raises(ParserTimeout):
        await parsers._read(hang_at_first, fetched(str(tries).encode()))
    assert tries.read_text() == "x"


@pytest.mark.slow
async def test_a_document_that_ran_out_of_time_while_the_machine_slept_is_read_once_more(tmp_path: Path) -> None:
    # To a clock that stands still, the whole deadline was spent asleep.
    async with ParserPool(LIMITS, awake_seconds=lambda: 0.0) as pool:
        told = await pool._read(hang_at_first, fetched(str(tmp_path / "tries").encode()))
        assert isinstance(told, Listing)
        assert told.title == "2 tries"
        with pytest.raises(ParserTimeout):
            await pool._read(loop_for_ever, fetched(b""))


async def test_a_document_that_no_child_takes_is_not_at_fault(
    parsers: ParserPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await parsers._read(tell_about_itself, fetched(b""))
    assert isinstance(told, Listing)
    pid = int(told.title.rpartition("pid=")[2])
    monkeypatch.setattr("monitor.extract.sandbox._START_GRACE_SECONDS", 0.0)
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(ParsersUnavailable, match="no parser took it"):
            await parsers.read_listing(fetched(FEED), "feed")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


async def test_a_cancelled_task_frees_its_child(parsers: ParserPool) -> None:
    await parsers.read_listing(fetched(FEED), "feed")
    task = asyncio.create_task(parsers._read(loop_for_ever, fetched(b"")))
    await asyncio.sleep(0.5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await parsers.read_listing(fetched(FEED), "feed")).title == "T"


@pytest.mark.usefixtures("parsers_of_its_own")
async def test_closing_is_quick_though_a_child_is_busy() -> None:
    pool = ParserPool(ParserLimits(workers=2, parse_deadline_seconds=60))
    async with pool:
        await pool.read_listing(fetched(FEED), "feed")
        busy = [asyncio.create_task(pool._read(loop_for_ever_in_c, fetched(b""))) for _ in range(3)]
        await asyncio.sleep(0.5)
        started = time.monotonic()
    assert time.monotonic() - started < 30
    for task in busy:
        with pytest.raises(ParsersUnavailable, match="closed"):
            await task
    with pytest.raises(ParsersUnavailable, match="closed"):
        await pool.read_listing(fetched(FEED), "feed")


@pytest.mark.usefixtures("parsers_of_its_own")
async def test_children_that_can_not_start_are_told_and_not_waited_for() -> None:
    async with ParserPool(ParserLimits(workers=1, memory_bytes=20 << 20)) as pool:
        with pytest.raises(ParsersUnavailable):
            await asyncio.wait_for(pool.read_listing(fetched(FEED), "feed"), 60)


# A script without the usual guard: multiprocessing would run it again in every child.
# Where the tests run in a shell's background, SIGINT is ignored by all that they start, unless it says otherwise.
PARENT = """
import asyncio, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {here!r})
from test_extract_sandbox import FEED, ParserLimits, ParserPool, fetched, loop_for_ever_in_c

print("main", flush=True)

async def main():
    async with ParserPool(ParserLimits(workers=2, parse_deadline_seconds=60)) as pool:
        print("starting", flush=True)
        await pool.read_listing(fetched(FEED), "feed")
        busy = asyncio.create_task(pool._read(loop_for_ever_in_c, fetched(b"")))
        await asyncio.sleep(0.5)
        print("ready", flush=True)
        await busy

asyncio.run(main())
"""


@pytest.fixture
def parent(tmp_path: Path) -> "Iterator[subprocess.Popen[bytes]]":
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(here=str(Path(__file__).parent)))
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        yield process
        process.kill()


def wait_for(parent: "subprocess.Popen[bytes]", *lines: bytes) -> None:
    assert parent.stdout is not None
    assert [parent.stdout.readline().strip() for _ in lines] == list(lines)


def members(session: int) -> list[int]:
    alive = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            alive.append(int(stat.parent.name))
    return alive


def wait_until_gone(session: int, seconds: float) -> list[int]:
    deadline = time.monotonic() + seconds
    while members(session) and time.monotonic() < deadline:
        time.sleep(0.05)
    return members(session)


def test_no_child_outlives_a_killed_parent(parent: "subprocess.Popen[bytes]") -> None:
    wait_for(parent, b"main", b"starting", b"ready")
    assert len(members(parent.pid)) >= 3
    parent.kill()
    parent.wait()
    assert wait_until_gone(parent.pid, 30) == []


@pytest.mark.parametrize("lines", [(b"main", b"starting"), (b"main", b"starting", b"ready")], ids=["starting", "busy"])
def test_ctrl_c_ends_all_and_no_child_complains(parent: "subprocess.Popen[bytes]", lines: tuple[bytes, ...]) -> None:
    wait_for(parent, *lines)
    time.sleep(0.1)
    os.killpg(parent.pid, signal.SIGINT)
    _, complaints = parent.communicate(timeout=40)
    assert wait_until_gone(parent.pid, 30) == []
    assert b"KeyboardInterrupt" in complaints
    assert b"spawn_main" not in complaints, complaints.decode()


def name_itself(document: Fetched) -> Listing:
    return Listing(document.content.decode(), str(os.getpid()))


def die_of_poison(document: Fetched) -> Listing:
    if document.content == b"poison":
        os.abort()
    return name_itself(document)


def hang_at_poison(document: Fetched) -> Listing:
    if document.content == b"poison":
        time.sleep(60)
    return name_itself(document)


def refuse_poison(document: Fetched) -> Listing:
    if document.content == b"poison":
        raise BadFeed("it is poison")
    return name_itself(document)


async def read_all(pool: ParserPool, reader: Callable[[Fetched], Listing], contents: list[bytes]) -> list[object]:
    """Read documents that wait at the same moment; give the listings and the failures."""
    reading = (pool._together.read(reader, fetched(content)) for content in contents)
    return await asyncio.gather(*reading, return_exceptions=True)


NAMES = [str(number).encode() for number in range(6)]


async def test_documents_that_wait_at_the_same_moment_are_read_in_one_task(
    parsers: ParserPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_over = []
    schedule = parsers._schedule

    def counting(*arguments: Any) -> Any:
        handed_over.append(arguments[1].__name__)
        return schedule(*arguments)

    monkeypatch.setattr(parsers, "_schedule", counting)
    told = await read_all(parsers, name_itself, [str(number).encode() for number in range(40)])
    assert [getattr(listing, "title", listing) for listing in told] == [str(number) for number in range(40)]
    assert handed_over == ["run_many", "run_many"]


async def test_a_large_document_is_read_alone(parsers: ParserPool, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = []
    run_one = parsers._run_one

    async def counting(reader: Callable[[Fetched], Listing], document: Fetched) -> Any:
        alone.append(len(document.content))
        return await run_one(reader, document)

    monkeypatch.setattr(parsers, "_run_one", counting)
    told = await read_all(parsers, name_itself, [b"x" * 300_000, *NAMES])
    assert not [failure for failure in told if isinstance(failure, BaseException)]
    assert alone == [300_000]


@pytest.mark.parametrize(
    ("reader", "error"), [(die_of_poison, ParserKilled), (hang_at_poison, ParserTimeout)], ids=["crashes", "hangs"]
)
async def test_a_killer_among_documents_read_together_fails_alone(
    parsers: ParserPool, reader: Callable[[Fetched], Listing], error: type[MonitorError]
) -> None:
    *others, poison = await read_all(parsers, reader, [*NAMES, b"poison"])
    assert [getattr(listing, "title", listing) for listing in others] == [name.decode() for name in NAMES]
    assert isinstance(poison, error)


async def test_a_refusal_among_documents_read_together_is_its_own(parsers: ParserPool) -> None:
    told = await read_all(parsers, refuse_poison, [b"0", b"poison", b"2"])
    assert [type(one).__name__ for one in told] == ["Listing", "Refusal", "Listing"]


async def test_a_document_that_is_given_up_takes_no_other_with_it(parsers: ParserPool) -> None:
    reading = [asyncio.create_task(parsers._together.read(name_itself, fetched(name))) for name in NAMES]
    await asyncio.sleep(0)
    reading[0].cancel()  # the one that sees to the others
    reading[3].cancel()
    told = await asyncio.gather(*reading, return_exceptions=True)
    assert [isinstance(one, asyncio.CancelledError) for one in told] == [place in {0, 3} for place in range(6)]
    assert [getattr(one, "title", "") for one in told] == ["", "1", "2", "", "4", "5"]


@pytest.mark.usefixtures("parsers_of_its_own")
async def test_documents_read_together_fail_together_when_the_parsers_close() -> None:
    async with ParserPool(ParserLimits(workers=1, parse_deadline_seconds=60)) as pool:
        await pool.read_listing(fetched(FEED), "feed")
        reading = asyncio.create_task(read_all(pool, hang_at_poison, [b"poison", *NAMES]))
        await asyncio.sleep(0.5)
    assert {type(failure) for failure in await reading} == {ParsersUnavailable}
