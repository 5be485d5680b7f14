"""Read articles: fetch, keep the evidence, extract, match, keep.

In: entries that are leased to us. Out: what was read and which hits are new. Never: forgets an entry without a reason.
"""

import asyncio
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, zip_longest
from urllib.parse import urlsplit

from monitor.errors import (
    HostStruggling,
    InternalFault,
    MonitorError,
    NotAnArticle,
    Rejected,
    RobotsDisallowed,
    ServerBusy,
    StoreBroken,
    StoreBusy,
)
from monitor.model.archiving import TEXT, AwaitsMeaning, DeferredEntry, PendingEntry, ReadArticle
from monitor.model.articles import Article
from monitor.model.fetching import SAMPLE_HOST
from monitor.model.matching import Assessment, MatchInput
from monitor.pipeline.articles import arrival_of, as_lead, lends_passages, with_claims_by_hand, with_pages
from monitor.pipeline.attempt import Attempt, attempt_article, carried
from monitor.pipeline.only import OnlyFilter
from monitor.pipeline.stages import Stages
from monitor.sources.cadence import STRUGGLING, STRUGGLING_HOST_PAUSE, next_read_at
from monitor.store.archive import record_article
from monitor.store.entries import claim_entries, count_pending, record_deferred, release_entries
from monitor.text.urls import url_key

AT_ONCE_PER_HOST = 2
MAX_UNREACHED = 3
"""So often may a host cost us a whole deadline in one round; then its other articles wait, and nobody for them."""


@dataclass(slots=True)
class ReadCounts:
    """What reading brought, for the operator's table.

    `leads` counts by extraction state what gave no text, `failed` by reason what is tried again later.
    """

    read: int = 0
    leads: Counter[str] = field(default_factory=Counter)
    filtered: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    new_hit_ids: list[int] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many entries were worked on."""
        return self.read + self.leads.total() + self.filtered + self.failed.total()


async def read_pending(stages: Stages, seconds: float = math.inf) -> ReadCounts:
    """Read every entry that is due, batch by batch, and count what came of it.

    After `seconds` no further article is begun; what is left waits for the next round. A site may ask for half a
    minute between two of its thousand pages, and the sources must not wait for that.
    """
    reading = _Reading(stages, asyncio.get_running_loop().time() + seconds)
    if stages.judge is not None:
        stages.judge.begin_round()
    waiting = await stages.stored(count_pending, stages.archive, stages.now())
    while batch := await stages.stored(claim_entries, stages.archive, stages.now()):
        try:
            await reading.read_batch(batch, waiting)
        except Exception:
            await stages.stored(release_entries, stages.archive, [pending.id for pending in batch])
            raise
        if reading.left:
            await stages.stored(release_entries, stages.archive, reading.left)
            break
    return reading.counts


async def read_by_hand(stages: Stages, pending: PendingEntry, claims: Sequence[str] = ()) -> ReadCounts:
    """Read one entry that an operator captured; it bears on `claims` ("list/claim") because the operator says so."""
    reading = _Reading(stages, claims=claims)
    await reading.read_batch([pending], 1)
    return reading.counts


def interleave_by_host(entries: Sequence[PendingEntry]) -> list[PendingEntry]:
    """Return the entries host by host in turn, so that one slow or paced host doesn't keep the others waiting."""
    hosts: dict[str, list[PendingEntry]] = {}
    for pending in entries:
        hosts.setdefault(_host(pending), []).append(pending)
    rounds: Iterable[PendingEntry | None] = chain.from_iterable(zip_longest(*hosts.values()))
    return [pending for pending in rounds if pending is not None]


class _Reading:
    """One round of reading: what it counted, and which hosts didn't answer in it."""

    def __init__(self, stages: Stages, ends_at: float = math.inf, claims: Sequence[str] = ()) -> None:
        self.counts = ReadCounts()
        self.left: list[int] = []
        self._ends_at = ends_at
        self._claims = claims
        self._stages = stages
        self._only = OnlyFilter()
        self._unreached: Counter[str] = Counter()
        self._hosts: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE_PER_HOST))

    async def read_batch(self, batch: Sequence[PendingEntry], waiting: int) -> None:
        """Read a batch, as many at once as the stages allow."""
        gate = asyncio.Semaphore(self._stages.concurrency)

        async def one(pending: PendingEntry) -> None:
            async with self._hosts[_host(pending)], gate:
                if asyncio.get_running_loop().time() >= self._ends_at:
                    self.left.append(pending.id)
                    return
                await self._read_one(pending)
            self._stages.progress("articles", self.counts.total, max(waiting, self.counts.total))

        async with asyncio.TaskGroup() as tasks:
            for pending in interleave_by_host(batch):
                tasks.create_task(one(pending))

    async def _read_one(self, pending: PendingEntry) -> None:
        try:
            if not self._is_wanted(pending):
                await self._defer(DeferredEntry(pending.id, "filtered", "filtered", self._stages.now()))
                self.counts.filtered += 1
            elif self._unreached[_host(pending)] >= MAX_UNREACHED:
                again_at = self._stages.now() + STRUGGLING_HOST_PAUSE
                await self._put_off(
                    DeferredEntry(pending.id, "pending", HostStruggling.reason, again_at, is_attempt=False)
                )
            else:
                await self._settle(pending, await attempt_article(self._stages, pending))
        except (StoreBroken, StoreBusy):
            raise  # a full disk is no fault of the article's: nothing is settled, the round ends and says so
        except Exception as raised:  # noqa: BLE001 (a fault of ours in one article must not cost the others theirs)
            await self._settle_unjudged(pending, InternalFault.of(raised))

    def _is_wanted(self, pending: PendingEntry) -> bool:
        return self._only.admits(pending.source.only, pending.entry.title, pending.entry.summary or pending.entry.text)

    async def _settle(self, pending: PendingEntry, attempt: Attempt) -> None:
        """Keep the article; or put it off while it may still come; or keep what the feed said of it, as a lead."""
        error = attempt.error
        if error:
            self._unreached[_host(pending)] += error.reason in STRUGGLING
            is_final = isinstance(error, NotAnArticle | RobotsDisallowed)
            again_at = None if is_final else self._next_try_at(pending, error)
            # Where the listing carried the text, the page is asked for once more at most.
            if again_at and not (pending.entry.text and pending.attempts):
                await self._put_off(DeferredEntry(pending.id, "pending", error.reason, again_at))
                return
            attempt = carried(pending) or attempt
        await self._keep(pending, attempt, await self._judge(attempt.article))

    async def _settle_unjudged(self, pending: PendingEntry, error: MonitorError) -> None:
        """Put off what we ourselves are at fault with; after the last try keep it as a lead that no claim judged."""
        again_at = self._next_try_at(pending, error)
        if again_at:
            await self._put_off(DeferredEntry(pending.id, "pending", error.reason, again_at))
        else:
            await self._keep(pending, Attempt(as_lead(pending), error.reason), ((), ""))

    def _next_try_at(self, pending: PendingEntry, error: MonitorError) -> datetime | None:
        return next_read_at(
            self._stages.now(),
            attempts=pending.attempts + 1,
            is_rejected=isinstance(error, Rejected),
            retry_after_seconds=error.retry_after_seconds if isinstance(error, ServerBusy) else None,
        )

    async def _judge(self, article: Article) -> tuple[tuple[Assessment, ...], AwaitsMeaning]:
        """Match in a thread: a long text takes its time, and fetching must not wait for it."""
        given = MatchInput(article.title, article.text, article.language, article.canonical_url)
        assessments, awaits = await asyncio.to_thread(self._matched, given)
        # What is compared in meaning first is settled after that.
        if (judge := self._stages.judge) is not None and awaits != "candidate":
            assessments = await asyncio.to_thread(self._stages.watching.settle, assessments, judge)
        return with_pages(with_claims_by_hand(assessments, self._claims, article), article), awaits

    def _matched(self, given: MatchInput) -> tuple[tuple[Assessment, ...], AwaitsMeaning]:
        watching = self._stages.watching
        if self._claims:
            # By hand, an operator may set an article under a claim that it is no hit of: its passages are wanted then.
            return watching.assess(given, only_hits=False), ""
        if self._stages.encoder is None and not self._stages.leaves_meaning:
            return watching.assess(given), ""
        look = watching.look(given)
        return look.assessments, "candidate" if look.is_candidate else "background" if lends_passages(given) else ""

    async def _keep(
        self, pending: PendingEntry, attempt: Attempt, judged: tuple[tuple[Assessment, ...], AwaitsMeaning]
    ) -> None:
        article = attempt.article
        assessments, awaits_meaning = judged
        read = ReadArticle(
            entry_id=pending.id,
            url_key=url_key(article.canonical_url),
            article=article,
            extraction=attempt.extraction,
            at=self._stages.now(),
            arrival=arrival_of(article, pending),
            snapshot=attempt.snapshot,
            snapshot_id=attempt.snapshot_id,
            assessments=assessments,
            awaits_meaning=awaits_meaning,
            is_sample=pending.source.is_sample or urlsplit(article.canonical_url).hostname == SAMPLE_HOST,
        )
        stages = self._stages
        self.counts.new_hit_ids += await stages.stored(record_article, stages.archive, read, stages.watching.claims)
        if attempt.extraction == TEXT:
            self.counts.read += 1
        else:
            self.counts.leads[attempt.extraction] += 1

    async def _put_off(self, deferred: DeferredEntry) -> None:
        await self._defer(deferred)
        self.counts.failed[deferred.reason] += 1

    async def _defer(self, deferred: DeferredEntry) -> None:
        await self._stages.stored(record_deferred, self._stages.archive, deferred)


def _host(pending: PendingEntry) -> str:
    return urlsplit(pending.entry.url).netloc
