"""Articles of the archive to be judged once more, and how far that has come."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, update

from monitor.model.archiving import LiveClaim
from monitor.model.matching import MatchInput
from monitor.store.archive import JudgedRevision, record_hits
from monitor.store.engine import Archive, insert_new, read_rows
from monitor.store.faults import retried
from monitor.store.latest import IS_LATEST
from monitor.store.schema import ArticleRow, ClaimReplay, Revision
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
    query: Select[*tuple[Any, ...]] = (
        select(ArticleRow.id, ArticleRow.outlet, ArticleRow.language, ArticleRow.canonical_url)
        .add_columns(ArticleRow.first_seen_at, Revision.id.label("revision_id"), Revision.title, Revision.text)
        .add_columns(Revision.page_starts)
        .join(Revision, IS_LATEST)
        .where(ArticleRow.replaced_by_id.is_(None), ~ArticleRow.is_sample)
        .order_by(ArticleRow.id.desc())
    )
    for start in range(0, len(ids), _AT_ONCE):
        found = read_rows(archive, query.where(ArticleRow.id.in_(ids[start : start + _AT_ONCE])))
        yield [_load(row) for row in found]


@retried
def count_between(archive: Archive, period: Period) -> tuple[int, datetime | None]:
    """Return how many articles came in a period, and when the first of them did; samples are left out."""
    query = select(func.count(ArticleRow.id), func.min(ArticleRow.first_seen_at)).where(~ArticleRow.is_sample)
    if period.since is not None:
        query = query.where(func.coalesce(ArticleRow.published_at, ArticleRow.first_seen_at) >= period.since)
    with archive.reading() as connection:
        count, first = connection.execute(query).one()
        return count, first


@retried
def newest_between(archive: Archive, period: Period, limit: int) -> list[int]:
    """Return the newest articles that came in a period; samples are left out."""
    query = select(ArticleRow.id).where(~ArticleRow.is_sample).order_by(ArticleRow.id.desc()).limit(limit)
    if period.since is not None:
        query = query.where(func.coalesce(ArticleRow.published_at, ArticleRow.first_seen_at) >= period.since)
    with archive.reading() as connection:
        return list(connection.scalars(query))


@retried
def ids_between(archive: Archive, ids: Iterable[int], period: Period) -> list[int]:
    """Return those of some articles that came in a period."""
    asked, found = sorted(ids), list[int]()
    published_at = func.coalesce(ArticleRow.published_at, ArticleRow.first_seen_at)
    with archive.reading() as connection:
        for start in range(0, len(asked), _AT_ONCE):
            query = select(ArticleRow.id).where(ArticleRow.id.in_(asked[start : start + _AT_ONCE]))
            found += connection.scalars(query if period.since is None else query.where(published_at >= period.since))
    return found


def _load(row: Row[Any]) -> ArchivedArticle:
    given = MatchInput(row.title, row.text, row.language, row.canonical_url)
    return ArchivedArticle(row.id, row.revision_id, row.outlet, row.first_seen_at, given, tuple(row.page_starts))


@dataclass(frozen=True, slots=True)
class PendingReplay:
    """A live claim that is still to be held against the articles with ids under `below`."""

    claim: LiveClaim
    below: int


@retried
def begin_replays(archive: Archive, claims: Sequence[LiveClaim]) -> list[PendingReplay]:
    """Return the claims whose revision was not held against the whole archive yet; new ones begin at its end."""
    with archive.reading() as connection:
        if not _open_replays(connection, claims):
            return []
    with archive.writing() as connection:
        end = (connection.scalar(select(func.max(ArticleRow.id))) or 0) + 1
        known = _known_replays(connection)
        for claim in claims:
            if claim.claim_revision_id not in known:
                row = {"claim_revision_id": claim.claim_revision_id, "below": end, "is_done": end == 1}
                connection.execute(insert_new(ClaimReplay), row)
        return _open_replays(connection, claims)


def _known_replays(connection: Connection) -> dict[int, Row[int, int, bool]]:
    query = select(ClaimReplay.claim_revision_id, ClaimReplay.below, ClaimReplay.is_done)
    return {row.claim_revision_id: row for row in connection.execute(query)}


def _open_replays(connection: Connection, claims: Sequence[LiveClaim]) -> list[PendingReplay]:
    """Return what is not done; a claim that has not begun stands below 0."""
    known = _known_replays(connection)
    pending = [(claim, known.get(claim.claim_revision_id)) for claim in claims]
    return [PendingReplay(claim, row.below if row else 0) for claim, row in pending if row is None or not row.is_done]


@retried
def record_replay(
    archive: Archive, claim: LiveClaim, judged: Sequence[JudgedRevision], below: int, *, is_done: bool
) -> list[int]:
    """Keep the hits that a stretch of a replay found and how far it came, in one transaction; return the new hits."""
    new: list[int] = []
    with archive.writing() as connection:
        for one in judged:
            new += record_hits(connection, one, {claim.identifier: claim})
        this = ClaimReplay.claim_revision_id == claim.claim_revision_id
        connection.execute(update(ClaimReplay).where(this).values(below=below, is_done=is_done))
    return new
