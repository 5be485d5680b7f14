"""SQLite's index is brought into one piece, and nothing else about it changes."""

import pytest
from sqlalchemy import text

from monitor.model.query import Word
from monitor.model.searching import SearchedArticle
from monitor.store.engine import Archive
from monitor.store.search import merging
from monitor.store.search.merging import is_in_pieces, merge
from monitor.store.search.reading import Index, Period
from monitor.store.search.writing import index_article
from tests.unit.store.search.corpus import put

COUNT = 7


def put_one(archive: Archive, number: int) -> None:
    put(archive, [SearchedArticle(f"Notice {number}", "A raid on a bar.")])
    with archive.writing() as connection:
        index_article(connection, archive, number)


def pieces(archive: Archive) -> int:
    with archive.reading() as connection:
        return connection.scalar(text("SELECT count(DISTINCT segid) FROM search_index_idx")) or 0


def found(archive: Archive) -> list[int]:
    with archive.reading() as connection:
        index = Index(connection)
        return index.newest(index.asked_of(Word("raid")), Period(), before=None, limit=100)


@pytest.fixture
def grown(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Archive:
    monkeypatch.setattr(merging, "_AT_LEAST", 3)
    for number in range(1, COUNT + 1):
        put_one(archive, number)
    return archive


def test_an_index_in_pieces_is_brought_into_one_and_finds_what_it_found(grown: Archive) -> None:
    if not grown.is_sqlite:
        assert not is_in_pieces(grown)
        merge(grown)
    else:
        assert (pieces(grown) > 1, is_in_pieces(grown)) == (True, True)
        merge(grown)
        assert (pieces(grown), is_in_pieces(grown)) == (1, False)
    assert found(grown) == list(range(COUNT, 0, -1))


def test_what_grew_by_little_is_left_alone(grown: Archive) -> None:
    merge(grown)
    put_one(grown, COUNT + 1)
    assert not is_in_pieces(grown)
    assert found(grown) == list(range(COUNT + 1, 0, -1))
