"""What a poll finds."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter
from typing import Literal


@dataclass(frozen=True, slots=True)
class Entry:
    """One link that a poll found. All text is plain text; `url` is absolute: http(s), or imap(s) for a newsletter.

    `text` is the article's own text where the listing carries it whole. `outlet` is who published it, where the
    listing names another than the source. `is_lead`: the link leads nowhere that may be followed (a search's opaque
    redirect), so headline, outlet and date are all there will be. `is_dated_by_change`: its date is when the page was
    last changed, or seen by a search, and gives way to the page's own.
    """

    guid: str
    url: str
    title: str
    summary: str = ""
    author: str = ""
    published_at: datetime | None = None
    text: str = ""
    outlet: str = ""
    language: str = ""
    is_lead: bool = False
    is_dated_by_change: bool = False

    def __reduce__(self) -> tuple[type["Entry"], tuple[object, ...]]:
        """Pickle by position: thousands come from the parsers, and a dataclass's own way takes three times as long."""
        return Entry, _values_of(self)


_values_of = attrgetter(*(column.name for column in fields(Entry)))


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source's document lists: a feed, a page of links, a sitemap, a search's answer, a channel.

    `rejected` counts entries that could not be used (no link, or not an http link); `older` those left out because
    they are older than the listing is read back, or more than are read of one document. `parts` are the URLs of
    further documents (a sitemap index), the newest first. `ttl_seconds` is how long the document asks to be left
    alone, 0 where it doesn't.
    """

    title: str
    language: str
    entries: tuple[Entry, ...] = field(default=())
    rejected: int = 0
    older: int = 0
    parts: tuple[str, ...] = ()
    ttl_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to follow a site that its page offers: a feed, a sitemap, or the page itself by the links on it."""

    kind: Literal["feed", "sitemap", "page", "channel"]
    url: str
    title: str = ""
