"""However far apart the articles stand that match, those that are found are the newest. On both databases."""

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from monitor.model.query import And, Expression, Not, Or, Phrase, Title, Word
from monitor.model.searching import SearchedArticle
from monitor.store.engine import Archive
from monitor.store.search import vectors
from monitor.store.search.completing import take_in
from monitor.store.search.reading import Index, Period
from tests.unit.store.archives import NOW
from tests.unit.store.search.corpus import put

APART = 700
RARE = {5, 41}
COUNT = 60


def articles() -> list[SearchedArticle]:
    chance = random.Random(3)
    texts = [" ".join(chance.sample(["raid", "bar", "police", "ferry", "pier"], 3)) for _ in range(COUNT)]
    texts += ["police raid bar", "bar raid police"] * 3
    return [
        SearchedArticle("Raid" if number % 9 == 0 else "", text + " zebra" * (number in RARE))
        for number, text in enumerate(texts)
    ]


ARTICLES = articles()

Meant = Callable[[str, str], bool]
MEANT: dict[str, tuple[Expression, Meant]] = {
    "common": (Word("raid"), lambda text, title: " raid " in f"{text}{title} "),
    "rare": (Word("zebra"), lambda text, _: "zebra" in text),
    "nowhere": (Word("lion"), lambda text, _: "lion" in text),
    "both": (And((Word("raid"), Word("bar"))), lambda text, title: " raid " in f"{text}{title} " and " bar " in text),
    "phrase": (Phrase(("raid", "bar")), lambda text, _: " raid bar " in text),
    "no phrase": (
        And((Word("bar"), Not(Phrase(("raid", "bar"))))),
        lambda text, _: " bar " in text and " raid bar " not in text,
    ),
    "title": (Title(Word("raid")), lambda _, title: bool(title)),
    "prefix": (Word("pol", is_prefix=True), lambda text, _: "police" in text),
    "rare prefix": (Word("zeb", is_prefix=True), lambda text, _: "zebra" in text),
    "mixed": (
        Or((Word("zeb", is_prefix=True), Phrase(("bar", "pier")))),
        lambda text, _: "zebra" in text or " bar pier " in text,
    ),
}


def asked_and_meant(name: str) -> tuple[Expression, set[int]]:
    expression, meant = MEANT[name]
    return expression, {number for number, one in enumerate(ARTICLES) if meant(f" {one.text} ", one.title.lower())}


@pytest.fixture
def spread(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Archive:
    monkeypatch.setattr(vectors, "_FEW", 3)
    monkeypatch.setattr(vectors, "_FEW_BUCKETS", 2)
    monkeypatch.setattr(vectors, "_MAX_BUCKETS", 3)
    put(archive, ARTICLES, apart=APART)
    take_in(archive, lambda _done, _total: None)
    return archive


@pytest.mark.parametrize("name", MEANT)
def test_the_newest_are_found_page_by_page_and_the_best_are_all_of_them(spread: Archive, name: str) -> None:
    expression, meant = asked_and_meant(name)
    wanted = [(number + 1) * APART for number in sorted(meant, reverse=True)]
    with spread.reading() as connection:
        index = Index(connection)
        asked = index.asked_of(expression)
        for limit in (1, 4, 100):
            pages: list[int] = []
            while page := index.newest(asked, Period(), before=pages[-1] if pages else None, limit=limit):
                assert len(page) <= limit
                pages += page
            assert pages == wanted
        best = index.best(asked, Period(), limit=100)
    assert (sorted(best.ids, reverse=True), best.ranked, best.is_partial) == (wanted, len(wanted), False)


def test_days_leave_out_what_is_newer_and_what_is_older(spread: Archive) -> None:
    period = Period(NOW + timedelta(hours=3), NOW + timedelta(hours=12))
    expression, meant = asked_and_meant("common")
    wanted = [(number + 1) * APART for number in sorted(meant & set(range(3, 12)), reverse=True)]
    with spread.reading() as connection:
        index = Index(connection)
        asked = index.asked_of(expression)
        assert index.newest(asked, period, before=None, limit=100) == wanted
        assert sorted(index.best(asked, period, limit=100).ids, reverse=True) == wanted


def test_a_ranking_reads_no_more_than_it_may_once_enough_are_found(
    spread: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    if spread.is_sqlite:
        pytest.skip("SQLite's index knows places")
    monkeypatch.setattr(vectors, "MAX_READ", 4)
    monkeypatch.setattr(vectors, "ENOUGH", 1)
    expression, meant = asked_and_meant("phrase")
    with spread.reading() as connection:
        index = Index(connection)
        best = index.best(index.asked_of(expression), Period(), limit=100)
        newest = index.newest(index.asked_of(expression), Period(), before=None, limit=best.ranked)
    assert best.is_partial
    assert 1 <= best.ranked < len(meant)
    assert sorted(best.ids, reverse=True) == newest
