"""Look at an address before it becomes a source: what it is, and what would be read."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from monitor.errors import MonitorError, NotAFeed, UsageError
from monitor.model.archiving import SourceSpec, StoredSource
from monitor.model.entries import Listing, Offer
from monitor.model.fetching import Fetched, FetchRequest
from monitor.model.ports import Progress
from monitor.operations.opening import Monitor
from monitor.operations.sources import check_address, check_spec
from monitor.pipeline.stages import Stages, no_progress
from monitor.pipeline.visit import visit_source
from monitor.sources.rows import identify
from monitor.sources.searches import Search, SearchService
from monitor.store.catalogue import add_sources, list_sources
from monitor.text.urls import is_message_url

MAX_OFFERS_READ = 6


@dataclass(frozen=True, slots=True)
class CheckedSource:
    """What a source answers just now: what it lists, or why it could not be read."""

    spec: SourceSpec
    listing: Listing | None
    error: MonitorError | None = None


async def check_sources(
    monitor: Monitor, specs: Sequence[SourceSpec], progress: Progress = no_progress
) -> list[CheckedSource]:
    """Fetch and parse sources, all together, without keeping anything."""
    async with monitor.stages() as stages:
        return await _check_all(stages, specs, progress)


async def _check_all(stages: Stages, specs: Sequence[SourceSpec], progress: Progress) -> list[CheckedSource]:
    done: list[CheckedSource] = []

    async def check(spec: SourceSpec) -> CheckedSource:
        try:
            visit = await visit_source(stages, StoredSource(0, spec, stages.now()), stages.now())
            result = CheckedSource(spec, visit.listing)
        except MonitorError as error:
            result = CheckedSource(spec, None, error)
        done.append(result)
        progress("sources", len(done), len(specs))
        return result

    return await asyncio.gather(*(check(spec) for spec in specs))


async def discover(monitor: Monitor, spec: SourceSpec, *, is_kind_given: bool = False) -> list[CheckedSource]:
    """Find what can be followed at an address: the feed that stands there, or what a site's page offers.

    Where the operator gave the kind, it is that and nothing else. Return each with what it lists just now, the best
    first. Raises what keeps the address from being read.
    """
    check_address(monitor, spec.url)
    known = _known_kind(spec) or (spec if is_kind_given else None)
    async with monitor.stages() as stages:
        if known:
            return await _check_all(stages, [known], no_progress)
        answer = await stages.http.fetch(
            FetchRequest(spec.url, "feed", proxy_url=spec.proxy_url, needs_browser=spec.needs_browser)
        )
        if not isinstance(answer, Fetched):
            raise UsageError(f"{spec.url} says that nothing changed, though it was asked for whole; try again later")
        try:
            listing = await stages.parsers.read_listing(answer, "feed", "")
        except NotAFeed:
            offers = await stages.parsers.find_offers(answer)
        else:
            return [CheckedSource(replace(spec, kind="feed"), listing)]
        specs = [_from_offer(spec, offer) for offer in offers[:MAX_OFFERS_READ]]
        return await _check_all(stages, specs, no_progress)


def add_source(monitor: Monitor, spec: SourceSpec, listing: Listing | None = None) -> SourceSpec:
    """Add one source; an untitled one takes the listing's own title. Raises UsageError."""
    check_address(monitor, spec.url)
    spec = _known_kind(spec) or spec
    same = identify(spec.url, spec.kind)
    known = next((one for one in list_sources(monitor.archive) if identify(one.spec.url, one.spec.kind) == same), None)
    if known:
        raise UsageError(f"{spec.url} is a source already, number {known.id}; `monitor sources list` shows it")
    title = spec.title or (listing.title if listing else "") or urlsplit(spec.url).hostname or spec.url
    language = spec.language or (listing.language if listing else "")
    added = check_spec(replace(spec, title=title, language=language))
    add_sources(monitor.archive, [added], monitor.now())
    return added


def search_source(query: str, engine: SearchService, *, language: str, country: str, title: str) -> SourceSpec:
    """Return the source that follows a search. Raises UsageError for an empty query."""
    if not query.strip():
        raise UsageError("the query is empty; write what to search for")
    edition = f"{language}-{country}" if engine == "google-news" else ""
    search = Search(engine, query.strip(), edition)
    engine_name = "Google News" if engine == "google-news" else "GDELT"
    return SourceSpec(search.url, title or f"{engine_name}: {search.query}", kind="search", language=language)


def _known_kind(spec: SourceSpec) -> SourceSpec | None:
    """Return the spec with its kind where the operator or the address says it."""
    parts = urlsplit(spec.url)
    if is_message_url(spec.url):
        return replace(spec, kind="newsletter")
    if parts.hostname in {"t.me", "telegram.me"} and parts.path.strip("/"):
        name = parts.path.strip("/").removeprefix("s/").partition("/")[0]
        return replace(spec, kind="channel", url=f"https://t.me/s/{name}")
    return replace(spec, kind="page") if spec.links and spec.kind == "feed" else None


def _from_offer(spec: SourceSpec, offer: Offer) -> SourceSpec:
    return replace(spec, kind=offer.kind, url=offer.url, title=spec.title or offer.title)
