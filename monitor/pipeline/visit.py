"""Visit one source: fetch what it lists, and its parts where it has any; keeps nothing.

In: a source. Out: Visit, or a failure that says what to do. Never: the archive, except for what makes it conditional.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from monitor.errors import BadFeed
from monitor.model.archiving import SourceKind, SourceSpec, StoredSource
from monitor.model.entries import Listing
from monitor.model.fetching import Fetched, FetchRequest, NotModified, Purpose
from monitor.model.ports import Http, Parsers
from monitor.sources.cadence import needs_full_read
from monitor.sources.searches import pause_for

MAX_PARTS = 12
"""So many documents of a sitemap index are read in one visit, the newest first."""

MAX_DEPTH = 3
_PURPOSES: dict[SourceKind, Purpose] = {
    "feed": "feed",
    "page": "page",
    "watch": "page",
    "channel": "page",
    "sitemap": "sitemap",
    "search": "search",
    "newsletter": "feed",
}


class Reading(Protocol):
    """What a visit needs of the pipeline's stages."""

    @property
    def http(self) -> Http:
        """The one door out."""
        ...

    @property
    def parsers(self) -> Parsers:
        """Parsing, away from this process."""
        ...


@dataclass(frozen=True, slots=True)
class Visit:
    """What a source answered: what it lists, or nothing new since the last time (`listing` is None).

    `document` is the answer behind the listing. `is_full`: it was asked for without conditions.
    """

    listing: Listing | None
    document: Fetched | None
    etag: str | None
    last_modified: str | None
    is_full: bool
    body_sha256: str = ""
    moved_to: str = ""
    fresh_seconds: float = 0.0

    @property
    def ttl_seconds(self) -> int:
        """How long the listing asks to be left alone."""
        return self.listing.ttl_seconds if self.listing else 0


async def visit_source(stages: Reading, source: StoredSource, now: datetime) -> Visit:
    """Fetch and parse one source; keeps nothing. Raises Retryable or Rejected."""
    spec, is_full = source.spec, needs_full_read(source.full_read_at, now, failures=source.failures)
    # A mailbox's validator is how far it was read: without it, everything would come again.
    is_conditional = not is_full or spec.kind == "newsletter"
    request = request_for(spec, spec.url)
    if is_conditional:
        request = replace(request, etag=source.etag, last_modified=source.last_modified)
    answer = await stages.http.fetch(request)
    said = (answer.moved_to, answer.fresh_seconds)
    if isinstance(answer, NotModified):
        return Visit(None, None, source.etag, source.last_modified, False, source.body_sha256, *said)
    validators = answer.header("etag"), answer.header("last-modified")
    if not is_full and answer.sha256 == source.body_sha256 and spec.kind != "sitemap":
        return Visit(None, answer, *validators, True, answer.sha256, *said)
    listing = await stages.parsers.read_listing(answer, spec.kind, spec.links)
    if listing.parts:
        listing = await _read_parts(stages, spec, listing)
    return Visit(listing, answer, *validators, True, answer.sha256, *said)


def request_for(spec: SourceSpec, url: str, purpose: Purpose | None = None) -> FetchRequest:
    """Return the request for a URL of a source, by its own way out and with the pause that it asks for."""
    return FetchRequest(
        url,
        purpose or _PURPOSES[spec.kind],
        pause_seconds=pause_for(url),
        proxy_url=spec.proxy_url,
        needs_browser=spec.needs_browser,
    )


async def _read_parts(stages: Reading, spec: SourceSpec, index: Listing) -> Listing:
    """Read the newest documents of a sitemap index, to a depth; what they list together counts as one listing."""
    found, waiting, seen = [index], [(url, 1) for url in index.parts], set[str]()
    while waiting and len(seen) < MAX_PARTS:
        url, depth = waiting.pop(0)
        if url in seen:
            continue
        seen.add(url)
        answer = await stages.http.fetch(request_for(spec, url))
        if not isinstance(answer, Fetched):
            raise BadFeed(f"{url} says that nothing changed though we asked for all of it")
        part = await stages.parsers.read_listing(answer, spec.kind, spec.links)
        found.append(part)
        if depth < MAX_DEPTH:
            waiting = [(url, depth + 1) for url in part.parts] + waiting
    return replace(
        index,
        entries=tuple(entry for part in found for entry in part.entries),
        rejected=sum(part.rejected for part in found),
        older=sum(part.older for part in found),
    )
