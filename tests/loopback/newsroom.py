"""A small invented newspaper on loopback, and a Monitor that polls it: for tests of the whole way."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

from monitor.errors import DnsFailed
from monitor.model.archiving import SourceSpec, StoredArticle, StoredSource
from monitor.model.mailing import DeliveredDigest
from monitor.operations.opening import Monitor, open_monitor
from monitor.operations.rounds import Round, Worker, make_due_digests, prepare, working
from monitor.settings import Settings, load_settings
from monitor.store.articles import find_article, list_articles
from monitor.store.catalogue import add_sources, list_sources
from tests.loopback.commands import Ended, monitor_within
from tests.loopback.commands import monitor as run_command
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
    return rss(*(item(title, link, summary=summary) for title, link in links))


def item(
    title: str,
    link: str,
    *,
    summary: str = "A summary.",
    published: datetime | None = datetime(2026, 11, 21, 10, tzinfo=UTC),
    text: str = "",
    guid: str = "",
) -> str:
    """Return one item of a feed; with `text` it carries the article whole."""
    dated = f"<pubDate>{format_datetime(published)}</pubDate>" if published else ""
    whole = f"<content:encoded>{escape(text)}</content:encoded>" if text else ""
    return (
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link><guid>{escape(guid or link)}</guid>"
        f"<description>{escape(summary)}</description>{dated}{whole}</item>"
    )


def rss(*items: str, title: str = "The Gazette") -> bytes:
    """Return an RSS feed of items."""
    return (
        "<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel>"
        f"<title>{escape(title)}</title>{''.join(items)}</channel></rss>"
    ).encode()


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
        "MONITOR_PARSER_WORKERS": "1",  # each takes a second of CPU to start, and every round starts its own
        "MONITOR_ENCODER": "none",  # it takes a second of CPU to start; what needs it says so
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


def file_of(delivered: DeliveredDigest) -> Path:
    """Return the file of a digest that was delivered to files."""
    assert delivered.message_path
    return delivered.message_path


async def run_round(monitor: Monitor, *, all_enabled: bool = True) -> Round:
    """Do one round with parsers and connections of its own."""
    async with working(monitor, lambda *_: None) as worker:
        return await worker.run_round(all_enabled=all_enabled)


@dataclass
class Names:
    """A resolver that knows some names, and remembers what it was asked for."""

    known: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> tuple[str, ...]:
        """Return the address of a name. Raises DnsFailed."""
        del port
        self.asked.append(host)
        if host not in self.known:
            raise DnsFailed(f"{host} is not served here")
        return (self.known[host],)


@dataclass
class Desk:
    """A Monitor at work, whose parsers stay from one round to the next, and what it holds."""

    monitor: Monitor
    worker: Worker
    clock: Clock
    names: Names

    async def round(self) -> Round:
        """Visit every source and read what is due."""
        return await self.worker.run_round(all_enabled=True)

    def articles(self) -> list[StoredArticle]:
        """Return all articles with their text, the newest first."""
        found = [find_article(self.monitor.archive, article.id) for article in list_articles(self.monitor.archive)]
        return [article for article in found if article]

    def source(self, number: int = 0) -> StoredSource:
        """Return a source as it stands."""
        return list_sources(self.monitor.archive)[number]

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Ask the archive's database."""
        with self.monitor.archive.reading() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    async def digest(self) -> tuple[str, str]:
        """Make the day's digest; return its subject and its text."""
        delivered = await make_due_digests(self.monitor)
        mail = email.message_from_bytes(file_of(delivered[-1]).read_bytes(), policy=email.policy.default)
        body = mail.get_body(("plain",))
        return str(mail["Subject"]), " ".join(body.get_content().split()) if body else ""


@asynccontextmanager
async def desk_with(
    folder: Path, server: LoopbackServer, *specs: SourceSpec, names: Mapping[str, str] | None = None, **more: str
) -> AsyncIterator[Desk]:
    """Give a Monitor at work with just these sources; `names` resolve to loopback addresses."""
    clock, resolver = Clock(), Names(dict(names or {}))
    settings = settings_for(folder, [server.port], **{"MONITOR_PARSER_WORKERS": "1"} | more)
    monitor = open_monitor(settings, now=clock, resolve=resolver)
    prepare(monitor)
    add_sources(monitor.archive, specs, clock())
    async with working(monitor, lambda *_: None) as worker:
        yield Desk(monitor, worker, clock, resolver)


@dataclass
class Terminal:
    """Somebody who types commands, with a newspaper to poll."""

    folder: Path
    paper: Newspaper

    async def types(self, *arguments: str, **more: str) -> Ended:
        """Run one command to its end within this process, which saves it the second that starting takes."""
        environ = environment(self.folder, [self.paper.server.port]) | more
        return await asyncio.to_thread(monitor_within, *arguments, environ=environ, cwd=self.folder)

    async def starts(self, *arguments: str, **more: str) -> Ended:
        """Run one command to its end in a process of its own."""
        environ = environment(self.folder, [self.paper.server.port]) | more
        return await asyncio.to_thread(run_command, *arguments, environ=environ, cwd=self.folder)


@asynccontextmanager
async def terminal_in(folder: Path) -> AsyncIterator[Terminal]:
    """Give a terminal in a folder with a watchlist and nothing else."""
    settings_for(folder)
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        yield Terminal(folder, paper)
