"""Asking PostgreSQL's index. In: what is asked, which articles may answer. Out: article ids, newest or best first.

A search for a common word would gather all its articles before it sorted them, so the newest are asked first and older
ones only for what is still wanting: by the buckets of articles, whose tokens are in the index with the words, so that
the two lists are joined there. How many are found among the newest tells how far to go next; what is rare among them is
rare in all, and then all are asked.

The index knows no places, so a phrase is asked for by the pairs of its neighbours and NEAR by its words, and each
article that has them is looked at.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from sqlalchemy import Connection, text

from monitor.store.search.analysed import BUCKET_BITS, bucket_token

MAX_READ, ENOUGH = 4_000, 100
"""So many articles that have the words of a NEAR or the pairs of a phrase are read for a ranking, unless it stands in
too few of them."""

_ALL = 2**40
_FIRST_WIDTH, _FIRST_WALK = 2048, 512
"""So many of the newest articles are asked of first: by the index, and one by one."""

_MAX_BUCKETS = 12
_FEW_BUCKETS, _FEW_WANTED = 4, 100
"""Each bucket that is asked of costs as much as a few articles too many, so where few are wanted, wider ones do."""

_FEW = 400
"""To read so many articles too many takes less than to ask once more."""

_GATHERED = 2.6
"""The index gathers all articles of a prefix before it gives one; so many are gathered while one is walked by."""

_MOST_A_WINDOW = 500
"""So many are kept of what was found, for who goes on from page to page."""

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
_RANK = "ts_rank(CAST('{0.25, 0.25, 0.25, 1.0}' AS real[]), vector, CAST(:words AS tsquery))"
_WHERE_IT_HOLDS = "CASE WHEN ts_match_vq(vector, CAST(:query AS tsquery)) THEN {rank} END"
_DAYS = "JOIN articles ON articles.id = found.article_id"
_SINCE = "coalesce(articles.published_at, articles.first_seen_at) >= :since"
_UNTIL = "coalesce(articles.published_at, articles.first_seen_at) < :until"
_LAST = text("SELECT max(id) FROM articles")


@dataclass(frozen=True, slots=True)
class VectorQuery:
    """What is asked, as tsqueries: as it is meant; as the index is asked, which knows no places; and its words.

    All may be the same. `has_prefix` says whether a prefix is in it.
    """

    exact: str
    loose: str
    words: str
    has_prefix: bool


class Vectors:
    """One search of PostgreSQL's index, within some days or all, window by window from the newest articles on."""

    def __init__(
        self, connection: Connection, query: VectorQuery, since: datetime | None = None, until: datetime | None = None
    ) -> None:
        self._connection, self._query = connection, query
        self._days = {name: day for name, day in (("since", since), ("until", until)) if day}
        self._ids: list[int] = []
        self._ranks: list[float] = []
        self._read = 0
        self._first = self._end = 0

    def newest(self, before: int | None, limit: int) -> list[int]:
        """Return the newest articles, with lower ids than `before`."""
        self._begin(before)
        while self._end > 0 and len(self._ids) < limit:
            self._step(limit - len(self._ids), limit - len(self._ids), is_ranked=False)
        return self._ids

    def pages(self, sizes: Iterable[int]) -> Iterator[list[int]]:
        """Give the newest articles page by page, so many on each at the most."""
        self._begin(None)
        given = 0
        for size in sizes:
            while self._end > 0 and (wanted := given + size - len(self._ids)) > 0:
                self._step(wanted, max(wanted, _MOST_A_WINDOW), is_ranked=False)
            if not (page := self._ids[given : given + size]):
                return
            yield page
            given += len(page)

    def best(self, most: int) -> tuple[list[int], bool]:
        """Return the newest articles, as many as are ranked, the best first; and whether there are older ones."""
        # Days may leave out all that was read: then older articles are what is wanted.
        is_bounded = self._query.exact != self._query.loose and not self._days
        is_partial = self._find_ranked(most + 1, MAX_READ if is_bounded else _ALL) or len(self._ids) > most
        ranked = sorted(zip(self._ranks[:most], self._ids[:most], strict=True), reverse=True)
        return [article_id for _, article_id in ranked], is_partial

    def _find_ranked(self, limit: int, most_read: int) -> bool:
        """Find the newest articles; say whether older ones are left since enough were read."""
        self._begin(None)
        while self._end > 0 and (found := len(self._ids)) < limit:
            left = most_read - self._read if found >= ENOUGH else most_read
            if left <= 0:
                return True
            self._step(limit - found, limit - found, is_ranked=True, most_read=left)
        return False

    def _begin(self, before: int | None) -> None:
        self._first = self._end = before if before is not None else (self._connection.scalar(_LAST) or 0) + 1

    def _step(self, wanted: int, limit: int, *, is_ranked: bool, most_read: int = _ALL) -> None:
        """Look through the next window, as wide as it takes to find those wanted; take so many at the most."""
        end, before = self._end, len(self._ids)
        width = self._width(wanted, most_read)
        if self._is_to_walk(width):
            start = max(0, end - width)
            self._go_through(start, end, limit, is_ranked=is_ranked)
        else:
            start, buckets = self._window(width, wanted)
            self._ask_index(end, buckets, limit, is_ranked=is_ranked)
        is_cut = len(self._ids) - before == limit
        self._end = self._ids[-1] if is_cut else start

    def _width(self, wanted: int, most_read: int) -> int:
        """Say in how many articles those wanted will stand, by what was found in those looked at."""
        looked_at, found = self._first - self._end, len(self._ids)
        if not looked_at:
            return self._first_width(wanted)
        # The fewer were found, the less they tell.
        width = int(wanted * looked_at * (1 + 1 / sqrt(found)) / found) if found else wanted * looked_at * 2
        return max(1, min(width, most_read * looked_at // self._read)) if self._read else width

    def _first_width(self, wanted: int) -> int:
        return min(_FIRST_WIDTH, max(_FIRST_WALK, 24 * wanted)) if self._query.has_prefix else _FIRST_WIDTH

    def _is_to_walk(self, width: int) -> bool:
        if not self._query.has_prefix:
            return False
        looked_at = self._first - self._end
        return not looked_at or width * _GATHERED * looked_at <= self._first * len(self._ids)

    def _window(self, width: int, wanted: int) -> tuple[int, str]:
        """Choose the next articles, or all where few match in all; return the first, and their buckets."""
        looked_at = self._first - self._end
        if looked_at and (self._read + 1) * (self._end - width) <= _FEW * looked_at:
            return 0, ""
        return _buckets(self._end, width, _FEW_BUCKETS if wanted <= _FEW_WANTED else _MAX_BUCKETS)

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
        queries = {"query": self._query.exact, "words": self._query.words}
        wanted = {"limit": limit} | {name: query for name, query in queries.items() if f":{name}" in statement}
        read, ids, ranks = self._connection.execute(text(statement), wanted | given | self._days).one()
        self._read += read
        self._ids += ids or []
        self._ranks += ranks or []


def _buckets(end: int, width: int, most: int) -> tuple[int, str]:
    """Return the buckets that hold the articles before `end`, about so many, and where they begin."""
    for bits in BUCKET_BITS:
        last, first = (end - 1) >> bits, max(0, end - width) >> bits
        if last - first < most and first > 0:
            tokens = [f"'{bucket_token(bits, number)}'" for number in range(first, last + 1)]
            return first << bits, " | ".join(tokens)
    return 0, ""
