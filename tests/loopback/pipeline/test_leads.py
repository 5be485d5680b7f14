"""Leads: headline, outlet and date of what can't be read, told as such and put aside when the article itself comes."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.model.archiving import SourceSpec
from tests.loopback.newsroom import LOCKED, Desk, Newspaper, desk_with, item, newspaper, page, rss
from tests.loopback.servers import respond

pytestmark = pytest.mark.enable_socket
RSS = {"Content-Type": "application/rss+xml"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
HEADLINE = "Workers of the pier locked in over night"
OPAQUE = "https://news.google.com/rss/articles/CBMi"


def found(*stories: tuple[str, str]) -> bytes:
    """Return a search's answer: (headline with outlet, id of the opaque link)."""
    return rss(*(item(title, f"{OPAQUE}{key}?oc=5") for title, key in stories), title="a search")


def search(paper: Newspaper) -> SourceSpec:
    return SourceSpec(paper.server.url("/search"), "Search: pier", kind="search")


def of_gazette(paper: Newspaper) -> SourceSpec:
    return SourceSpec(paper.server.url("/feed.xml"), "The Gazette")


def extractions(desk: Desk) -> list[str]:
    return [article.extraction for article in desk.articles()]


async def test_a_searchs_find_is_a_lead_with_its_outlet_and_its_opaque_link_is_never_followed(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.server.routes["/search"] = respond(200, RSS, found((f"{HEADLINE} - The Gazette", "one")))
        async with desk_with(tmp_path, paper.server, search(paper)) as desk:
            done = await desk.round()
            assert done.read.leads == {"opaque_link": 1}
            (article,) = desk.articles()
            assert (article.title, article.outlet, article.extraction) == (HEADLINE, "The Gazette", "opaque_link")
            assert done.hits[0].line.is_lead
            assert "news.google.com" not in desk.names.asked
            again = await desk.round()
            assert (again.read.total, again.hits) == (0, ())
        assert {request.path for request in paper.server.requests} == {"/robots.txt", "/search"}


async def test_the_article_takes_its_leads_place_and_only_the_article_is_told(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.server.routes["/search"] = respond(200, RSS, found((f"{HEADLINE} - The Gazette", "one")))
        async with desk_with(tmp_path, paper.server, search(paper), of_gazette(paper)) as desk:
            first = await desk.round()
            assert len(first.hits) == 1
            paper.publish("/1", HEADLINE, LOCKED)
            second = await desk.round()
            assert (second.read.read, len(second.hits)) == (1, 1)
            replaced = desk.rows("SELECT id, replaced_by_id FROM articles ORDER BY id")
            assert replaced == [(1, 2), (2, None)]
            subject, text = await desk.digest()
    assert "1 hit on 1 claim" in subject
    assert "lead" not in subject
    assert paper.server.url("/1") in text
    assert "news.google.com" not in text


async def test_a_lead_that_comes_after_its_article_makes_nothing(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.server.routes["/search"] = respond(200, RSS, found())
        paper.publish("/1", HEADLINE, LOCKED)
        async with desk_with(tmp_path, paper.server, search(paper), of_gazette(paper)) as desk:
            assert len((await desk.round()).hits) == 1
            paper.server.routes["/search"] = respond(200, RSS, found((f"{HEADLINE} - The Gazette", "one")))
            done = await desk.round()
            assert (done.hits, extractions(desk)) == ((), ["text"])
            assert desk.rows("SELECT state, article_id FROM entries ORDER BY id") == [("read", 1), ("read", 1)]


async def test_one_story_that_a_search_gives_under_two_links_is_one_lead(tmp_path: Path) -> None:
    stories = ((f"{HEADLINE} - The Gazette", "one"), (f"{HEADLINE} - The Gazette", "two"))
    async with newspaper() as paper:
        paper.server.routes["/search"] = respond(200, RSS, found(*stories))
        async with desk_with(tmp_path, paper.server, search(paper)) as desk:
            done = await desk.round()
            assert (len(done.hits), extractions(desk)) == (1, ["opaque_link"])


async def test_the_same_headline_of_two_outlets_is_two_leads(tmp_path: Path) -> None:
    stories = ((f"{HEADLINE} - The Gazette", "one"), (f"{HEADLINE} - Harbour Post", "two"))
    async with newspaper() as paper:
        paper.server.routes["/search"] = respond(200, RSS, found(*stories))
        async with desk_with(tmp_path, paper.server, search(paper)) as desk:
            assert len((await desk.round()).hits) == 2
            assert {article.outlet for article in desk.articles()} == {"The Gazette", "Harbour Post"}


async def test_a_lead_that_was_told_before_its_article_came_is_not_told_again_as_one(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.server.routes["/search"] = respond(200, RSS, found((f"{HEADLINE} - The Gazette", "one")))
        async with desk_with(tmp_path, paper.server, search(paper), of_gazette(paper)) as desk:
            desk.clock.advance(hours=5)
            await desk.round()
            assert "1 lead" in (await desk.digest())[0]
            paper.publish("/1", HEADLINE, LOCKED)
            await desk.round()
            desk.clock.advance(days=1)
            subject, text = await desk.digest()
    assert "1 hit on 1 claim" in subject
    assert paper.server.url("/1") in text
    assert "news.google.com" not in text


async def test_gdelts_finds_are_read_where_they_stand_with_the_outlet_that_it_names(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", HEADLINE, LOCKED)
        finds = {
            "url": paper.server.url("/1"),
            "title": f"{HEADLINE} , a clerk said",
            "seendate": "20261121T100000Z",
            "domain": "gazette.example",
            "language": "English",
        }
        answer = json.dumps({"articles": [finds, {"title": "no address"}]}).encode()
        paper.server.routes["/search"] = respond(200, {"Content-Type": "application/json"}, answer)
        async with desk_with(tmp_path, paper.server, search(paper)) as desk:
            done = await desk.round()
            assert [(polled.reason, polled.new, polled.rejected) for polled in done.polled] == [("", 1, 1)]
            (article,) = desk.articles()
    assert (article.extraction, article.outlet, article.language) == ("text", "gazette.example", "en")
    assert article.published_at == datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert len(done.hits) == 1


async def test_a_search_that_answers_with_a_remark_fails_and_is_quoted(tmp_path: Path) -> None:
    async with newspaper() as paper:
        remark = b"The specified phrase is too short."
        paper.server.routes["/search"] = respond(200, {"Content-Type": "text/html"}, remark)
        async with desk_with(tmp_path, paper.server, search(paper)) as desk:
            (polled,) = (await desk.round()).polled
    assert polled.reason == "search_refused"
    assert "The specified phrase is too short." in polled.detail


TEASER = '<script type=\'application/ld+json\'>{"@type": "NewsArticle", "isAccessibleForFree": false}</script>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (page(HEADLINE, LOCKED).replace(b"</head>", TEASER.encode() + b"</head>"), "paywall"),
        (b"<html><head><title>x</title></head><body></body></html>", "empty"),
    ],
)
async def test_a_page_without_the_whole_text_is_a_lead_that_says_why(tmp_path: Path, body: bytes, reason: str) -> None:
    async with newspaper() as paper:
        paper.publish("/1", HEADLINE, LOCKED)
        paper.server.routes["/1"] = respond(200, HTML, body)
        async with desk_with(tmp_path, paper.server, of_gazette(paper)) as desk:
            done = await desk.round()
            (article,) = desk.articles()
            assert done.read.leads == {reason: 1}
            assert (article.extraction, article.title) == (reason, HEADLINE)
            assert article.snapshot
            assert done.hits[0].line.is_lead
            assert "1 lead" in (await desk.digest())[0]
            assert desk.rows("SELECT state, reason FROM entries") == [("lead", reason)]


async def test_a_lead_whose_page_can_be_read_on_a_later_day_becomes_the_article(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", HEADLINE, LOCKED)
        paper.server.routes["/1"] = respond(200, HTML, b"<html><body></body></html>")
        other = SourceSpec(paper.server.url("/other.xml"), "Another list")
        paper.server.routes["/other.xml"] = respond(200, RSS, rss())
        async with desk_with(tmp_path, paper.server, of_gazette(paper), other) as desk:
            assert (await desk.round()).read.leads == {"empty": 1}
            whole = item(HEADLINE, paper.server.url("/1"), text=f"<p>{LOCKED}</p>" * 6)
            paper.server.routes["/other.xml"] = respond(200, RSS, rss(whole))
            done = await desk.round()
            (article,) = desk.articles()
    assert (done.read.read, article.extraction, article.revision) == (1, "text", 2)
    assert LOCKED in article.text
