"""Articles for the search's tests, put straight into the archive's tables."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert

from monitor.model.searching import SearchedArticle
from monitor.store.engine import Archive
from monitor.store.schema import ArticleRow, Revision
from monitor.store.search.completing import take_in
from tests.unit.store.archives import NOW


def put(archive: Archive, articles: Sequence[SearchedArticle], *, at: datetime = NOW, apart: int = 0) -> None:
    """Keep articles, numbered on from the last one, an hour between two, without putting them into the index.

    With `apart`, their numbers are that and its multiples.
    """
    with archive.writing() as connection:
        for number, article in enumerate(articles):
            row = {
                "url_key": secrets.token_hex(8),
                "canonical_url": article.url,
                "outlet": article.outlet,
                "byline": article.byline,
                "language": article.language,
                "first_seen_at": at + timedelta(hours=number),
            } | ({"id": (number + 1) * apart} if apart else {})
            article_id = connection.scalar(insert(ArticleRow).returning(ArticleRow.id), row)
            revision: dict[str, object] = {
                "article_id": article_id,
                "number": 1,
                "title": article.title,
                "text": article.text,
                "text_sha256": "0" * 64,
                "extraction": "text",
                "made_at": at,
                "page_starts": [],
            }
            connection.execute(insert(Revision), revision)


def put_and_index(archive: Archive, articles: Sequence[SearchedArticle]) -> None:
    """Keep articles and put them into the index."""
    put(archive, articles)
    take_in(archive, lambda _done, _total: None)
