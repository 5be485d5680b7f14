"""Read an article page.

In: a response's content, its URL, its Content-Type, the present. Out: Article. Never: readers' comments, a canonical
URL on another site, an article without text, or a text without end. To be called in a supervised child.

trafilatura's own caps: MAX_FILE_SIZE (20 MB) bounds only what it decompresses, and MAX_TREE_SIZE is off by default, so
the size of a page is held by the fetch and by the child's limits.
"""

import re
from datetime import datetime, timedelta
from functools import partial
from html import unescape

from htmldate import find_date
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura import bare_extraction, load_html
from trafilatura.metadata import extract_author, extract_title
from trafilatura.settings import Document

from monitor.errors import NotAnArticle
from monitor.extract import kinds, metadata
from monitor.extract.charset import decode_page, repair_xml
from monitor.extract.teaser import is_teaser
from monitor.model.articles import Article
from monitor.text.language import detect_language
from monitor.text.plain import TITLE_CHARS, drop_controls, letter_start, one_line
from monitor.text.urls import words_of_path

MIN_TEXT_CHARS = 40
"""Less is a caption or an error message, not an article."""

MAX_TEXT_CHARS = 300_000
"""More is no article: a book, a log, or a page made to keep its readers busy. What is kept is the beginning."""

CUT_MARK = "[cut: the page's text is longer than Monitor keeps]"
"""The last line of a text that was cut; what was left out is in the evidence."""

_CUT_SEARCH_CHARS = 30_000
"""So much may be given up to cut between two paragraphs rather than within one."""

_SHORT_TEXT_CHARS = 1_000
"""Below it the fast extraction is done again in full: the same quality as always in full, for 20 % less time."""

_MAX_NESTED_TABLES = 12
"""Layouts nest them some six deep; trafilatura takes ten seconds for 700."""

_NO_CHARACTERS = "\f\x7f\ufffe\uffff"
# The regular expressions below pass over every page: each begins with one plain character, which is found at once.
_SELF_CLOSED_HTML = re.compile(r"(<[hH][tT][mM][lL]\b[^<>]{0,500}?)\s*/>")
_MANY_BREAKS = re.compile(r"<[bB][rR]\s*+/?+>\s*+(?><[bB][rR]\s*+/?+>\s*+){2,}")
# trafilatura drops zero-width characters, which part words in Khmer and shape them in Persian and Hindi: they pass it
# in the guise of letters of Linear A, which no news is written in.
_ZERO_WIDTH_REFERENCE = re.compile(r"&(?:#(?:820[345]|[xX]200[b-dB-D])|zwn?j|ZeroWidthSpace);")
_STAND_INS = {"\u200b": "\U00010600", "\u200c": "\U00010601", "\u200d": "\U00010602"}
_UNSEEN = "".join(_STAND_INS)
_RESTORED = str.maketrans({stand_in: char for char, stand_in in _STAND_INS.items()})


def extract_article(content: bytes, url: str, content_type: str | None, now: datetime) -> Article:
    """Read an article page that was fetched from `url`. Raises NotAnArticle, whose message says what came instead.

    How the published instant is found is told in `metadata.find_published`; without any, it is None.
    """
    kind = kinds.name_kind(content)
    tree = parse_page(content, content_type) if kind == kinds.HTML else None
    if tree is None:
        raise NotAnArticle(f"what came is {kind}, not an article page")
    text = main_text(tree, url)
    if len(text) < MIN_TEXT_CHARS:
        raise NotAnArticle("the page holds no article text that could be found")
    head = metadata.read_head(tree)
    outlet = metadata.find_outlet(head, url)
    title = metadata.find_title(head, outlet, partial(extract_title, tree))
    return Article(
        canonical_url=metadata.find_canonical_url(head, url),
        title=_line(title, TITLE_CHARS) or _line(words_of_path(url), TITLE_CHARS),
        text=within_limit(text),
        byline=_line(metadata.find_byline(head, outlet, partial(extract_author, tree)), metadata.NAME_CHARS),
        outlet=_line(outlet, metadata.NAME_CHARS),
        language=detect_language(text, metadata.find_language(head)),
        published_at=metadata.find_published(head, tree, partial(_search_day, tree, url, now), now),
        is_teaser=is_teaser(head, tree, text),
    )


def parse_page(content: bytes, content_type: str | None) -> HtmlElement | None:
    """Parse a page, however deep: trafilatura's own parser ends at 256 levels, libxml2 with `huge_tree` at 2,048."""
    page = decode_page(content, content_type)
    if page is None:
        return load_html(content)  # nothing says the charset: trafilatura guesses
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=True)
    try:
        return document_fromstring(_prepare(page), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def main_text(tree: HtmlElement, url: str) -> str:
    """Return the text of the article on a page, a line a paragraph, or "" where none could be found.

    It is extracted fast, and in full where that gives little.
    """

    def run(*, fast: bool) -> str:
        found = bare_extraction(tree, url=url, fast=fast, include_comments=False, with_metadata=False)
        return (found.text or "") if isinstance(found, Document) else ""

    for table in tree.xpath(f"//table[count(ancestor::table) > {_MAX_NESTED_TABLES}]"):
        table.tag = "div"
    text = run(fast=True)
    if len(text) < _SHORT_TEXT_CHARS:
        text = run(fast=False) or text
    return _paragraphs(plain(text))


def _prepare(page: str) -> bytes:
    """Mend what would cost a page its text: to libxml2, `<html/>` is a page that ends there, and so is a NUL."""
    mended = _MANY_BREAKS.sub("<br><br>", _SELF_CLOSED_HTML.sub(r"\1>", page, count=1))
    mended = _ZERO_WIDTH_REFERENCE.sub(lambda reference: unescape(reference[0]), mended)
    for char, stand_in in _STAND_INS.items():
        mended = mended.replace(char, stand_in)
    for char in _NO_CHARACTERS:
        mended = mended.replace(char, " ")
    # A character that XML forbids would cost the whole text: lxml refuses it.
    return repair_xml(mended.encode(errors="replace"))


def _paragraphs(text: str) -> str:
    lines = (line.strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line.strip(_UNSEEN))


def within_limit(text: str) -> str:
    """Cut a text that is too long after a paragraph, or after a letter where it has none; its last line says so."""
    if len(text) <= MAX_TEXT_CHARS:
        return text
    limit = MAX_TEXT_CHARS - len(CUT_MARK) - 1
    paragraph_end = text.rfind("\n", limit - _CUT_SEARCH_CHARS, limit + 1)
    kept = text[: paragraph_end if paragraph_end > 0 else letter_start(text, limit)]
    return f"{kept}\n{CUT_MARK}"


def plain(text: str) -> str:
    """Return text out of a parsed page as it is to be kept: without control characters, its zero-width ones back."""
    return drop_controls(text).translate(_RESTORED)


def _line(text: str, limit: int) -> str:
    return one_line(plain(text), limit)


def _search_day(tree: HtmlElement, url: str, now: datetime) -> str | None:
    # extensive_search would take a date out of running text or a copyright line: a wrong date is worse than none.
    latest = (now + timedelta(days=1)).strftime("%Y-%m-%d")
    return find_date(tree, url=url, original_date=True, extensive_search=False, max_date=latest)
