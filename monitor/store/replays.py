"""Articles of the archive to be judged once more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

from monitor.model.matching import MatchInput
from monitor.store.engine import Archive
from monitor.store.schema import ArticleRow, Revision
from monitor.store.search.reading import Period

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class ArchivedArticle:
    """An article's latest revision as the matcher takes it."""

    id: int
    revision_id: int
    outlet: str
    seen_at: datetime
    given: MatchInput
    page_starts: tuple[int, ...] = ()


def read_archived(archive: Archive, ids: Sequence[int]) -> Iterator[list[ArchivedArticle]]:
    """Yield articles by their ids, some at a time; samples and leads that an article replaced are left out."""
    newest = (
        select(func.max(Revision.number))
        .where(Revision.article_id == ArticleRow.id)
        .correlate(ArticleRow)
        .scalar_subquery()
    )
    query: Select[*tuple[Any, ...]] = (
        select(ArticleRow.id, ArticleRow.outlet, ArticleRow.language, ArticleRow.canonical_url)
        .add_columns(ArticleRow.first_seen_at, Revision.id.label("revision_id"), Revision.title, Revision.text)
        .add_columns(Revision.page_starts)
        .join(Revision, (Revision.article_id == ArticleRow.id) & (Revision.number == newest))
        .where(ArticleRow.replaced_by_id.is_(None), ~ArticleRow.is_sample)
        .order_by(ArticleRow.id.desc())
    )
    for start in range(0, len(ids), _AT_ONCE):
        with archive.reading() as connection:
            found = connection.execute(query.where(ArticleRow.id.in_(ids[start : start + _AT_ONCE]))).all()
        yield [_load(row) for row in found]


def count_between(archive: Archive, period: Period) -> tuple[int, datetime | None]:
    """Return how many articles came in a period, and when the first of them did; samples are left out."""
    query = select(func.count(ArticleRow.id), func.min(ArticleRow.first_seen_at)).where(~ArticleRow.is_sample)
    if period.since is not None:
        query = query.where(func.coalesce(ArticleRow.published_at, ArticleRow.first_seen_at) >= period.since)
    with archive.reading() as connection:
        count, first = connection.execute(query).one()
        return count, first


def _load(row: Row[Any]) -> ArchivedArticle:
    given = MatchInput(row.title, row.text, row.language, row.canonical_url)
    return ArchivedArticle(row.id, row.revision_id, row.outlet, row.first_seen_at, given, tuple(row.page_starts))
