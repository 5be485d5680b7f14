"""What one request costs the processor, with few and with many in flight: `python -m bench.concurrency`.

In: nothing. Out: a table; exit code 1 where a request among 100 in flight costs over 1.5 times one among 10.
Never: leaves this machine. A hundred hosts, 127.88.0.1 to .100, are served by a process of their own, so that only our
own side is counted. Small pools grew dearer with what they held (httpcore#1035): this is where that would show.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_network

from monitor.fetch import FetchLimits, HttpClient
from monitor.model.fetching import FetchRequest, NotModified

HOSTS = tuple(f"127.88.0.{number}" for number in range(1, 101))
IN_FLIGHT = (10, 16, 100)
REQUESTS = 1_500
ROUNDS = 3
ALLOWED_RATIO = 1.5
BODY = b"<rss version='2.0'><channel>" + b"<item><title>The Gazette</title></item>" * 390 + b"</channel></rss>"
ETAG = '"1"'
_NOT_MODIFIED = (
    b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nDate: Sun, 22 Nov 2026 12:00:00 GMT\r\nServer: bench\r\n\r\n'
)
_FULL = (
    b"HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 12:00:00 GMT\r\nServer: bench\r\nContent-Type: application/rss+xml\r\n"
    b'Cache-Control: max-age=300\r\nETag: "1"\r\nContent-Length: %d\r\n\r\n' % len(BODY)
) + BODY


@dataclass(frozen=True)
class Cost:
    """What was measured: the best of the rounds, as everything else on the machine only adds."""

    kind: str
    in_flight: int
    cpu_milliseconds: float
    requests_a_second: float


class _Answering(asyncio.Protocol):
    """Answers each request with 304 where it carries our validator, else with a feed of 15 KB."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._head = b""

    def data_received(self, data: bytes) -> None:
        self._head += data
        while b"\r\n\r\n" in self._head:
            head, _, self._head = self._head.partition(b"\r\n\r\n")
            self._transport.write(_NOT_MODIFIED if b'"1"' in head else _FULL)


async def serve() -> None:
    """Serve every host on one free port, tell the port, and go on until standard input ends."""
    loop = asyncio.get_running_loop()
    first = await loop.create_server(_Answering, HOSTS[0], 0)
    port = first.sockets[0].getsockname()[1]
    rest = [await loop.create_server(_Answering, host, port) for host in HOSTS[1:]]
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for server in (first, *rest):
        server.close()


@asynccontextmanager
async def served() -> AsyncIterator[int]:
    """Run the servers in another process; give their port."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.concurrency", "serve", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield int(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()


async def measure(port: int, kind: str, in_flight: int, requests: int = REQUESTS) -> Cost:
    """Ask the hosts in turn over kept connections, `in_flight` at once, and count our own processor time."""
    limits = FetchLimits(
        host_delay_seconds=0.0,
        max_connections=in_flight,
        allowed_networks=(ip_network("127.88.0.0/24"),),
        allowed_ports=(port,),
    )
    etag = ETAG if kind == "304" else None
    asked = [FetchRequest(f"http://{host}:{port}/feed.xml", "feed", etag=etag) for host in HOSTS]
    async with HttpClient(limits, lambda: datetime.now(UTC)) as client:
        await _ask_all(client, asked, in_flight, kind)
        many = [asked[number % len(asked)] for number in range(requests)]
        best, quickest = float("inf"), float("inf")
        for _ in range(ROUNDS):
            cpu, wall = time.process_time(), time.perf_counter()
            await _ask_all(client, many, in_flight, kind)
            best = min(best, time.process_time() - cpu)
            quickest = min(quickest, time.perf_counter() - wall)
    return Cost(kind, in_flight, best / requests * 1000, requests / quickest)


async def _ask_all(client: HttpClient, asked: Sequence[FetchRequest], in_flight: int, kind: str) -> None:
    waiting = iter(asked)

    async def work() -> None:
        for request in waiting:
            answer = await client.fetch(request)
            assert isinstance(answer, NotModified) == (kind == "304"), answer

    await asyncio.gather(*(work() for _ in range(in_flight)))


async def compare() -> list[Cost]:
    """Measure both kinds of answer at every number in flight."""
    async with served() as port:
        return [await measure(port, kind, in_flight) for kind in ("304", "200") for in_flight in IN_FLIGHT]


def main() -> int:
    """Print the table; return 1 where many in flight cost too much."""
    costs = asyncio.run(compare())
    print(f"{'answer':8}{'in flight':>10}{'CPU ms a request':>18}{'requests a s':>14}")
    for cost in costs:
        print(f"{cost.kind:8}{cost.in_flight:10}{cost.cpu_milliseconds:18.3f}{cost.requests_a_second:14.0f}")
    has_failed = False
    for kind in ("304", "200"):
        of_kind = {cost.in_flight: cost.cpu_milliseconds for cost in costs if cost.kind == kind}
        ratio = of_kind[100] / of_kind[10]
        has_failed |= ratio > ALLOWED_RATIO
        print(f"{kind}: 100 in flight cost {ratio:.2f} times 10 in flight (allowed: {ALLOWED_RATIO})")
    return int(has_failed)


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
        sys.exit(0)
    sys.exit(main())
