"""What an entry and its page make together."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.model.archiving import BY_HAND_URL, PendingEntry, SourceSpec
from monitor.model.articles import Article
from monitor.model.entries import Entry
from monitor.model.matching import Assessment, Passage
from monitor.pipeline.articles import (
    arrival_of,
    as_carried,
    as_lead,
    complete,
    with_claims_by_hand,
    with_pages,
)

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
URL = "https://gazette.example/1"
SOURCE = SourceSpec("https://gazette.example/feed.xml", "The Gazette", language="en")
ENTRY = Entry(
    URL, URL, "By the feed", "A summary.", "A clerk", NOW - timedelta(hours=1), text="The whole text of the article."
)
PENDING = PendingEntry(1, SOURCE, ENTRY, "gazette.example/1", 0, NOW)
PAGE = Article(URL, "By the page", "The text of the page.", "A reporter", "Gazette Online", "fr", NOW)


def test_what_the_page_says_of_itself_comes_first_but_for_its_instant() -> None:
    article = complete(PAGE, PENDING)
    assert (article.title, article.byline, article.outlet, article.language) == (
        "By the page",
        "A reporter",
        "Gazette Online",
        "fr",
    )
    assert article.published_at == ENTRY.published_at


def test_the_feed_fills_in_what_the_page_leaves_open() -> None:
    article = complete(Article(URL, "", "The text of the page."), PENDING)
    assert (article.title, article.byline, article.outlet) == ("By the feed", "A clerk", "The Gazette")


@pytest.mark.parametrize(
    ("source_url", "said_by_listing", "outlet"),
    [
        ("https://gazette.example/feed.xml", "", "The Gazette"),
        ("https://feeds.gazette.example/all", "", "The Gazette"),
        ("https://aggregator.example/feed.xml", "", "gazette.example"),
        ("https://aggregator.example/feed.xml", "Gazette Weekly", "Gazette Weekly"),
        ("https://gazette.example/feed.xml", "Gazette Weekly", "Gazette Weekly"),
    ],
)
def test_a_page_that_names_only_its_host_is_by_who_lists_it_if_that_is_its_own_site(
    source_url: str, said_by_listing: str, outlet: str
) -> None:
    pending = replace(PENDING, source=replace(SOURCE, url=source_url), entry=replace(ENTRY, outlet=said_by_listing))
    assert complete(replace(PAGE, outlet="gazette.example"), pending).outlet == outlet


def test_the_sample_keeps_its_own_name() -> None:
    pending = replace(PENDING, source=replace(SOURCE, is_sample=True))
    assert complete(PAGE, pending).outlet == "The Gazette"


def test_a_lead_says_what_the_feed_said_and_a_carried_article_all_of_it() -> None:
    lead, carried = as_lead(PENDING), as_carried(PENDING)
    assert (lead.text, carried.text) == ("A summary.", "The whole text of the article.")
    assert lead.outlet == carried.outlet == "The Gazette"
    assert lead.title == carried.title == "By the feed"


@pytest.mark.parametrize(
    ("days", "arrival"), [(0, "news"), (14, "news"), (14.01, "older"), (4000, "older"), (-2, "news")]
)
def test_how_an_article_came_is_judged_by_when_it_was_found(days: float, arrival: str) -> None:
    assert arrival_of(replace(PAGE, published_at=NOW - timedelta(days=days)), PENDING) == arrival


def test_an_article_without_a_date_is_news() -> None:
    assert arrival_of(replace(PAGE, published_at=None), PENDING) == "news"


def test_a_backlog_is_one_however_new_its_articles_are() -> None:
    assert arrival_of(PAGE, replace(PENDING, is_backlog=True)) == "backlog"


def test_the_sample_is_news_though_its_dates_stand_still() -> None:
    pending = replace(PENDING, source=replace(SOURCE, is_sample=True))
    assert arrival_of(replace(PAGE, published_at=NOW - timedelta(days=400)), pending) == "news"


def test_what_an_operator_captured_came_by_hand_whenever_it_is_read() -> None:
    pending = replace(PENDING, source=replace(SOURCE, url=BY_HAND_URL))
    assert arrival_of(replace(PAGE, published_at=NOW - timedelta(days=400)), pending) == "by_hand"


def test_a_claim_by_hand_shows_the_headline_where_nothing_matched() -> None:
    (made,) = with_claims_by_hand((), ["list/claim"], PAGE)
    assert (made.is_hit, made.why.matcher) == (True, "by hand")
    assert [(passage.text, passage.where) for passage in made.passages] == [("By the page", "title")]


def test_a_claim_by_hand_leaves_a_hit_of_the_matchers_as_it_is() -> None:
    found = Assessment("list/claim", 0.7, is_hit=True, passages=(Passage("text", 0, 4),))
    other = Assessment("list/other", 0.1, is_hit=False)
    assert with_claims_by_hand((found, other), ["list/claim"], PAGE) == (found, other)


def test_a_claim_by_hand_overrules_the_matcher_and_keeps_the_passages_that_it_found() -> None:
    near = Assessment("list/claim", 0.1, is_hit=False, passages=(Passage("text", 0, 4),))
    (made,) = with_claims_by_hand((near,), ["list/claim"], PAGE)
    assert (made.is_hit, made.passages) == (True, near.passages)


@pytest.mark.parametrize(("start", "page"), [(0, 1), (9, 1), (10, 2), (29, 2), (30, 3), (500, 3)])
def test_a_passage_stands_on_the_page_on_which_it_begins(start: int, page: int) -> None:
    found = Assessment("list/claim", 1.0, is_hit=True, passages=(Passage("text", start, start + 4),))
    (paged,) = with_pages((found,), replace(PAGE, page_starts=(0, 10, 30)))
    assert paged.passages[0].page == page


def test_a_headline_and_a_web_page_have_no_page_number() -> None:
    headline = Assessment("list/claim", 1.0, is_hit=True, passages=(Passage("By", 0, 2, "title"),))
    (paged,) = with_pages((headline,), replace(PAGE, page_starts=(0, 10)))
    assert not paged.passages[0].page
    assert with_pages((headline,), PAGE) == (headline,)
