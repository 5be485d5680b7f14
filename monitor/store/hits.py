"""Reading the hits that the archive holds, with their passages."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, Select, func, select

from monitor.model.archiving import PAYWALL, TEXT, StoredHit
from monitor.model.digesting import HitLine
from monitor.model.matching import BY_HAND
from monitor.store.engine import Archive
from monitor.store.faults import retried
from monitor.store.judgements import list_judgements
from monitor.store.latest import LATEST_ASSESSMENT
from monitor.store.rows import load_passages, load_why
from monitor.store.schema import ArticleRow, AssessmentRow, ClaimRow, Hit, Revision, WatchlistRow


def select_hits() -> Select[*tuple[Any, ...]]:
    """Choose hits by their latest assessments, each row with what `load_hit` takes."""
    return (
        select(
            Hit.id,
            Hit.article_id,
            Hit.first_seen_at,
            WatchlistRow.name.label("watchlist"),
            WatchlistRow.title.label("watchlist_title"),
            ClaimRow.key.label("claim_key"),
            ClaimRow.text.label("claim"),
            ClaimRow.said_by,
            ArticleRow.canonical_url,
            ArticleRow.outlet,
            ArticleRow.language,
            ArticleRow.published_at,
            ArticleRow.is_sample,
            Hit.arrival,
            Revision.title,
            Revision.extraction,
            AssessmentRow.score,
            AssessmentRow.stance,
            AssessmentRow.passages,
            AssessmentRow.why,
        )
        .join(ArticleRow, ArticleRow.id == Hit.article_id)
        .join(ClaimRow, ClaimRow.id == Hit.claim_id)
        .join(WatchlistRow, WatchlistRow.id == ClaimRow.watchlist_id)
        .join(AssessmentRow, AssessmentRow.id == LATEST_ASSESSMENT)
        .join(Revision, Revision.id == AssessmentRow.revision_id)
    )


def load_hit(row: Row[Any]) -> StoredHit:
    """Return the hit of a row that `select_hits` chose, without what people said of it."""
    why = load_why(row.why)
    return StoredHit(
        watchlist=row.watchlist,
        watchlist_title=row.watchlist_title,
        claim_key=row.claim_key,
        claim=row.claim,
        said_by=row.said_by,
        article_id=row.article_id,
        why=why,
        line=HitLine(
            hit_id=row.id,
            headline=row.title,
            outlet=row.outlet,
            url=row.canonical_url,
            language=row.language,
            published_at=row.published_at,
            first_seen_at=row.first_seen_at,
            score=row.score,
            stance=row.stance,
            passages=load_passages(row.passages),
            terms=why.terms,
            is_lead=row.extraction != TEXT,
            is_sample=row.is_sample,
            arrival=row.arrival,
            is_teaser=row.extraction == PAYWALL,
            is_by_hand=why.matcher == BY_HAND,
            call=why.stance,
            is_meaning_pending=why.meaning == "pending",
        ),
    )


@retried
def list_hits(archive: Archive, *, claim: str = "", ids: list[int] | None = None, limit: int = 50) -> list[StoredHit]:
    """Return hits, the newest first: all, or of one claim ("key" or "list/key"), or those of the given ids."""
    query = select_hits().order_by(Hit.id.desc()).limit(limit)
    if claim:
        watchlist, _, key = claim.rpartition("/")
        query = query.where(ClaimRow.key == key)
        query = query.where(WatchlistRow.name == watchlist) if watchlist else query
    if ids is not None:
        query = query.where(Hit.id.in_(ids))
    with archive.reading() as connection:
        found = [load_hit(row) for row in connection.execute(query)]
    said = list_judgements(archive, [(hit.article_id, hit.identifier) for hit in found])
    return [replace(hit, judgements=tuple(said.get((hit.article_id, hit.identifier), ()))) for hit in found]


@retried
def count_hits(archive: Archive) -> int:
    """Return how many hits the archive holds."""
    with archive.reading() as connection:
        return connection.scalar(select(func.count(Hit.id))) or 0


@retried
def count_hits_by_claim(archive: Archive) -> dict[int, int]:
    """Return how many hits each claim has, by the claim's id."""
    with archive.reading() as connection:
        rows = connection.execute(select(Hit.claim_id, func.count(Hit.id)).group_by(Hit.claim_id))
        return {claim_id: count for claim_id, count in rows}  # noqa: C416 (a Row is no pair to mypy)


@retried
def claim_id_of(archive: Archive, hit_id: int) -> int:
    """Return the id of the claim that a hit bears on."""
    with archive.reading() as connection:
        return connection.execute(select(Hit.claim_id).where(Hit.id == hit_id)).scalar_one()


@retried
def articles_hit(archive: Archive, claim_id: int) -> list[int]:
    """Return the articles that are hits of a claim, in any revision of either."""
    with archive.reading() as connection:
        return list(connection.scalars(select(Hit.article_id).where(Hit.claim_id == claim_id)))


@retried
def claim_exists(archive: Archive, claim: str) -> bool:
    """Say whether a claim ("key" or "list/key") is known, live or not."""
    watchlist, _, key = claim.rpartition("/")
    query = select(ClaimRow.id).join(WatchlistRow, WatchlistRow.id == ClaimRow.watchlist_id).where(ClaimRow.key == key)
    query = query.where(WatchlistRow.name == watchlist) if watchlist else query
    with archive.reading() as connection:
        return connection.execute(query.limit(1)).first() is not None
