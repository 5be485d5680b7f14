"""Read a report that is a PDF document.

In: a document's bytes, its URL, the present. Out: Article with the offset at which each page's text begins. Never: a
picture of a page (nothing is drawn, no script in it is run), a text without end, or two documents at once: PDFium isn't
thread-safe, so this is to be called in a supervised child, a process of its own.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, takewhile
from urllib.parse import urlsplit

import pypdfium2
import pypdfium2.raw

from monitor.errors import NotAnArticle
from monitor.extract.article import CUT_MARK, MAX_TEXT_CHARS, MIN_TEXT_CHARS, within_limit
from monitor.extract.entries.dates import clamp_published
from monitor.extract.lines import ends_sentence, join_lines
from monitor.extract.metadata import NAME_CHARS
from monitor.model.articles import Article
from monitor.text.language import detect_language
from monitor.text.plain import TITLE_CHARS, drop_controls, one_line
from monitor.text.urls import canonicalise_url, words_of_path

MAX_PAGES = 500
"""More is no report: a book, or a document made to keep its readers busy."""

_SCANNED_CHARS_A_PAGE = 10
_TITLE_SCAN_CHARS = 2_000
_MAX_TAG_BYTES = 100
_LARGE = 1.15
_MIN_TITLE_CHARS = 6
_EDGE_LINES = 2
_MIN_PAGES_WITH_EDGES = 4
# PDFium's signs for a hyphen at a line's end that parts a word.
_PARTED = re.compile(r"[\x02\ufffe]\s*|(?<=[^\W\d_])[-\u00ad\u2010]\r?\n(?=[a-zà-öø-ÿ])|\u00ad")
_BREAKS = re.compile(r"\r\n?")
_SPACES = re.compile(r"[ \t\xa0]+")
_NUMBERS = re.compile(r"\d+")
_DATE = re.compile(
    r"D?:?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?\s*(?:(?P<utc>Z)|(?P<sign>[+-])(?P<hours>\d\d)'?(?P<minutes>\d\d)?)?"
)
_PROGRAM = re.compile(
    r"\A(?:microsoft (?:word|powerpoint|excel) - )|\.(?:docx?|pdf|indd|pptx?|xlsx?|qxd|odt|rtf)\Z", re.IGNORECASE
)
_NO_TITLE = re.compile(r"\A(?:untitled|document|doc|title|slide|layout|print|full page|pdf)?[\W\d_]*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Report:
    pages: list[str]
    is_cut: bool
    heading: str
    info: dict[str, str]


def extract_pdf(content: bytes, url: str, now: datetime) -> Article:
    """Read a PDF document fetched from `url`. Raises NotAnArticle, whose message says why there is no text.

    The title is the document's own, else the first large line, else the file's name. `published_at` is the date of
    creation (PDF 32000-1 §14.3.3), a date of news only where it is clamped sane: not every programme sets its clock.
    """
    report = _read(content)
    text, starts = _join_pages(_without_edges([_lines(page) for page in report.pages]))
    if len(text) < max(MIN_TEXT_CHARS, _SCANNED_CHARS_A_PAGE * len(report.pages)):
        raise NotAnArticle(
            "the PDF document holds only pictures of pages, no text: read it by eye, or look for another edition of it"
        )
    kept = within_limit(text)
    if report.is_cut and kept == text:
        kept = within_limit(f"{text}\n{CUT_MARK}")
    return Article(
        canonical_url=canonicalise_url(url),
        title=_title(report, url),
        text=kept,
        byline=_author(report.info.get("Author", "")),
        outlet=(urlsplit(url).hostname or "").removeprefix("www."),
        language=detect_language(kept, report.info.get("Lang", "")),
        published_at=next(_dates(report.info, now), None),
        page_starts=tuple(starts if kept == text else starts[: bisect_left(starts, len(kept) - len(CUT_MARK))]),
    )


def parse_pdf_date(written: str) -> str:
    """Return a PDF date ("D:20261122101500+07'00'") in ISO 8601, or "" where it is none (PDF 32000-1 §7.9.4)."""
    match = _DATE.match(written.strip())
    if match is None:
        return ""
    year, month, day, hour, minute, second = (match[at] for at in range(1, 7))
    zone = f"{match['sign']}{match['hours']}:{match['minutes'] or '00'}" if match["sign"] else "+00:00"
    return f"{year}-{month or '01'}-{day or '01'}T{hour or '00'}:{minute or '00'}:{second or '00'}{zone}"


def _read(content: bytes) -> _Report:
    try:
        with closing(pypdfium2.PdfDocument(content)) as document:
            pages, is_cut = _page_texts(document)
            info = {str(key): str(value) for key, value in document.get_metadata_dict().items()}
            return _Report(pages, is_cut, _heading(document), info | {"Lang": _language(document)})
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in {pypdfium2.raw.FPDF_ERR_PASSWORD, pypdfium2.raw.FPDF_ERR_SECURITY}:
            raise NotAnArticle("the PDF document is encrypted: it can only be read with its password") from error
        raise NotAnArticle(f"the PDF document is broken and can't be read ({str(error)[:100]})") from error


def _page_texts(document: pypdfium2.PdfDocument) -> tuple[list[str], bool]:
    """Return the pages' texts, and whether there is more than is kept; a broken page is an empty one."""
    texts: list[str] = []
    chars = 0
    for number in range(min(len(document), MAX_PAGES)):
        if chars > MAX_TEXT_CHARS:
            return texts, True
        texts.append(_page_text(document, number))
        chars += len(texts[-1])
    return texts, len(document) > MAX_PAGES


def _page_text(document: pypdfium2.PdfDocument, number: int) -> str:
    try:
        with closing(document[number]) as page, closing(page.get_textpage()) as textpage:
            return str(textpage.get_text_bounded())
    except pypdfium2.PdfiumError:
        return ""


def _heading(document: pypdfium2.PdfDocument) -> str:
    """Return the first lines of the first page that are set larger than the rest, or ""."""
    if not len(document):
        return ""
    try:
        with closing(document[0]) as page, closing(page.get_textpage()) as textpage:
            lines = list(_sized_lines(textpage))
    except pypdfium2.PdfiumError:
        return ""
    if not lines:
        return ""
    sizes = sorted(size for size, line in lines for _ in line)
    largest = max((size for size, line in lines if len(line) >= _MIN_TITLE_CHARS), default=0.0)
    if largest < _LARGE * sizes[len(sizes) // 2]:
        return ""
    for is_large, group in groupby(lines, key=lambda sized: sized[0] >= 0.95 * largest):
        if is_large:
            return " ".join(line for _size, line in group)
    return ""


def _sized_lines(textpage: pypdfium2.PdfTextPage) -> Iterator[tuple[float, str]]:
    """Yield the first lines with the height of their letters, in points."""
    line, height = "", 0.0
    for at in range(min(textpage.count_chars(), _TITLE_SCAN_CHARS)):
        char = chr(pypdfium2.raw.FPDFText_GetUnicode(textpage.raw, at))
        if char not in "\r\n":
            _left, bottom, _right, top = textpage.get_charbox(at, loose=True)
            line, height = line + char, max(height, round(top - bottom, 1))
        elif line:
            yield height, _tidy(line)
            line, height = "", 0.0
    if line:
        yield height, _tidy(line)


def _language(document: pypdfium2.PdfDocument) -> str:
    """Return the language tag that the document gives itself, or ""."""
    size = pypdfium2.raw.FPDFCatalog_GetLanguage(document.raw, None, 0)
    buffer = (pypdfium2.raw.FPDF_WCHAR * (min(size, _MAX_TAG_BYTES) // 2 or 1))()
    pypdfium2.raw.FPDFCatalog_GetLanguage(document.raw, buffer, len(buffer) * 2)
    return "".join(map(chr, buffer)).partition("\0")[0] if size <= _MAX_TAG_BYTES else ""


def _lines(page: str) -> list[str]:
    whole = _PARTED.sub("", page)
    return [_tidy(line) for line in _BREAKS.sub("\n", whole).split("\n")]


def _tidy(line: str) -> str:
    return _SPACES.sub(" ", drop_controls(line)).strip()


def _without_edges(pages: list[list[str]]) -> list[list[str]]:
    """Drop running heads and feet: the outermost lines that most pages share but for their numbers."""
    filled = [[line for line in page if line] for page in pages]
    if len([page for page in filled if page]) < _MIN_PAGES_WITH_EDGES:
        return pages
    seen = Counter(edge for page in filled for edge in {_edge(line) for line in _outermost(page)})
    running = {edge for edge, count in seen.items() if count > 0.5 * len(filled)}
    return [_within(page, running) for page in filled] if running else pages


def _within(lines: list[str], running: set[str]) -> list[str]:
    """Return a page's lines between its running heads and feet; where nothing else stands on it, they are its text."""
    head = sum(1 for _ in takewhile(lambda line: _edge(line) in running, lines[:_EDGE_LINES]))
    foot = sum(1 for _ in takewhile(lambda line: _edge(line) in running, lines[: -_EDGE_LINES - 1 : -1]))
    return lines[head : len(lines) - foot] or lines


def _outermost(lines: list[str]) -> list[str]:
    return lines[:_EDGE_LINES] + lines[-_EDGE_LINES:]


def _edge(line: str) -> str:
    return _NUMBERS.sub("#", line.casefold())


def _join_pages(pages: list[list[str]]) -> tuple[str, list[int]]:
    """Return the text, a line a paragraph, and where each page begins; a sentence that runs on over a page goes on."""
    parts: list[str] = []
    starts: list[int] = []
    length = 0
    for page in pages:
        text = "\n".join(join_lines(page))
        if text and parts:
            runs_on = not ends_sentence(parts[-1]) and text[0].islower()
            parts.append(" " if runs_on else "\n")
            length += 1
        starts.append(length)
        if text:
            parts.append(text)
            length += len(text)
    return "".join(parts), starts


def _title(report: _Report, url: str) -> str:
    own = one_line(_PROGRAM.sub("", _PROGRAM.sub("", report.info.get("Title", "").strip())), TITLE_CHARS)
    if len(own) >= _MIN_TITLE_CHARS and not _NO_TITLE.match(own) and (" " in own or not own.isascii()):
        return own
    name = one_line(re.sub(r"\.pdf\Z", "", words_of_path(url), flags=re.IGNORECASE), TITLE_CHARS)
    return one_line(report.heading, TITLE_CHARS) or name or own


def _author(written: str) -> str:
    """Return the document's author where it looks like somebody's name, not a computer's account."""
    name = one_line(written, NAME_CHARS)
    return name if " " in name or not name.isascii() else ""


def _dates(info: dict[str, str], now: datetime) -> Iterator[datetime]:
    for name in ("CreationDate", "ModDate"):
        if (published_at := clamp_published(parse_pdf_date(info.get(name, "")), now)) is not None:
            yield published_at
