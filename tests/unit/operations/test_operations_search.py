"""Searching the archive as somebody who looks for an article does, on both databases."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from monitor.errors import TransactionLost
from monitor.model.searching import SearchedArticle
from monitor.operations.indexing import complete_index, make_index_anew
from monitor.operations.opening import Monitor, open_monitor
from monitor.operations.search import SearchResult, search_archive
from monitor.settings import load_settings
from monitor.store.search.compiled import MAX_PHRASES
from monitor.store.search.reading import Index
from monitor.store.watchlists import apply_watchlist
from monitor.watchlist.document import read_watchlist
from tests.growth import assert_in_proportion
from tests.unit.store.archives import NOW
from tests.unit.store.search.corpus import put

ARTICLES = (
    SearchedArticle("Raid at the pier", "Police raided two bars. Women were sent to sew.", "Harbour Post", "A. Writer"),
    SearchedArticle("Strike", "Garment workers walk out of factories.", "The Gazette", url="https://gazette.example/2"),
    SearchedArticle("បង្ក្រាប", "នគរបាលបង្ក្រាបការជួញដូរមនុស្សនៅភ្នំពេញ។", "ការផ្សាយ", language="km"),
    SearchedArticle("警察搜查", "警察在金边搜查了一家会所。", language="zh"),
    SearchedArticle("Wages", "A factory pays late. " + "The hall was full of people. " * 40 + "Then a raid came."),
)


@pytest.fixture
def monitor(archive_url: str, tmp_path: Path) -> Iterator[Monitor]:
    settings = load_settings({"MONITOR_DATA_DIR": str(tmp_path / "var"), "MONITOR_DATABASE_URL": archive_url})[0]
    opened = open_monitor(settings, now=lambda: NOW)
    put(opened.archive, ARTICLES)
    complete_index(opened.archive)
    yield opened
    opened.archive.close()


def ids(result: SearchResult) -> list[int]:
    return [found.article.id for found in result.found]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("raid", [5, 1]),
        ("RAIDING", [5, 1]),
        ('"raid"', [5, 1]),
        ('"raided"', [1]),
        ("harbour", [1]),
        ("writer", [1]),
        ("garment factory", [2]),
        ("ជួញដូរ", [3]),
        ("បង្ក្រាប*", [3]),
        ("title:raid", [1]),
        ("raid AND NOT police", [5]),
        ("raid NEAR/10 factory", []),
        ("raid NEAR/3 bars", [1]),
        ("搜查", [4]),
        ("site:gazette.example", [2]),
        ("lang:km OR lang:zh", [4, 3]),
        ("fact* OR នគរបាល", [5, 3, 2]),
    ],
)
def test_articles_are_found_by_what_they_hold_the_newest_first(monitor: Monitor, typed: str, found: list[int]) -> None:
    assert ids(search_archive(monitor, typed)) == found
    assert sorted(ids(search_archive(monitor, typed, is_best=True)), reverse=True) == found


def test_the_best_is_the_one_that_has_it_in_the_title(monitor: Monitor) -> None:
    assert ids(search_archive(monitor, "raid", is_best=True)) == [1, 5]


def test_a_passage_shows_where_it_stands_and_is_cut_around_it(monitor: Monitor) -> None:
    long, short = search_archive(monitor, "raid").found
    (passage,) = (marked for marked in short.passages if marked.passage.where == "text")
    assert passage.passage.text == "Police raided two bars."
    assert [passage.passage.text[slice(*mark)] for mark in passage.marks] == ["raided"]
    assert [marked.passage.text for marked in long.passages] == ["Then a raid came."]
    (khmer,) = search_archive(monitor, "ជួញដូរ").found
    marked = khmer.passages[0]
    assert [marked.passage.text[slice(*mark)] for mark in marked.marks] == ["ជួញដូរ"]


def test_days_bound_what_is_found(monitor: Monitor) -> None:
    put(monitor.archive, ARTICLES[:1], at=NOW + timedelta(days=40))
    make_index_anew(monitor.archive)
    day = NOW.date() + timedelta(days=40)
    assert ids(search_archive(monitor, "raid", since=day)) == [6]
    assert ids(search_archive(monitor, "raid", until=day - timedelta(days=1))) == [5, 1]
    assert ids(search_archive(monitor, "raid", since=day, until=day, is_best=True)) == [6]
    nothing = search_archive(monitor, "raid", until=date(2001, 1, 1))
    assert nothing.notes == ("Nothing in these days; without --since and --until there is something.",)


def test_more_than_was_asked_for_is_said(monitor: Monitor) -> None:
    assert search_archive(monitor, "raid", limit=1).is_more
    assert not search_archive(monitor, "raid", limit=2).is_more
    assert ids(search_archive(monitor, "raid NEAR/3 bars OR raid NEAR/3 came", limit=1)) == [5]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("garmnt", 'No article has "garmnt" (there is "garment").'),
        ("garment bicycle", 'No article has "bicycle".'),
        ("garment raid", "Each of these stands in some article, but no article has them all"),
        ("raid NEAR/2 hall", "Farther apart there is something: write a larger number after NEAR, or AND"),
        ("raid NEAR/2 bicycle", 'No article has "bicycle".'),
        ("garment NEAR/5 raid", "Each of these stands in some article, but no article has them all"),
        ("site:nowhere.example", "No article is from nowhere.example"),
        ("lang:fr", "in the language fr"),
        ("title:garment", 'No title has "garment": try it without title:'),
        ('"garments workers"', 'No article has "garments workers" (without the quotes, inflections count too).'),
        ("", "type a word"),
        ("…!?", "type a word"),
    ],
)
def test_where_nothing_is_found_it_is_said_why(monitor: Monitor, typed: str, said: str) -> None:
    result = search_archive(monitor, typed)
    assert result.found == ()
    assert said in " ".join(result.notes)


def test_an_empty_archive_says_so(archive_url: str, tmp_path: Path) -> None:
    settings = load_settings({"MONITOR_DATA_DIR": str(tmp_path / "var"), "MONITOR_DATABASE_URL": archive_url})[0]
    monitor = open_monitor(settings, now=lambda: NOW)
    complete_index(monitor.archive)
    assert search_archive(monitor, "raid").notes == (
        "The archive is empty: `monitor poll` reads the sources that are due.",
    )
    monitor.archive.close()


ODD = [
    '"',
    '""',
    "'",
    "''",
    "a-b",
    "don't",
    "NOT",
    "AND",
    "OR",
    "NEAR",
    "NEAR/",
    "NEAR(a b)",
    "NEAR(",
    "a NOT",
    "NOT raid",
    "raid AND",
    "(",
    ")",
    "((((",
    "(raid",
    "raid)",
    "*",
    "**",
    "r*",
    "raid*s",
    "^raid",
    "raid:*",
    "a & b | !c",
    "a <-> b",
    "title:",
    "title:title:raid",
    "site:",
    "site:://",
    "lang:x",
    "facts:raid",
    "rowid:1",
    "=lang:km",
    "=cut",
    "'raid':A",
    "raid; DROP TABLE articles",
    "\\",
    "\\'",
    "%",
    "_",
    "\0",
    "raid\0raid",
    "\ud800",
    "😀",
    "raid 😀",
    "\u202eraid",
    "@",
    "@x",
    "ក\u17d2",
    "\u17d2",
    "ា",
    "ß",
    "İ",
    "raid " * 20_000,
    "(" * 5000,
    '"' * 999,
    "a" * 100_000,
    "NEAR/5 " * 200,
    " OR ".join(f"w{n}" for n in range(3000)),
    "raid OR " * 900 + "raid",
    "ជួញ" * 500,
    "-raid",
    "raid, police",
    "https://a.example/?q=1",
]


@pytest.mark.slow
def test_nothing_that_can_be_typed_is_an_error(monitor: Monitor) -> None:
    assert len(set(ODD)) > 60
    for typed in ODD:
        result = search_archive(monitor, typed)
        assert result.found or result.notes, typed[:40]
        search_archive(monitor, typed, is_best=True)


@pytest.mark.parametrize(
    "make",
    [
        lambda size: "raid " * size,
        lambda size: "(" * size,
        lambda size: "a" * size * 5,
        lambda size: "NEAR/5 " * size,
        lambda size: " OR ".join(f"w{n}" for n in range(size)),
    ],
    ids=["words", "brackets", "letters", "nearness", "alternatives"],
)
def test_a_query_without_end_takes_time_in_proportion(monitor: Monitor, make: Callable[[int], str]) -> None:
    assert_in_proportion(lambda typed: search_archive(monitor, typed), make, 5_000)


def test_what_is_no_query_is_looked_for_as_words_and_it_is_said_why(monitor: Monitor) -> None:
    result = search_archive(monitor, 'raid AND "police')
    assert ids(result) == [1]
    assert "this quote is never closed" in result.notes[0]
    assert search_archive(monitor, "raid police").notes == ()


def test_where_no_word_was_typed_none_is_said_to_be_looked_for(monitor: Monitor) -> None:
    assert search_archive(monitor, " ").notes == ("Nothing to look for: type a word, as: monitor search garment",)
    assert search_archive(monitor, "(").notes[0].startswith("Not a query: this bracket is never closed")


def test_a_phrase_with_too_many_inflections_is_found_all_the_same(monitor: Monitor) -> None:
    forms = ["raid", "raids", "raided", "raiding"]
    put(monitor.archive, [SearchedArticle("", " ".join(forms)), SearchedArticle("", "raids-raided-raiding-raid")])
    make_index_anew(monitor.archive)
    assert len(forms) ** 4 > MAX_PHRASES
    assert ids(search_archive(monitor, "raid-raid-raid-raid")) == [7, 6]


WATCHLIST = """
watchlist: {name}
title: A list
names:
  police: [{police}]
  tailors: [Garment workers, "garment makers"]
claims:
  - {{id: one, claim: They raid., said_by: A reporter, terms: {{en: "raid AND @police"}}}}
"""


@pytest.fixture
def with_names(monitor: Monitor) -> Monitor:
    for name, police in (("harbour", "police, Harbour Post"), ("pier", "A. Writer")):
        document = WATCHLIST.format(name=name, police=police)
        read = read_watchlist(document, f"{name}.yaml")
        apply_watchlist(monitor.archive, read, document, now=NOW, by="tester", origin=f"{name}.yaml")
    return monitor


@pytest.mark.parametrize(
    ("typed", "found", "said"),
    [
        ("@tailors", [2], ""),
        ("@harbour/police", [1], ""),
        ("@pier/police AND raid", [1], ""),
        ("raid AND NOT @harbour/police", [5], ""),
        ("@police", [1], '"@police" means something else in each watchlist: write @harbour/police or @pier/police'),
        ("@tailor", [], 'no watchlist has a name "tailor": did you mean "@tailors"?'),
        ("@raid", [5, 1], 'no watchlist has a name "raid": there are @police, @tailors'),
    ],
)
def test_a_name_of_a_watchlist_stands_for_its_spellings(
    with_names: Monitor, typed: str, found: list[int], said: str
) -> None:
    result = search_archive(with_names, typed)
    assert ids(result) == found
    first = result.notes[0] if result.notes else ""
    assert first.startswith(f"Not a query, so these are looked for as plain words: {said}") if said else first == ""


def test_without_watchlists_no_name_is_known(monitor: Monitor) -> None:
    assert 'no watchlist has a name "x": none has "names"' in search_archive(monitor, "@x").notes[0]


@pytest.mark.parametrize("is_best", [False, True])
def test_a_search_that_a_restarting_server_broke_off_is_asked_anew(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch, is_best: bool
) -> None:
    undisturbed = search_archive(monitor, "raid", is_best=is_best)
    tries = 0

    def is_broken_off_twice(self: Index, ids: list[int]) -> dict[int, tuple[str, ...]]:
        nonlocal tries
        tries += 1
        if tries < 3 and monitor.archive.is_sqlite:
            raise TransactionLost("the archive broke off")
        if tries < 3:
            self._connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return {}

    monkeypatch.setattr(Index, "claims", is_broken_off_twice)
    assert search_archive(monitor, "raid", is_best=is_best) == undisturbed
    assert tries == 3
