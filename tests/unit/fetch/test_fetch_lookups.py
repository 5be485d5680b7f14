import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from monitor.fetch.lookups import Lookups


@dataclass
class Resolver:
    """Hangs on every name that begins with "slow", until it is released."""

    released: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)

    def ask(self, host: str, port: int) -> str:
        self.asked.append(host)
        if host.startswith("slow"):
            self.released.wait(120)
        if host == "nowhere":
            raise LookupError(host)
        return f"{host}:{port}"


@pytest.fixture
def resolver() -> Iterator[Resolver]:
    resolver = Resolver()
    yield resolver
    resolver.released.set()


async def give_up(lookups: Lookups[str], host: str) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(0.1):
            await lookups.find(host, 443)


async def test_an_answer_and_a_failure_come_back_as_they_are(resolver: Resolver) -> None:
    lookups = Lookups(resolver.ask)
    assert await lookups.find("news.example", 443) == "news.example:443"
    with pytest.raises(LookupError, match="nowhere"):
        await lookups.find("nowhere", 443)


def test_the_loop_ends_while_lookups_hang(resolver: Resolver) -> None:
    async def ask() -> None:
        lookups = Lookups(resolver.ask)
        await asyncio.gather(*(give_up(lookups, f"slow-{number}") for number in range(20)))

    began_at = time.monotonic()
    asyncio.run(ask())
    assert time.monotonic() - began_at < 60


async def test_lookups_that_hang_take_no_thread_from_other_work(resolver: Resolver) -> None:
    lookups = Lookups(resolver.ask)
    await asyncio.gather(*(give_up(lookups, f"slow-{number}") for number in range(50)))
    assert len(resolver.asked) == 50
    assert await asyncio.wait_for(asyncio.to_thread(str, 1), 60) == "1"
    assert await asyncio.wait_for(lookups.find("news.example", 443), 60) == "news.example:443"


async def test_no_more_threads_hang_than_are_allowed_and_what_was_given_up_meanwhile_is_not_asked(
    resolver: Resolver,
) -> None:
    lookups = Lookups(resolver.ask, max_threads=2)
    await asyncio.gather(*(give_up(lookups, host) for host in ("slow-1", "slow-2", "given-up")))
    waiting = asyncio.create_task(lookups.find("news.example", 443))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    resolver.released.set()
    assert await asyncio.wait_for(waiting, 60) == "news.example:443"
    assert sorted(resolver.asked) == ["news.example", "slow-1", "slow-2"]


PROGRAM = """
import asyncio, threading
from monitor.fetch.lookups import Lookups

async def main():
    lookup = asyncio.ensure_future(Lookups(lambda host, port: threading.Event().wait()).find("slow", 443))
    await asyncio.sleep(0.1)
    lookup.cancel()

asyncio.run(main())
print("done")
"""


def test_a_program_ends_though_a_lookup_never_does() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, timeout=120, check=True)
    assert ended.stdout == b"done\n"
    assert ended.stderr == b""
