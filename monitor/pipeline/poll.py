"""Poll sources: visit, keep what came of it, and see how each source is doing.

In: sources that are leased to us. Out: how each visit went. Never: lets one source's failure touch another.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from monitor.errors import InternalFault, MonitorError, ServerBusy
from monitor.model.archiving import Polled, StoredSource
from monitor.pipeline.ledger import Ledger
from monitor.pipeline.stages import Stages
from monitor.pipeline.visit import Visit, visit_source
from monitor.sources.cadence import OFFLINE_PAUSE, Visited, is_offline, plan_next, settle_move
from monitor.sources.health import diagnose
from monitor.sources.identity import key_entries
from monitor.store.catalogue import forgive_failures
from monitor.store.health import poll_days, record_health, teaser_shares
from monitor.store.polls import Settle, has_new_entries

HISTORY = timedelta(days=90)
"""So far back is looked at for what a source usually brings."""

TEASERS = timedelta(days=14)


async def poll_sources(stages: Stages, sources: Sequence[StoredSource]) -> list[Polled]:
    """Visit all the sources, as many at once as the stages allow, and keep how each visit went."""
    gate = asyncio.Semaphore(stages.concurrency)
    ledger = Ledger(stages)
    done: list[Polled] = []

    async def one(source: StoredSource) -> None:
        async with gate:
            polled, settle = await poll_source(stages, source)
        done.append(await ledger.keep(polled, settle))
        stages.progress("sources", len(done), len(sources))

    async with asyncio.TaskGroup() as tasks:
        for source in sources:
            tasks.create_task(one(source))
    done.sort(key=lambda polled: polled.source.id)
    real = [polled for polled in done if not polled.source.spec.is_sample]
    if is_offline(polled.reason for polled in real) and (forgiven := await _forgive(stages, done)):
        return forgiven
    ill = await examine(stages, [polled for polled in real if _is_to_examine(polled)])
    return [replace(polled, after=ill.get(polled.source.id, polled.after)) for polled in done]


async def poll_source(stages: Stages, source: StoredSource) -> tuple[Polled, Settle]:
    """Visit one source: return the entries it gave, or why it gave none, and how the source stands after that."""
    try:
        visit = await visit_source(stages, source, stages.now())
        polled = await _with_evidence(stages, _good(stages, source, visit), visit)
    except Exception as raised:  # noqa: BLE001 (a fault of ours in one source must not cost the others their visit)
        return _failed(stages, source, InternalFault.of(raised)), lambda kept: kept.after
    jitter, ttl_seconds = stages.jitter(), visit.ttl_seconds
    # It may wait for the archive, with many others: not with the document in hand.
    visit = replace(visit, listing=None, document=None)
    return polled, lambda kept: _after_good(stages, kept, visit, ttl_seconds, jitter)


def _good(stages: Stages, source: StoredSource, visit: Visit) -> Polled:
    listing = visit.listing
    entries = key_entries(listing.entries) if listing else ()
    return Polled(
        source=source,
        at=stages.now(),
        outcome="new" if entries else "unchanged",
        after=source,
        entries=entries,
        rejected=listing.rejected if listing else 0,
        older=listing.older if listing else 0,
    )


async def _with_evidence(stages: Stages, polled: Polled, visit: Visit) -> Polled:
    """Keep the document as evidence where it carries the text of entries that are new."""
    carries_text = any(keyed.entry.text for keyed in polled.entries)
    if not (visit.document and carries_text and await stages.stored(has_new_entries, stages.archive, polled)):
        return polled
    return replace(polled, snapshot=await asyncio.to_thread(stages.snapshots.keep, visit.document))


def _after_good(stages: Stages, polled: Polled, visit: Visit, ttl_seconds: int, jitter: float) -> StoredSource:
    """Return how a source stands after a good visit."""
    source, spec = polled.source, polled.source.spec
    plan = plan_next(
        polled.at,
        pace_seconds=source.pace_seconds,
        interval_seconds=spec.interval_seconds,
        strikes=source.strikes,
        visited=Visited(
            entries=len(polled.entries),
            new=polled.new,
            fresh_seconds=visit.fresh_seconds,
            ttl_seconds=ttl_seconds,
            is_first=source.is_first,
        ),
        bounds=stages.pace,
        jitter=jitter,
    )
    moved_to, moves, is_settled = settle_move(spec.url, visit.moved_to, source.moved_to, source.moves)
    return replace(
        source,
        spec=replace(spec, url=moved_to) if is_settled else spec,
        next_poll_at=plan.next_poll_at,
        pace_seconds=plan.pace_seconds,
        strikes=plan.strikes,
        failures=0,
        etag=visit.etag,
        last_modified=visit.last_modified,
        body_sha256=visit.body_sha256,
        full_read_at=polled.at if visit.is_full else source.full_read_at,
        moved_to="" if is_settled else moved_to,
        moves=0 if is_settled else moves,
        last_polled_at=polled.at,
        last_good_at=polled.at,
        last_reason="",
        last_detail="",
    )


def _failed(stages: Stages, source: StoredSource, error: MonitorError) -> Polled:
    now = stages.now()
    retry_after = error.retry_after_seconds if isinstance(error, ServerBusy) else None
    plan = plan_next(
        now,
        pace_seconds=source.pace_seconds,
        interval_seconds=source.spec.interval_seconds,
        strikes=source.strikes,
        visited=Visited(error.reason, retry_after_seconds=retry_after),
        bounds=stages.pace,
        jitter=stages.jitter(),
    )
    after = replace(
        source,
        spec=replace(source.spec, is_enabled=source.spec.is_enabled and not plan.is_stopped),
        next_poll_at=plan.next_poll_at,
        pace_seconds=plan.pace_seconds,
        strikes=plan.strikes,
        failures=source.failures + 1,
        last_polled_at=now,
        last_reason=error.reason,
        last_detail=str(error),
    )
    return Polled(source, now, "failed", after, reason=error.reason, detail=str(error))


async def _forgive(stages: Stages, done: list[Polled]) -> list[Polled] | None:
    """Count a night without a network against no source, and look again soon; None where it was the sources' own."""
    again_at = stages.now() + OFFLINE_PAUSE
    real = [polled for polled in done if not polled.source.spec.is_sample]
    if not await stages.stored(forgive_failures, stages.archive, [polled.source for polled in real], again_at):
        return None
    forgiven = {id(polled) for polled in real}
    return [
        replace(polled, after=replace(polled.after, next_poll_at=again_at)) if id(polled) in forgiven else polled
        for polled in done
    ]


def _is_to_examine(polled: Polled) -> bool:
    """Look at a source's history where something may have changed, else once in each hour in which it is visited."""
    before = polled.source.last_polled_at
    if polled.source.health or not polled.is_good or before is None:
        return not (before is None and polled.is_good)
    return before.replace(minute=0, second=0, microsecond=0) != polled.at.replace(minute=0, second=0, microsecond=0)


async def examine(stages: Stages, visits: Sequence[Polled]) -> dict[int, StoredSource]:
    """Say of each source whether it is well; where that has changed, it is kept and told once.

    Return the sources whose health has changed, by id.
    """
    if not visits:
        return {}
    now, ids = stages.now(), [polled.source.id for polled in visits]
    days = await stages.stored(poll_days, stages.archive, ids, now - HISTORY)
    teasers = await stages.stored(teaser_shares, stages.archive, ids, now - TEASERS)
    changed: dict[int, StoredSource] = {}
    details: dict[int, str] = {}
    for polled in visits:
        source = polled.after
        health, detail = diagnose(source, days.get(source.id, ()), now, teasers=teasers.get(source.id, (0, 0)))
        if health != source.health:
            changed[source.id] = replace(source, health=health, health_since=now)
            details[source.id] = detail
    if changed:
        await stages.stored(record_health, stages.archive, [*changed.values()], details)
    return changed
