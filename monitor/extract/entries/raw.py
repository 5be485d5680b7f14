"""What any kind of feed holds before it is made fit to use, and the making fit; pure.

In: titles, links and dates as the feed writes them. Out: Listing. Never: markup, a link that is no http(s) link, or
a date that news can't have.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from time import struct_time
from typing import NamedTuple

from monitor.extract.entries.dates import clamp_published
from monitor.model.entries import Entry, Listing
from monitor.text.language import language_code
from monitor.text.plain import SUMMARY_CHARS, TITLE_CHARS, drop_controls, plain_paragraphs, plain_text
from monitor.text.urls import resolve_url, words_of_path

MAX_ENTRIES = 2_000
"""The newest so many of one document are kept: by date where all have one, else in the document's order."""

MAX_TEXT_CHARS_IN_ALL = 3_000_000
"""So many characters of articles' texts are taken from one document, the newest first."""

_PARAGRAPHS = re.compile(r"(?:\s*<p>[^<&]*</p>)+\s*")
ISO_SHAPED = re.compile(r"\s*\d{4,}")

_AUTHOR_CHARS = 300
_OUTLET_CHARS = 300
_GUID_CHARS = 2_000
_HEADLINE_WORDS = 12
_TEXT_LEAST_CHARS = 500
_TEXT_MOST_CHARS = 300_000
_TEXT_TO_SUMMARY = 1.5
_TTL_MOST_SECONDS = 86_400
_PERIOD_SECONDS = {
    "hourly": 3_600,
    "daily": 86_400,
    "weekly": 7 * 86_400,
    "monthly": 30 * 86_400,
    "yearly": 365 * 86_400,
}


class RawEntry(NamedTuple):
    """An entry as the feed writes it: `links` and `dates` are candidates, the best first.

    `contents` are the bodies that it carries beside the summary; `outlet` is the name of the feed it was taken from.
    """

    guid: str
    links: tuple[str, ...]
    title: str = ""
    summary: str = ""
    author: str = ""
    dates: tuple[str | struct_time | datetime, ...] = ()
    contents: tuple[str, ...] = ()
    outlet: str = ""


@dataclass(frozen=True, slots=True)
class RawFeed:
    """A feed as its document writes it. `unreadable` counts entries that had no readable form at all."""

    title: str
    language: str
    entries: tuple[RawEntry, ...]
    unreadable: int = 0
    ttl_seconds: int = 0


class _Dated(NamedTuple):
    raw: RawEntry
    url: str
    published_at: datetime | None


def ttl_seconds(minutes: str, period: str, frequency: str) -> int:
    """Return for how long a feed asks to be left alone, at most a day; 0 where it says nothing readable.

    `minutes` is RSS's <ttl>; `period` and `frequency` are sy:updatePeriod and sy:updateFrequency (so many times in a
    period; RSS 1.0 module Syndication), which count where there is no <ttl>.
    """
    asked = _number(minutes) * 60
    if not asked and (period or frequency):
        asked = _PERIOD_SECONDS.get(period.lower() or "daily", 0) // (_number(frequency or "1") or 1)
    return min(asked, _TTL_MOST_SECONDS)


def _number(text: str) -> int:
    return int(text) if len(text) <= 9 and text.isascii() and text.isdigit() else 0


def make_feed(raw_feed: RawFeed, url: str, now: datetime) -> Listing:
    """Make a feed fit to use. Links are resolved against `url`, where the feed was found."""
    linked = [(raw, link) for raw in raw_feed.entries if (link := _usable_link(raw, url))]
    usable = [_Dated(raw, link, _published(raw, now)) for raw, link in linked]
    rejected = raw_feed.unreadable + len(raw_feed.entries) - len(usable)
    title = plain_text(raw_feed.title, TITLE_CHARS)
    entries = tuple(_within_budget(_make_entry(dated, title) for dated in _newest(usable)))
    older = len(usable) - len(entries)
    return Listing(title, language_code(raw_feed.language), entries, rejected, older, ttl_seconds=raw_feed.ttl_seconds)


def _within_budget(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Leave texts away once a document has carried as much as any newsroom's does: a feed may send ten megabytes of
    ever new text at each visit, and the archive keeps what it is given. Such an article is read from its page.
    """
    left = MAX_TEXT_CHARS_IN_ALL
    for entry in entries:
        left -= len(entry.text)
        yield entry if left >= 0 or not entry.text else replace(entry, text="")


def _usable_link(raw: RawEntry, base: str) -> str | None:
    for raw_link in raw.links:
        link = resolve_url(base, raw_link)
        if link is not None:
            return link
    return None


def _published(raw: RawEntry, now: datetime) -> datetime | None:
    for raw_date in raw.dates:
        date = clamp_published(raw_date, now)
        if date is not None:
            return date
    return None


def _newest(entries: list[_Dated]) -> list[_Dated]:
    if len(entries) <= MAX_ENTRIES:
        return entries
    dates = {id(entry): entry.published_at for entry in entries if entry.published_at is not None}
    if len(dates) == len(entries):
        entries = sorted(entries, key=lambda entry: dates[id(entry)], reverse=True)
    return entries[:MAX_ENTRIES]


def _make_entry(dated: _Dated, feed_title: str) -> Entry:
    raw = dated.raw
    summary = _plain(raw.summary, SUMMARY_CHARS)
    outlet = _plain(raw.outlet, _OUTLET_CHARS)
    return Entry(
        guid=_guid(raw.guid),
        url=dated.url,
        title=_plain(raw.title, TITLE_CHARS) or _first_words(summary) or words_of_path(dated.url),
        summary=summary,
        author=_plain(raw.author, _AUTHOR_CHARS),
        published_at=dated.published_at,
        text=_full_text(raw, summary),
        outlet="" if outlet and outlet.casefold() == feed_title.casefold() else outlet,
    )


def _plain(markup: str, limit: int) -> str:
    """Return what `plain_text` does, without its parser and its scans where the text is plain to see."""
    if not markup:
        return ""
    if len(markup) <= limit and markup.isascii() and "&" not in markup and markup.isprintable():
        if "<" not in markup:
            return _single_spaced(markup)
        if markup.startswith("<p>") and markup.endswith("</p>") and markup.count("<") == 2:  # as most have it
            return _single_spaced(markup[len("<p>") : -len("</p>")])
        if _PARAGRAPHS.fullmatch(markup):
            return _single_spaced(markup.replace("<p>", " ").replace("</p>", " "))
    return plain_text(markup, limit)


def _single_spaced(printable: str) -> str:
    # A space is the only white space that is printable, and mostly there is nothing to mend.
    return " ".join(printable.split()) if "  " in printable else printable.strip()


def _full_text(raw: RawEntry, summary: str) -> str:
    """Return the article's text where the feed carries it whole, else "": many put a teaser where the text belongs."""
    body = max(raw.contents, key=len) if raw.contents else ""
    if len(body) < _TEXT_LEAST_CHARS:
        return ""
    text = plain_paragraphs(body, _TEXT_MOST_CHARS)
    is_only_body = not raw.summary or raw.summary == body
    if len(text) < _TEXT_LEAST_CHARS or not (is_only_body or len(text) >= _TEXT_TO_SUMMARY * len(summary)):
        return ""
    return text


def _guid(raw_guid: str) -> str:
    """Keep a guid as it is, case and all; a monstrous one by its hash, so that it still tells entries apart."""
    guid = drop_controls(raw_guid).strip()
    return guid if len(guid) <= _GUID_CHARS else f"sha256:{sha256(guid.encode()).hexdigest()}"


def _first_words(summary: str) -> str:
    words = summary.split()
    headline = " ".join(words[:_HEADLINE_WORDS])[: TITLE_CHARS - 1]
    return headline if len(words) <= _HEADLINE_WORDS else f"{headline}…"
