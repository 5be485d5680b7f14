"""What an article page says of itself, and how far it is believed.

In: a parsed page. Out: its title, byline, outlet, published instant, language and canonical URL. Never: an address on
another site (a page could claim somebody else's article), and no date read out of running text.

What a page states for machines (meta elements, JSON-LD) comes first: it costs next to nothing to read. Only what is
missing there is searched for in the page itself, by the caller's `search` functions, which is dear.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from monitor.errors import BadUrl
from monitor.extract.entries.dates import clamp_published
from monitor.extract.jsonld import LinkedData, read_linked_data
from monitor.text.plain import TITLE_CHARS, one_line, plain_text
from monitor.text.urls import canonicalise_url, is_same_site, resolve_url

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Search = Callable[[], str | None]
"""Searches the page itself for what its head doesn't state."""

NAME_CHARS = 300

_TITLE_METAS = ("og:title", "citation_title", "dc.title", "dcterms.title", "parsely-title", "sailthru.title")
_LATER_TITLE_METAS = ("twitter:title", "headline", "title")
_AUTHOR_METAS = ("author", "article:author", "og:article:author", "og:author", "citation_author", "dc.creator", "byl")
_LATER_AUTHOR_METAS = ("dcterms.creator", "parsely-author", "sailthru.author", "authors", "creator")
_OUTLET_METAS = (
    "dc.publisher",
    "dcterms.publisher",
    "publisher",
    "citation_journal_title",
    "application-name",
    "twitter:app:name:googleplay",
)
_PUBLISHED_METAS = ("article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date")
_LATER_PUBLISHED_METAS = ("article:published", "pubdate", "publish-date", "publication_date", "sailthru.date")
_LANGUAGE_METAS = ("og:locale", "content-language", "language", "dc.language", "inlanguage")
_MAX_METAS = 500
_MAX_DATES = 200
_MAX_AUTHORS = 12
_BY = re.compile(r"(?:(?:written|words) )?(?:by|von|par|from):? +", re.IGNORECASE)
_ADDRESS = re.compile(r"https?:|www\.|\S+@\S+\.\S+|[@/]", re.IGNORECASE)
_OUTLET_PARTED = re.compile(r" [-\u2013\u2014|\u00b7\u00bb] ")
_ACCOUNTS = frozenset({"admin", "administrator", "webmaster", "root", "user", "guest"})
_PARTED = re.compile(r"\s*[;|]\s*")
_SEVERAL = re.compile(r"\s*[;|]\s*|\s*,\s+(?!(?:[JS]r|Ph\.?D|M\.?D|I+V?)\b)|\s+(?:and|und|&)\s+")


@dataclass(frozen=True, slots=True)
class Head:
    """What a page states for machines: its meta elements by name in lower case, its JSON-LD, its links, its language.

    The first meta element of a name stands first; a name that the page repeats (an author each) keeps all.
    """

    metas: dict[str, list[str]]
    linked: LinkedData
    canonical_links: tuple[str, ...] = ()
    lang: str = ""

    def said(self, *names: str) -> Iterator[str]:
        """Yield what the meta elements say, in the order of `names`."""
        for name in names:
            yield from self.metas.get(name, ())


def read_head(tree: "HtmlElement") -> Head:
    """Read what a page states for machines, wherever on the page it stands: templates put it into the body too."""
    metas: dict[str, list[str]] = {}
    for number, meta in enumerate(tree.iter("meta")):
        content = (meta.get("content") or "").strip()
        if number < _MAX_METAS and content:
            name = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv") or ""
            metas.setdefault(name.lower(), []).append(content)
    scripts = (script.text for script in tree.iter("script") if script.get("type") == "application/ld+json")
    links = (link for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split())
    return Head(
        metas,
        read_linked_data(script for script in scripts if script),
        tuple(str(link.get("href")) for link in links if link.get("href")),
        (tree.get("lang") or tree.get("xml:lang") or "").strip(),
    )


def find_canonical_url(head: Head, url: str) -> str:
    """Return the page's own URL for itself if it stays on its site, else the URL it was fetched from; both tidied.

    A front page is not believed to be the canonical form of anything else: templates say so by mistake.
    """
    own = canonicalise_url(url)
    for claimed in (*head.canonical_links, *head.said("og:url")):
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


def find_title(head: Head, outlet: str, search: Search) -> str:
    """Return the page's title as its head states it, else what a search of the page finds, or ""; without its outlet.

    Templates put the outlet behind the headline, for search engines: "Rice prices rise - The Gazette".
    """
    stated = (*head.said(*_TITLE_METAS), head.linked.headline(), *head.said(*_LATER_TITLE_METAS))
    cleaned = (plain_text(title, TITLE_CHARS) for title in stated)
    title = next((title for title in cleaned if title), "") or plain_text(search() or "", TITLE_CHARS)
    parts = _OUTLET_PARTED.split(title)
    if len(parts) > 1 and _letters(parts[-1]) == _letters(outlet) != "":
        title = title[: len(title) - len(parts[-1])].rstrip(" -\u2013\u2014|\u00b7\u00bb")
    return title


def find_byline(head: Head, outlet: str, search: Search) -> str:
    """Return who wrote the page, several names joined by "; ": as its head states it, else as a search finds it.

    An address, a publishing system's account ("admin") and, in a meta element, a single word in a Latin alphabet (a
    login name or a desk) is no name; nor is the outlet's, which is told anyway.
    """
    for claimed in (head.said(*_AUTHOR_METAS), head.said(*_LATER_AUTHOR_METAS)):
        names = _names(claimed)
        if any(" " in name or not name.isascii() for name in names):
            return _joined(names)
    names = [name for name in _names(head.linked.authors()) if _letters(name) != _letters(outlet)]
    return _joined(names or _names((search() or "",)))


def find_outlet(head: Head, url: str) -> str:
    """Return the name of who publishes the page: og:site_name, else JSON-LD's publisher, else its host.

    A site's name of one word ("dailygazette", "World") gives way to a longer one of the article's publisher.
    """
    publisher = plain_text(head.linked.publisher(), NAME_CHARS)
    titles = set(head.said(*_TITLE_METAS))
    for stated in (*head.said("og:site_name"), publisher, head.linked.site(), *head.said(*_OUTLET_METAS)):
        name = plain_text(stated, NAME_CHARS)
        if name and stated not in titles and not _ADDRESS.match(name):
            return publisher if " " not in name and len(publisher) > len(name) else name
    return (urlsplit(url).hostname or "").removeprefix("www.")


def find_published(head: Head, tree: "HtmlElement", search: Search, now: datetime) -> datetime | None:
    """Return when the page says it was published.

    The instant with its zone comes from `article:published_time`, JSON-LD `datePublished`, `itemprop` or, where it is
    of the same day as what `search` finds, a `<time datetime>` (which may be that of another story on the page).
    Otherwise that day stands at 00:00 UTC.
    """
    stated = [
        (raw, found)
        for raw in islice(_stated_dates(head, tree), _MAX_DATES)
        if (found := clamp_published(raw, now)) is not None
    ]
    if stated:
        raw_date, published_at = stated[0]
        return (
            published_at
            if ":" in raw_date
            else _instant_of(published_at, (found for raw, found in stated if ":" in raw))
        )
    day = clamp_published(search(), now)
    if day is None:
        return None
    times = (clamp_published(str(raw_date), now) for raw_date in tree.xpath("//time/@datetime")[:_MAX_DATES])
    return _instant_of(day, (found for found in times if found is not None))


def find_language(head: Head) -> str:
    """Return the language tag that the page gives itself, or ""."""
    return head.lang or next(head.said(*_LANGUAGE_METAS), "") or head.linked.language()


def _stated_dates(head: Head, tree: "HtmlElement") -> Iterator[str]:
    yield from head.said(*_PUBLISHED_METAS)
    yield from head.linked.dates()
    for element in tree.xpath('//*[@itemprop="datePublished"]'):
        yield str(element.get("datetime") or element.get("content") or "")
    yield from head.said(*_LATER_PUBLISHED_METAS)


def _instant_of(day: datetime, instants: Iterable[datetime]) -> datetime:
    """Return the first instant on that day, or its midnight. The day is the page's local one: in UTC, a neighbour's."""
    within = (at for at in instants if abs(at - day - timedelta(hours=12)) <= timedelta(hours=26))
    return next(within, day)


def _names(claimed: Iterable[str]) -> list[str]:
    """Part several names; "Sok, Theary" is one, written as libraries write it."""
    names: list[str] = []
    for claim in claimed:
        line = plain_text(claim, NAME_CHARS)
        line = _BY.sub("", line, count=1) if _BY.match(line) else line
        parts = _SEVERAL.split(line)
        names += parts if all(" " in part for part in parts) else _PARTED.split(line)
    tidy = (name.strip(" ,") for name in names)
    return list(
        dict.fromkeys(name for name in tidy if name and not _ADDRESS.match(name) and name.lower() not in _ACCOUNTS)
    )


def _joined(names: list[str]) -> str:
    return one_line("; ".join(names[:_MAX_AUTHORS]), NAME_CHARS)


def _letters(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
