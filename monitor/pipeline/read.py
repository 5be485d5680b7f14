"""Read articles: fetch, keep the evidence, extract, match, keep.

In: entries that are leased to us. Out: what was read and which hits are new. Never: forgets an entry without a reason.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, zip_longest
from urllib.parse import urlsplit

from monitor.errors import InternalFault, MonitorError, Rejected, ServerBusy, StoreBroken, StoreBusy
from monitor.model.archiving import TEXT, DeferredEntry, PendingEntry, ReadArticle, SnapshotRecord
from monitor.model.articles import Article
from monitor.model.fetching import Fetched, FetchRequest
from monitor.model.matching import MatchInput
from monitor.pipeline.only import OnlyFilter
from monitor.pipeline.stages import Stages
from monitor.sources.cadence import next_read_at
from monitor.store.archive import claim_entries, count_pending, record_article, record_deferred
from monitor.text.language import detect_language
from monitor.text.urls import url_key


@dataclass(slots=True)
class ReadCounts:
    """What reading brought, for the operator's table: `failed` counts by reason what is tried again later."""

    read: int = 0
    leads: int = 0
    filtered: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    new_hit_ids: list[int] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many entries were worked on."""
        return self.read + self.leads + self.filtered + sum(self.failed.values())


async def read_pending(stages: Stages) -> ReadCounts:
    """Read every entry that is due, batch by batch, and count what came of it."""
    counts, only = ReadCounts(), OnlyFilter()
    waiting = await stages.stored(count_pending, stages.archive, stages.now())
    while batch := await stages.stored(claim_entries, stages.archive, stages.now()):
        gate = asyncio.Semaphore(stages.concurrency)

        async def one(pending: PendingEntry, gate: asyncio.Semaphore = gate) -> None:
            async with gate:
                await _read_one(stages, pending, only, counts)
            stages.progress("articles", counts.total, max(waiting, counts.total))

        async with asyncio.TaskGroup() as tasks:
            for pending in interleave_by_host(batch):
                tasks.create_task(one(pending))
    return counts


def interleave_by_host(entries: Sequence[PendingEntry]) -> list[PendingEntry]:
    """Return the entries host by host in turn, so that one slow or paced host doesn't keep the others waiting."""
    hosts: dict[str, list[PendingEntry]] = {}
    for pending in entries:
        hosts.setdefault(urlsplit(pending.entry.url).netloc, []).append(pending)
    rounds: Iterable[PendingEntry | None] = chain.from_iterable(zip_longest(*hosts.values()))
    return [pending for pending in rounds if pending is not None]


async def _read_one(stages: Stages, pending: PendingEntry, only: OnlyFilter, counts: ReadCounts) -> None:
    if not only.admits(pending.source.only, pending.entry.title, pending.entry.summary):
        settled = DeferredEntry(pending.id, "filtered", "filtered", stages.now())
        await stages.stored(record_deferred, stages.archive, settled)
        counts.filtered += 1
        return
    try:
        read: ReadArticle | None = await _read(stages, pending)
    except (StoreBroken, StoreBusy):
        raise  # a full disk is no fault of the article's: nothing is settled, the round ends and says so
    except Exception as raised:  # noqa: BLE001 (a fault of ours in one article must not cost the others their reading)
        error = InternalFault.of(raised)
        read = await _defer_or_lead(stages, pending, error)
        if read is None:
            counts.failed[error.reason] = counts.failed.get(error.reason, 0) + 1
    if read is not None:
        await _keep(stages, read, counts)


async def _keep(stages: Stages, read: ReadArticle, counts: ReadCounts) -> None:
    counts.new_hit_ids += await stages.stored(record_article, stages.archive, read, stages.watching.claims)
    if read.extraction == TEXT:
        counts.read += 1
    else:
        counts.leads += 1


async def _read(stages: Stages, pending: PendingEntry) -> ReadArticle:
    snapshot = None
    try:
        answer = await _fetch_page(stages, pending.entry.url)
        snapshot = await asyncio.to_thread(stages.snapshots.keep, answer)
        article = await stages.parsers.extract_article(answer)
    except Rejected as error:
        return _lead(stages, pending, error.reason, snapshot)
    return _assess(stages, pending, _with_feed(article, pending), TEXT, snapshot)


async def _fetch_page(stages: Stages, url: str) -> Fetched:
    answer = await stages.http.fetch(FetchRequest(url, "article"))
    if not isinstance(answer, Fetched):
        raise Rejected(f"{url} says that nothing changed though we asked for all of it")
    return answer


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


def _lead(stages: Stages, pending: PendingEntry, reason: str, snapshot: SnapshotRecord | None) -> ReadArticle:
    """Keep what the feed said of an article whose text could not be had."""
    entry, source = pending.entry, pending.source
    article = Article(
        canonical_url=entry.url,
        title=entry.title,
        text=entry.summary,
        byline=entry.author,
        outlet=source.title,
        language=detect_language(f"{entry.title}\n{entry.summary}", source.language),
        published_at=entry.published_at,
    )
    return _assess(stages, pending, article, reason, snapshot)


def _assess(
    stages: Stages, pending: PendingEntry, article: Article, extraction: str, snapshot: SnapshotRecord | None
) -> ReadArticle:
    return ReadArticle(
        entry_id=pending.id,
        url_key=url_key(article.canonical_url),
        article=article,
        extraction=extraction,
        at=stages.now(),
        snapshot=snapshot,
        assessments=stages.watching.matcher.match(MatchInput(article.title, article.text, article.language)),
        is_sample=pending.source.is_sample,
    )


async def _defer_or_lead(stages: Stages, pending: PendingEntry, error: MonitorError) -> ReadArticle | None:
    """Put an article off that may come later; after the last try keep it as a lead."""
    retry_after = error.retry_after_seconds if isinstance(error, ServerBusy) else None
    again_at = next_read_at(stages.now(), attempts=pending.attempts + 1, retry_after_seconds=retry_after)
    if again_at is None:
        return _lead(stages, pending, error.reason, None)
    deferred = DeferredEntry(pending.id, "pending", error.reason, again_at)
    await stages.stored(record_deferred, stages.archive, deferred)
    return None
