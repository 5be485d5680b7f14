"""A small hostile internet on loopback, and a Monitor that polls it: for tests that one round survives all of it.

In: cases, each a name with its answer and the reason that its source must show. Out: sources, each on a host of its
own, all served by one address that is allowed; beside it "inside", which is not, and only counts who connects.
Never: binds anything but loopback.
"""

import gzip
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from monitor.errors import DnsFailed
from monitor.model.archiving import SourceKind, SourceSpec
from monitor.operations.opening import open_monitor
from monitor.operations.rounds import Round, prepare, working
from monitor.store.catalogue import add_sources, list_sources
from tests.loopback.newsroom import Clock, Desk, Names, feed, page, settings_for
from tests.loopback.servers import LoopbackServer, RequestHead, Route, respond

INTERNET = "127.77.0.1"
INSIDE = "127.78.0.1"
INSIDE_V6 = "::1"
CANARY = "canary-of-the-coal-shed-4711"
RSS = {"Content-Type": "application/rss+xml"}
HTML = {"Content-Type": "text/html; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile source or article: its answer, and the reason that it must show ("" = it is read).

    `url` is its address where that itself is the trap; `host` and `path` matter where the answer goes by them.
    `robots` is its host's robots.txt; without one it has none.
    """

    name: str
    answer: Route = b""
    reason: str = ""
    kind: SourceKind = "feed"
    url: str = ""
    host: str = ""
    path: str = "/bad"
    scheme: str = "http"
    robots: Route | None = None
    links: str = ""


class HostileNames(Names):
    """Every name under .test is the internet, but for those that lead inside, at once or at the second time."""

    async def __call__(self, host: str, port: int) -> tuple[str, ...]:
        """Return the addresses of a name. Raises DnsFailed."""
        self.asked.append(host)
        if not host.endswith(".test") or host.startswith("nowhere"):
            raise DnsFailed(f"{host} is not served here")
        if host.startswith("rebind"):
            return (INTERNET if self.asked.count(host) == 1 else INSIDE,)
        return {"internal.test": (INSIDE,), "mixed.test": (INTERNET, INSIDE), "six.test": (INSIDE_V6,)}.get(
            host, (INTERNET,)
        )


@dataclass
class HostileWeb:
    """The hosts that are served; `hosts` and `robots` answer by the name that a request is for."""

    internet: LoopbackServer
    inside: list[LoopbackServer]
    canary: Path
    names: HostileNames = field(default_factory=HostileNames)
    hosts: dict[str, Route] = field(default_factory=dict)
    robots: dict[str, Route] = field(default_factory=dict)

    @property
    def port(self) -> int:
        """The one port, outside and inside, so that only the address can be what stops a connection."""
        return self.internet.port

    @property
    def inner_origin(self) -> str:
        """Where nobody may connect to."""
        return f"http://{INSIDE}:{self.port}"

    @property
    def connections_inside(self) -> int:
        """How often somebody did."""
        return sum(server.connections for server in self.inside)

    def place(self, case: Case) -> str:
        """Serve a case on a host of its own; return its URL."""
        host = case.host or f"h{len(self.hosts)}.test"
        self.hosts[host] = case.answer
        if case.robots is not None:
            self.robots[host] = case.robots
        return case.url or f"{case.scheme}://{host}:{self.port}{case.path}"

    def sources(self, cases: Iterable[Case]) -> list[SourceSpec]:
        """Serve cases and return them as sources, each with its name for a title."""
        return [SourceSpec(self.place(case), case.name, kind=case.kind, links=case.links) for case in cases]

    def healthy(self, number: int, *sentences: str) -> SourceSpec:
        """Serve a feed with one article, on a host of its own, and return it as a source."""
        host = f"good{number}.test"
        url = f"http://{host}:{self.port}/article"
        listing = respond(200, RSS, feed([(f"Good article {number}", url)]))
        article = respond(200, HTML, page(f"Good article {number}", *sentences))
        self.hosts[host] = lambda head, _: article if head.path == "/article" else listing
        return SourceSpec(f"http://{host}:{self.port}/feed.xml", f"healthy {number}")

    def answer(self, head: RequestHead, writer: object) -> object:
        """Answer by the host that a request is for."""
        host = (head.header("host") or "").partition(":")[0]
        table = self.robots if head.path == "/robots.txt" else self.hosts
        route = table.get(host, respond(404))
        return route if isinstance(route, bytes) else route(head, writer)  # type: ignore[arg-type]

    @asynccontextmanager
    async def desk(self, folder: Path, specs: Iterable[SourceSpec], **more: str) -> AsyncIterator[Desk]:
        """Give a Monitor at work with just these sources, which may poll this internet and nothing inside."""
        clock = Clock()
        strict = {
            "MONITOR_ALLOWED_NETWORKS": f"{INTERNET}/32",
            "MONITOR_FETCH_CONCURRENCY": "32",
            "MONITOR_MAX_BODY_BYTES": "5000000",
            "MONITOR_PARSER_WORKERS": "1",
        }
        monitor = open_monitor(settings_for(folder, [self.port], **(strict | more)), now=clock, resolve=self.names)
        prepare(monitor)
        add_sources(monitor.archive, specs, clock())
        async with working(monitor, lambda *_: None) as worker:
            yield Desk(monitor, worker, clock, self.names)


@asynccontextmanager
async def hostile_web(folder: Path, has_ipv6: bool = Path("/proc/net/if_inet6").is_file()) -> AsyncIterator[HostileWeb]:
    """Serve the internet, and listen inside; a file with the canary's text lies in `folder`."""
    async with AsyncExitStack() as stack:
        internet = await stack.enter_async_context(LoopbackServer(address=INTERNET))
        inside = []
        for address in (INSIDE, INSIDE_V6):
            server = LoopbackServer({"*": respond(200, RSS, CANARY.encode())}, address=address, port=internet.port)
            if address == INSIDE_V6 and not has_ipv6:
                continue  # a machine without IPv6
            inside.append(await stack.enter_async_context(server))
        web = HostileWeb(internet, inside, _lay_canary(folder))
        internet.routes["*"] = web.answer  # type: ignore[assignment]
        yield web


def _lay_canary(folder: Path) -> Path:
    canary = folder / "canary.txt"
    canary.write_text(CANARY, encoding="utf-8")
    return canary


def reasons(desk: Desk) -> dict[str, str]:
    """Return what each source shows, by its title."""
    return {source.spec.title: source.last_reason for source in list_sources(desk.monitor.archive)}


def entry_reasons(desk: Desk) -> dict[str, str]:
    """Return what became of each entry, by its title."""
    return {str(title): str(reason) for title, reason in desk.rows("SELECT title, reason FROM entries")}


def count(desk: Desk, *tables: str) -> dict[str, int]:
    """Return how many rows the tables have."""
    return {table: int(str(desk.rows(f"SELECT count(*) FROM {table}")[0][0])) for table in tables}


def holding(folder: Path, text: str) -> list[Path]:
    """Return the files of an archive, packed ones too, that hold a text."""
    found = []
    for path in filter(Path.is_file, folder.rglob("*")):
        content = path.read_bytes()
        unpacked = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
        if text.encode() in unpacked:
            found.append(path)
    return found


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds: threads, sockets, and parser children."""

    threads: int
    sockets: int
    parsers: int

    @classmethod
    def now(cls) -> "Held":
        """Look."""
        links = [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
        return cls(
            threads=len(list(Path("/proc/self/task").iterdir())),
            sockets=sum(str(link).startswith("socket:") for link in links),
            parsers=len(_parsers()),
        )


def resident_bytes() -> int:
    """Return how much memory this process has in hand."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _parsers() -> list[str]:
    children = " ".join(_read(path) for path in Path("/proc/self/task").glob("*/children"))
    commands = (_read(Path(f"/proc/{child}/cmdline")) for child in children.split())
    return [command for command in commands if "spawn_main" in command]


def _read(path: Path) -> str:
    """Return what the kernel tells of a thread or a process; "" where it has ended meanwhile."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def outcomes(done: Round) -> dict[str, tuple[str, int, int]]:
    """Return each source's reason, and how many of its entries were new and how many rejected."""
    return {polled.source.spec.title: (polled.reason, polled.new, polled.rejected) for polled in done.polled}
