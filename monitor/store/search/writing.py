"""Keeping the index: an article enters it in the transaction that keeps the article.

In: what is in the archive's tables. Out: the index. Never: an article in the one and not in the other, once all are in.
"""

from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_on_conflict

from monitor.store.engine import Archive
from monitor.store.latest import IS_LATEST
from monitor.store.schema import ArticleRow, Revision
from monitor.store.search.analysed import Analysed, columns_of, facts_for_index, vector_of
from monitor.store.search.tables import entries, words
from monitor.text.stems import stem_of
from monitor.text.tokens import ANALYSIS

_MAX_KNOWN_WORDS = 300_000
_MAX_ASKED = 500

_known_words: "WeakKeyDictionary[Archive, set[str]]" = WeakKeyDictionary()
"""Words that are in each archive's index for sure: they were there, or we have committed them."""

_INTO_FTS5 = text(
    "INSERT OR REPLACE INTO search_index (rowid, title, text, outlet, byline, facts) "
    "VALUES (:id, :title, :text, :outlet, :byline, :facts)"
)
_OUT_OF_FTS5 = text("DELETE FROM search_index WHERE rowid = :id")
_INTO_VECTORS = text(
    "INSERT INTO search_index (article_id, vector) VALUES (:id, CAST(:vector AS tsvector)) "
    "ON CONFLICT (article_id) DO UPDATE SET vector = excluded.vector"
)


def index_article(connection: Connection, archive: Archive, article_id: int) -> set[str]:
    """Put an article's latest text into the index. Call `committed` with what is returned once that is committed."""
    (row,) = connection.execute(LATEST.where(ArticleRow.id == article_id))
    return write_analysed(connection, archive, [(article_id, analyse(row))])


def committed(archive: Archive, new_words: Iterable[str]) -> None:
    """Remember words that are in the index now."""
    known = _known_words.setdefault(archive, set())
    if len(known) > _MAX_KNOWN_WORDS:
        known.clear()
    known.update(new_words)


def forget_articles(connection: Connection, ids: Iterable[int]) -> None:
    """Take articles out of the index that are about to be deleted. On PostgreSQL that needs no help."""
    if gone := [{"id": article_id} for article_id in ids]:
        if connection.dialect.name == "sqlite":
            connection.execute(_OUT_OF_FTS5, gone)
        connection.execute(delete(entries).where(entries.c.article_id == bindparam("id")), gone)


LATEST = select(
    ArticleRow.id,
    ArticleRow.canonical_url,
    ArticleRow.outlet,
    ArticleRow.byline,
    ArticleRow.language,
    Revision.id.label("revision_id"),
    Revision.title,
    Revision.text,
).join(Revision, IS_LATEST)
"""What `analyse` takes: articles with their latest texts."""


def analyse(row: Row[*tuple[Any, ...]]) -> Analysed:
    """Analyse a row of `LATEST`."""
    facts = facts_for_index(row.canonical_url, row.language)
    return Analysed.of(row.title, row.text, row.outlet, row.byline, facts)


def write_analysed(connection: Connection, archive: Archive, articles: list[tuple[int, Analysed]]) -> set[str]:
    """Put articles into the index, by their ids. Call `committed` with what is returned once that is committed."""
    if not articles:
        return set()
    ids = [article_id for article_id, _ in articles]
    known = set(connection.scalars(select(entries.c.article_id).where(entries.c.article_id.in_(ids))))
    if connection.dialect.name == "sqlite":
        connection.execute(_INTO_FTS5, [{"id": article_id} | columns_of(article) for article_id, article in articles])
    else:
        rows = [{"id": article_id, "vector": vector_of(article_id, article)} for article_id, article in articles]
        connection.execute(_INTO_VECTORS, rows)
    kept = [{"id": article_id, "by": ANALYSIS} for article_id in ids]
    if known:
        now = [row for row in kept if row["id"] in known]
        connection.execute(
            update(entries).where(entries.c.article_id == bindparam("id")).values(analysis=bindparam("by")), now
        )
    if new := [{"article_id": row["id"], "analysis": ANALYSIS} for row in kept if row["id"] not in known]:
        connection.execute(insert(entries), new)
    return _add_words(connection, archive, set().union(*(article.listed() for _, article in articles)))


def _add_words(connection: Connection, archive: Archive, met: set[str]) -> set[str]:
    """Keep the words that the index doesn't know yet, each with its stem; return those to remember."""
    unknown = sorted(met - _known_words.get(archive, set()))
    for start in range(0, len(unknown), _MAX_ASKED):
        asked = unknown[start : start + _MAX_ASKED]
        there = set(connection.scalars(select(words.c.word).where(words.c.word.in_(asked))))
        if new := [{"word": word, "stem": stem_of(word)} for word in asked if word not in there]:
            connection.execute(insert_on_conflict(words).on_conflict_do_nothing(), new)
    return set(unknown)
