"""Serve a folder of real pages and feeds on loopback: one 127.x.y.z address a host, HTTP and HTTPS, a resolver for all.

In: the data folder. Out: a running web, and the addresses of its hosts. Never: answers for a host that no feed names.
"""

import asyncio
import gzip
import hashlib
import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import trustme

from monitor.errors import DnsFailed
from monitor.text.urls import is_same_site, url_key

INDEX_HOST = "pages.bench.example"


@dataclass
class RealData:
    """What the folder holds: feeds by name, pages by URL with their true text."""

    feeds: dict[str, bytes]
    pages: dict[str, bytes]
    truth: dict[str, str]
    entry_counts: dict[str, int] = field(default_factory=dict)
    entry_hosts: set[str] = field(default_factory=set)

    def feed_url(self, name: str) -> str:
        """Return the address under which a feed is served."""
        return f"http://{name}.bench.example/feed.xml"

    @property
    def hosts(self) -> list[str]:
        """Every host that must answer."""
        feeds = {urlsplit(self.feed_url(name)).hostname or "" for name in self.feeds}
        pages = {urlsplit(url).hostname or "" for url in self.pages}
        return sorted({*feeds, *pages, *self.entry_hosts, INDEX_HOST})


def load(folder: Path) -> RealData:
    """Read `feeds/*.xml.gz` and `pages/`; exits with what is missing where it isn't such a folder."""
    missing = [part for part in ("feeds", "pages/ground-truth.json", "pages/html") if not (folder / part).exists()]
    if missing:
        raise SystemExit(f"{folder} lacks {', '.join(missing)}; usage: make bench DATA=PATH")
    feeds = {
        path.name.partition(".")[0]: gzip.decompress(path.read_bytes()) for path in sorted(folder.glob("feeds/*.gz"))
    }
    truth = json.loads((folder / "pages/ground-truth.json").read_text(encoding="utf-8"))
    pages = {
        row["url"]: gzip.decompress((folder / f"pages/html/{key}.html.gz").read_bytes()) for key, row in truth.items()
    }
    data = RealData(feeds, pages, {row["url"]: row["articleBody"] for row in truth.values()})
    for name, body in feeds.items():
        parsed = feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
        data.entry_counts[name] = len(parsed.entries)
        data.entry_hosts |= {host for entry in parsed.entries if (host := urlsplit(entry.get("link", "")).hostname)}
    return data


def addresses(hosts: list[str]) -> dict[str, str]:
    """Give every host a loopback address of its own."""
    return {host: f"127.77.{number // 250}.{number % 250 + 1}" for number, host in enumerate(hosts)}


class FixedResolver:
    """Answers for the hosts it is given, and for no other."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known

    async def __call__(self, host: str, port: int) -> tuple[str, ...]:
        """Return the host's address. Raises DnsFailed."""
        del port
        if host not in self._known:
            raise DnsFailed(f"{host} is not served here")
        return (self._known[host],)


@contextmanager
def served(data: RealData, ca_file: Path) -> Iterator[dict[str, str]]:
    """Serve the data in a thread of its own until the block ends; writes the authority's certificate to `ca_file`."""
    known = addresses(data.hosts)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(ca_file))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*known).configure_cert(tls)
    web = _Web(data)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="web", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(web.listen(known, tls), loop).result(60)
        yield known
    except PermissionError:
        raise SystemExit(
            "binding ports 80 and 443 of 127.77.0.0/16 is not allowed here; run as root, or type: "
            "sysctl net.ipv4.ip_unprivileged_port_start=80"
        ) from None
    finally:
        asyncio.run_coroutine_threadsafe(web.close(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


class _Web:
    def __init__(self, data: RealData) -> None:
        self._data = data
        self._spare = sorted(data.pages.items())
        self._by_place = {_place(url): body for url, body in data.pages.items()}
        self._feeds = {_place(data.feed_url(name)): body for name, body in data.feeds.items()}
        self._feeds[_place(f"https://{INDEX_HOST}/feed.xml")] = _index_feed(sorted(data.pages))
        self._servers: list[asyncio.Server] = []

    async def listen(self, known: Mapping[str, str], tls: ssl.SSLContext) -> None:
        for address in known.values():
            for port, context in ((80, None), (443, tls)):
                server = await asyncio.start_server(self._talk, address, port, ssl=context)
                self._servers.append(server)

    async def close(self) -> None:
        for server in self._servers:
            server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                writer.write(self._answer(head.decode("latin-1")))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    def _answer(self, head: str) -> bytes:
        target = head.split(" ", 2)[1]
        fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        place = _place(f"http://{fields.get('host', '')}{target}")
        if place in self._feeds:
            return self._answer_feed(self._feeds[place], fields)
        return _respond(200, "text/html", self._by_place.get(place) or self._stand_in(place, fields.get("host", "")))

    def _stand_in(self, place: str, host: str) -> bytes:
        """Return some real page for a feed's link, whose own page nobody kept.

        Never one of the same site: its canonical address would rightly make it that site's real article.
        """
        spare = [body for url, body in self._spare if not is_same_site(url, f"http://{host}/")]
        return spare[int.from_bytes(hashlib.sha256(place.encode()).digest()[:4]) % len(spare)]

    def _answer_feed(self, body: bytes, fields: Mapping[str, str]) -> bytes:
        # Every other feed knows validators, so that both kinds of second visit happen.
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if len(body) % 2:
            return _respond(200, "application/xml", body)
        if fields.get("if-none-match") == etag:
            return f"HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\n\r\n".encode()
        return _respond(200, "application/xml", body, f"ETag: {etag}\r\n")


def _place(url: str) -> str:
    """Return what identifies a page, so that an address written in another manner finds it too."""
    return url_key(url)


def _respond(status: int, content_type: str, body: bytes, more: str = "") -> bytes:
    packed = gzip.compress(body, 1, mtime=0)
    head = f"HTTP/1.1 {status} OK\r\nContent-Type: {content_type}\r\nContent-Encoding: gzip\r\n{more}"
    return f"{head}Content-Length: {len(packed)}\r\n\r\n".encode() + packed


def _index_feed(urls: list[str]) -> bytes:
    date = format_datetime(datetime(2026, 11, 20, tzinfo=UTC))
    items = "".join(
        f"<item><title>Page {number}</title><link>{escape(url)}</link><pubDate>{date}</pubDate></item>"
        for number, url in enumerate(urls, start=1)
    )
    return f"<rss version='2.0'><channel><title>Pages</title>{items}</channel></rss>".encode()
