"""List, change and remove sources, and say how they are doing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.digest.wording import say_reason
from monitor.errors import MonitorError, UsageError
from monitor.fetch import check_port, check_url
from monitor.fetch.imapurl import read_imap_url
from monitor.fetch.proxies import read_sources_proxy
from monitor.model.archiving import SourceSpec, StoredSource
from monitor.model.fetching import DIRECT
from monitor.operations.opening import Monitor
from monitor.pipeline.poll import HISTORY
from monitor.sources.health import HEALTH, HealthWords, Usual, usual
from monitor.sources.rows import read_interval as read_interval_seconds
from monitor.store.catalogue import change_source, list_sources, remove_source
from monitor.store.health import poll_days
from monitor.text.language import language_code
from monitor.text.plain import TITLE_CHARS, one_line
from monitor.text.urls import is_message_url
from monitor.watchlist.grammar import QueryError
from monitor.watchlist.query import parse_query


@dataclass(frozen=True, slots=True)
class Standing:
    """How the enabled, real sources stand: how many failed at their last visit, and when the next of those is tried."""

    enabled: int
    failing: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How one source is doing: what is wrong with it in words (None = well), and what it usually brings."""

    source: StoredSource
    words: HealthWords | None
    usual: Usual
    new_last_week: int


def source_standing(monitor: Monitor) -> Standing:
    """Return how the sources stand since their last visits."""
    real = [
        source
        for source in list_sources(monitor.archive)
        if source.spec.is_enabled and not source.spec.is_sample and source.last_polled_at
    ]
    failing = [source for source in real if source.last_reason]
    return Standing(len(real), len(failing), min((source.next_poll_at for source in failing), default=None))


def source_health(monitor: Monitor, names: Sequence[str] = ()) -> list[SourceHealth]:
    """Return how sources are doing (default: all), those that aren't well first."""
    sources = find_sources(monitor, names) if names else all_sources(monitor)
    now = monitor.now()
    days = poll_days(monitor.archive, [source.id for source in sources], now - HISTORY)
    found = []
    for source in sources:
        history = days.get(source.id, [])
        last_week = sum(day.new for day in history if day.day > (now - timedelta(days=7)).date())
        found.append(SourceHealth(source, HEALTH.get(source.health), usual(history, now), last_week))
    return sorted(found, key=lambda health: (health.words is None, health.source.id))


def health_in_words(health: str) -> str:
    """Return what a health slug means, in a few words; "" for a source that is well."""
    words = HEALTH.get(health)
    return words.what.lower() if words else ""


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


def change_sources(monitor: Monitor, sources: Sequence[tuple[StoredSource, SourceSpec]]) -> None:
    """Give sources what the operator says of them now; each is due at once. Raises UsageError."""
    for source, spec in sources:
        if not spec.title.strip():
            raise UsageError("a source's title can't be empty: digests name it by its title")
        if spec.url != source.spec.url:
            check_address(monitor, spec.url)
        if not change_source(monitor.archive, source, check_spec(spec), monitor.now()):
            raise UsageError(f"{spec.url} is another source's address already; `monitor sources list` shows it")


def enable_sources(monitor: Monitor, names: Sequence[str], *, is_enabled: bool) -> list[StoredSource]:
    """Poll sources again, or no more; what they brought stays. Return them."""
    found = find_sources(monitor, names)
    change_sources(monitor, [(source, replace(source.spec, is_enabled=is_enabled)) for source in found])
    return found


def remove_sources(monitor: Monitor, names: Sequence[str]) -> list[StoredSource]:
    """Forget sources; the articles they brought stay. Return what was removed."""
    found = find_sources(monitor, names)
    for source in found:
        remove_source(monitor.archive, source.id)
    return found


def all_sources(monitor: Monitor, tag: str = "") -> list[StoredSource]:
    """Return all sources, or those with a tag."""
    return [source for source in list_sources(monitor.archive) if not tag or tag in source.spec.tags]


def read_interval(text: str) -> int | None:
    """Return the seconds of an interval as an operator writes it (30m, 6h, 1d), None for "". Raises UsageError."""
    try:
        return read_interval_seconds(text) if text else None
    except ValueError as error:
        raise UsageError(f"--interval {error}") from error


def check_address(monitor: Monitor, raw_url: str) -> None:
    """Refuse what can't be a source's address, a password in it above all. Raises UsageError."""
    try:
        if is_message_url(raw_url):
            read_imap_url(raw_url)
        else:
            check_port(check_url(raw_url).port, monitor.settings.allowed_ports)
    except MonitorError as error:
        raise UsageError(str(error)) from error


def check_spec(spec: SourceSpec) -> SourceSpec:
    """Return what an operator says of a source, tidied. Raises UsageError for what can't be used."""
    try:
        if spec.only:
            parse_query(spec.only, {}, has_facts=False)
    except QueryError as error:
        raise UsageError(f"`only` is no query: {error}") from error
    if spec.language and not language_code(spec.language):
        raise UsageError(f"{spec.language!r} is no language: write its ISO 639 code, as en or km")
    try:
        if spec.proxy_url not in ("", DIRECT):
            read_sources_proxy(spec.proxy_url)
    except MonitorError as error:
        raise UsageError(str(error)) from error
    return replace(spec, title=one_line(spec.title, TITLE_CHARS), language=language_code(spec.language))
