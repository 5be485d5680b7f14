"""The main job: prepare the archive, poll and read what is due, and make the digests that are due."""

import math
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from monitor.bundled import bundled_path
from monitor.errors import InternalFault, MonitorError
from monitor.model.archiving import Polled, SourceSpec, StoredHit
from monitor.model.mailing import DeliveredDigest, SubscriptionSpec
from monitor.model.ports import Progress
from monitor.operations.encoders import open_encoder
from monitor.operations.opening import Monitor
from monitor.operations.watchlists import AppliedWatchlist, apply_folder, unreadable
from monitor.pipeline.alerts import write_due_alerts
from monitor.pipeline.indexing import index_older
from monitor.pipeline.mail import write_due_digests
from monitor.pipeline.meaning import MeaningCounts, compare_pending
from monitor.pipeline.outbox import deliver_owed
from monitor.pipeline.patience import Patience
from monitor.pipeline.poll import poll_sources
from monitor.pipeline.read import ReadCounts, read_pending
from monitor.pipeline.replay import ReplayCounts, replay_claims
from monitor.pipeline.stages import InStore, Stages, Watching, at_once, watch
from monitor.sources.cadence import first_visit_at
from monitor.sources.catalogue import read_catalogue, sample_source
from monitor.store.catalogue import add_sources, claim_sources, release_sources
from monitor.store.health import forget_old_polls
from monitor.store.hits import list_hits
from monitor.store.judgements import live_tunings
from monitor.store.meaning import drop_old_vectors
from monitor.store.sample import has_begun
from monitor.store.subscriptions import put_subscription
from monitor.store.watchlists import live_watchlists

SUBSCRIPTION = "local"
POLLS_KEPT = timedelta(days=120)
"""Longer than anything looks back at what a source usually brings."""

VECTORS_KEPT = timedelta(days=180)
"""Vectors can be made again; a year of news would fill half a gigabyte with them."""

ENCODER_RESTS = timedelta(minutes=10)
"""So long an encoder that could not be had is left alone: finding that out can take minutes, and polling waits."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the start of a run did: watchlists applied or not, sources and sample loaded into an empty archive."""

    watchlists: tuple[AppliedWatchlist, ...]
    unreadable: tuple[str, ...]
    new_sources: int
    has_sample: bool


@dataclass(frozen=True, slots=True)
class Round:
    """What one round brought."""

    polled: tuple[Polled, ...] = ()
    read: ReadCounts = field(default_factory=ReadCounts)
    meaning: MeaningCounts = field(default_factory=MeaningCounts)
    replayed: ReplayCounts = field(default_factory=ReplayCounts)
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
    is_first = not has_begun(monitor.archive)
    if is_first and settings.starter_sources:
        starter = bundled_path("seeds") / "sources.yaml"
        specs += read_catalogue(starter.read_text(encoding="utf-8"), str(starter))
    # Invented articles go to nobody's mailbox.
    has_sample = is_first and settings.sample_newsroom and settings.smtp_url is None
    if has_sample:
        specs.append(sample_source())
    due_at = [first_visit_at(now, place, len(specs)) for place in range(len(specs))]
    new_sources = add_sources(monitor.archive, specs, now, due_at=due_at) if specs else 0
    put_subscription(
        monitor.archive, SubscriptionSpec(SUBSCRIPTION, "files", settings.digest_at, settings.timezone), now
    )
    return Prepared(applied, tuple(unreadable(monitor)), new_sources, has_sample)


class Worker:
    """Does rounds of work with one set of connections and parser processes."""

    def __init__(self, monitor: Monitor, stages: Stages) -> None:
        self._monitor = monitor
        self._stages = stages
        self._encoder_rests_until = monitor.now()
        self._digests, self._alerts = Patience(), Patience()

    async def run_round(
        self, *, ids: Sequence[int] | None = None, all_enabled: bool = False, reading_seconds: float = math.inf
    ) -> Round:
        """Poll what is due (or the sources named, or all), then read every article that is due.

        After `reading_seconds` no further article is begun. A round that fails gives back what it had in hand: the
        next one takes it up at once.
        """
        stages, archive = self._stages, self._monitor.archive
        live = await stages.stored(live_watchlists, archive)
        tunings = await stages.stored(live_tunings, archive)
        self._stages = stages = replace(stages, watching=watch(live, stages.watching).tuned(tunings))
        due = await stages.stored(claim_sources, archive, self._monitor.now(), ids=ids, all_enabled=all_enabled)
        try:
            polled = await poll_sources(stages, due)
            read = await read_pending(stages, reading_seconds)
            meaning = await self._compare_pending(stages)
            await index_older(stages)
            replayed = await replay_claims(stages)
        except Exception as error:
            await stages.stored(release_sources, archive, [source.id for source in due])
            raise _first_expected(error) from error
        new = [*read.new_hit_ids, *meaning.new_hit_ids]
        hits = await stages.stored(list_hits, archive, ids=new, limit=len(new))
        return Round(tuple(polled), read, meaning, replayed, tuple(sorted(hits, key=lambda hit: hit.line.hit_id)))

    async def _compare_pending(self, stages: Stages) -> MeaningCounts:
        monitor = self._monitor
        rests = monitor.now() < self._encoder_rests_until
        meaning = await compare_pending(stages, 0.0 if rests else monitor.settings.meaning_seconds)
        if meaning.is_down:
            self._encoder_rests_until = monitor.now() + ENCODER_RESTS
        return meaning

    async def make_due_digests(self) -> list[DeliveredDigest]:
        """Make the digests that are due and deliver everything that is owed."""
        return await make_due_digests(self._monitor, self._stages.stored, self._digests)

    async def make_due_alerts(self) -> list[DeliveredDigest]:
        """Make the alerts of what the last rounds found, and deliver them."""
        return await make_due_alerts(self._monitor, self._stages.watching, self._stages.stored, self._alerts)


@asynccontextmanager
async def working(monitor: Monitor, progress: Progress) -> AsyncIterator[Worker]:
    """Give a worker; its connections and processes end with the block."""
    with open_encoder(monitor.settings) as meanings:
        async with monitor.stages(progress, meanings.encoder) as stages:
            yield Worker(monitor, stages)


def _first_expected(error: Exception) -> MonitorError:
    """Return the first failure that is expected and has a message for its user, else what says whose fault it is."""
    while isinstance(error, ExceptionGroup):
        expected, other = error.split(MonitorError)
        error = (expected or other or error).exceptions[0]
    return InternalFault.of(error)


async def make_due_digests(
    monitor: Monitor, stored: InStore = at_once, patience: Patience | None = None
) -> list[DeliveredDigest]:
    """Make the digests that are due and try to deliver everything that is owed; return what each try came to."""

    async def write() -> int:
        made = await stored(write_due_digests, monitor.archive, monitor.now, monitor.letterhead, patience)
        if made:
            await stored(forget_old_polls, monitor.archive, monitor.now() - POLLS_KEPT)
            await stored(drop_old_vectors, monitor.archive, monitor.now() - VECTORS_KEPT)
        return made

    return await _write_and_deliver(monitor, stored, write)


async def make_due_alerts(
    monitor: Monitor, watching: Watching, stored: InStore = at_once, patience: Patience | None = None
) -> list[DeliveredDigest]:
    """Make the alerts that are due, and where there are any, try to deliver what is owed, as with digests."""

    async def write() -> int:
        return await stored(write_due_alerts, monitor.archive, monitor.now, monitor.letterhead, watching, patience)

    return await _write_and_deliver(monitor, stored, write, is_only_for_new=True)


async def _write_and_deliver(
    monitor: Monitor, stored: InStore, write: Callable[[], Awaitable[int]], *, is_only_for_new: bool = False
) -> list[DeliveredDigest]:
    """Write mails and deliver what is owed; what can't be written keeps nothing else back before it is raised."""
    failed, made = None, 0
    try:
        made = await write()
    except MonitorError as error:
        failed = error
    delivered = await deliver_owed(monitor.post(stored)) if made or failed or not is_only_for_new else []
    if failed:
        raise failed
    return delivered
