"""What PostgreSQL's index tells by itself, and what it leaves to who looks at the article."""

from collections.abc import Sequence

import pytest
from sqlalchemy import text

from monitor.model.query import Expression, Near, Or, Phrase, Title, Word
from monitor.model.searching import SearchedArticle
from monitor.store.engine import Archive
from monitor.store.search import analysed, completing, tsquery, writing
from monitor.store.search.completing import is_complete, take_in
from monitor.store.search.reading import Index, Period
from monitor.store.search.tsquery import as_tsquery
from monitor.text.tokens import ANALYSIS
from tests.unit.store.search.corpus import put, put_and_index

POLICE_RAID = Phrase(("police", "raid"))


def articles(*texts: str) -> list[SearchedArticle]:
    return [SearchedArticle("", one) for one in texts]


def gathered(archive: Archive, expression: Expression, *, is_loose: bool) -> list[int]:
    """Return what the index gathers for an expression, and what of it is left once places are looked at."""
    with archive.reading() as connection:
        asked = as_tsquery(Index(connection).asked_of(expression), is_loose=is_loose, has_pairs=True)
        query = text("SELECT article_id FROM search_index WHERE vector @@ CAST(:asked AS tsquery) ORDER BY article_id")
        return list(connection.scalars(query, {"asked": asked}))


def newest(archive: Archive, expression: Expression) -> list[int]:
    with archive.reading() as connection:
        index = Index(connection)
        return index.newest(index.asked_of(expression), Period(), before=None, limit=100)


@pytest.fixture
def vectors(archive: Archive) -> Archive:
    if archive.is_sqlite:
        pytest.skip("SQLite's index knows places")
    return archive


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        (POLICE_RAID, [1]),
        (Phrase(("police", "raid", "bars")), [1]),
        (Phrase(("police", "raids"), is_exact=False), [1, 4]),
        (Word("police-ra", is_prefix=True), [1, 2, 4]),
        (Title(POLICE_RAID), [1]),
        (Phrase(("ជួញ", "ដូរ")), [5]),
    ],
)
def test_of_articles_that_have_the_words_only_those_that_have_the_pairs_are_gathered(
    vectors: Archive, expression: Expression, found: list[int]
) -> None:
    texts = ["Police raid bars.", "Raid: police bars", "Police. Bars", "A police raided us", "ជួញដូរ", "ដូរជួញ"]
    put_and_index(vectors, articles(*texts))
    assert gathered(vectors, expression, is_loose=True) == found


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        (Near(Word("police"), Word("bar"), 1), [1]),
        (Near(Word("bar"), Word("police"), 2), [1, 2]),
        (Near(POLICE_RAID, Word("bar"), 0), [1]),
        (Near(Or((Word("bar"), Word("pier"))), POLICE_RAID, 9), [1, 3]),
        (Near(Word("police"), Word("police"), 2), [3]),
        (Near(Word("ra", is_prefix=True), Word("bar"), 0), [1]),
    ],
)
def test_near_is_told_by_places_in_either_order(vectors: Archive, expression: Expression, found: list[int]) -> None:
    put_and_index(vectors, articles("Police raid bar", "bar owned by police", "pier of police, by police raid"))
    assert newest(vectors, expression) == found[::-1]


def test_near_says_no_of_no_article_with_clusters_or_unknown_places(vectors: Archive) -> None:
    far = "x " * 17_000
    put_and_index(vectors, articles("police កាត់ដេរ bar", f"police bar {far}", "police x x bar", f"police {far} bar"))
    assert newest(vectors, Near(Word("police"), Word("bar"), 1)) == [4, 2, 1]


def test_a_near_too_long_to_be_written_is_asked_as_both_sides(
    vectors: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_and_index(vectors, articles("police x x bar", "police"))
    near = Near(Word("police"), Word("bar"), 1)
    assert newest(vectors, near) == []
    monkeypatch.setattr(tsquery, "MAX_NEAR", 7)
    assert newest(vectors, near) == [1]


def test_an_article_without_room_for_its_pairs_is_found_by_its_words(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analysed, "_PAIR_BYTES", analysed._MAX_VECTOR_BYTES)
    put_and_index(archive, articles("A police raid", "A raid by police", "Police"))
    assert newest(archive, POLICE_RAID) == [1]


def test_articles_without_pairs_are_found_while_the_index_is_made_anew(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(analysed, "_pairs_of", lambda _article, _room: set())
        earlier.setattr(analysed, "is_clustered", lambda _form: False)
        for module in (completing, writing):
            earlier.setattr(module, "ANALYSIS", ANALYSIS - 1)
        put_and_index(archive, articles("A police raid", "police កាត់ដេរ raid", "A police raid"))
    monkeypatch.setattr(completing, "BATCH", 2)
    expressions = POLICE_RAID, Near(Word("raid"), Word("police"), 1)
    put(archive, articles("Police raid us."))
    assert found_by_each(archive, expressions, is_whole=False) == [[3, 1], [3, 2, 1]]
    take_in(archive, lambda _done, _total: None, most=1)
    assert found_by_each(archive, expressions, is_whole=False) == [[3, 1], [3, 2, 1]]
    take_in(archive, lambda _done, _total: None)
    assert found_by_each(archive, expressions, is_whole=True) == [[4, 3, 1], [4, 3, 2, 1]]


def found_by_each(archive: Archive, expressions: Sequence[Expression], *, is_whole: bool) -> list[list[int]]:
    assert is_complete(archive) is is_whole
    return [newest(archive, expression) for expression in expressions]
