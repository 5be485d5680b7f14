"""Bring the search index up to an archive that is older than it, in shares. In: the archive. Out: how many articles."""

from monitor.pipeline.stages import Stages
from monitor.store.search.completing import is_complete, is_rebuilding, rebuild, take_in
from monitor.store.search.merging import is_in_pieces, merge

ARTICLES_A_ROUND = 2_000
"""So many articles are taken in a round: some seconds."""

_AT_ONCE = 500
"""So that what else waits for the archive has its turn."""


async def index_older(stages: Stages, most: int = ARTICLES_A_ROUND) -> int:
    """Take older articles into the index, or make it anew where that was begun, as many as a round allows."""
    done, archive = 0, stages.archive
    while done < most:
        if await stages.stored(is_rebuilding, archive):
            work = rebuild
        elif not await stages.stored(is_complete, archive):
            work = take_in
        else:
            if await stages.stored(is_in_pieces, archive):
                await stages.stored(merge, archive)
            break
        if not (some := await stages.stored(work, archive, lambda _done, _total: None, most=_AT_ONCE)):
            break
        done += some
        stages.progress("index", done, max(done, most))
    return done
