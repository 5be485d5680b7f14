"""Read a sitemap: sitemaps.org's, a news sitemap, an index of them, one address a line, gzipped or not.

In: a response. Out: Listing; an index gives parts. Never: an entity or an external DTD, more than 50 MB unpacked or
50,000 addresses (sitemaps.org's own limits), or a part on another site. To be called in a supervised child.
"""

import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import islice

from lxml import etree

from monitor.errors import BadFeed, NotAFeed
from monitor.extract import kinds
from monitor.extract.charset import charset_of_header, is_plainly_utf8
from monitor.extract.entries.dates import clamp_published
from monitor.extract.entries.feed import parse_feed
from monitor.extract.entries.raw import MAX_ENTRIES, RawEntry, RawFeed, make_feed
from monitor.model.entries import Listing
from monitor.model.fetching import Fetched
from monitor.text.language import language_code
from monitor.text.plain import TITLE_CHARS, one_line
from monitor.text.urls import is_same_site, resolve_url

MAX_UNPACKED_BYTES = 50 * 2**20
MAX_ADDRESSES = 50_000
MAX_PARTS = 1_000
READ_BACK = timedelta(days=14)
"""What is older is not news to a source that lists all it ever published."""

_MADE_FIT = 3 * MAX_ENTRIES
"""So many of the newest are made fit to use, that enough stay though some can't be used."""

_STEP_BYTES = 2**16
_FIRST_TAG = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,30}:)?([A-Za-z_][\w.-]{0,30})[\s>/]")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_ROOTS = frozenset({b"urlset", b"sitemapindex"})
_ROOT_WITHIN_BYTES = 16_384
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.:-]{2,40})""")
_BARE_AMPERSAND = re.compile(rb"&(?!(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)")
_NOT_IN_XML = bytes(code for code in range(0x20) if code not in b"\t\n\r")
_OF_MEDIA = ("sitemap-image/1.1", "sitemap-video/1.1")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_HINT = "the site's robots.txt names its sitemaps in lines that begin with Sitemap:"


@dataclass(frozen=True, slots=True)
class _Item:
    """One `<url>` or `<sitemap>`; `is_part` tells which. `at` is when it was published, or else last changed."""

    url: str
    at: datetime | None
    is_part: bool = False
    title: str = ""
    language: str = ""
    outlet: str = ""
    is_published: bool = False


def is_sitemap(content: bytes) -> bool:
    """Say whether a document is an XML sitemap or an index of them, by its first element."""
    head = _COMMENT.sub(b"", content[:_ROOT_WITHIN_BYTES].replace(b"\0", b""))
    first = _FIRST_TAG.search(head)
    return first is not None and first[1] in _ROOTS


def read_sitemap(fetched: Fetched) -> Listing:
    """Read a sitemap. Entries dated more than 14 days before it was fetched are left out and counted as older.

    The date is the news sitemap's publication date, else lastmod. Raises NotAFeed or BadFeed.
    """
    content = unpack(fetched.content)
    kind = kinds.name_kind(content)
    if is_sitemap(content):
        items, broken = _read_items(content, fetched.fetched_at)
        return _listing(items, broken, fetched)
    if kind == kinds.TEXT:
        return _listing(_lines(content), 0, fetched)
    if kind != kinds.FEED:
        raise NotAFeed(f"what came is {kind}, not a sitemap; {_HINT}")
    return parse_feed(content, fetched.url, fetched.header("content-type"), fetched.fetched_at)


def unpack(content: bytes) -> bytes:
    """Return the document within a gzip file, or the content itself where it is none. Raises BadFeed beyond 50 MB."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    unpacked = bytearray()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            while step := file.read1(_STEP_BYTES):
                unpacked += step
                if len(unpacked) > MAX_UNPACKED_BYTES:
                    raise BadFeed(f"the sitemap is larger than {MAX_UNPACKED_BYTES // 2**20} MB once unpacked")
    except (OSError, EOFError, zlib.error) as error:
        raise BadFeed(f"the sitemap's gzip data can't be unpacked: {one_line(str(error), 200)}") from error
    return bytes(unpacked)


def _read_items(content: bytes, now: datetime) -> tuple[list[_Item], int]:
    """Read the items of an XML sitemap, and whether it broke off (1) after some of them."""
    document = _as_utf8(content)
    # In what the parser will see, so that no charset hides it.
    if b"<!DOCTYPE" in document and b"<!ENTITY" in document:
        raise BadFeed("the sitemap declares XML entities, which Monitor doesn't expand; ask its publisher to drop them")
    try:
        return list(_iterate(document, now)), 0
    except etree.XMLSyntaxError:
        items: list[_Item] = []
    try:
        items.extend(_iterate(_mend_ampersands(document), now))
    except etree.XMLSyntaxError as error:
        if not items:
            raise BadFeed(f"the sitemap can't be read as XML: {one_line(str(error), 200)}") from error
        return items, 1
    return items, 0


def _mend_ampersands(document: bytes) -> bytes:
    """Escape each "&" that stands alone, as small sites write their addresses; in CDATA it is right as it stands."""
    first, *sections = document.split(b"<![CDATA[")
    mended = [_BARE_AMPERSAND.sub(b"&amp;", first)]
    for section in sections:
        text, end, rest = section.partition(b"]]>")
        mended.append(b"<![CDATA[" + text + end + _BARE_AMPERSAND.sub(b"&amp;", rest))
    return b"".join(mended)


def _as_utf8(content: bytes) -> bytes:
    """Return the document in UTF-8 and without the control characters that XML forbids."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = content.decode("utf-16", errors="replace").encode("utf-8", errors="replace")
    elif not content.isascii() and not is_plainly_utf8(content):
        declared = _DECLARED.match(content)
        codec = charset_of_header(f"charset={declared[1].decode('ascii')}") if declared else ""
        content = content.decode(codec or "utf-8", errors="replace").encode("utf-8", errors="replace")
    return content.translate(None, _NOT_IN_XML)


def _iterate(document: bytes, now: datetime) -> Iterator[_Item]:
    elements = etree.iterparse(
        io.BytesIO(document),
        events=("end",),
        tag=("{*}url", "{*}sitemap"),
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    for _, element in islice(elements, MAX_ADDRESSES):
        yield _read_item(element, now)
        element.clear()
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]


def _read_item(element: etree._Element, now: datetime) -> _Item:
    texts: dict[str, str] = {}
    for inner in element.iter("{*}*"):
        namespace, _, name = str(inner.tag).rpartition("}")
        if name not in texts and inner.text and not namespace.endswith(_OF_MEDIA):
            texts[name] = inner.text.strip()
    published_at = clamp_published(texts.get("publication_date"), now)
    return _Item(
        url=texts.get("loc", ""),
        at=published_at or clamp_published(texts.get("lastmod"), now),
        is_published=published_at is not None,
        is_part=etree.QName(element).localname == "sitemap",
        title=one_line(texts.get("title", ""), TITLE_CHARS),
        language=language_code(texts.get("language", "")),
        outlet=one_line(texts.get("name", ""), TITLE_CHARS),
    )


def _lines(content: bytes) -> list[_Item]:
    lines = (line.strip() for line in content.decode("utf-8-sig", errors="replace").splitlines())
    addresses = [line for line in islice(lines, MAX_ADDRESSES) if line.startswith(("http://", "https://"))]
    if not addresses:
        raise NotAFeed(f"what came is plain text without a web address at the start of a line, not a sitemap; {_HINT}")
    return [_Item(address, None) for address in addresses]


def _listing(items: list[_Item], broken: int, fetched: Fetched) -> Listing:
    since = fetched.fetched_at - READ_BACK
    urls = [item for item in items if not item.is_part]
    recent = sorted(
        (item for item in urls if item.at is None or item.at >= since), key=lambda item: item.at or since, reverse=True
    )
    raw_entries = tuple(
        RawEntry("", (item.url,), escape(item.title, quote=False), dates=(item.at,) if item.at else ())
        for item in recent[:_MADE_FIT]
    )
    parts, foreign = _parts([item for item in items if item.is_part], fetched.url)
    outlet = _most_common(item.outlet for item in urls)
    raw_feed = RawFeed(escape(outlet, quote=False), _most_common(item.language for item in urls), raw_entries)
    listing = make_feed(raw_feed, fetched.url, fetched.fetched_at)
    known = {resolve_url(fetched.url, item.url): item for item in recent[:_MADE_FIT]}
    return replace(
        listing,
        entries=tuple(
            replace(entry, language=known[entry.url].language, is_dated_by_change=not known[entry.url].is_published)
            for entry in listing.entries
        ),
        rejected=listing.rejected + foreign + broken,
        older=listing.older + len(urls) - len(recent),
        parts=parts,
    )


def _parts(items: list[_Item], url: str) -> tuple[tuple[str, ...], int]:
    """Return an index's parts, the newest first, and how many stand on another site (sitemaps.org, "Location")."""
    newest_first = sorted(items, key=lambda item: item.at or _LONG_AGO, reverse=True)
    resolved = [resolve_url(url, item.url) for item in newest_first]
    parts = [part for part in resolved if part is not None and is_same_site(url, part)]
    return tuple(dict.fromkeys(parts))[:MAX_PARTS], len(items) - len(parts)


def _most_common(words: Iterator[str]) -> str:
    counted = Counter(word for word in words if word).most_common(1)
    return counted[0][0] if counted else ""
