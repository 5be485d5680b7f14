"""What extraction makes of a page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Arrival = Literal["news", "backlog", "older", "by_hand", "archive"]
"""How an article came: news; among what its source listed at the first poll; published more than 14 days before it was
found; captured by an operator; or, of a hit, in the archive before its claim was watched for as it is now."""


@dataclass(frozen=True, slots=True)
class Article:
    """One page, extracted. `text` keeps paragraphs apart by newlines; `canonical_url` is the page's name for itself.

    `language` is an ISO 639-1 code or "" where unknown; `published_at` is aware UTC or None, never "now".
    `page_starts` are the offsets into `text` at which a paged document's pages begin, the first's 0; empty for a web
    page. `is_teaser`: the page shows the beginning and asks for payment or a login for the rest.
    """

    canonical_url: str
    title: str
    text: str
    byline: str = ""
    outlet: str = ""
    language: str = ""
    published_at: datetime | None = None
    page_starts: tuple[int, ...] = ()
    is_teaser: bool = False
