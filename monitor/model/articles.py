"""What extraction makes of a page."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Article:
    """One page, extracted. `text` keeps paragraphs apart by newlines; `canonical_url` is the page's name for itself.

    `language` is an ISO 639-1 code or "" where unknown; `published_at` is aware UTC or None, never "now".
    """

    canonical_url: str
    title: str
    text: str
    byline: str = ""
    outlet: str = ""
    language: str = ""
    published_at: datetime | None = None
