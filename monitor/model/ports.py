"""What a stage may be given from outside."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from monitor.model.archiving import SourceKind
from monitor.model.articles import Article
from monitor.model.entries import Listing, Offer
from monitor.model.fetching import Fetched, FetchRequest, NotModified

Clock = Callable[[], datetime]
"""Returns the present instant, aware, in UTC."""

Progress = Callable[[str, int, int], None]
"""Told after each step: what is being done, how many are done, of how many."""


class Http(Protocol):
    """The one door out."""

    async def fetch(self, request: FetchRequest) -> Fetched | NotModified:
        """Get one URL under every limit. Raises Retryable or Rejected."""
        ...


class Parsers(Protocol):
    """Parsing of untrusted documents, away from this process."""

    async def read_listing(self, fetched: Fetched, kind: SourceKind, links: str = "") -> Listing:
        """Read what a source of that kind lists; `links` selects a page's links (CSS, or XPath where it has a "/").

        Raises NotAFeed, BadFeed, BadSelector, NotAnArticle, ParserTimeout, ParserKilled or ParsersUnavailable.
        """
        ...

    async def extract_article(self, fetched: Fetched) -> Article:
        """Read an article page or document. Raises NotAnArticle, ParserTimeout, ParserKilled or ParsersUnavailable."""
        ...

    async def find_offers(self, fetched: Fetched) -> tuple[Offer, ...]:
        """Find what a site's page offers to follow, the best first. Raises as `extract_article` does."""
        ...


class Resolver(Protocol):
    """Name resolution, so that tests and benchmarks can answer for every host."""

    async def __call__(self, host: str, port: int) -> tuple[str, ...]:
        """Return the addresses of a host as text. Raises DnsFailed."""
        ...
