"""Asking the index. In: what is asked, which articles may answer. Out: article ids, newest or best first.

Newest means last come to the archive.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Float, Select, bindparam, column, func, literal_column, select, table

from monitor.model.archiving import StoredArticle
from monitor.model.query import Expression
from monitor.model.searching import SearchedArticle
from monitor.store.articles import claims_hit, find_articles
from monitor.store.engine import Archive
from monitor.store.faults import retried
from monitor.store.latest import IS_LATEST
from monitor.store.schema import ArticleRow, Revision
from monitor.store.search.compiled import (
    MAX_BEGINNINGS,
    Asked,
    as_fts5,
    compile_expression,
    prefixes_of,
    stems_of,
)
from monitor.store.search.completing import knows_all
from monitor.store.search.tables import words
from monitor.store.search.tsquery import as_tsquery
from monitor.store.search.vectors import VectorQuery, Vectors

T = TypeVar("T")

MAX_RANKED = 5000
"""So many matches are ranked, the newest ones: ranking all that hold a common word would take seconds."""

_MAX_SIMILAR = 200
_END = 2**62


@dataclass(frozen=True, slots=True)
class Period:
    """Which articles may answer, by the day of their publication, or of their coming where that is unknown."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def bounds(self) -> dict[str, datetime]:
        """Those that there are, by name."""
        return {name: day for name, day in (("since", self.since), ("until", self.until)) if day}


@dataclass(frozen=True, slots=True)
class Best:
    """Articles, the best first; of how many that match, and whether older ones were left out."""

    ids: list[int]
    ranked: int
    is_partial: bool


_OF_STEMS = select(words).where(words.c.stem.in_(bindparam("stems", expanding=True)))
_TEXTS = (
    select(
        ArticleRow.id,
        Revision.title,
        Revision.text,
        ArticleRow.outlet,
        ArticleRow.byline,
        ArticleRow.canonical_url,
        ArticleRow.language,
    )
    .join(Revision, IS_LATEST)
    .where(ArticleRow.id.in_(bindparam("ids", expanding=True)), ArticleRow.replaced_by_id.is_(None))
)
_BEGUN = (
    select(words.c.word)
    .where(words.c.word >= bindparam("prefix"), words.c.word < bindparam("after"))
    .order_by(words.c.word)
    .limit(bindparam("most"))
)


@retried
def ask_index(archive: Archive, ask: Callable[["Index"], T]) -> T:
    """Return what `ask` learns from the index and its articles as they stand at one moment.

    It is asked anew where the database broke off, so it keeps nothing of its own.
    """
    with archive.reading() as connection:
        return ask(Index(connection))


def claim_candidates(
    archive: Archive, expression: Expression, period: Period, *, before: int | None, limit: int
) -> list[int]:
    """Return the newest articles of which a claim's expression may hold, as `newest` does: too many, never too few."""

    def ask(index: Index) -> list[int]:
        return index.newest(index.asked_of(expression, is_of_claim=True), period, before=before, limit=limit)

    return ask_index(archive, ask)


class Index:
    """The index and its articles, at one moment."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_sqlite = connection.dialect.name == "sqlite"

    def asked_of(self, expression: Expression, *, is_of_claim: bool = False) -> Asked:
        """Say what the index is asked for an expression; for a claim's, only title and text decide."""
        known = self._inflections(stems_of(expression)), self._beginnings(prefixes_of(expression))
        return compile_expression(expression, *known, is_of_claim=is_of_claim)

    def newest(self, asked: Asked, period: Period, *, before: int | None, limit: int) -> list[int]:
        """Return the newest articles that the index finds, with lower ids than `before`."""
        if not self._is_sqlite:
            vectors = self._vectors(asked, period)
            return vectors.newest(before, limit) if vectors else []
        if not (query := as_fts5(asked)):
            return []
        given = _asked(query, period, before=before, most=limit)
        return list(self._connection.scalars(_newest_of(frozenset(period.bounds)), given))

    def pages(self, asked: Asked, period: Period, sizes: Iterable[int]) -> Iterator[list[int]]:
        """Give the newest articles that the index finds page by page, so many on each at the most.

        Each page goes on where the one before ended, and nothing is looked for anew.
        """
        if not self._is_sqlite:
            if vectors := self._vectors(asked, period):
                yield from vectors.pages(sizes)
        elif query := as_fts5(asked):
            with self._connection.execute(_newest_of(frozenset(period.bounds)), _asked(query, period)) as found:
                for size in sizes:
                    if not (page := [article_id for (article_id,) in found.fetchmany(size)]):
                        return
                    yield page

    def best(self, asked: Asked, period: Period, *, limit: int) -> Best:
        """Return the best of the newest articles that the index finds."""
        if not self._is_sqlite:
            vectors = self._vectors(asked, period)
            ids, is_partial = vectors.best(MAX_RANKED) if vectors else ([], False)
            return Best(ids[:limit], len(ids), is_partial)
        if not (query := as_fts5(asked)):
            return Best([], 0, is_partial=False)
        given = _asked(query, period, most=MAX_RANKED + 1) | {"shown": limit + 1}
        rows = self._connection.execute(_best_of(frozenset(period.bounds)), given).all()
        if not rows:
            return Best([], 0, is_partial=False)
        _, count, oldest = rows[0]
        if count <= MAX_RANKED:
            return Best([row[0] for row in rows][:limit], count, is_partial=False)
        return Best([row[0] for row in rows if row[0] != oldest][:limit], MAX_RANKED, is_partial=True)

    def knows_places(self, asked: Asked) -> bool:
        """Say whether what is asked is told of long articles too: PostgreSQL doesn't know all places in them."""
        return self._is_sqlite or not asked.has_phrase

    def words_like(self, word: str) -> list[str]:
        """Return words of the index that begin as a word does, some of them."""
        return self._begun(word[:3], _MAX_SIMILAR)

    def articles(self, ids: Sequence[int]) -> dict[int, StoredArticle]:
        """Return articles with their texts, by id; leads that an article took the place of are left out."""
        return find_articles(self._connection, ids) if ids else {}

    def texts(self, ids: Sequence[int]) -> dict[int, SearchedArticle]:
        """Return of the same articles no more than what a query is held against."""
        found = self._connection.execute(_TEXTS, {"ids": list(ids)})
        return {row[0]: SearchedArticle(*row[1:]) for row in found}

    def claims(self, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """Return the claims ("list/claim") that articles bear on, by the article's id."""
        return claims_hit(self._connection, ids) if ids else {}

    def _vectors(self, asked: Asked, period: Period) -> Vectors | None:
        has_pairs = asked.has_phrase and knows_all(self._connection)
        if not (exact := as_tsquery(asked, has_pairs=has_pairs)):
            return None
        loose = as_tsquery(asked, is_loose=True, has_pairs=has_pairs)
        query = VectorQuery(exact, loose, as_tsquery(asked, is_loose=True), asked.has_prefix)
        return Vectors(self._connection, query, period.since, period.until)

    def _inflections(self, stems: frozenset[str]) -> dict[str, list[str]]:
        """Return the words that the index has of each stem."""
        found: dict[str, list[str]] = {}
        if stems:
            for word, stem in self._connection.execute(_OF_STEMS, {"stems": sorted(stems)}):
                found.setdefault(stem, []).append(word)
        return {stem: sorted(forms) for stem, forms in found.items()}

    def _beginnings(self, prefixes: frozenset[str]) -> dict[str, list[str]]:
        """Return the words of the index that begin with each prefix; nothing of one that has more than a few.

        Nothing on PostgreSQL, which is slower at many words than at a prefix; and nothing where not every article was
        seen to be in the index: its words may not all be listed.
        """
        found: dict[str, list[str]] = {}
        if prefixes and self._is_sqlite and knows_all(self._connection):
            for prefix in sorted(prefixes):
                forms = self._begun(prefix, MAX_BEGINNINGS + 1)
                if len(forms) <= MAX_BEGINNINGS:
                    found[prefix] = forms
        return found

    def _begun(self, prefix: str, most: int) -> list[str]:
        given = {"prefix": prefix, "after": prefix + "\U0010ffff", "most": most}
        return list(self._connection.scalars(_BEGUN, given))


_fts5 = table("search_index", column("rowid"))
_EVERY_ONE = -1

# A word in the title counts four times as much as one in the text, a fact nothing.
_RANK = literal_column("bm25(search_index, 4.0, 1.0, 1.0, 1.0, 0.0)", Float).label("rank")


def _asked(query: str, period: Period, *, before: int | None = None, most: int = _EVERY_ONE) -> dict[str, Any]:
    return {"query": query, "before": _END if before is None else before, "most": most} | period.bounds


@cache
def _newest_of(days: frozenset[str], *, is_ranked: bool = False) -> Select[*tuple[Any, ...]]:
    row = _fts5.c.rowid
    asked: Select[*tuple[Any, ...]] = select(row, _RANK) if is_ranked else select(row)
    asked = asked.where(
        literal_column("search_index").op("MATCH", is_comparison=True)(bindparam("query")), row < bindparam("before")
    )
    if days:
        asked = asked.join(ArticleRow, ArticleRow.id == row)
    shown_at, instant = func.coalesce(ArticleRow.published_at, ArticleRow.first_seen_at), ArticleRow.published_at.type
    if "since" in days:
        asked = asked.where(shown_at >= bindparam("since", type_=instant))
    if "until" in days:
        asked = asked.where(shown_at < bindparam("until", type_=instant))
    return asked.order_by(row.desc()).limit(bindparam("most"))


@cache
def _best_of(days: frozenset[str]) -> Select[*tuple[Any, ...]]:
    """Ask for the best of the newest, and with each of how many, and the oldest of them: one looking through for all.

    Sorted here, thousands of rows would take as long as the ranking.
    """
    newest = _newest_of(days, is_ranked=True).subquery()
    number = newest.c.rowid
    asked: Select[*tuple[Any, ...]] = select(number, func.count().over(), func.min(number).over())
    return asked.order_by(newest.c.rank, number.desc()).limit(bindparam("shown"))
