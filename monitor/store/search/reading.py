"""Asking the index. In: what is asked, which articles may answer. Out: article ids, newest or best first.

Newest means last come to the archive. On PostgreSQL a search for a common word would gather all its articles before it
sorted them, so the newest buckets of articles are asked first and older ones only for what is still wanting; each
bucket's token is in the index with the words, and the two lists are joined there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import ColumnElement, Connection, Select, cast, column, func, literal, literal_column, select, table
from sqlalchemy.dialects.postgresql import TSQUERY

from monitor.model.query import Expression
from monitor.store.engine import Archive
from monitor.store.schema import ArticleRow
from monitor.store.search.analysed import BUCKET_BITS, bucket_token
from monitor.store.search.compiled import (
    MAX_BEGINNINGS,
    Asked,
    as_fts5,
    as_tsquery,
    compile_expression,
    prefixes_of,
    stems_of,
)
from monitor.store.search.completing import is_complete
from monitor.store.search.tables import words

MAX_RANKED = 5000
"""So many matches are ranked, the newest ones: ranking all that hold a common word would take seconds."""

_FIRST_WIDTH = 2048
_MAX_BUCKETS = 12
_MAX_SIMILAR = 200


@dataclass(frozen=True, slots=True)
class Period:
    """Which articles may answer, by the day of their publication, or of their coming where that is unknown."""

    since: datetime | None = None
    until: datetime | None = None


_fts5 = table("search_index", column("rowid"))
_vectors = table("search_index", column("article_id"), column("vector"))


def _inflections(archive: Archive, stems: frozenset[str]) -> dict[str, list[str]]:
    """Return the words that the index has of each stem."""
    found: dict[str, list[str]] = {}
    if stems:
        with archive.reading() as connection:
            for word, stem in connection.execute(select(words).where(words.c.stem.in_(sorted(stems)))):
                found.setdefault(stem, []).append(word)
    return {stem: sorted(forms) for stem, forms in found.items()}


def _beginnings(archive: Archive, prefixes: frozenset[str]) -> dict[str, list[str]]:
    """Return the words of the index that begin with each prefix; nothing of one that has more than a few.

    Nothing on PostgreSQL, which is slower at many words than at a prefix; and nothing where not every article was seen
    to be in the index: its words may not all be listed.
    """
    found: dict[str, list[str]] = {}
    if prefixes and archive.is_sqlite and is_complete(archive):
        with archive.reading() as connection:
            for prefix in sorted(prefixes):
                begun = words.c.word.between(prefix, prefix + "\U0010ffff")
                forms = list(connection.scalars(select(words.c.word).where(begun).limit(MAX_BEGINNINGS + 1)))
                if len(forms) <= MAX_BEGINNINGS:
                    found[prefix] = sorted(forms)
    return found


def asked_of(archive: Archive, expression: Expression, *, is_of_claim: bool = False) -> Asked:
    """Say what the index is asked for an expression; for a claim's, only title and text decide."""
    known = _inflections(archive, stems_of(expression)), _beginnings(archive, prefixes_of(expression))
    return compile_expression(expression, *known, is_of_claim=is_of_claim)


def claim_candidates(
    archive: Archive, expression: Expression, period: Period, *, before: int | None, limit: int
) -> list[int]:
    """Return the newest articles of which a claim's expression may hold, as `newest` does: too many, never too few."""
    return newest(archive, asked_of(archive, expression, is_of_claim=True), period, before=before, limit=limit)


def words_like(archive: Archive, word: str) -> list[str]:
    """Return words of the index that begin as a word does, some of them."""
    first = words.c.word >= word[:2]
    query = select(words.c.word).where(first, words.c.word < word[:2] + "\U0010ffff").order_by(words.c.word)
    near = query.where(words.c.word >= word[:3]).limit(_MAX_SIMILAR)
    with archive.reading() as connection:
        return list(connection.scalars(near))


def newest(archive: Archive, asked: Asked, period: Period, *, before: int | None, limit: int) -> list[int]:
    """Return the newest articles that the index finds, with lower ids than `before`."""
    with archive.reading() as connection:
        first = before if before is not None else _end(connection)
        if archive.is_sqlite:
            return _newest_fts5(connection, as_fts5(asked), period, first, limit)
        return _newest_vectors(connection, as_tsquery(asked), period, first, limit)


def best(archive: Archive, asked: Asked, period: Period, *, limit: int) -> tuple[list[int], bool]:
    """Return the best of the newest articles that the index finds, and whether older ones weren't looked at."""
    ids = newest(archive, asked, period, before=None, limit=MAX_RANKED + 1)
    is_partial, ids = len(ids) > MAX_RANKED, ids[:MAX_RANKED]
    if not ids:
        return [], False
    ranked = _ranked_fts5(as_fts5(asked), ids) if archive.is_sqlite else _ranked_vectors(as_tsquery(asked), ids)
    wanted = set(ids)
    with archive.reading() as connection:
        return list(islice((found for found in connection.scalars(ranked) if found in wanted), limit)), is_partial


def _end(connection: Connection) -> int:
    return (connection.scalar(select(func.max(ArticleRow.id))) or 0) + 1


def _matches(query: str) -> ColumnElement[bool]:
    return literal_column("search_index").op("MATCH", is_comparison=True)(query)


def _holds(query: str) -> ColumnElement[bool]:
    return _vectors.c.vector.op("@@", is_comparison=True)(cast(query, TSQUERY))


def _newest_fts5(connection: Connection, query: str, period: Period, before: int, limit: int) -> list[int]:
    if not query:
        return []
    row = _fts5.c.rowid
    asked = select(row).where(_matches(query), row < before).order_by(row.desc()).limit(limit)
    return list(connection.scalars(_within(asked, row, period)))


def _ranked_fts5(query: str, ids: list[int]) -> Select[int]:
    """Rank by BM25: a word in the title counts four times as much as one in the text, a fact nothing."""
    rank = func.bm25(literal_column("search_index"), 4.0, 1.0, 1.0, 1.0, 0.0)
    row = _fts5.c.rowid
    return select(row).where(_matches(query), row >= ids[-1]).order_by(rank, row.desc()).limit(MAX_RANKED)


def _ranked_vectors(query: str, ids: list[int]) -> Select[int]:
    rank = func.ts_rank(literal_column("'{0.25, 0.25, 0.25, 1.0}'::real[]"), _vectors.c.vector, cast(query, TSQUERY))
    article = _vectors.c.article_id
    return select(article).where(article == func.any(ids)).order_by(rank.desc(), article.desc())


def _newest_vectors(connection: Connection, query: str, period: Period, before: int, limit: int) -> list[int]:
    if not query:
        return []
    found: list[int] = []
    end, width = before, _FIRST_WIDTH
    while end > 0 and len(found) < limit:
        start, buckets = _buckets(end, width)
        asked = f"({query}) & ({buckets})" if buckets else query
        # Materialised, or the planner may walk the articles backwards and test each: quick only where most match.
        inner = select(_vectors.c.article_id).where(_holds(asked), _vectors.c.article_id < end)
        article = inner.cte("found").prefix_with("MATERIALIZED").c.article_id
        outer = select(article).order_by(article.desc()).limit(limit - len(found))
        found += connection.scalars(_within(outer, article, period))
        width = _next_width(len(found), before - start, limit, width)
        end = start
    return found


def _within(asked: Select[int], article_id: ColumnElement[int], period: Period) -> Select[int]:
    if period == Period():
        return asked
    shown_at = func.coalesce(ArticleRow.published_at, ArticleRow.first_seen_at)
    asked = asked.join(ArticleRow, ArticleRow.id == article_id)
    asked = asked.where(shown_at >= literal(period.since, ArticleRow.published_at.type)) if period.since else asked
    return asked.where(shown_at < literal(period.until, ArticleRow.published_at.type)) if period.until else asked


def _buckets(end: int, width: int) -> tuple[int, str]:
    """Return the buckets that hold the articles before `end`, about so many, and where they begin."""
    for bits in BUCKET_BITS:
        last, first = (end - 1) >> bits, max(0, end - width) >> bits
        if last - first < _MAX_BUCKETS and first > 0:
            tokens = [f"'{bucket_token(bits, number)}'" for number in range(first, last + 1)]
            return first << bits, " | ".join(tokens)
    return 0, ""


def _next_width(found: int, looked_at: int, limit: int, width: int) -> int:
    """Choose how many articles to ask next, so that what is still wanting is likely among them."""
    if not found:
        return width * 8
    return max(width, min(width * 8, (limit - found) * looked_at * 2 // found))


def articles_in_index(archive: Archive, ids: Iterable[int]) -> set[int]:
    """Return which of some articles the index itself holds."""
    held = _fts5.c.rowid if archive.is_sqlite else _vectors.c.article_id
    with archive.reading() as connection:
        return set(connection.scalars(select(held).where(held.in_(list(ids)))))
