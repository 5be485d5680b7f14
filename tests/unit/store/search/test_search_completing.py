"""The index is brought up to the archive in steps, and made anew beside those who use it. On both databases."""

from typing import Any

import pytest
from sqlalchemy import delete, insert, text

from monitor.model.query import Word
from monitor.model.searching import SearchedArticle
from monitor.store.engine import Archive
from monitor.store.schema import ArticleRow, Revision
from monitor.store.search import completing
from monitor.store.search.completing import count_missing, is_complete, is_rebuilding, rebuild, take_in
from monitor.store.search.reading import Index, Period
from monitor.store.search.writing import committed, index_article
from tests.unit.store.archives import NOW
from tests.unit.store.search.corpus import put, put_and_index

ARTICLES = [SearchedArticle(f"Notice {number}", "A raid on a bar.") for number in range(5)]


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completing, "BATCH", 2)


def found(archive: Archive, word: str) -> list[int]:
    with archive.reading() as connection:
        index = Index(connection)
        return index.newest(index.asked_of(Word(word)), Period(), before=None, limit=100)


def quietly(_done: int, _total: int) -> None:
    pass


def test_an_older_archive_is_taken_in_step_by_step_and_is_then_whole(archive: Archive) -> None:
    put(archive, ARTICLES)
    assert (count_missing(archive), is_complete(archive)) == (5, False)
    assert take_in(archive, quietly, most=2) == 2
    assert (count_missing(archive), is_complete(archive)) == (3, False)
    steps: list[tuple[int, int]] = []
    assert take_in(archive, lambda *step: steps.append(step)) == 3
    assert (steps, count_missing(archive), is_complete(archive)) == ([(2, 3), (3, 3)], 0, True)
    assert found(archive, "raid") == [5, 4, 3, 2, 1]


def test_made_anew_in_steps_it_goes_on_where_it_was_and_everything_is_found_meanwhile(archive: Archive) -> None:
    put_and_index(archive, ARTICLES)
    assert rebuild(archive, quietly, most=2) == 2
    assert (is_rebuilding(archive), found(archive, "raid")) == (True, [5, 4, 3, 2, 1])
    assert count_missing(archive) == 0
    with pytest.raises(KeyboardInterrupt):
        rebuild(archive, stop)
    assert rebuild(archive, quietly) == 1
    assert (is_rebuilding(archive), is_complete(archive), found(archive, "raid")) == (False, True, [5, 4, 3, 2, 1])


def stop(_done: int, _total: int) -> None:
    raise KeyboardInterrupt


def test_what_the_index_lost_is_missed_and_there_again_once_it_is_made_anew(archive: Archive) -> None:
    put_and_index(archive, ARTICLES)
    with archive.writing() as connection:
        connection.execute(text(f"DELETE FROM search_index WHERE {'rowid' if archive.is_sqlite else 'article_id'} = 3"))
    assert (count_missing(archive), found(archive, "raid")) == (1, [5, 4, 2, 1])
    assert rebuild(archive, quietly) == 5
    assert (count_missing(archive), found(archive, "raid")) == (0, [5, 4, 3, 2, 1])


def test_an_article_that_changes_meanwhile_stands_there_as_it_is_now(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_and_index(archive, ARTICLES)
    read = completing._next

    def read_and_change(given: Archive, query: Any, last: int) -> Any:
        rows = read(given, query, last)
        if rows and rows[0].id == 1:
            change(archive, 1, "The strike is over.")
        return rows

    monkeypatch.setattr(completing, "_next", read_and_change)
    rebuild(archive, quietly)
    assert (found(archive, "strike"), found(archive, "raid")) == ([1], [5, 4, 3, 2])


def change(archive: Archive, article_id: int, new: str) -> None:
    revision = {"article_id": article_id, "number": 2, "title": "", "text": new, "text_sha256": "1" * 64}
    with archive.writing() as connection:
        connection.execute(insert(Revision), revision | {"extraction": "text", "made_at": NOW, "page_starts": []})
        words = index_article(connection, archive, article_id)
    committed(archive, words)


def test_articles_that_are_no_more_are_taken_out(archive: Archive) -> None:
    put_and_index(archive, ARTICLES)
    with archive.writing() as connection:
        connection.execute(delete(ArticleRow).where(ArticleRow.id.in_([2, 5])))
    rebuild(archive, quietly)
    with archive.reading() as connection:
        row = "rowid" if archive.is_sqlite else "article_id"
        assert set(connection.scalars(text(f"SELECT {row} FROM search_index"))) == {1, 3, 4}
    assert found(archive, "raid") == [4, 3, 1]


def test_a_damaged_index_is_begun_with_an_empty_one(archive: Archive) -> None:
    if not archive.is_sqlite:
        pytest.skip("PostgreSQL's index is a table like others")
    put_and_index(archive, ARTICLES)
    with archive.writing() as connection:
        connection.execute(text("UPDATE search_index_data SET block = x'ffffffffffffffff'"))
    rebuild(archive, quietly)
    assert (is_complete(archive), found(archive, "raid")) == (True, [5, 4, 3, 2, 1])
