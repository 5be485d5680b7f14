"""Which links of a page lead to its articles: those a selector picks, or those that look like headlines.

In: a parsed page, a selector. Out: Links in the page's order. Never: an XPath function beyond XPath 1.0's own
(`document()` and the like are unknown here), or a menu's links unless a selector picks them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from urllib.parse import unquote, urlsplit

from cssselect import SelectorError
from lxml import etree
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from monitor.errors import BadSelector
from monitor.extract.entries.tree import has_class, text_of
from monitor.text.counting import counted
from monitor.text.plain import TITLE_CHARS, one_line

MAX_LINKS = 10_000
"""So many links of one page are looked at, from its top: more is no page of news."""

HEADLINE_WORDS = 4
HEADLINE_UNSPACED_CHARS = 18
"""Of a script that writes no spaces between words."""

_QUOTED = re.compile(r"""'[^']*'|"[^"]*\"""")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_TITLE_CLASSES = frozenset({"title", "headline", "post-title", "entry-title", "card-title", "article-title"})
_SEEN_INSIDE = 50
_MENU_TAGS = frozenset({"nav", "footer", "aside", "menu", "script", "style", "noscript", "template", "form"})
_MENU_ROLES = frozenset({"navigation", "banner", "contentinfo", "complementary", "menu", "menubar"})
_MENU_CLASSES = frozenset(
    {"nav", "navbar", "navigation", "menu", "main-menu", "nav-menu", "sub-menu", "dropdown-menu", "site-header"}
    | {"breadcrumb", "breadcrumbs", "pagination", "footer", "site-footer"}
)
_CONTENT_TAGS = ("article", "main", "section", "li")
_LISTING_PATH = re.compile(
    r"/(?:categor(?:y|ies)|tags?|authors?|topics?|page|search|log-?in|sign-?in|register|wp-admin|feed)(?:/|$)",
    re.IGNORECASE,
)
_OTHER_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|css|js|mp[34]|m4a|webm|zip|rss|atom|xml|json)$", re.IGNORECASE
)
_DATED_PATH = re.compile(r"(?:19|20)\d\d[/-]?(?:0?[1-9]|1[0-2])(?:[/-]|\d\d|$)")
_NUMBER = re.compile(r"(?<!\d)(?!(?:19|20)\d\d(?!\d))\d{4,}")
_NO_PAGE = re.compile(r"\s*(?:#|$|mailto:|tel:|sms:|whatsapp:|viber:)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """One link: `anchor` is its element (None: what was picked leads nowhere). `is_heading`: it stands as a heading."""

    href: str
    text: str
    is_heading: bool
    anchor: HtmlElement | None


def select_links(tree: HtmlElement, selector: str) -> list[Link]:
    """Return the links that a selector picks: CSS, or XPath 1.0 where it has a "/" or "@" outside quotes or begins "(".

    A picked element without `href` stands for the link it is within, or the first one within it. Raises BadSelector,
    whose message quotes the selector and says where it breaks, or how many links there were to pick from.
    """
    picked, there = _select(tree, selector), counted(_count_links(tree), "link")
    shown = one_line(selector, 200)
    if not picked:
        raise BadSelector(f"the selector “{shown}” picks nothing on this page, which has {there}")
    links = [_link_of(element) for element in picked[:MAX_LINKS]]
    if all(link.anchor is None for link in links):
        raise BadSelector(
            f"the selector “{shown}” picks {counted(len(picked), 'element')} on this page, but none is a link or holds "
            f"one; the page has {there}"
        )
    return links


def find_content_links(tree: HtmlElement) -> list[Link]:
    """Return the links that stand outside menus, headers and footers and could lead to a page."""
    anchors = (anchor for anchor in _content_anchors(tree) if not _NO_PAGE.match(anchor.get("href") or ""))
    return [_link_of(anchor) for anchor in islice(anchors, MAX_LINKS)]


def no_headlines(tree: HtmlElement) -> BadSelector:
    """Return the refusal for a page on which no link looks like a headline."""
    return BadSelector(
        f"the page has {counted(_count_links(tree), 'link')}, none of which looks like a headline; open it in a "
        "browser and give the source a selector for its links (CSS or XPath), or a page whose links don't need scripts"
    )


def is_headline(text: str) -> bool:
    """Say whether a link's text is long enough for a headline: menus have shorter ones."""
    return len(text.split()) >= HEADLINE_WORDS or len(_UNSPACED.findall(text)) >= HEADLINE_UNSPACED_CHARS


def is_article_url(url: str) -> bool:
    """Say whether an address looks like that of an article: a date, a number or a long slug in it."""
    parts = urlsplit(url)
    if is_listing_url(url):
        return False
    last = next((part for part in reversed(parts.path.split("/")) if part), "")
    return bool(
        _DATED_PATH.search(parts.path)
        or _NUMBER.search(last)
        or _NUMBER.search(parts.query)
        or is_headline(re.sub(r"[-_+]", " ", unquote(last, errors="replace")))
    )


def is_listing_url(url: str) -> bool:
    """Say whether an address is that of a category, a tag, a log-in or a file that is no page."""
    path = urlsplit(url).path
    return path == "/" or bool(_LISTING_PATH.search(path) or _OTHER_FILE.search(path))


def _select(tree: HtmlElement, selector: str) -> list[HtmlElement]:
    bare = _QUOTED.sub("''", selector)
    is_xpath = selector.lstrip().startswith("(") or "/" in bare or "@" in bare
    try:
        found = etree.XPath(selector)(tree) if is_xpath else CSSSelector(selector, translator="html")(tree)
    except etree.XPathError as error:
        raise _unreadable("XPath", selector, f"{error}{_place(error)}") from error
    except (SelectorError, ValueError) as error:
        raise _unreadable("CSS selector", selector, str(error)) from error
    if not isinstance(found, list):
        raise _unreadable("XPath", selector, f"it gives {type(found).__name__}, not links")
    # "//a/@href" gives strings that know their element.
    owners = (one.getparent() if isinstance(one, etree._ElementUnicodeResult) else one for one in found)  # noqa: SLF001
    return [owner for owner in owners if isinstance(owner, HtmlElement)]


def _unreadable(language: str, selector: str, why: str) -> BadSelector:
    return BadSelector(f"the {language} “{one_line(selector, 200)}” can't be used: {one_line(why, 300)}")


def _place(error: etree.XPathError) -> str:
    column = max((entry.column for entry in error.error_log), default=0)
    return f" (after character {column})" if column else ""


def _count_links(tree: HtmlElement) -> int:
    return sum(1 for anchor in tree.iter("a") if anchor.get("href"))


def _content_anchors(tree: HtmlElement) -> Iterator[HtmlElement]:
    walker = etree.iterwalk(tree, events=("start",))
    for _, node in walker:
        if _is_menu(node):
            walker.skip_subtree()
        elif node.tag == "a" and node.get("href"):
            yield node


def _is_menu(node: HtmlElement) -> bool:
    if node.tag in _MENU_TAGS or node.get("role") in _MENU_ROLES:
        return True
    if node.tag == "header":
        return _is_site_header(node)
    return node.tag in {"div", "ul", "ol"} and (
        has_class(node, _MENU_CLASSES) or (node.get("id") or "").lower() in _MENU_CLASSES
    )


def _is_site_header(header: HtmlElement) -> bool:
    """Say whether a header is the page's: that of an article holds its headline."""
    if next(header.iterancestors(*_CONTENT_TAGS), None) is not None:
        return False
    parent = header.getparent()
    is_top = parent is not None and parent.tag == "body"
    return is_top or next(header.iter("nav", "ul", "form"), None) is not None


def _link_of(picked: HtmlElement) -> Link:
    anchor = _nearest_anchor(picked)
    if anchor is None:
        return Link("", text_of(picked), is_heading=False, anchor=None)
    text, is_heading = _text_and_standing(anchor, picked)
    return Link(anchor.get("href") or "", text or _words_about(anchor), is_heading, anchor)


def _nearest_anchor(picked: HtmlElement) -> HtmlElement | None:
    if picked.tag == "a" and picked.get("href"):
        return picked
    around = (anchor for anchor in picked.iterancestors("a") if anchor.get("href"))
    within = (anchor for anchor in picked.iter("a") if anchor.get("href"))
    return next(chain(around, within), None)


def _text_and_standing(anchor: HtmlElement, picked: HtmlElement) -> tuple[str, bool]:
    """Return a link's headline, which may be but a part of a link around a whole card."""
    if picked is not anchor and next(picked.iter("a"), None) is None:
        return text_of(picked), True
    for inner in islice(anchor.iter(), 1, _SEEN_INSIDE):
        if (inner.tag in _HEADINGS or has_class(inner, _TITLE_CLASSES)) and (text := text_of(inner)):
            return text, True
    is_heading = any(around.tag in _HEADINGS for around in islice(anchor.iterancestors(), 3))
    return text_of(anchor), is_heading


def _words_about(anchor: HtmlElement) -> str:
    """Return what a link without text says of itself: its title, or that of its image."""
    images = islice(anchor.iter("img"), 3)
    candidates = (anchor.get("title"), *(image.get(name) for image in images for name in ("alt", "title")))
    lines = (one_line(words, TITLE_CHARS) for words in (*candidates, anchor.get("aria-label")) if words)
    return next((line for line in lines if line), "")
