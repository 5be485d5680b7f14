"""Visit sources: fetch, parse, keep.

In: sources that are leased to us. Out: how each visit went. Never: lets one source's failure touch another.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.errors import InternalFault, ServerBusy
from monitor.model.archiving import KeyedEntry, Polled, StoredSource
from monitor.model.entries import ParsedFeed
from monitor.model.fetching import Fetched, FetchRequest, NotModified
from monitor.pipeline.stages import Stages
from monitor.sources.cadence import OFFLINE_PAUSE, is_offline, next_poll_at
from monitor.sources.identity import key_entries
from monitor.store.catalogue import forgive_failures, record_poll


@dataclass(frozen=True, slots=True)
class Visit:
    """What a source answered: a feed, or nothing new since the last time (`feed` is None)."""

    feed: ParsedFeed | None
    etag: str | None
    last_modified: str | None


async def poll_sources(stages: Stages, sources: Sequence[StoredSource]) -> list[Polled]:
    """Visit all the sources, as many at once as the stages allow, and keep how each visit went."""
    gate = asyncio.Semaphore(stages.concurrency)
    done: list[Polled] = []

    async def one(source: StoredSource) -> None:
        async with gate:
            done.append(await poll_source(stages, source))
        stages.progress("sources", len(done), len(sources))

    async with asyncio.TaskGroup() as tasks:
        for source in sources:
            tasks.create_task(one(source))
    return await _forgive_if_offline(stages, sorted(done, key=lambda polled: polled.source.id))


async def _forgive_if_offline(stages: Stages, done: list[Polled]) -> list[Polled]:
    """Count a night without a network against no source, and look again soon."""
    real = [polled for polled in done if not polled.source.spec.is_sample]
    if not is_offline(polled.reason for polled in real):
        return done
    again_at = stages.now() + OFFLINE_PAUSE
    await stages.stored(forgive_failures, stages.archive, [polled.source for polled in real], again_at)
    return [polled if polled.source.spec.is_sample else replace(polled, next_poll_at=again_at) for polled in done]


async def poll_source(stages: Stages, source: StoredSource) -> Polled:
    """Visit one source and keep the outcome: the entries it gave, or why it gave none."""
    retry_after = None
    visit, reason, detail = None, "", ""
    entries: tuple[KeyedEntry, ...] = ()
    try:
        read = await visit_source(stages, source)
        entries, visit = key_entries(read.feed.entries) if read.feed else (), read
    except Exception as raised:  # noqa: BLE001 (a fault of ours in one source must not cost the others their visit)
        error = InternalFault.of(raised)
        reason, detail = error.reason, str(error)
        retry_after = error.retry_after_seconds if isinstance(error, ServerBusy) else None
    now = stages.now()
    feed = visit.feed if visit else None
    polled = Polled(
        source=source,
        at=now,
        outcome="failed" if visit is None else "new" if entries else "unchanged",
        next_poll_at=next_poll_at(
            now,
            interval_seconds=source.interval_seconds or stages.poll_interval_seconds,
            failures=0 if visit else source.failures + 1,
            retry_after_seconds=retry_after,
            jitter=stages.jitter(),
        ),
        entries=entries,
        rejected=feed.rejected if feed else 0,
        etag=visit.etag if visit else None,
        last_modified=visit.last_modified if visit else None,
        reason=reason,
        detail=detail,
    )
    return await stages.stored(record_poll, stages.archive, polled)


async def visit_source(stages: Stages, source: StoredSource) -> Visit:
    """Fetch and parse one source; keeps nothing. Raises Retryable or Rejected."""
    answer = await stages.http.fetch(
        FetchRequest(source.spec.url, "feed", etag=source.etag, last_modified=source.last_modified)
    )
    if isinstance(answer, NotModified):
        return Visit(None, source.etag, source.last_modified)
    return Visit(await stages.parsers.parse_feed(answer), *_validators(answer))


def _validators(fetched: Fetched) -> tuple[str | None, str | None]:
    return fetched.header("etag"), fetched.header("last-modified")
