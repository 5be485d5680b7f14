"""Poll many small feeds, first anew and then unchanged (304), against the library `reader`; CPU of parsers included.

Usage: python -m bench.polling [--feeds 500] [--items 20] [--rounds 5] [--reader-python PATH]

Both sides poll the same feeds over the same loopback server, which is a process of its own and not counted, and keep
them in SQLite; no article is read. Left out of both: start-up, imports and a warm-up of
another feed of each of the 80 hosts, so that connections stand and their robots.txt is known. `reader` has
dependencies of its own: make it an environment apart (python -m venv READER && READER/bin/pip install reader sgmllib3k)
and name its Python (READER/bin/python).
"""

import argparse
import asyncio
import hashlib
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from monitor.model.archiving import Polled, SourceSpec, StoredSource
from monitor.operations.opening import Monitor, open_monitor
from monitor.pipeline.poll import poll_sources
from monitor.pipeline.stages import Stages
from monitor.settings import load_settings
from monitor.store.catalogue import add_sources, claim_sources, list_sources

PORT = 8377
HOSTS = 80
FLOOR = {"first": 5.0, "again": 2.0}
AIM = {"first": 12.0, "again": 6.0}
_WORDS = (
    "ministry",
    "labour",
    "factory",
    "workers",
    "wages",
    "province",
    "court",
    "police",
    "report",
    "company",
    "officials",
    "border",
    "migrants",
    "shelter",
    "closure",
    "export",
    "rice",
    "council",
    "audit",
    "budget",
    "river",
    "dam",
    "fishing",
    "school",
    "teachers",
    "union",
    "strike",
    "contract",
)
_INSTALL = "python -m venv READER && READER/bin/pip install reader sgmllib3k, then --reader-python READER/bin/python"


@dataclass(frozen=True, slots=True)
class Pass:
    """One poll of all the feeds."""

    cpu_seconds: float
    wall_seconds: float


@dataclass(frozen=True, slots=True)
class Side:
    """What one side took in one run: the first poll and the second, and its peak memory."""

    first: Pass
    again: Pass
    rss_mib: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--items", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--reader-python", default=sys.executable, help="the Python that has `reader` installed")
    parser.add_argument("--only-ours", action="store_true", help="leave the peer out: figures, no verdict")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--our-side", metavar="FOLDER", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        asyncio.run(_serve(arguments.items))
    elif arguments.our_side:
        _poll_ours(Path(arguments.our_side))
    else:
        sys.exit(0 if _compare(arguments) else 1)


def _compare(arguments: argparse.Namespace) -> bool:
    peer = None if arguments.only_ours else arguments.reader_python
    if peer and subprocess.run([peer, "-c", "import reader"], capture_output=True, check=False).returncode:  # noqa: S603 - the operator named it
        raise SystemExit(f"{peer} has no `reader`: {_INSTALL}")
    ours: list[Side] = []
    theirs: list[Side] = []
    with _server(arguments.items):
        for number in range(arguments.rounds):
            with tempfile.TemporaryDirectory(prefix="monitor-bench-") as folder:
                place = Path(folder)
                _write_urls(place, arguments.feeds)
                ours.append(_run(arguments, [sys.executable, "-m", "bench.polling", "--our-side", folder]))
                if peer:
                    script = str(Path(__file__).with_name("reader_side.py"))
                    files = [str(place / name) for name in ("reader.db", "warm-up.txt", "urls.txt")]
                    theirs.append(_run(arguments, [peer, script, *files]))
            print(f"round {number + 1} of {arguments.rounds}", file=sys.stderr)
    return report(ours, theirs, arguments.feeds)


def report(ours: list[Side], theirs: list[Side], feeds: int) -> bool:
    """Print the medians and the verdict; True where both floors are reached, or where there is no peer."""
    print(f"{'':24}{'feeds/CPU-s':>12}{'CPU s':>8}{'wall s':>8}{'RSS MiB':>9}")
    rates: dict[tuple[str, str], float] = {}
    for name, sides in (("Monitor", ours), ("reader", theirs)):
        for which, words in (("first", "first poll"), ("again", "unchanged (304)")):
            if not sides:
                continue
            cpu = statistics.median(getattr(side, which).cpu_seconds for side in sides)
            wall = statistics.median(getattr(side, which).wall_seconds for side in sides)
            rss = statistics.median(side.rss_mib for side in sides)
            rates[name, which] = feeds / cpu
            print(f"{name + ', ' + words:24}{feeds / cpu:12.0f}{cpu:8.2f}{wall:8.2f}{rss:9.0f}")
    if not theirs:
        return True
    passed = True
    for which, words in (("first", "first poll"), ("again", "unchanged (304)")):
        ratio = rates["Monitor", which] / rates["reader", which]
        is_good = ratio >= FLOOR[which]
        passed &= is_good
        verdict = "PASS" if is_good else "FAIL"
        print(f"{verdict}: {words} {ratio:.1f} times reader's (floor {FLOOR[which]:g}, aim {AIM[which]:g})")
    return passed


def _run(arguments: argparse.Namespace, command: list[str]) -> Side:
    _counts()
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603 - our own two sides
    said = json.loads(done.stdout)
    counts, feeds = _counts(), arguments.feeds
    if counts.get("200", 0) < feeds or counts.get("304", 0) != feeds or said["entries"] != feeds * arguments.items:
        raise SystemExit(f"{command[0]} did not poll and keep all: {said['entries']} entries kept, answers {counts}")
    first, again = (Pass(**figures) for figures in said["passes"])
    return Side(first, again, said["rss_mib"])


def _write_urls(folder: Path, feeds: int) -> None:
    def urls(kind: str, count: int) -> str:
        return "\n".join(f"http://127.77.1.{1 + number % HOSTS}:{PORT}/{kind}-{number}.xml" for number in range(count))

    (folder / "urls.txt").write_text(urls("feed", feeds))
    (folder / "warm-up.txt").write_text(urls("warm", HOSTS))


def _poll_ours(folder: Path) -> None:
    environ = {
        "MONITOR_DATA_DIR": str(folder / "var"),
        "MONITOR_ALLOWED_NETWORKS": "127.77.0.0/16",
        "MONITOR_ALLOWED_PORTS": str(PORT),
        "MONITOR_HOST_DELAY_SECONDS": "0",
        "MONITOR_STARTER_SOURCES": "false",
        "MONITOR_SAMPLE_NEWSROOM": "false",
    }
    monitor = open_monitor(load_settings(environ)[0])
    print(json.dumps(asyncio.run(_poll_twice(monitor, folder))))


async def _poll_twice(monitor: Monitor, folder: Path) -> dict[str, object]:
    async with monitor.stages() as stages:
        await poll_sources(stages, _claim(monitor, folder / "warm-up.txt"))
        due = _claim(monitor, folder / "urls.txt")
        first, polled = await _measure(stages, due)
        again, _ = await _measure(stages, claim_sources(monitor.archive, monitor.now(), ids=[row.id for row in due]))
        rss_mib = sum(_peak_kib(pid) for pid in (os.getpid(), *_children())) // 1024
    return {"passes": [first, again], "entries": sum(visit.new for visit in polled), "rss_mib": rss_mib}


def _claim(monitor: Monitor, file: Path) -> list[StoredSource]:
    urls = set(file.read_text().split())
    add_sources(monitor.archive, [SourceSpec(url, url) for url in sorted(urls)], monitor.now())
    ids = [source.id for source in list_sources(monitor.archive) if source.spec.url in urls]
    return claim_sources(monitor.archive, monitor.now(), ids=ids)


async def _measure(stages: Stages, due: list[StoredSource]) -> tuple[dict[str, float], list[Polled]]:
    wall, cpu = time.perf_counter(), _cpu_seconds()
    polled = await poll_sources(stages, due)
    figures = {"cpu_seconds": _cpu_seconds() - cpu, "wall_seconds": time.perf_counter() - wall}
    failed = [f"{visit.source.spec.url}: {visit.detail}" for visit in polled if not visit.is_good]
    if failed:
        raise SystemExit(f"{len(failed)} visits failed, the first: {failed[0]}")
    return figures, polled


def _cpu_seconds() -> float:
    """Return the CPU time of this process, of its living children and of those that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    living = sum(sum(map(int, _stat(pid)[11:13])) for pid in _children()) / os.sysconf("SC_CLK_TCK")
    return time.process_time() + ended.ru_utime + ended.ru_stime + living


def _children() -> list[int]:
    return [int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _peak_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


@contextmanager
def _server(items: int) -> Iterator[None]:
    command = [sys.executable, "-m", "bench.polling", "--serve", "--items", str(items)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 - ourselves
        try:
            if process.stdout is None or process.stdout.readline().strip() != b"ready":
                raise SystemExit(f"the feeds can't be served on port {PORT} of 127.77.0.0/16: is it taken?")
            yield
        finally:
            process.kill()


def _counts() -> dict[str, int]:
    """Return how often the server gave each status since it was last asked."""
    with urllib.request.urlopen(f"http://127.77.1.1:{PORT}/counts") as answer:
        counts: dict[str, int] = json.load(answer)
    return counts


async def _serve(items: int) -> None:
    web = _Web(items)
    addresses = [f"127.77.1.{number + 1}" for number in range(HOSTS)]
    servers = [await asyncio.start_server(web.talk, address, PORT) for address in addresses]
    print("ready", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


class _Web:
    def __init__(self, items: int) -> None:
        self._items = items
        self._feeds: dict[str, tuple[bytes, str]] = {}
        self._counts: Counter[str] = Counter()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                writer.write(self._answer(head))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, head: str) -> bytes:
        path = head.split(" ", 2)[1]
        if path == "/counts":
            counts, self._counts = self._counts, Counter()
            return _respond("200 OK", json.dumps(counts).encode(), "application/json")
        if not path.endswith(".xml"):
            return _respond("404 Not Found", b"", "text/plain")
        body, etag = self._feed(path)
        if f"\r\nif-none-match: {etag}\r\n" in head.lower():
            status, answer = "304", f"HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\n\r\n".encode()
        else:
            status, answer = "200", _respond("200 OK", body, "application/rss+xml", f"ETag: {etag}\r\n")
        if not path.startswith("/warm"):
            self._counts[status] += 1
        return answer

    def _feed(self, path: str) -> tuple[bytes, str]:
        if path not in self._feeds:
            body = make_rss(path, self._items, datetime.now(UTC))
            self._feeds[path] = (body, f'"{hashlib.sha256(body).hexdigest()[:16]}"')
        return self._feeds[path]


def _respond(status: str, body: bytes, content_type: str, more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{more}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def make_rss(name: str, items: int, newest_at: datetime) -> bytes:
    """Make an RSS feed as news sites have them, the same for the same name: 20 items are about 15 KB."""
    chance = random.Random(name)  # noqa: S311 - the same text for the same name is meant

    def item(number: int) -> str:
        title, teaser = (" ".join(chance.choices(_WORDS, k=count)).capitalize() for count in (9, 60))
        link = f"http://news.example{name}/story-{number}?utm_source=rss&amp;id={number}"
        date = format_datetime(newest_at - timedelta(hours=number))
        return (
            f"<item><title>{title}</title><link>{link}</link><guid isPermaLink='false'>{name}-{number}</guid>"
            f"<pubDate>{date}</pubDate><dc:creator>Desk {number}</dc:creator><category>News</category>"
            f"<description><![CDATA[<p>{teaser}.</p>]]></description></item>"
        )

    head = f"<title>Feed {name}</title><link>http://news.example{name}</link><description>News</description>"
    channel = f"<channel>{head}<language>en</language>{''.join(map(item, range(items)))}</channel>"
    return (
        f'<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">{channel}</rss>'.encode()
    )


if __name__ == "__main__":
    main()
