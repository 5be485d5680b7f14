"""Read articles: fetch, keep the evidence, extract, match, keep.

In: entries that are leased to us. Out: what was read and which hits are new. Never: forgets an entry without a reason.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
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
from monitor.model.archiving import TEXT, DeferredEntry, PendingEntry, ReadArticle, SnapshotRecord
from monitor.model.articles import Article
from monitor.model.fetching import SAMPLE_HOST, Fetched, FetchRequest
from monitor.model.matching import Assessment, MatchInput
from monitor.pipeline.only import OnlyFilter
from monitor.pipeline.stages import Stages
from monitor.sources.cadence import STRUGGLING, STRUGGLING_HOST_PAUSE, next_read_at
from monitor.store.archive import claim_entries, count_pending, record_article, record_deferred, release_entries
from monitor.text.language import detect_language
from monitor.text.urls import url_key

AT_ONCE_PER_HOST = 2
MAX_UNREACHED = 3
"""So often may a host cost us a whole deadline in one round; then its other articles wait, and nobody for them."""


@dataclass(slots=True)
class ReadCounts:
    """What reading brought, for the operator's table: `failed` counts by reason what is tried again later."""

    read: int = 0
    leads: int = 0
    filtered: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    new_hit_ids: list[int] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many entries were worked on."""
        return self.read + self.leads + self.filtered + self.failed.total()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What one try at an article gave: its article, or the error; the evidence where there was a response."""

    article: Article | None
    error: MonitorError | None
    snapshot: SnapshotRecord | None


async def read_pending(stages: Stages) -> ReadCounts:
    """Read every entry that is due, batch by batch, and count what came of it."""
    reading = _Reading(stages)
    waiting = await stages.stored(count_pending, stages.archive, stages.now())
    while batch := await stages.stored(claim_entries, stages.archive, stages.now()):
        try:
            await reading.read_batch(batch, waiting)
        except Exception:
            await stages.stored(release_entries, stages.archive, [pending.id for pending in batch])
            raise
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

    def __init__(self, stages: Stages) -> None:
        self.counts = ReadCounts()
        self._stages = stages
        self._only = OnlyFilter()
        self._unreached: Counter[str] = Counter()
        self._hosts: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE_PER_HOST))

    async def read_batch(self, batch: Sequence[PendingEntry], waiting: int) -> None:
        """Read a batch, as many at once as the stages allow."""
        gate = asyncio.Semaphore(self._stages.concurrency)

        async def one(pending: PendingEntry) -> None:
            async with self._hosts[_host(pending)], gate:
                await self._read_one(pending)
            self._stages.progress("articles", self.counts.total, max(waiting, self.counts.total))

        async with asyncio.TaskGroup() as tasks:
            for pending in interleave_by_host(batch):
                tasks.create_task(one(pending))

    async def _read_one(self, pending: PendingEntry) -> None:
        try:
            if not self._only.admits(pending.source.only, pending.entry.title, pending.entry.summary):
                await self._defer(DeferredEntry(pending.id, "filtered", "filtered", self._stages.now()))
                self.counts.filtered += 1
            elif self._unreached[_host(pending)] >= MAX_UNREACHED:
                again_at = self._stages.now() + STRUGGLING_HOST_PAUSE
                await self._put_off(
                    DeferredEntry(pending.id, "pending", HostStruggling.reason, again_at, is_attempt=False)
                )
            else:
                await self._settle(pending, await self._attempt(pending))
        except (StoreBroken, StoreBusy):
            raise  # a full disk is no fault of the article's: nothing is settled, the round ends and says so
        except Exception as raised:  # noqa: BLE001 (a fault of ours in one article must not cost the others theirs)
            await self._settle_unjudged(pending, InternalFault.of(raised))

    async def _attempt(self, pending: PendingEntry) -> _Attempt:
        snapshot = None
        try:
            answer = await self._fetch_page(pending.entry.url)
            snapshot = await asyncio.to_thread(self._stages.snapshots.keep, answer)
            article = _with_feed(await self._stages.parsers.extract_article(answer), pending)
            url_key(article.canonical_url)
        except (StoreBroken, StoreBusy):
            raise
        except MonitorError as error:
            self._unreached[_host(pending)] += error.reason in STRUGGLING
            return _Attempt(None, error, snapshot)
        return _Attempt(article, None, snapshot)

    async def _fetch_page(self, url: str) -> Fetched:
        answer = await self._stages.http.fetch(FetchRequest(url, "article"))
        if not isinstance(answer, Fetched):
            raise Rejected(f"{url} says that nothing changed though we asked for all of it")
        return answer

    async def _settle(self, pending: PendingEntry, attempt: _Attempt) -> None:
        """Keep the article; or put it off while it may still come; or keep what the feed said of it, as a lead."""
        if attempt.article:
            await self._keep(pending, attempt.article, TEXT, attempt.snapshot, await self._judge(attempt.article))
            return
        error = attempt.error or InternalFault("neither an article nor an error")
        is_final = isinstance(error, NotAnArticle | RobotsDisallowed)
        again_at = None if is_final else self._next_try_at(pending, error)
        if again_at:
            await self._put_off(DeferredEntry(pending.id, "pending", error.reason, again_at))
        else:
            lead = _lead(pending)
            await self._keep(pending, lead, error.reason, attempt.snapshot, await self._judge(lead))

    async def _settle_unjudged(self, pending: PendingEntry, error: MonitorError) -> None:
        """Put off what we ourselves are at fault with; after the last try keep it as a lead that no claim judged."""
        again_at = self._next_try_at(pending, error)
        if again_at:
            await self._put_off(DeferredEntry(pending.id, "pending", error.reason, again_at))
        else:
            await self._keep(pending, _lead(pending), error.reason, None, ())

    def _next_try_at(self, pending: PendingEntry, error: MonitorError) -> datetime | None:
        return next_read_at(
            self._stages.now(),
            attempts=pending.attempts + 1,
            is_rejected=isinstance(error, Rejected),
            retry_after_seconds=error.retry_after_seconds if isinstance(error, ServerBusy) else None,
        )

    async def _judge(self, article: Article) -> tuple[Assessment, ...]:
        """Match in a thread: a long text takes its time, and fetching must not wait for it."""
        given = MatchInput(article.title, article.text, article.language)
        return await asyncio.to_thread(self._stages.watching.matcher.match, given)

    async def _keep(
        self,
        pending: PendingEntry,
        article: Article,
        extraction: str,
        snapshot: SnapshotRecord | None,
        assessments: tuple[Assessment, ...],
    ) -> None:
        read = ReadArticle(
            entry_id=pending.id,
            url_key=url_key(article.canonical_url),
            article=article,
            extraction=extraction,
            at=self._stages.now(),
            snapshot=snapshot,
            assessments=assessments,
            is_sample=pending.source.is_sample or urlsplit(article.canonical_url).hostname == SAMPLE_HOST,
        )
        stages = self._stages
        self.counts.new_hit_ids += await stages.stored(record_article, stages.archive, read, stages.watching.claims)
        self.counts.read += extraction == TEXT
        self.counts.leads += extraction != TEXT

    async def _put_off(self, deferred: DeferredEntry) -> None:
        await self._defer(deferred)
        self.counts.failed[deferred.reason] += 1

    async def _defer(self, deferred: DeferredEntry) -> None:
        await self._stages.stored(record_deferred, self._stages.archive, deferred)


def _host(pending: PendingEntry) -> str:
    return urlsplit(pending.entry.url).netloc


def _with_feed(article: Article, pending: PendingEntry) -> Article:
    """Fill in from the feed what the page leaves open; its instant has an hour, the page's often only a day."""
    entry, source = pending.entry, pending.source
    return replace(
        article,
        title=article.title or entry.title,
        byline=article.byline or entry.author,
        outlet=source.title if source.is_sample else article.outlet or source.title,
        language=article.language or detect_language(article.text, source.language),
        published_at=entry.published_at or article.published_at,
    )


def _lead(pending: PendingEntry) -> Article:
    """Return what the feed said of an article whose text could not be had."""
    entry, source = pending.entry, pending.source
    return Article(
        canonical_url=entry.url,
        title=entry.title,
        text=entry.summary,
        byline=entry.author,
        outlet=source.title,
        language=detect_language(f"{entry.title}\n{entry.summary}", source.language),
        published_at=entry.published_at,
    )
