"""Hold new and changed claims against what the archive had before them.

In: live claims whose revision has not been through the archive. Out: hits that are "also in the archive", never news.
Never: more than a round's share at once; how far a claim has come is kept with what it found, so a kill loses nothing
and repeats nothing. Which articles are looked at is for the terms to say; where their vectors are kept, meaning has its
say in the score and may find what the terms nearly did. Nothing is encoded for it.
"""

import asyncio
from dataclasses import dataclass, field

from monitor.match import with_stances
from monitor.match.compared import Compared
from monitor.match.scorer import Scorer
from monitor.model.archiving import LiveClaim
from monitor.model.watching import Claim
from monitor.pipeline.articles import with_pages_from
from monitor.pipeline.kept import KeptMeaning
from monitor.pipeline.stages import Stages
from monitor.store.archive import JudgedRevision
from monitor.store.engine import Archive
from monitor.store.replays import ArchivedArticle, PendingReplay, begin_replays, read_archived, record_replay
from monitor.store.search.completing import is_complete
from monitor.store.search.reading import Period, claim_candidates

ARTICLES_A_ROUND = 2_000
"""So many candidates are held against claims in one round: some seconds."""

_AT_ONCE = 100

_Found = list[tuple[ArchivedArticle, Compared | None]]


@dataclass(slots=True)
class ReplayCounts:
    """What a round's share came to: articles held against claims, claims not done yet, and the hits that are new."""

    articles: int = 0
    left: int = 0
    new_hit_ids: list[int] = field(default_factory=list)


async def replay_claims(stages: Stages, most: int = ARTICLES_A_ROUND) -> ReplayCounts:
    """Hold what is new or changed against older articles, as many as a round allows; the next one goes on."""
    counts, archive = ReplayCounts(), stages.archive
    pending = await stages.stored(begin_replays, archive, list(stages.watching.claims.values()))
    if not pending:
        return counts
    if not await stages.stored(is_complete, archive):
        counts.left = len(pending)  # their turn comes once older articles can be found
        return counts
    claims = dict(stages.watching.scorer.claims)
    for replay in pending:
        below: int | None = replay.below
        claim = claims.get(replay.claim.identifier)
        if claim is not None:
            kept = await stages.stored(KeptMeaning, archive, [(replay.claim.identifier, claim)])
        while claim is not None and below is not None and counts.articles < most:
            below = await _go_on(stages, PendingReplay(replay.claim, below), claim, kept, counts)
        counts.left += below is not None
    return counts


async def _go_on(
    stages: Stages, replay: PendingReplay, claim: Claim, kept: KeptMeaning, counts: ReplayCounts
) -> int | None:
    """Hold a claim against the next older candidates; return where to go on, None where there are no more."""
    articles, below = await stages.stored(_next_articles, stages.archive, claim, kept, replay.below)
    judged = await asyncio.to_thread(_judge, stages, replay.claim, claim, articles)
    is_done = below is None
    counts.new_hit_ids += await stages.stored(
        record_replay, stages.archive, replay.claim, judged, below or 0, is_done=is_done
    )
    counts.articles += len(articles)
    stages.progress("replay", counts.articles, counts.articles)
    return below


def _next_articles(archive: Archive, claim: Claim, kept: KeptMeaning, below: int) -> tuple[_Found, int | None]:
    ids = claim_candidates(archive, claim.expression, Period(), before=below, limit=_AT_ONCE)
    articles = [article for some in read_archived(archive, ids) for article in some]
    compared = kept.compared([article.given for article in articles])
    return list(zip(articles, compared, strict=True)), ids[-1] if len(ids) == _AT_ONCE else None


def _judge(stages: Stages, live: LiveClaim, claim: Claim, articles: _Found) -> list[JudgedRevision]:
    key, scorer = live.identifier, Scorer([(live.identifier, claim)])
    scorer = scorer.with_tunings({key: stages.watching.scorer.tuning(key)})
    judged = []
    for article, compared in articles:
        given = article.given
        found = scorer.compare(given, compared) if compared is not None else scorer.match_hits(given)
        if found := with_stances(found, given, {key: claim.text}):
            found = with_pages_from(found, article.page_starts)
            judged.append(JudgedRevision(article.id, article.revision_id, stages.now(), "archive", found))
    return judged
