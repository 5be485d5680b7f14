"""Reading what the archive holds: hits with their passages, articles with their evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Label, Row, Select, bindparam, func, or_, select

from monitor.model.archiving import PAYWALL, TEXT, SnapshotRecord, StoredArticle, StoredHit
from monitor.model.digesting import HitLine
from monitor.model.mailing import SubscriptionSpec
from monitor.model.matching import BY_HAND
from monitor.store.engine import Archive
from monitor.store.faults import retried
from monitor.store.judgements import list_judgements
from monitor.store.latest import IS_LATEST
from monitor.store.rows import load_passages, load_why
from monitor.store.schema import (
    ArticleRow,
    AssessmentRow,
    ClaimRow,
    ClaimTuningRow,
    DigestRow,
    Hit,
    OutboxRow,
    Revision,
    Snapshot,
    Told,
    WatchlistRow,
)

_LATEST_ASSESSMENT = (
    select(func.max(AssessmentRow.id)).where(AssessmentRow.hit_id == Hit.id).correlate(Hit).scalar_subquery()
)


def _hits() -> Select[*tuple[Any, ...]]:
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
        .join(AssessmentRow, AssessmentRow.id == _LATEST_ASSESSMENT)
        .join(Revision, Revision.id == AssessmentRow.revision_id)
    )


def _load_hit(row: Row[Any]) -> StoredHit:
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
    query = _hits().order_by(Hit.id.desc()).limit(limit)
    if claim:
        watchlist, _, key = claim.rpartition("/")
        query = query.where(ClaimRow.key == key)
        query = query.where(WatchlistRow.name == watchlist) if watchlist else query
    if ids is not None:
        query = query.where(Hit.id.in_(ids))
    with archive.reading() as connection:
        found = [_load_hit(row) for row in connection.execute(query)]
    said = list_judgements(archive, [(hit.article_id, hit.identifier) for hit in found])
    return [replace(hit, judgements=tuple(said.get((hit.article_id, hit.identifier), ()))) for hit in found]


def untold_hits(connection: Connection, subscription: SubscriptionSpec) -> list[StoredHit]:
    """Return the hits that a subscription was told of in no digest, claim by claim, the best first.

    Those of its watchlists, first seen since it began to tell; where somebody set a claim's `digest_from`, those that
    reach it. Invented ones never leave by mail. What an alert told stays among them, with when.
    """
    query = (
        _hits_for(subscription, ("new",))
        .add_columns(_alerted_at(subscription.id))
        .outerjoin(ClaimTuningRow, ClaimTuningRow.claim_id == Hit.claim_id)
        .where(or_(ClaimTuningRow.digest_from.is_(None), AssessmentRow.score >= ClaimTuningRow.digest_from))
    )
    if subscription.delivery == "mail":
        query = query.where(~ArticleRow.is_sample)
    found = [(_load_hit(row), row.alerted_at) for row in connection.execute(query)]
    return [replace(hit, line=replace(hit.line, alerted_at=at)) for hit, at in found]


def alertable_hits(
    connection: Connection, subscription: SubscriptionSpec, lines: Mapping[int, float], since: datetime
) -> list[StoredHit]:
    """Return the hits that a subscription is to be told of at once: news first seen since, of which it was never told.

    `lines` are the claims that ask for alerts, by id, each with the score from which on.
    """
    query = _hits_for(subscription, ("new", "alert")).add_columns(Hit.claim_id)
    query = query.where(Hit.arrival == "news", ~ArticleRow.is_sample)
    query = query.where(Hit.claim_id.in_(lines), Hit.first_seen_at >= since)
    return [_load_hit(row) for row in connection.execute(query) if row.score >= lines[row.claim_id]]


def _hits_for(subscription: SubscriptionSpec, events: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """Choose the hits that a subscription may be told of, and was not by any of these events."""
    here = (Told.subscription_id == subscription.id, Told.hit_id == Hit.id, Told.event.in_(events))
    told: ColumnElement[bool] = select(Told.id).where(*here).correlate(Hit).exists()
    query = (
        _hits()
        .where(~told, ArticleRow.replaced_by_id.is_(None))
        .order_by(WatchlistRow.name, ClaimRow.position < 0, ClaimRow.position, AssessmentRow.score.desc(), Hit.id)
    )
    if subscription.watchlists:
        query = query.where(WatchlistRow.name.in_(subscription.watchlists))
    if subscription.tells_from is not None:
        query = query.where(Hit.first_seen_at >= subscription.tells_from)
    return query


def _alerted_at(subscription_id: int) -> Label[Any]:
    """Say when the alert was written that told a hit; one that never left has told nobody."""
    query = (
        select(DigestRow.composed_at)
        .join(Told, Told.digest_id == DigestRow.id)
        .join(OutboxRow, OutboxRow.digest_id == DigestRow.id)
        .where(Told.subscription_id == subscription_id, Told.hit_id == Hit.id, Told.event == "alert")
        .where(OutboxRow.state == "sent")
    )
    return query.correlate(Hit).scalar_subquery().label("alerted_at")


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


@retried
def list_articles(archive: Archive, *, limit: int = 50) -> list[StoredArticle]:
    """Return the articles last seen first, without their texts."""
    with archive.reading() as connection:
        rows = connection.execute(_articles().order_by(ArticleRow.id.desc()).limit(limit))
        return [_load_article(row, text="") for row in rows]


@retried
def find_article(archive: Archive, article_id: int) -> StoredArticle | None:
    """Return one article with its text and where its evidence stands."""
    with archive.reading() as connection:
        row = connection.execute(_articles().where(ArticleRow.id == article_id)).one_or_none()
    return _load_article(row, text=row.text) if row else None


def find_articles(connection: Connection, ids: Sequence[int]) -> dict[int, StoredArticle]:
    """Return articles with their texts, by id; leads that an article took the place of are left out."""
    found = connection.execute(_ARTICLES_BY_ID, {"ids": list(ids)})
    return {row.id: _load_article(row, text=row.text) for row in found}


def claims_hit(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the claims ("list/claim") that articles bear on, by the article's id."""
    found: dict[int, tuple[str, ...]] = {}
    for article_id, name, key in connection.execute(_CLAIMS_HIT, {"ids": list(ids)}):
        found[article_id] = (*found.get(article_id, ()), f"{name}/{key}")
    return found


def _articles() -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = (
        select(
            ArticleRow.id,
            ArticleRow.canonical_url,
            ArticleRow.outlet,
            ArticleRow.byline,
            ArticleRow.language,
            ArticleRow.published_at,
            ArticleRow.first_seen_at,
            ArticleRow.arrival,
            ArticleRow.is_sample,
            Revision.title,
            Revision.text,
            Revision.extraction,
            Revision.number,
            Snapshot.url.label("snapshot_url"),
            Snapshot.fetched_at,
            Snapshot.status,
            Snapshot.body_sha256,
            Snapshot.body_bytes,
            Snapshot.blob_key,
        )
        .join(Revision, IS_LATEST)
        .outerjoin(Snapshot, Snapshot.id == Revision.snapshot_id)
    )
    return query


_BY_ID: BindParameter[Sequence[int]] = bindparam("ids", expanding=True)
_ARTICLES_BY_ID = _articles().where(ArticleRow.id.in_(_BY_ID), ArticleRow.replaced_by_id.is_(None))
_CLAIMS_HIT = (
    select(Hit.article_id, WatchlistRow.name, ClaimRow.key)
    .join(ClaimRow, ClaimRow.id == Hit.claim_id)
    .join(WatchlistRow, WatchlistRow.id == ClaimRow.watchlist_id)
    .where(Hit.article_id.in_(_BY_ID))
    .order_by(Hit.article_id, WatchlistRow.name, ClaimRow.position)
)


def _load_article(row: Row[Any], *, text: str) -> StoredArticle:
    snapshot = None
    if row.blob_key:
        snapshot = SnapshotRecord(
            row.snapshot_url, row.fetched_at, row.status, row.body_sha256, row.body_bytes, row.blob_key
        )
    return StoredArticle(
        id=row.id,
        canonical_url=row.canonical_url,
        title=row.title,
        outlet=row.outlet,
        byline=row.byline,
        language=row.language,
        published_at=row.published_at,
        first_seen_at=row.first_seen_at,
        arrival=row.arrival,
        extraction=row.extraction,
        revision=row.number,
        is_sample=row.is_sample,
        text=text,
        snapshot=snapshot,
    )
