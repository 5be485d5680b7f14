"""List, add, check and remove sources."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.digest.wording import say_reason
from monitor.errors import BadUrl, BlockedPort, MonitorError, UsageError
from monitor.fetch import check_port, check_url
from monitor.model.archiving import SourceSpec, StoredSource
from monitor.model.entries import ParsedFeed
from monitor.model.ports import Progress
from monitor.operations.opening import Monitor
from monitor.pipeline.poll import visit_source
from monitor.pipeline.stages import Stages, no_progress
from monitor.store.catalogue import add_sources, list_sources, remove_source
from monitor.text.language import language_code
from monitor.text.plain import TITLE_CHARS, one_line
from monitor.watchlist.grammar import QueryError
from monitor.watchlist.query import parse_query


@dataclass(frozen=True, slots=True)
class CheckedSource:
    """What a source answers just now: its feed, or why it could not be read."""

    spec: SourceSpec
    feed: ParsedFeed | None
    error: MonitorError | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How the enabled, real sources stand: how many failed at their last visit, and when the next of those is tried."""

    enabled: int
    failing: int
    next_at: datetime | None


def source_standing(monitor: Monitor) -> Standing:
    """Return how the sources stand since their last visits."""
    real = [
        source
        for source in list_sources(monitor.archive)
        if source.spec.is_enabled and not source.spec.is_sample and source.last_polled_at
    ]
    failing = [source for source in real if source.last_reason]
    return Standing(len(real), len(failing), min((source.next_poll_at for source in failing), default=None))


def reason_in_words(reason: str) -> str:
    """Return what a reason's slug means, as the digest says it."""
    words = say_reason(reason)
    return words[:1].lower() + words[1:]


def find_sources(monitor: Monitor, names: Sequence[str]) -> list[StoredSource]:
    """Return the sources that the names (an id, a URL or a title) mean. Raises UsageError naming the unknown one."""
    sources = list_sources(monitor.archive)
    found = []
    for name in names:
        matching = [
            source
            for source in sources
            if name in (str(source.id), source.spec.url) or name.casefold() == source.spec.title.casefold()
        ]
        if not matching:
            raise UsageError(f"no source {name!r}; `monitor sources list` shows their numbers, titles and addresses")
        found += matching
    return found


async def check_sources(
    monitor: Monitor, specs: Sequence[SourceSpec], progress: Progress = no_progress
) -> list[CheckedSource]:
    """Fetch and parse sources, all together, without keeping anything."""
    checked: list[CheckedSource] = []

    async def check(stages: Stages, spec: SourceSpec) -> CheckedSource:
        try:
            result = CheckedSource(
                spec, (await visit_source(stages, StoredSource(0, spec, None, monitor.now(), 0))).feed
            )
        except MonitorError as error:
            result = CheckedSource(spec, None, error)
        checked.append(result)
        progress("sources", len(checked), len(specs))
        return result

    async with monitor.stages() as stages:
        return await asyncio.gather(*(check(stages, spec) for spec in specs))


async def add_source(monitor: Monitor, spec: SourceSpec, *, is_checked: bool) -> tuple[SourceSpec, ParsedFeed | None]:
    """Add one source, after reading it once unless told not to. Raises what keeps it from being read or added.

    An untitled source takes the feed's own title.
    """
    try:
        url = check_url(spec.url)
        check_port(url.port, monitor.settings.allowed_ports)
    except (BadUrl, BlockedPort) as error:
        raise UsageError(str(error)) from error
    _check_only(spec.only)
    if spec.language and not language_code(spec.language):
        raise UsageError(f"--language {spec.language!r} is no language: write its ISO 639 code, as en or km")
    if any(source.spec.url == spec.url for source in list_sources(monitor.archive)):
        raise UsageError(f"{spec.url} is a source already; `monitor sources list` shows it")
    feed = None
    if is_checked:
        checked = (await check_sources(monitor, [spec]))[0]
        if checked.error:
            raise checked.error
        feed = checked.feed
    title = one_line(spec.title, TITLE_CHARS) or (feed.title if feed else "") or url.host
    language = language_code(spec.language) or (feed.language if feed else "")
    spec = SourceSpec(spec.url, title, spec.kind, language, spec.only, spec.note)
    add_sources(monitor.archive, [spec], monitor.now())
    return spec, feed


def remove_sources(monitor: Monitor, names: Sequence[str]) -> list[StoredSource]:
    """Forget sources; the articles they brought stay. Return what was removed."""
    found = find_sources(monitor, names)
    for source in found:
        remove_source(monitor.archive, source.id)
    return found


def all_sources(monitor: Monitor) -> list[StoredSource]:
    """Return all sources."""
    return list_sources(monitor.archive)


def _check_only(only: str) -> None:
    try:
        if only:
            parse_query(only, {})
    except QueryError as error:
        raise UsageError(f"--only is no query: {error}") from error
