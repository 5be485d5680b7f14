"""Read a page of links: a front page, a section, an organisation's news.

In: a response, a selector. Out: Listing. Never: an entry for the page itself, a date from outside a link's own block,
or a `<base>` on another site. To be called in a supervised child.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import islice

from lxml.html import HtmlElement

from monitor.errors import NotAnArticle
from monitor.extract import kinds
from monitor.extract.entries.links import (
    Link,
    find_content_links,
    is_article_url,
    is_headline,
    is_listing_url,
    no_headlines,
    select_links,
)
from monitor.extract.entries.raw import MAX_ENTRIES, RawEntry, RawFeed, make_feed
from monitor.extract.entries.tree import find_base, has_class, page_title, parse_page, text_of
from monitor.model.entries import Listing
from monitor.model.fetching import Fetched
from monitor.text.urls import is_same_site, resolve_url, words_of_path

_CARD_CHARS = 200
"""A longer link text is a whole card, not a headline."""

_SUMMARY_CHARS = 1_000
_MIN_SUMMARY_CHARS = 30
_LEVELS_UP = 6
_BLOCK_ELEMENTS = 200
_BLOCK_TAGS = frozenset({"article", "li", "tr"})
_TOO_WIDE_TAGS = frozenset({"html", "body", "main", "ul", "ol", "table", "tbody"})
_SUMMARY_CLASSES = frozenset({"summary", "excerpt", "entry-summary", "description", "teaser", "lead", "standfirst"})


@dataclass(frozen=True, slots=True)
class _Found:
    """A link whose address can be followed."""

    url: str
    link: Link


def read_page(fetched: Fetched, links: str) -> Listing:
    """Read the links of a page that `links` picks (see `links.select_links`), or its headlines where that is "".

    The first 2,000 are kept, in the page's order. Raises NotAnArticle where it is no page, and BadSelector.
    """
    tree = parse_page(fetched)
    if tree is None:
        raise NotAnArticle(f"what came is {kinds.name_kind(fetched.content)}, not a page with links")
    base = find_base(tree, fetched.url)
    if links.strip():
        found, unusable = _resolve(select_links(tree, links), base)
    else:
        found, unusable = _headlines(*_resolve(find_content_links(tree), base), fetched.url)
        if not found:
            raise no_headlines(tree)
    entries = (*_entries(found), *(RawEntry("", (link.href,)) for link in unusable))
    language = tree.get("lang") or tree.get("xml:lang") or ""
    return make_feed(RawFeed(_as_markup(page_title(tree)), language, entries), fetched.url, fetched.fetched_at)


def _resolve(links: list[Link], base: str) -> tuple[list[_Found], list[Link]]:
    """Part the links that can be followed from those that can't."""
    resolved = {href: resolve_url(base, href) for href in {link.href for link in links}}
    found = [_Found(url, link) for link in links if (url := resolved[link.href]) is not None]
    return found, [link for link in links if resolved[link.href] is None]


def _headlines(found: list[_Found], unusable: list[Link], page: str) -> tuple[list[_Found], list[Link]]:
    """Keep what looks like news of the same site; of what can't be followed, what reads like a headline."""
    sites: dict[str, bool] = {}
    own = _without_slash(page)
    news: set[str] = set()
    for one in found:
        if one.url in news or is_listing_url(one.url) or _without_slash(one.url) == own:
            continue
        site = one.url[: one.url.find("/", len("https://"))]
        if site not in sites:
            sites[site] = is_same_site(page, one.url)
        if sites[site] and (is_headline(one.link.text) or is_article_url(one.url)):
            news.add(one.url)
    return [one for one in found if one.url in news], [link for link in unusable if is_headline(link.text)]


def _without_slash(url: str) -> str:
    return url.partition("://")[2].removeprefix("www.").rstrip("/")


def _entries(found: list[_Found]) -> Iterator[RawEntry]:
    """Make one entry of all links to one address: the best text, and the block of that link."""
    best: dict[str, Link] = {}
    for one in found:
        known = best.get(one.url)
        if known is None or _worth(one.link) > _worth(known):
            best[one.url] = one.link
    owners = {one.link.href: one.url for one in found}
    for url, link in islice(best.items(), MAX_ENTRIES):
        title = link.text or words_of_path(url)
        block = _block(link.anchor, url, owners) if link.anchor is not None else None
        summary, published = ("", "") if block is None else (_summary(block, title), _published(block))
        yield RawEntry("", (url,), _as_markup(title), _as_markup(summary), dates=(published,))


def _as_markup(text: str) -> str:
    return escape(text, quote=False)


def _worth(link: Link) -> tuple[bool, bool, int]:
    length = len(link.text)
    return is_headline(link.text) and length <= _CARD_CHARS, link.is_heading, length if length <= _CARD_CHARS else 1


def _block(anchor: HtmlElement, url: str, owners: dict[str, str]) -> HtmlElement:
    """Return the widest element around a link that holds no other entry's link."""
    block = anchor
    for around in islice(anchor.iterancestors(), _LEVELS_UP):
        if around.tag in _TOO_WIDE_TAGS or not _is_of_one(around, url, owners):
            break
        block = around
        if around.tag in _BLOCK_TAGS:
            break
    return block


def _is_of_one(around: HtmlElement, url: str, owners: dict[str, str]) -> bool:
    for count, inner in enumerate(around.iter()):
        if count > _BLOCK_ELEMENTS:
            return False
        if inner.tag == "a" and owners.get(inner.get("href") or "", url) != url:
            return False
    return True


def _published(block: HtmlElement) -> str:
    return next((stated for time in block.iter("time") if (stated := time.get("datetime"))), "")


def _summary(block: HtmlElement, title: str) -> str:
    for inner in block.iter():
        if inner.tag == "p" or has_class(inner, _SUMMARY_CLASSES):
            text = text_of(inner, _SUMMARY_CHARS)
            if len(text) >= _MIN_SUMMARY_CHARS and title not in text:
                return text
    return ""
