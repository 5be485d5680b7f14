"""Plain text out of whatever a feed or page calls a title; pure.

In: text or markup that nobody vouches for. Out: one line of plain text within a length. Never: markup, control
characters, lone surrogates or marks that turn the direction of text. Zero-width spaces and joiners stay, since Khmer
is written with them.
"""

import re
import threading
import unicodedata
from typing import TYPE_CHECKING

from monitor.text.khmer import COENG

if TYPE_CHECKING:
    from lxml import etree

TITLE_CHARS = 500
SUMMARY_CHARS = 5_000

_MARKUP_PER_CHAR = 40
"""How much markup is looked at for each character wanted: enough for any honest summary, and a bound for the rest."""

_MAX_MARKS = 16
"""More marks in a row are no writing, and may be parted."""

_UNWANTED = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
_BREAKS = re.compile(r"\r\n?|[\u2028\u2029]")
_UNSEEN = frozenset({"script", "style", "template", "noscript", "iframe", "object", "svg", "head"})
_INLINE = frozenset(
    {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd"}
    | {"label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var"}
    | {"wbr"}
)


class _TextCollector:
    """A parser target that keeps what a reader would see; elements that aren't inline set words apart."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._unseen_depth = 0
        self._apart = " "

    def begin(self, apart: str) -> None:
        """Forget the last document; `apart` is what sets words apart."""
        self.parts = []
        self._unseen_depth = 0
        self._apart = apart

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._unseen_depth += tag in _UNSEEN
        self._set_apart(tag)

    def end(self, tag: str) -> None:
        self._unseen_depth -= tag in _UNSEEN
        self._set_apart(tag)

    def data(self, data: str) -> None:
        if not self._unseen_depth:
            self.parts.append(data)

    def comment(self, text: str) -> None:
        """Drop it."""

    def close(self) -> str:
        return "".join(self.parts)

    def _set_apart(self, tag: str) -> None:
        if tag not in _INLINE:
            self.parts.append(self._apart)


class _Parsers(threading.local):
    """A parser a thread: making one costs ten times what a title's markup costs to read."""

    def __init__(self) -> None:
        self.parser: etree.HTMLParser | None = None
        self.collector = _TextCollector()


_parsers = _Parsers()


def plain_text(markup: str, limit: int = SUMMARY_CHARS) -> str:
    """Return the text of a piece of markup as one line, no longer than `limit` characters."""
    piece = drop_controls(markup[: limit * _MARKUP_PER_CHAR])
    return one_line(_text_of(piece) if "<" in piece or "&" in piece else piece, limit)


def plain_paragraphs(markup: str, limit: int) -> str:
    """Return the text of a piece of markup, a paragraph a line, no longer than `limit` characters."""
    piece = drop_controls(markup[: limit * _MARKUP_PER_CHAR])
    # Markup's own line ends are white space like any other.
    is_markup = "<" in piece or "&" in piece
    text = _text_of(piece.replace("\n", " "), "\n") if is_markup else piece
    lines = (" ".join(line.split()) for line in drop_controls(text).split("\n"))
    whole = "\n".join(line for line in lines if line)
    if len(whole) <= limit:
        return whole
    return whole[: letter_start(whole, limit - 1)].rstrip() + "…"


def one_line(text: str, limit: int) -> str:
    """Return plain text as one line, no longer than `limit` characters; "…" says that it was cut."""
    line = " ".join(drop_controls(text).split())
    if len(line) <= limit:
        return line
    return line[: letter_start(line, limit - 1)].rstrip() + "…"


def drop_controls(text: str) -> str:
    """Return the text without control characters, lone surrogates and direction marks; lines stay lines."""
    if text.isascii() and text.isprintable():
        return text
    return _UNWANTED.sub("", _BREAKS.sub("\n", text))


def unix_lines(text: str) -> str:
    """Return a file's text as it is read everywhere: without a byte order mark, its lines ended by a line feed."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def letter_start(text: str, at: int) -> int:
    """Move back to where what a reader sees as one letter begins: half a Khmer cluster shows as a broken glyph."""
    floor = max(0, at - _MAX_MARKS)
    while at > floor and _is_within_letter(text, at):
        at -= 1
    return at


def letter_end(text: str, at: int) -> int:
    """Move on to where the letter that is under way at `at` has ended."""
    ceiling = min(len(text), at + _MAX_MARKS)
    while at < ceiling and _is_within_letter(text, at):
        at += 1
    return at


def _is_within_letter(text: str, at: int) -> bool:
    """Say whether a cut there leaves half a letter: before a mark, or after the sign that stacks Khmer consonants."""
    return 0 < at < len(text) and (unicodedata.category(text[at])[0] == "M" or text[at - 1] == COENG)


def _text_of(markup: str, apart: str = " ") -> str:
    # Imported here, so that a program that never meets markup doesn't load libxml2.
    from lxml import etree  # noqa: PLC0415

    collector = _parsers.collector
    collector.begin(apart)
    parser = _parsers.parser
    if parser is None:
        # The stubs ask for every method that a target may have; lxml calls those that are there.
        parser = etree.HTMLParser(target=collector, huge_tree=True, encoding="utf-8")  # type: ignore[call-overload]
        _parsers.parser = parser
    try:
        parser.feed(_without_comments(markup).encode())
        return str(parser.close())
    except etree.XMLSyntaxError:
        _parsers.parser = None
        return re.sub(r"<[^<>]*>", apart, markup)


def _without_comments(markup: str) -> str:
    """Take comments out in one pass: for each unclosed one, libxml2 or a regex would read to the end again."""
    kept: list[str] = []
    at = 0
    while (start := markup.find("<!--", at)) >= 0:
        kept.append(markup[at:start])
        end = markup.find("-->", start + 2)
        if end < 0:
            return "".join(kept)
        at = end + 3
    return "".join([*kept, markup[at:]])
