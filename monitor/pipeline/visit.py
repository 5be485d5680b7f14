"""Visit one source: fetch what it lists, and its parts where it has any; keeps nothing.

In: a source. Out: Visit, or a failure that says what to do. Never: the archive.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from monitor.errors import BadResponse, MonitorError
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


class Ports(Protocol):
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

    `document` is the answer behind the listing, `body_sha256` its hash, or that of what a browser made of it.
    `is_full`: it was read, and not taken for what it was the last time.
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


async def visit_source(stages: Ports, source: StoredSource, now: datetime) -> Visit:
    """Fetch and parse one source; keeps nothing. Raises Retryable or Rejected."""
    spec, is_full = source.spec, needs_full_read(source.full_read_at, now, failures=source.failures)
    # A mailbox's validator is how far it was read: without it, everything would come again. A page made by scripts is
    # new though its shell is the same.
    is_conditional = spec.kind == "newsletter" or not (is_full or spec.needs_browser)
    request = request_for(spec, spec.url)
    if is_conditional:
        request = replace(request, etag=source.etag, last_modified=source.last_modified)
    answer = await stages.http.fetch(request)
    said = (answer.moved_to, answer.fresh_seconds)
    if isinstance(answer, NotModified):
        return Visit(None, None, source.etag, source.last_modified, False, source.body_sha256, *said)
    validators: tuple[str | None, str | None] = answer.header("etag"), answer.header("last-modified")
    sha256 = hashlib.sha256(answer.content).hexdigest() if answer.is_rendered else answer.sha256
    if not is_full and sha256 == source.body_sha256:
        return Visit(None, answer, *validators, False, sha256, *said)
    listing = await stages.parsers.read_listing(answer, spec.kind, spec.links)
    if listing.parts:
        # An index may stay as it is while its parts change.
        listing, validators, sha256 = await _read_parts(stages, spec, listing), (None, None), ""
    return Visit(listing, answer, *validators, True, sha256, *said)


def request_for(spec: SourceSpec, url: str, purpose: Purpose | None = None) -> FetchRequest:
    """Return the request for a URL of a source, by its own way out and with the pause that it asks for."""
    return FetchRequest(
        url,
        purpose or _PURPOSES[spec.kind],
        pause_seconds=pause_for(url),
        proxy_url=spec.proxy_url,
        needs_browser=spec.needs_browser,
    )


async def _read_parts(stages: Ports, spec: SourceSpec, index: Listing) -> Listing:
    """Read the newest documents of a sitemap index, to a depth; what they list together counts as one listing.

    A part that can't be read is counted as rejected. Raises its failure where none can be read.
    """
    found, waiting, seen = [index], [(url, 1) for url in index.parts], set[str]()
    failures: list[MonitorError] = []
    while waiting and len(seen) < MAX_PARTS:
        url, depth = waiting.pop(0)
        if url in seen:
            continue
        seen.add(url)
        try:
            part = await _read_part(stages, spec, url)
        except MonitorError as error:
            failures.append(error)
            continue
        found.append(part)
        if depth < MAX_DEPTH:
            waiting = [(url, depth + 1) for url in part.parts] + waiting
    if failures and len(failures) == len(seen):
        raise failures[0]
    return replace(
        index,
        entries=tuple(entry for part in found for entry in part.entries),
        rejected=sum(part.rejected for part in found) + len(failures),
        older=sum(part.older for part in found),
    )


async def _read_part(stages: Ports, spec: SourceSpec, url: str) -> Listing:
    answer = await stages.http.fetch(request_for(spec, url))
    if not isinstance(answer, Fetched):
        raise BadResponse(f"{url} says that nothing changed, though it was asked for whole; tell the site's keeper")
    return await stages.parsers.read_listing(answer, spec.kind, spec.links)
