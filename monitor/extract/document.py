"""Read an article from whatever document holds it, by its kind.

In: a response. Out: Article. Never: the network. To be called in a supervised child.

The bytes tell the kind before the Content-Type does: servers send PDF documents as text/html, and pages as text/plain.
"""

import re
from urllib.parse import urlsplit

from monitor.errors import NotAnArticle
from monitor.extract import kinds
from monitor.extract.article import MIN_TEXT_CHARS, extract_article, within_limit
from monitor.extract.charset import decode_page
from monitor.extract.lines import join_lines
from monitor.extract.message import extract_message
from monitor.extract.pdf import extract_pdf
from monitor.model.articles import Article
from monitor.model.fetching import Fetched
from monitor.text.language import detect_language
from monitor.text.plain import TITLE_CHARS, drop_controls, one_line
from monitor.text.urls import canonicalise_url

_MIN_LETTERS = 0.6
_MIN_WORDS = 8
_PROSE_TYPES = ("", "text/plain", "text/markdown", "text/html", "application/octet-stream", "binary/octet-stream")
_SENTENCE = re.compile(r"[.!?\u17d4\u3002]")


def extract_document(fetched: Fetched) -> Article:
    """Read an article. Raises NotAnArticle, whose message says what came instead."""
    content, url, now = fetched.content, fetched.url, fetched.fetched_at
    content_type = fetched.header("content-type")
    media_type = (content_type or "").partition(";")[0].strip().lower()
    kind = kinds.name_kind(content)
    if kind == kinds.PDF:
        return extract_pdf(content, url, now)
    if kind == kinds.MAIL or (media_type == "message/rfc822" and kind not in kinds.EMPTY_KINDS):
        return extract_message(content, url, now)
    if kind == kinds.TEXT and media_type in _PROSE_TYPES:
        return _extract_text(content, url, content_type)
    return extract_article(content, url, content_type, now)


def _extract_text(content: bytes, url: str, content_type: str | None) -> Article:
    """Read a plain text; its first line is its title. Raises NotAnArticle where it is no prose (a list, a log)."""
    decoded = decode_page(content, content_type)
    lines = drop_controls(content.decode("cp1252", "replace") if decoded is None else decoded).strip().split("\n")
    text = "\n".join(join_lines(lines))
    if len(text) < MIN_TEXT_CHARS or not _is_prose(text):
        raise NotAnArticle(f"what came is {kinds.TEXT} without sentences, not an article")
    return Article(
        canonical_url=canonicalise_url(url),
        title=one_line(text.partition("\n")[0], TITLE_CHARS),
        text=within_limit(text),
        outlet=(urlsplit(url).hostname or "").removeprefix("www."),
        language=detect_language(text),
    )


def _is_prose(text: str) -> bool:
    """Say whether a text is made of sentences: letters for the most part, with marks that end them."""
    seen = [char for char in text[:20_000] if not char.isspace()]
    # Khmer and Thai vowel signs are marks to Unicode, not letters.
    letters = sum(char.isalpha() or "\u0e00" <= char <= "\u17ff" for char in seen)
    words = text.split(None, _MIN_WORDS)
    return (
        letters >= _MIN_LETTERS * len(seen)
        and (len(words) > _MIN_WORDS or not text.isascii())
        and bool(_SENTENCE.search(text))
    )
