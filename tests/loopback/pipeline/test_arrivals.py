"""News, backlog and older finds are told apart, in the archive, the digest's subject and its words; pages by number."""

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.model.archiving import SourceSpec
from tests.loopback.newsroom import LOCKED, START, Newspaper, desk_with, item, newspaper, page, rss
from tests.loopback.servers import respond
from tests.unit.extract.pdf_writer import text_pdf

pytestmark = pytest.mark.enable_socket
RSS = {"Content-Type": "application/rss+xml"}
HTML = {"Content-Type": "text/html; charset=utf-8"}


def lists(paper: Newspaper, **days_ago: float) -> SourceSpec:
    """List articles by the days since they were published."""
    items = []
    for name, days in days_ago.items():
        paper.server.routes[f"/{name}"] = respond(200, HTML, page(f"Night in the shed, told by {name}", LOCKED))
        published = START - timedelta(days=days)
        items.append(item(f"Night in the shed, told by {name}", paper.server.url(f"/{name}"), published=published))
    paper.server.routes["/feed.xml"] = respond(200, RSS, rss(*items))
    return SourceSpec(paper.server.url("/feed.xml"), "The Gazette")


async def test_what_stood_there_before_and_what_is_long_past_are_not_told_as_news(tmp_path: Path) -> None:
    async with newspaper() as paper, desk_with(tmp_path, paper.server, lists(paper, first=1, second=200)) as desk:
        await desk.round()
        assert {article.arrival for article in desk.articles()} == {"backlog"}
        desk.clock.advance(hours=5)
        lists(paper, first=1, second=200, late=20, today=0.1)
        done = await desk.round()
        arrivals = {article.canonical_url.rpartition("/")[2]: article.arrival for article in desk.articles()}
        assert arrivals == {"first": "backlog", "second": "backlog", "late": "older", "today": "news"}
        assert {hit.line.arrival for hit in done.hits} == {"older", "news"}
        subject, text = await desk.digest()
    assert "1 hit and 3 older hits on 1 claim" in subject
    assert text.count("From the backlog") == 2
    assert text.count("Older, newly found") == 1


async def test_an_article_just_fourteen_days_old_is_news_and_one_a_minute_older_is_not(tmp_path: Path) -> None:
    async with newspaper() as paper, desk_with(tmp_path, paper.server, lists(paper, first=1)) as desk:
        await desk.round()
        lists(paper, within=14, beyond=14 + 2 / 1440)
        await desk.round()
        arrivals = {article.canonical_url.rpartition("/")[2]: article.arrival for article in desk.articles()}
    assert arrivals == {"first": "backlog", "within": "news", "beyond": "older"}


@pytest.mark.slow
async def test_a_backlog_stays_one_where_its_articles_are_read_days_later(tmp_path: Path) -> None:
    async with newspaper() as paper:
        spec = lists(paper, first=1)
        good = paper.server.routes["/first"]
        paper.server.routes["/first"] = respond(503)
        async with desk_with(tmp_path, paper.server, spec) as desk:
            await desk.round()
            paper.server.routes["/first"] = good
            desk.clock.advance(days=20)
            assert (await desk.round()).read.read == 1
            assert [article.arrival for article in desk.articles()] == ["backlog"]


async def test_news_stays_news_where_its_page_could_not_be_read_for_weeks(tmp_path: Path) -> None:
    async with newspaper() as paper, desk_with(tmp_path, paper.server, lists(paper, first=1)) as desk:
        await desk.round()
        lists(paper, today=0.1)
        good = paper.server.routes["/today"]
        paper.server.routes["/today"] = respond(503)
        await desk.round()
        paper.server.routes["/today"] = good
        desk.clock.advance(days=20)
        assert (await desk.round()).read.read == 1
        assert desk.articles()[0].arrival == "news"


async def test_a_source_that_failed_at_first_has_its_backlog_at_its_first_good_visit(tmp_path: Path) -> None:
    async with newspaper() as paper:
        spec = lists(paper, first=1)
        good = paper.server.routes["/feed.xml"]
        paper.server.routes["/feed.xml"] = respond(503)
        async with desk_with(tmp_path, paper.server, spec) as desk:
            await desk.round()
            paper.server.routes["/feed.xml"] = good
            assert (await desk.round()).polled[0].new == 1
            assert [article.arrival for article in desk.articles()] == ["backlog"]


async def test_a_documents_passage_says_on_which_page_it_stands_in_archive_and_digest(tmp_path: Path) -> None:
    filler = [(12.0, f"Line {number} of the report on the harbour tells of boats.") for number in range(9)]
    report = text_pdf([filler, [*filler, (0, ""), (12, LOCKED[:60]), (12, LOCKED[60:])], filler])
    async with newspaper() as paper:
        spec = lists(paper, report=1)
        paper.server.routes["/report"] = respond(200, {"Content-Type": "application/pdf"}, report)
        async with desk_with(tmp_path, paper.server, spec) as desk:
            done = await desk.round()
            (article,) = desk.articles()
            assert (article.extraction, len(done.hits)) == ("text", 1)
            assert {passage.page for passage in done.hits[0].line.passages} == {2}
            _, text = await desk.digest()
    assert "page 2" in text
