"""Read an article page.

In: a response's content, its URL, its Content-Type, the present. Out: Article. Never: readers' comments, a canonical
URL on another site, an article without text, or a text without end. To be called in a supervised child.

trafilatura's own caps: MAX_FILE_SIZE (20 MB) bounds only what it decompresses, and MAX_TREE_SIZE is off by default, so
the size of a page is held by the fetch and by the child's limits.
"""

import re
from datetime import datetime, timedelta
from html import unescape

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura import bare_extraction, load_html
from trafilatura.settings import Document

from monitor.errors import NotAnArticle
from monitor.extract import kinds
from monitor.extract.charset import decode_page
from monitor.extract.metadata import find_byline, find_canonical_url, find_language, find_published
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

_NAME_CHARS = 300
_SELF_CLOSED_HTML = re.compile(r"(<html\b[^<>]{0,500}?)\s*/>", re.IGNORECASE)
_MANY_BREAKS = re.compile(r"(?>(?:<br\s*+/?+>\s*+){3,})", re.IGNORECASE)
# trafilatura drops zero-width characters, which part words in Khmer and shape them in Persian and Hindi: they pass it
# in the guise of letters of Linear A, which no news is written in.
_ZERO_WIDTH = re.compile(r"[\u200b-\u200d]|&#(?:820[345]|[xX]200[b-dB-D]);|&(?:zwn?j|ZeroWidthSpace);")
_STAND_INS = {"\u200b": "\U00010600", "\u200c": "\U00010601", "\u200d": "\U00010602"}
_RESTORED = str.maketrans({stand_in: char for char, stand_in in _STAND_INS.items()})


def extract_article(content: bytes, url: str, content_type: str | None, now: datetime) -> Article:
    """Read an article page that was fetched from `url`. Raises NotAnArticle, whose message says what came instead.

    How the published instant is found is told in `metadata.find_published`; without any, it is None.
    """
    kind = kinds.name_kind(content)
    tree = _parse(content, content_type) if kind == kinds.HTML else None
    if tree is None:
        raise NotAnArticle(f"what came is {kind}, not an article page")
    document = _extract(tree, url, now)
    text = _paragraphs(_plain(document.text)) if document else ""
    if document is None or len(text) < MIN_TEXT_CHARS:
        raise NotAnArticle("the page holds no article text that could be found")
    return Article(
        canonical_url=find_canonical_url(tree, url),
        title=one_line(_plain(document.title), TITLE_CHARS) or words_of_path(url),
        text=_within_limit(text),
        byline=one_line(_plain(find_byline(tree, document.author)), _NAME_CHARS),
        outlet=one_line(_plain(document.sitename), _NAME_CHARS),
        language=detect_language(text, find_language(tree)),
        published_at=find_published(tree, document.date, now),
    )


def _parse(content: bytes, content_type: str | None) -> HtmlElement | None:
    """Parse a page, however deep: trafilatura's own parser ends at 256 levels, libxml2 with `huge_tree` at 2,048."""
    page = decode_page(content, content_type)
    if page is None:
        return load_html(content)  # nothing says the charset: trafilatura guesses
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=True)
    try:
        return document_fromstring(_prepare(page).encode(), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _prepare(page: str) -> str:
    """Mend what would cost a page its text: to libxml2, `<html/>` is a page that ends there."""
    mended = _SELF_CLOSED_HTML.sub(r"\1>", drop_controls(page), count=1)
    return _ZERO_WIDTH.sub(_stand_in, _MANY_BREAKS.sub("<br><br>", mended))


def _stand_in(match: re.Match[str]) -> str:
    name = match[0]
    char = name if len(name) == 1 else unescape(name)
    return _STAND_INS[char]


def _paragraphs(text: str) -> str:
    return "\n".join(paragraph for line in text.split("\n") if (paragraph := line.strip()))


def _within_limit(text: str) -> str:
    """Cut a text that is too long after a paragraph, or after a letter where it has none; its last line says so."""
    if len(text) <= MAX_TEXT_CHARS:
        return text
    limit = MAX_TEXT_CHARS - len(CUT_MARK) - 1
    paragraph_end = text.rfind("\n", limit - _CUT_SEARCH_CHARS, limit + 1)
    kept = text[: paragraph_end if paragraph_end > 0 else letter_start(text, limit)]
    return f"{kept}\n{CUT_MARK}"


def _plain(text: str | None) -> str:
    return drop_controls(text or "").translate(_RESTORED)


def _extract(tree: HtmlElement, url: str, now: datetime) -> Document | None:
    """Extract fast, and in full where that gives little text."""
    # extensive_search would take a date out of running text or a copyright line: a wrong date is worse than none.
    dates = {
        "original_date": True,
        "extensive_search": False,
        "max_date": (now + timedelta(days=1)).strftime("%Y-%m-%d"),
    }

    def run(*, fast: bool) -> Document | None:
        found = bare_extraction(
            tree, url=url, fast=fast, include_comments=False, with_metadata=True, date_extraction_params=dates
        )
        return found if isinstance(found, Document) else None

    document = run(fast=True)
    if document is not None and len(document.text or "") >= _SHORT_TEXT_CHARS:
        return document
    return run(fast=False) or document
