"""The main job: prepare the archive, poll and read what is due, and make the digests that are due."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from monitor.bundled import bundled_path
from monitor.errors import MonitorError
from monitor.model.archiving import DeliveredDigest, Polled, SourceSpec, StoredHit, SubscriptionSpec
from monitor.model.ports import Progress
from monitor.operations.opening import Monitor
from monitor.operations.watchlists import AppliedWatchlist, apply_folder
from monitor.pipeline.mail import deliver_owed, write_due_digests
from monitor.pipeline.poll import poll_sources
from monitor.pipeline.read import ReadCounts, read_pending
from monitor.pipeline.stages import Stages, watch
from monitor.sources.catalogue import read_catalogue, sample_source
from monitor.store.catalogue import add_sources, claim_sources
from monitor.store.digests import ensure_subscription
from monitor.store.hits import list_hits
from monitor.store.sample import is_empty
from monitor.store.watchlists import live_watchlists

SUBSCRIPTION = "local"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the start of a run did: watchlists applied or refused, sources and sample loaded into an empty archive."""

    watchlists: tuple[AppliedWatchlist, ...]
    new_sources: int
    has_sample: bool
    new_subscription: bool


@dataclass(frozen=True, slots=True)
class Round:
    """What one round brought."""

    polled: tuple[Polled, ...] = ()
    read: ReadCounts = field(default_factory=ReadCounts)
    hits: tuple[StoredHit, ...] = ()

    @property
    def failed(self) -> tuple[Polled, ...]:
        """The sources that could not be read."""
        return tuple(polled for polled in self.polled if not polled.is_good)


def prepare(monitor: Monitor) -> Prepared:
    """Apply the watchlist files; give an empty archive its sources, its sample and its subscription.

    Raises WatchlistError where no watchlist is live; a bad file beside a live version leaves that one live.
    """
    settings, now = monitor.settings, monitor.now()
    applied = apply_folder(monitor)
    specs: list[SourceSpec] = []
    has_sample = False
    if is_empty(monitor.archive):
        if settings.starter_sources:
            starter = bundled_path("seeds") / "sources.yaml"
            specs += read_catalogue(starter.read_text(encoding="utf-8"), str(starter))
        if settings.sample_newsroom:
            specs.append(sample_source())
            has_sample = True
    new_sources = add_sources(monitor.archive, specs, now, settings.poll_interval_seconds) if specs else 0
    local = SubscriptionSpec(SUBSCRIPTION, "files", settings.digest_at, settings.timezone)
    return Prepared(applied, new_sources, has_sample, ensure_subscription(monitor.archive, local, now))


class Worker:
    """Does rounds of work with one set of connections and parser processes."""

    def __init__(self, monitor: Monitor, stages: Stages) -> None:
        self._monitor = monitor
        self._stages = stages

    async def run_round(self, *, ids: Sequence[int] | None = None, all_enabled: bool = False) -> Round:
        """Poll what is due (or the sources named, or all), then read every article that is due."""
        archive = self._monitor.archive
        stages = replace(self._stages, watching=watch(live_watchlists(archive)))
        try:
            due = await stages.stored(claim_sources, archive, self._monitor.now(), ids=ids, all_enabled=all_enabled)
            polled = await poll_sources(stages, due)
            read = await read_pending(stages)
        except ExceptionGroup as group:
            raise first_expected(group) from group
        hits = await stages.stored(list_hits, archive, ids=read.new_hit_ids, limit=len(read.new_hit_ids))
        return Round(tuple(polled), read, tuple(sorted(hits, key=lambda hit: hit.line.hit_id)))

    async def make_due_digests(self) -> list[DeliveredDigest]:
        """Make the digests that are due and deliver everything that is owed."""
        return await self._stages.stored(make_due_digests, self._monitor)


@asynccontextmanager
async def working(monitor: Monitor, progress: Progress) -> AsyncIterator[Worker]:
    """Give a worker; its connections and processes end with the block."""
    async with monitor.stages(progress) as stages:
        yield Worker(monitor, stages)


def first_expected(group: ExceptionGroup[Exception]) -> Exception:
    """Return the first failure in a group that is expected and has a message for its user, else the group."""
    expected, _ = group.split(MonitorError)
    error: BaseException | None = expected
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error if isinstance(error, MonitorError) else group


def make_due_digests(monitor: Monitor) -> list[DeliveredDigest]:
    """Make the digests that are due and deliver everything that is owed."""
    write_due_digests(monitor.archive, monitor.now)
    return deliver_owed(monitor.archive, monitor.outbox, monitor.now)
