"""A small invented newspaper on loopback, and a Monitor that polls it: for tests of the whole way."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

from monitor.model.archiving import SourceSpec
from monitor.operations.opening import Monitor, open_monitor
from monitor.operations.rounds import Round, prepare, working
from monitor.settings import Settings, load_settings
from monitor.store.catalogue import add_sources, list_sources
from tests.loopback.servers import LoopbackServer, respond

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
WATCHLIST = """
watchlist: harbour
title: The harbour list
claims:
  - id: locked-in
    claim: Workers at the pier are locked in.
    said_by: The Sample Gazette
    terms: {en: 'pier AND (locked OR chained)'}
  - id: unpaid
    claim: Workers at the pier are not paid.
    said_by: The Sample Gazette
    terms: {en: 'pier NEAR/30 unpaid'}
"""
LOCKED = "The workers of the pier were locked in a shed over night, a clerk of the harbour said on Monday."
FILLER = (
    "The harbour of the invented town lies at the mouth of a river that nobody has mapped. Boats come and go with the "
    "tide, and the price of fish is written on a board beside the gate. Little else is known about the place."
)


def page(title: str, *sentences: str) -> bytes:
    """Return an article's page as a newspaper would serve it."""
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in (*sentences, FILLER))
    return (
        f"<!doctype html><html lang='en'><head><title>{escape(title)}</title></head><body><nav><a href='/'>Home</a>"
        f"</nav><article><h1>{escape(title)}</h1>{paragraphs}</article><footer>Imprint</footer></body></html>"
    ).encode()


def feed(links: Iterable[tuple[str, str]], summary: str = "A summary.") -> bytes:
    """Return an RSS feed of (title, link) pairs."""
    items = "".join(
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link><guid>{escape(link)}</guid>"
        f"<description>{escape(summary)}</description><pubDate>Sat, 21 Nov 2026 10:00:00 GMT</pubDate></item>"
        for title, link in links
    )
    return f"<rss version='2.0'><channel><title>The Gazette</title>{items}</channel></rss>".encode()


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        """Move the clock."""
        self.at += timedelta(**by)


def settings_for(folder: Path, ports: Iterable[int] = (), **more: str) -> Settings:
    """Return settings that poll loopback and nothing else."""
    watchlists = folder / "watchlists"
    if not watchlists.exists():
        watchlists.mkdir()
        (watchlists / "harbour.yaml").write_text(WATCHLIST, encoding="utf-8")
    return load_settings(environment(folder, ports) | more)[0]


def environment(folder: Path, ports: Iterable[int] = ()) -> dict[str, str]:
    """Return the variables that such settings are read from."""
    return {
        "MONITOR_DATA_DIR": str(folder / "var"),
        "MONITOR_WATCHLISTS_DIR": str(folder / "watchlists"),
        "MONITOR_ALLOWED_NETWORKS": "127.0.0.0/8",
        "MONITOR_ALLOWED_PORTS": ",".join(map(str, ports)),
        "MONITOR_HOST_DELAY_SECONDS": "0",
        "MONITOR_FETCH_DEADLINE_SECONDS": "5",
        "MONITOR_STARTER_SOURCES": "false",
        "MONITOR_SAMPLE_NEWSROOM": "false",
        "MONITOR_CONTACT": "desk@newsroom.example",
    }


@dataclass
class Newspaper:
    """A served newspaper: `articles` by path, listed in /feed.xml."""

    server: LoopbackServer
    articles: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def publish(self, path: str, title: str, *sentences: str) -> None:
        """Add an article to the pages and to the feed."""
        self.articles[path] = (title, page(title, *sentences))
        self.serve()

    def serve(self, headers: Mapping[str, str] | None = None) -> None:
        """Serve everything as it stands now."""
        html = {"Content-Type": "text/html; charset=utf-8"}
        for path, (_title, body) in self.articles.items():
            self.server.routes[path] = respond(200, html, body)
        links = [(title, self.server.url(path)) for path, (title, _body) in self.articles.items()]
        xml = {"Content-Type": "application/rss+xml"} | dict(headers or {})
        self.server.routes["/feed.xml"] = respond(200, xml, feed(links))

    def visits(self, path: str) -> int:
        """Return how often a path was asked for."""
        return sum(request.path == path for request in self.server.requests)


@asynccontextmanager
async def newspaper() -> AsyncIterator[Newspaper]:
    """Serve an empty newspaper on loopback."""
    async with LoopbackServer() as server:
        paper = Newspaper(server)
        paper.serve()
        yield paper


def monitor_for(folder: Path, paper: Newspaper, clock: Clock | None = None, **more: str) -> Monitor:
    """Return a prepared Monitor that polls the newspaper."""
    monitor = open_monitor(settings_for(folder, [paper.server.port], **more), now=clock or Clock())
    prepare(monitor)
    if not list_sources(monitor.archive):
        spec = SourceSpec(paper.server.url("/feed.xml"), "The Gazette", language="en")
        add_sources(monitor.archive, [spec], monitor.now())
    return monitor


async def run_round(monitor: Monitor, *, all_enabled: bool = True) -> Round:
    """Do one round with parsers and connections of its own."""
    async with working(monitor, lambda *_: None) as worker:
        return await worker.run_round(all_enabled=all_enabled)
