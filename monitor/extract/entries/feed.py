"""Read a feed: RSS 0.9x to 2.0, RDF, Atom or JSON Feed.

In: a response's content, its URL, its Content-Type, the present. Out: Listing. Never: anything but a BytesIO to
feedparser (it opens a `bytes` that is a path and fetches a `str` that is a URL), its sanitiser (quadratic on
"&lt;!--"), or a document that declares entities (500 bytes become 3 MB). To be called in a supervised child.
"""

import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from time import struct_time

import feedparser
from feedparser.encodings import convert_to_utf8

from monitor.errors import BadFeed, NotAFeed
from monitor.extract import kinds
from monitor.extract.charset import charset_of_header, is_plainly_utf8, repair_xml
from monitor.extract.entries.fast import read_if_plain
from monitor.extract.entries.jsonfeed import read_json_feed
from monitor.extract.entries.raw import ISO_SHAPED, RawEntry, RawFeed, make_feed, ttl_seconds
from monitor.model.entries import Listing

# Atomic, so that a prolog of many comments is read once.
_DOCTYPE = re.compile(rb"\s*+(?>(?:(?:<\?(?>.*?\?>)|<!--(?>.*?-->))\s*+)*)<!DOCTYPE", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(rb"<(?:[a-z]+:)?(?:rss|rdf|feed|channel)[\s>/]", re.IGNORECASE)
_DECLARATION_BYTES = 200
_ENCODING = re.compile(rb"""encoding\s*=\s*["']?([^"'\s]*)""")
_UTF8_XML = {"content-type": "application/xml; charset=utf-8"}


def parse_feed(content: bytes, url: str, content_type: str | None, now: datetime) -> Listing:
    """Read a feed of any kind; `url` is where it was found, its relative links start there.

    Of a document with more than 2,000 usable entries, the newest 2,000 are kept. Raises NotAFeed or BadFeed.
    """
    kind = kinds.name_kind(content)
    if kind == kinds.JSON:
        return make_feed(read_json_feed(content), url, now)
    if kind not in kinds.MARKUP or (kind == kinds.HTML and not _ROOT.search(content)):
        raise NotAFeed(f"what came is {kind}, not a feed")
    return make_feed(_read_xml_feed(content, content_type, kind, now), url, now)


def _read_xml_feed(content: bytes, content_type: str | None, kind: str, now: datetime) -> RawFeed:
    document = prepare_document(content, content_type)
    return read_if_plain(document, now) or read_with_feedparser(document, kind)


def prepare_document(content: bytes, content_type: str | None) -> bytes:
    """Return the document in UTF-8, fit for a parser. Raises BadFeed where it declares entities."""
    document = _as_utf8(content, content_type)
    # Looked for in what the parser will see, so that no charset hides it; and only where a DOCTYPE makes it count,
    # so that a feed may report on entities.
    if _DOCTYPE.match(document) and b"<!ENTITY" in document:
        raise BadFeed(
            "the feed declares XML entities, which Monitor doesn't expand; ask its publisher to leave them out"
        )
    return repair_xml(document)


def read_with_feedparser(document: bytes, kind: str = kinds.FEED) -> RawFeed:
    """Read a document in UTF-8, well-formed or not, of any dialect. Raises NotAFeed."""
    parsed = feedparser.parse(
        io.BytesIO(document), response_headers=_UTF8_XML, resolve_relative_uris=False, sanitize_html=False
    )
    if not parsed.version and not parsed.entries:
        raise NotAFeed(f"what came is {kind}, not a feed" if kind != kinds.FEED else "what came is XML, but no feed")
    head = parsed.feed
    language = _text(head, "language") or _text(head.get("title_detail") or {}, "language")
    ttl = ttl_seconds(*(_text(head, name) for name in ("ttl", "sy_updateperiod", "sy_updatefrequency")))
    entries = tuple(_read_entry(entry) for entry in parsed.entries)
    return RawFeed(_text(head, "title"), language, entries, ttl_seconds=ttl)


def _as_utf8(content: bytes, content_type: str | None) -> bytes:
    """Return the document in UTF-8, decoded as feedparser does; bytes that are plainly UTF-8 are not argued with."""
    is_utf8 = is_plainly_utf8(content)
    charset = "utf-8" if is_utf8 else charset_of_header(content_type)
    if (is_utf8 or (charset in {"", "utf-8"} and _is_plain_ascii(content))) and _says_utf8(content):
        return content  # nobody says otherwise, and feedparser's own way to the same takes as long as libxml2's parsing
    header = f"application/xml; charset={charset}" if charset else "application/xml"
    result: dict[str, object] = {}
    document = convert_to_utf8({"content-type": header}, content, result)
    if not result["encoding"]:
        return content.decode("utf-8", errors="replace").encode()
    return bytes(document)


def _is_plain_ascii(content: bytes) -> bool:
    return content.isascii() and b"\0" not in content


def _says_utf8(content: bytes) -> bool:
    """Say whether it begins with markup, and its XML declaration, where it has one, names UTF-8 or no charset."""
    if not content.startswith(b"<?"):
        return content.startswith(b"<")
    declaration, end, _ = content[:_DECLARATION_BYTES].lower().partition(b"?>")
    names = _ENCODING.findall(declaration)
    return bool(end) and declaration.startswith(b"<?xml ") and names in ([], [b"utf-8"])


def _read_entry(entry: Mapping[str, object]) -> RawEntry:
    contents = tuple(_contents(entry))
    source = _value(entry, "source")
    return RawEntry(
        guid=_text(entry, "id"),
        links=tuple(dict.fromkeys(_links(entry))),
        title=_text(entry, "title"),
        summary=_text(entry, "summary") or next(iter(contents), ""),
        author=_text(entry, "author"),
        dates=tuple(_dates(entry)),
        contents=contents,
        outlet=_text(source, "title") if isinstance(source, Mapping) else "",
    )


def _links(entry: Mapping[str, object]) -> Iterator[str]:
    links = _value(entry, "links")
    alternates = [
        _text(link, "href")
        for link in (links if isinstance(links, list) else [])
        if isinstance(link, Mapping) and link.get("rel", "alternate") == "alternate"
    ]
    preferred = _text(entry, "link")
    if preferred in alternates:
        yield preferred
    yield from (link for link in alternates if link)
    # feedparser offers any guid as a link where there is none; only an address is one.
    guid = _text(entry, "id")
    if guid.startswith(("http://", "https://")):
        yield guid


def _dates(entry: Mapping[str, object]) -> Iterator[str | struct_time]:
    for name in ("published", "updated", "created"):
        raw_date = _text(entry, name)
        if not raw_date:
            continue
        yield raw_date
        parsed = _value(entry, f"{name}_parsed")
        # feedparser reads months in many languages, but makes dates of numbers that are none (2026-02-30, year 10000).
        if isinstance(parsed, struct_time) and not ISO_SHAPED.match(raw_date):
            yield parsed


def _contents(entry: Mapping[str, object]) -> Iterator[str]:
    contents = _value(entry, "content")
    for content in contents if isinstance(contents, list) else []:
        if isinstance(content, Mapping):
            yield _text(content, "value")


def _text(mapping: Mapping[str, object], name: str) -> str:
    value = _value(mapping, name)
    return value if isinstance(value, str) else ""


def _value(mapping: Mapping[str, object], name: str) -> object:
    # dict.get: feedparser's own answers "updated" with "published", and warns.
    return dict.get(mapping, name) if isinstance(mapping, dict) else None
