"""Asking PostgreSQL's index. In: what is asked, which articles may answer. Out: article ids, newest or best first.

A search for a common word would gather all its articles before it sorted them, so the newest are asked first and older
ones only for what is still wanting: by the buckets of articles, whose tokens are in the index with the words, so that
the two lists are joined there. How many are found among the newest tells how far to go next; what is rare among them is
rare in all, and then all are asked.

The index knows no places, so a phrase is asked for by its words, and each article that has them is looked at.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from monitor.store.search.analysed import BUCKET_BITS, bucket_token

MAX_READ, ENOUGH = 8_000, 100
"""So many articles that have a phrase's words are read for a ranking, unless it stands in too few of them."""

_ALL = 2**40
_FIRST_WIDTH = 2048
_MAX_BUCKETS = 12
_FEW = 6_000
"""So many matches are gathered from all over the table in some ten milliseconds."""

_DENSE = 8
"""Where a prefix stands in every eighth article, going through the articles is quicker than the index, which gathers
all articles of a prefix before it gives one."""

# Arrays, as thousands of rows take longer. Materialised, or the planner may walk the articles backwards and test each:
# quick only where most match. With + 0, or it may gather all articles before the end. What doesn't hold has no rank.
_FROM_INDEX = """
WITH found AS MATERIALIZED (
    SELECT article_id, {rank} AS rank FROM search_index
    WHERE vector @@ CAST(:asked AS tsquery) AND article_id + 0 < :end
)
SELECT (SELECT count(*) FROM found), array_agg(article_id), array_agg(rank) FROM (
    SELECT found.article_id, found.rank FROM found {days} ORDER BY found.article_id DESC LIMIT :limit
) AS newest
"""
# The function in place of its operator, so that the index isn't asked: articles are gone through as they stand.
_ONE_BY_ONE = """
SELECT count(*), array_agg(article_id), array_agg(rank) FROM (
    SELECT found.article_id, found.rank FROM (
        SELECT article_id, {rank} AS rank FROM search_index
        WHERE ts_match_vq(vector, CAST(:query AS tsquery)) AND article_id < :end AND article_id >= :start
    ) AS found {days} ORDER BY found.article_id DESC LIMIT :limit
) AS newest
"""
# A word in the title counts four times as much as one elsewhere.
_RANK = "ts_rank(CAST('{0.25, 0.25, 0.25, 1.0}' AS real[]), vector, CAST(:query AS tsquery))"
_WHERE_IT_HOLDS = "CASE WHEN ts_match_vq(vector, CAST(:query AS tsquery)) THEN {rank} END"
_DAYS = "JOIN articles ON articles.id = found.article_id"
_SINCE = "coalesce(articles.published_at, articles.first_seen_at) >= :since"
_UNTIL = "coalesce(articles.published_at, articles.first_seen_at) < :until"
_LAST = text("SELECT max(id) FROM articles")


@dataclass(frozen=True, slots=True)
class VectorQuery:
    """What is asked, as tsqueries: as it is meant, and with phrases as words, which may be the same.

    `has_prefix` says whether a prefix is in it.
    """

    exact: str
    loose: str
    has_prefix: bool


class Vectors:
    """One search of PostgreSQL's index, within some days or all."""

    def __init__(
        self, connection: Connection, query: VectorQuery, since: datetime | None = None, until: datetime | None = None
    ) -> None:
        self._connection, self._query = connection, query
        self._days = {name: day for name, day in (("since", since), ("until", until)) if day}
        self._ids: list[int] = []
        self._ranks: list[float] = []
        self._read = 0

    def newest(self, before: int | None, limit: int) -> list[int]:
        """Return the newest articles, with lower ids than `before`."""
        self._find(before, limit, None)
        return self._ids

    def best(self, most: int) -> tuple[list[int], bool]:
        """Return the newest articles, as many as are ranked, the best first; and whether there are older ones."""
        # Days may leave out all that was read: then older articles are what is wanted.
        is_bounded = self._query.exact != self._query.loose and not self._days
        is_partial = self._find(None, most + 1, MAX_READ if is_bounded else _ALL) or len(self._ids) > most
        ranked = sorted(zip(self._ranks[:most], self._ids[:most], strict=True), reverse=True)
        return [article_id for _, article_id in ranked], is_partial

    def _find(self, before: int | None, limit: int, most_read: int | None) -> bool:
        """Find the newest articles; say whether older ones are left since enough were read."""
        first = before if before is not None else (self._connection.scalar(_LAST) or 0) + 1
        is_ranked, is_dense, end = most_read is not None, self._query.has_prefix, first
        start, buckets = (max(0, end - _FIRST_WIDTH), "") if is_dense else _buckets(end, _FIRST_WIDTH)
        while end > 0:
            if is_dense:
                self._go_through(start, end, limit, is_ranked=is_ranked)
            else:
                self._ask_index(end, buckets, limit, is_ranked=is_ranked)
            found, looked_at, end = len(self._ids), first - start, start
            if found >= limit:
                break
            width = (limit - found) * looked_at * 3 // (2 * max(1, found))
            if most_read is not None and self._read:
                left = most_read - self._read if found >= ENOUGH else most_read
                if end > 0 >= left:
                    return True
                width = min(width, left * looked_at // self._read)
            is_dense = self._query.has_prefix and found * _DENSE > looked_at
            reads = self._read * first // looked_at
            start, buckets = (max(0, end - width), "") if is_dense else _next(end, width, reads)
        return False

    def _ask_index(self, end: int, buckets: str, limit: int, *, is_ranked: bool) -> None:
        query = self._query
        rank = _RANK if is_ranked else "0"
        rank = rank if query.exact == query.loose else _WHERE_IT_HOLDS.format(rank=rank)
        asked = f"({query.loose}) & ({buckets})" if buckets else query.loose
        self._add(_FROM_INDEX.format(rank=rank, days=self._bounds("rank IS NOT NULL")), limit, asked=asked, end=end)

    def _go_through(self, start: int, end: int, limit: int, *, is_ranked: bool) -> None:
        statement = _ONE_BY_ONE.format(rank=_RANK if is_ranked else "0", days=self._bounds())
        self._add(statement, limit, start=start, end=end)

    def _bounds(self, *others: str) -> str:
        bounds = [*others, *[{"since": _SINCE, "until": _UNTIL}[name] for name in self._days]]
        return f"{_DAYS if self._days else ''} WHERE {' AND '.join(bounds)}" if bounds else ""

    def _add(self, statement: str, limit: int, **given: str | int) -> None:
        wanted = {"limit": limit - len(self._ids)} | ({"query": self._query.exact} if ":query" in statement else {})
        read, ids, ranks = self._connection.execute(text(statement), wanted | given | self._days).one()
        self._read += read
        self._ids += ids or []
        self._ranks += ranks or []


def _next(end: int, width: int, reads: int) -> tuple[int, str]:
    """Choose how many articles to ask next: those wanted, or all where few match in all."""
    if width > _MAX_BUCKETS << BUCKET_BITS[0] and reads <= _FEW:
        return 0, ""
    return _buckets(end, width)


def _buckets(end: int, width: int) -> tuple[int, str]:
    """Return the buckets that hold the articles before `end`, about so many, and where they begin."""
    for bits in BUCKET_BITS:
        last, first = (end - 1) >> bits, max(0, end - width) >> bits
        if last - first < _MAX_BUCKETS and first > 0:
            tokens = [f"'{bucket_token(bits, number)}'" for number in range(first, last + 1)]
            return first << bits, " | ".join(tokens)
    return 0, ""
