"""A search's leads and the articles that they stand for: one story, told once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.model.archiving import OPAQUE_LINK, LiveClaim, ReadArticle
from monitor.model.mailing import SubscriptionSpec
from monitor.store.archive import SAME_STORY, record_article
from monitor.store.engine import Archive
from monitor.store.hits import list_hits
from monitor.store.revisions import MAX_QUICK_REVISIONS
from monitor.store.untold import untold_hits
from monitor.store.watchlists import live_watchlists
from tests.unit.store.archives import NOW, a_read, add_source, an_entry, apply, poll

HEADLINE = "Workers of the pier locked in over night"


@pytest.fixture
def archive(archive: Archive) -> Archive:
    apply(archive)
    poll(archive, add_source(archive), *(an_entry(number) for number in range(1, 9)))
    return archive


def claims(archive: Archive) -> dict[str, LiveClaim]:
    return {claim.identifier: claim for live in live_watchlists(archive) for claim in live.claims}


def article(number: int, *, outlet: str = "The Paper", title: str = HEADLINE) -> ReadArticle:
    read = a_read(number, number)
    return replace(read, article=replace(read.article, title=title, outlet=outlet))


def lead(number: int, *, outlet: str = "The Paper", title: str = HEADLINE) -> ReadArticle:
    read = article(number, outlet=outlet, title=title)
    url = f"https://news.google.com/rss/articles/{number}"
    return replace(read, extraction=OPAQUE_LINK, url_key=url, article=replace(read.article, canonical_url=url, text=""))


def keep(archive: Archive, *reads: ReadArticle) -> list[int]:
    return [len(record_article(archive, read, claims(archive))) for read in reads]


def untold(archive: Archive) -> list[str]:
    with archive.reading() as connection:
        return [
            hit.line.url for hit in untold_hits(connection, SubscriptionSpec("local", "files", "07:00", "UTC", id=1))
        ]


def test_an_article_takes_the_place_of_all_its_leads(archive: Archive) -> None:
    other_words = lead(2, title=HEADLINE.upper())
    assert keep(archive, lead(1), article(3)) == [1, 1]
    assert untold(archive) == ["https://paper.example/3"]
    assert keep(archive, other_words) == [0]
    assert len(list_hits(archive)) == 2


def test_a_second_lead_to_one_story_makes_nothing(archive: Archive) -> None:
    assert keep(archive, lead(1), lead(2)) == [1, 0]
    with archive.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM articles").scalar() == 1
        states = connection.exec_driver_sql("SELECT state, article_id FROM entries WHERE id < 3").all()
    assert {article_id for _, article_id in states} == {1}


def test_a_lead_that_comes_after_its_article_makes_nothing(archive: Archive) -> None:
    assert keep(archive, article(1), lead(2)) == [1, 0]
    assert untold(archive) == ["https://paper.example/1"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (lead(1, outlet="Harbour Post"), article(2)),
        (lead(1, title="Opinion"), article(2, title="Opinion")),
        (lead(1, outlet=""), article(2)),
        (lead(1), article(2, title=f"{HEADLINE}, again")),
    ],
    ids=["another outlet", "a headline that says too little", "no outlet", "another headline"],
)
def test_what_may_be_another_story_stays_beside_it(archive: Archive, first: ReadArticle, second: ReadArticle) -> None:
    assert keep(archive, first, second) == [1, 1]
    assert len(untold(archive)) == 2


def test_a_headline_that_comes_back_after_a_month_is_another_story(archive: Archive) -> None:
    late = replace(article(2), at=NOW + SAME_STORY + timedelta(days=1))
    assert keep(archive, lead(1), late) == [1, 1]
    assert len(untold(archive)) == 2


def test_a_lead_without_text_replaces_nothing(archive: Archive) -> None:
    teaser = replace(article(2), extraction="paywall")
    assert keep(archive, lead(1), teaser) == [1, 1]
    assert len(untold(archive)) == 2


def test_two_articles_of_one_headline_are_both_told(archive: Archive) -> None:
    assert keep(archive, article(1), article(2)) == [1, 1]
    assert len(untold(archive)) == 2


def test_a_text_that_keeps_changing_is_kept_so_often_in_a_day_and_then_once_a_day(archive: Archive) -> None:
    def change(number: int, at_hours: float) -> None:
        read = a_read(1, 1, text=f"They were locked in. Text {number}.")
        keep(archive, replace(read, at=NOW + timedelta(hours=at_hours)))

    def revisions() -> int:
        with archive.reading() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM revisions").scalar() or 0)

    for number in range(60):
        change(number, number / 10)
    assert revisions() == MAX_QUICK_REVISIONS
    for day in (2, 3):
        change(100 + day, 24 * day)
        change(200 + day, 24 * day + 1)
    assert revisions() == MAX_QUICK_REVISIONS + 2
    assert len(list_hits(archive)) == 1
