"""What an article page says of itself, and how far it is believed.

In: a parsed page. Out: its published instant, byline, language and canonical URL. Never: an address on another site (a
page could claim somebody else's article), and no date read out of running text.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from monitor.errors import BadUrl
from monitor.extract.entries.dates import clamp_published
from monitor.text.urls import canonicalise_url, is_same_site, resolve_url

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_PUBLISHED_METAS = ("article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date")
_MAX_JSON_CHARS = 500_000
_MAX_JSON_DEPTH = 6


def find_canonical_url(tree: "HtmlElement", url: str) -> str:
    """Return the page's own URL for itself if it stays on its site, else the URL it was fetched from; both tidied.

    A front page is not believed to be the canonical form of anything else: templates say so by mistake.
    """
    own = canonicalise_url(url)
    for claimed in _claimed_urls(tree):
        resolved = resolve_url(url, claimed)
        if resolved is None or not is_same_site(url, resolved):
            continue
        if urlsplit(resolved).path == "/" and urlsplit(own).path != "/":
            continue
        try:
            return canonicalise_url(resolved)
        except BadUrl:
            continue
    return own


def find_published(tree: "HtmlElement", found_on: str | None, now: datetime) -> datetime | None:
    """Return when the page says it was published.

    The instant with its zone comes from `article:published_time`, JSON-LD `datePublished`, `itemprop` or, where it is
    of the same day as `found_on`, a `<time datetime>` (which may be that of another story on the page). Otherwise
    `found_on`, the day that trafilatura found, stands at 00:00 UTC.
    """
    for raw_date in _stated_dates(tree):
        published_at = clamp_published(raw_date, now)
        if published_at is not None:
            return published_at
    day = clamp_published(found_on, now)
    if day is None:
        return None
    for raw_date in tree.xpath("//time/@datetime"):
        published_at = clamp_published(str(raw_date), now)
        # The day is the page's local one: in UTC it may be a neighbour's.
        if published_at is not None and abs(published_at - day - timedelta(hours=12)) <= timedelta(hours=26):
            return published_at
    return day


def find_byline(tree: "HtmlElement", found: str | None) -> str:
    """Return who wrote the page: what trafilatura found, or the page's own words in a script that it cuts.

    It takes a final vowel sign for a special character and drops it, so a Khmer name comes out misspelt.
    """
    for claimed in _metas(tree, ("author",)):
        if not claimed.isascii() and "://" not in claimed:
            return claimed
    return found or ""


def find_language(tree: "HtmlElement") -> str:
    """Return the language tag that the page gives itself, or ""."""
    for value in (tree.get("lang"), tree.get("xml:lang"), *_metas(tree, ("og:locale", "content-language"))):
        if value and value.strip():
            return value.strip()
    return ""


def _claimed_urls(tree: "HtmlElement") -> Iterator[str]:
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split() and link.get("href"):
            yield str(link.get("href"))
    yield from _metas(tree, ("og:url",))


def _stated_dates(tree: "HtmlElement") -> Iterator[str]:
    yield from _metas(tree, _PUBLISHED_METAS)
    for script in tree.iter("script"):
        if script.get("type") == "application/ld+json" and script.text and len(script.text) <= _MAX_JSON_CHARS:
            yield from _json_dates(script.text)
    for element in tree.xpath('//*[@itemprop="datePublished"]'):
        yield str(element.get("datetime") or element.get("content") or "")


def _metas(tree: "HtmlElement", names: tuple[str, ...]) -> Iterator[str]:
    """Yield what the page's meta elements say, in the order of `names`."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv") or ""
        found.setdefault(name.lower(), meta.get("content") or "")
    yield from (found[name] for name in names if found.get(name))


def _json_dates(script: str) -> Iterator[str]:
    try:
        document = json.loads(script, strict=False)
    except (ValueError, RecursionError):
        return
    yield from _dates_within(document, _MAX_JSON_DEPTH)


def _dates_within(node: object, depth: int) -> Iterator[str]:
    """Yield `datePublished` of the outermost things first: a page's own article stands above its comments."""
    if depth == 0:
        return
    if isinstance(node, dict):
        if isinstance(node.get("datePublished"), str):
            yield node["datePublished"]
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _dates_within(node.get(name), depth - 1)
    elif isinstance(node, list):
        for part in node:
            yield from _dates_within(part, depth - 1)
