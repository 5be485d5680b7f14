"""What any kind of feed holds before it is made fit to use, and the making fit; pure.

In: titles, links and dates as the feed writes them. Out: ParsedFeed. Never: markup, a link that is no http(s) link, or
a date that news can't have.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from time import struct_time

from monitor.extract.entries.dates import clamp_published
from monitor.model.entries import Entry, ParsedFeed
from monitor.text.language import language_code
from monitor.text.plain import SUMMARY_CHARS, TITLE_CHARS, drop_controls, plain_text
from monitor.text.urls import resolve_url, words_of_path

MAX_ENTRIES = 2_000
"""The newest so many of one document are kept: by date where all have one, else in the document's order."""

_AUTHOR_CHARS = 300
_GUID_CHARS = 2_000
_HEADLINE_WORDS = 12


@dataclass(frozen=True, slots=True)
class RawEntry:
    """An entry as the feed writes it: `links` and `dates` are candidates, the best first."""

    guid: str
    links: tuple[str, ...]
    title: str = ""
    summary: str = ""
    author: str = ""
    dates: tuple[str | struct_time, ...] = ()


@dataclass(frozen=True, slots=True)
class RawFeed:
    """A feed as its document writes it. `unreadable` counts entries that had no readable form at all."""

    title: str
    language: str
    entries: tuple[RawEntry, ...]
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class _Dated:
    raw: RawEntry
    url: str
    published_at: datetime | None


def make_feed(raw_feed: RawFeed, url: str, now: datetime) -> ParsedFeed:
    """Make a feed fit to use. Links are resolved against `url`, where the feed was found."""
    linked = [(raw, link) for raw in raw_feed.entries if (link := _usable_link(raw, url))]
    usable = [_Dated(raw, link, _published(raw, now)) for raw, link in linked]
    rejected = raw_feed.unreadable + len(raw_feed.entries) - len(usable)
    entries = tuple(_make_entry(dated) for dated in _newest(usable))
    return ParsedFeed(plain_text(raw_feed.title, TITLE_CHARS), language_code(raw_feed.language), entries, rejected)


def _usable_link(raw: RawEntry, base: str) -> str | None:
    candidates = (resolve_url(base, link) for link in raw.links)
    return next((link for link in candidates if link is not None), None)


def _published(raw: RawEntry, now: datetime) -> datetime | None:
    candidates = (clamp_published(date, now) for date in raw.dates)
    return next((date for date in candidates if date is not None), None)


def _newest(entries: list[_Dated]) -> list[_Dated]:
    if len(entries) <= MAX_ENTRIES:
        return entries
    dates = {id(entry): entry.published_at for entry in entries if entry.published_at is not None}
    if len(dates) == len(entries):
        entries = sorted(entries, key=lambda entry: dates[id(entry)], reverse=True)
    return entries[:MAX_ENTRIES]


def _make_entry(dated: _Dated) -> Entry:
    summary = plain_text(dated.raw.summary, SUMMARY_CHARS)
    return Entry(
        guid=_guid(dated.raw.guid),
        url=dated.url,
        title=plain_text(dated.raw.title, TITLE_CHARS) or _first_words(summary) or words_of_path(dated.url),
        summary=summary,
        author=plain_text(dated.raw.author, _AUTHOR_CHARS),
        published_at=dated.published_at,
    )


def _guid(raw_guid: str) -> str:
    """Keep a guid as it is, case and all; a monstrous one by its hash, so that it still tells entries apart."""
    guid = drop_controls(raw_guid).strip()
    return guid if len(guid) <= _GUID_CHARS else f"sha256:{sha256(guid.encode()).hexdigest()}"


def _first_words(summary: str) -> str:
    words = summary.split()
    headline = " ".join(words[:_HEADLINE_WORDS])[: TITLE_CHARS - 1]
    return headline if len(words) <= _HEADLINE_WORDS else f"{headline}…"
