"""What a poll finds."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One link that a poll found. All text is plain text; `url` is absolute and http(s)."""

    guid: str
    url: str
    title: str
    summary: str = ""
    author: str = ""
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed as read. `rejected` counts entries that could not be used (no link, or not an http link)."""

    title: str
    language: str
    entries: tuple[Entry, ...] = field(default=())
    rejected: int = 0
