"""Find what a site's page offers to follow: its feeds, its sitemaps, or the page itself by the links on it.

In: a response. Out: Offers, the best first. Never: the network, so what is guessed is not known to be there; and no
feed of readers' comments. To be called in a supervised child.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Literal
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from monitor.errors import NotAFeed, NotAnArticle
from monitor.extract import kinds
from monitor.extract.entries.feed import parse_feed
from monitor.extract.entries.sitemap import is_sitemap, unpack
from monitor.extract.entries.tree import find_base, page_title, parse_page
from monitor.model.entries import Offer
from monitor.model.fetching import Fetched
from monitor.text.plain import TITLE_CHARS, one_line
from monitor.text.urls import resolve_url

MAX_OFFERS = 20
"""Of one kind: a page may name thousands."""

_FEED_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}
    | {"application/xml", "text/xml", "application/json", "text/rss+xml"}
)
_COMMENTS = re.compile(r"/comments/(?:feed|default)|[?&]feed=comments|/comments?[._-]?(?:rss|feed|atom)", re.IGNORECASE)
_INTERFACE = re.compile(r"/wp-json(?:/|$)|oembed", re.IGNORECASE)
_CHANNEL_PATH = re.compile(r"/(?:s/)?([A-Za-z0-9_]{3,64})/?")


def find_offers(fetched: Fetched) -> tuple[Offer, ...]:
    """Find what a site's page offers to follow, guesses last. A feed or sitemap offers itself.

    Raises NotAnArticle where it is neither these nor a page, and BadFeed where it is a broken one of these.
    """
    itself = _itself(fetched)
    if itself is not None:
        return (itself,)
    tree = parse_page(fetched)
    if tree is None:
        kind = kinds.name_kind(fetched.content)
        raise NotAnArticle(f"what came is {kind}: neither a page, nor a feed, nor a sitemap; give the site's home page")
    offers: dict[tuple[str, str], Offer] = {}
    for offer in _offers(tree, fetched.url):
        offers.setdefault((offer.kind, offer.url), offer)
    return tuple(offers.values())


def _itself(fetched: Fetched) -> Offer | None:
    """Return the offer of a document that is no page but already what a source reads."""
    content = unpack(fetched.content)
    if is_sitemap(content):
        return Offer("sitemap", fetched.url)
    try:
        feed = parse_feed(content, fetched.url, fetched.header("content-type"), fetched.fetched_at)
    except NotAFeed:
        return None
    return Offer("feed", fetched.url, feed.title)


def _offers(tree: HtmlElement, url: str) -> Iterator[Offer]:
    base = find_base(tree, url)
    title = page_title(tree)
    yield from _channel(url, title)
    feeds = list(islice(_linked(tree, base, "feed"), MAX_OFFERS))
    yield from feeds
    yield from islice(_linked(tree, base, "sitemap"), MAX_OFFERS)
    yield Offer("page", url, title)
    if _is_wordpress(tree):
        yield from () if feeds else _guessed("feed", base, "/feed/", title)
        yield from _guessed("sitemap", base, "/wp-sitemap.xml", title)


def _linked(tree: HtmlElement, base: str, kind: Literal["feed", "sitemap"]) -> Iterator[Offer]:
    """Yield what `<link>` elements name; a feed may stand on another host (those who serve feeds for others)."""
    for link in tree.iter("link"):
        url = resolve_url(base, link.get("href") or "") if _names(link, kind) else None
        if url is not None and not _COMMENTS.search(url) and not _INTERFACE.search(url):
            yield Offer(kind, url, one_line(link.get("title") or "", TITLE_CHARS))


def _names(link: HtmlElement, kind: str) -> bool:
    relations = (link.get("rel") or "").lower().split()
    if kind == "sitemap":
        return "sitemap" in relations
    media_type = (link.get("type") or "").partition(";")[0].strip().lower()
    return "feed" in relations or ("alternate" in relations and media_type in _FEED_TYPES)


def _is_wordpress(tree: HtmlElement) -> bool:
    metas = (meta for meta in tree.iter("meta") if (meta.get("name") or "").lower() == "generator")
    return any((meta.get("content") or "").lower().startswith("wordpress") for meta in metas)


def _guessed(kind: Literal["feed", "sitemap"], base: str, path: str, title: str) -> Iterator[Offer]:
    url = resolve_url(base, path)
    if url is not None:
        yield Offer(kind, url, title)


def _channel(url: str, title: str) -> Iterator[Offer]:
    parts = urlsplit(url)
    name = _CHANNEL_PATH.fullmatch(parts.path)
    if parts.hostname in {"t.me", "telegram.me"} and name:
        yield Offer("channel", f"https://t.me/s/{name[1]}", title)
