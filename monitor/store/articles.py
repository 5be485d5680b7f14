"""Reading the articles that the archive holds, with their evidence."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, func, select

from monitor.model.archiving import SnapshotRecord, StoredArticle
from monitor.store.engine import Archive
from monitor.store.faults import retried
from monitor.store.latest import IS_LATEST
from monitor.store.schema import ArticleRow, ClaimRow, Hit, Revision, Snapshot, WatchlistRow


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


@retried
def count_articles(archive: Archive, *, up_to: int | None = None) -> int:
    """Return how many articles the archive holds; with `up_to`, at most so many are counted."""
    some = select(ArticleRow.id).limit(up_to).subquery()
    with archive.reading() as connection:
        return connection.scalar(select(func.count()).select_from(some)) or 0


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
