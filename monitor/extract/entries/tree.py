"""A page as a tree, and the text of its parts as a reader sees it.

In: a response's content. Out: lxml's tree, one line of text, the base of its links. Never: a base on another site, or
text from scripts. To be called in a supervised child.
"""

import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from monitor.extract import kinds
from monitor.extract.charset import decode_page
from monitor.model.fetching import Fetched
from monitor.text.plain import TITLE_CHARS, drop_controls, one_line
from monitor.text.urls import is_same_site, resolve_url

_SELF_CLOSED_HTML = re.compile(r"(<html\b[^<>]{0,500}?)\s*/>", re.IGNORECASE)
_HTML = re.compile(rb"<(?:html|body)[\s>]", re.IGNORECASE)
_HEAD_BYTES = 8192
_UNSEEN = frozenset({"script", "style", "template", "noscript", "iframe", "object", "svg", "head"})
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "ins", "mark", "q", "s", "small", "span"}
    | {"strong", "sub", "sup", "u", "var", "wbr"}
)
_READ_PER_CHAR = 4
"""How much text is read for each character wanted; white space between tags is most of the rest."""


def parse_page(fetched: Fetched) -> HtmlElement | None:
    """Parse a page, or return None where what came is none. Bytes whose charset nothing tells are read as UTF-8."""
    content = fetched.content
    kind = kinds.name_kind(content)
    if kind != kinds.HTML and not (kind == kinds.FEED and _HTML.search(content[:_HEAD_BYTES])):
        return None
    page = decode_page(content, fetched.header("content-type"))
    if page is None:
        page = content.decode("utf-8", errors="replace")
    # To libxml2, `<html/>` is a page that ends there, and one without huge_tree ends at 256 levels.
    mended = _SELF_CLOSED_HTML.sub(r"\1>", drop_controls(page), count=1)
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=True)
    try:
        return document_fromstring(mended.encode(), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def find_base(tree: HtmlElement, url: str) -> str:
    """Return where the page's relative links start: its `<base href>` if that is on its own site, else its URL."""
    for base in tree.iter("base"):
        href = base.get("href")
        if href:
            resolved = resolve_url(url, href)
            # A page that moves its links to another site would speak for that site.
            return resolved if resolved is not None and is_same_site(url, resolved) else url
    return url


def page_title(tree: HtmlElement) -> str:
    """Return the page's `<title>` as one line, or ""."""
    found = next(tree.iter("title"), None)
    return "" if found is None else one_line(found.text or "", TITLE_CHARS)


def text_of(element: HtmlElement, limit: int = TITLE_CHARS) -> str:
    """Return an element's text as one line; elements that aren't inline set words apart."""
    if len(element) == 0:
        return one_line(element.text or "", limit)
    parts: list[str] = []
    room = limit * _READ_PER_CHAR
    for part in _pieces(element):
        parts.append(part)
        room -= len(part)
        if room <= 0:
            break
    return one_line("".join(parts), limit)


def has_class(element: HtmlElement, names: frozenset[str]) -> bool:
    """Say whether an element bears one of the class names, compared without case."""
    classes = element.get("class")
    return classes is not None and not names.isdisjoint(classes.lower().split())


def _pieces(element: HtmlElement) -> Iterator[str]:
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, node in walker:
        is_start = event == "start"
        tag = str(node.tag)
        if tag not in _INLINE:
            yield " "
        if is_start and tag in _UNSEEN:
            walker.skip_subtree()
        elif is_start:
            yield node.text or ""
        elif node is not element:
            yield node.tail or ""
