"""A feed that carries its articles whole: their pages come first; where they can't be had, the feed's text counts."""

from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from monitor.model.archiving import SourceSpec
from tests.loopback.newsroom import FILLER, LOCKED, Desk, Newspaper, desk_with, item, newspaper, page, rss
from tests.loopback.servers import respond

pytestmark = pytest.mark.enable_socket
RSS = {"Content-Type": "application/rss+xml"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
HEADLINE = "A night in the shed"
BY_FEED = "The feed alone says that the pier was locked for three nights, and it says so at some length here."
WHOLE = f"<p>{BY_FEED}</p>" + f"<p>{FILLER}</p>" * 3


def feed_with_text(paper: Newspaper) -> SourceSpec:
    body = rss(item(HEADLINE, paper.server.url("/1"), text=WHOLE))
    paper.server.routes["/feed.xml"] = respond(200, RSS, body)
    return SourceSpec(paper.server.url("/feed.xml"), "The Gazette", language="en")


def evidence(desk: Desk) -> bytes:
    (article,) = desk.articles()
    assert article.snapshot
    with (desk.monitor.snapshots.folder / article.snapshot.blob_key).open("rb") as file:
        body: bytes = next(iter(ArchiveIterator(file))).content_stream().read()
    return body


async def test_where_the_page_is_fine_its_text_counts_and_not_the_feeds(tmp_path: Path) -> None:
    async with newspaper() as paper:
        spec = feed_with_text(paper)
        paper.server.routes["/1"] = respond(200, HTML, page(HEADLINE, LOCKED))
        async with desk_with(tmp_path, paper.server, spec) as desk:
            done = await desk.round()
            (article,) = desk.articles()
            assert (done.read.read, article.extraction) == (1, "text")
            assert LOCKED in article.text
            assert BY_FEED not in article.text
            assert evidence(desk) == page(HEADLINE, LOCKED)


async def test_where_the_page_shuts_us_out_the_feeds_text_is_the_article_and_the_feed_its_evidence(
    tmp_path: Path,
) -> None:
    async with newspaper() as paper:
        spec = feed_with_text(paper)
        paper.server.routes["/1"] = respond(403, HTML, b"No.")
        async with desk_with(tmp_path, paper.server, spec) as desk:
            assert (await desk.round()).read.failed == {"http_403": 1}
            desk.clock.advance(hours=2)
            done = await desk.round()
            assert (done.read.read, done.read.leads.total(), len(done.hits)) == (1, 0, 1)
            (article,) = desk.articles()
            assert (article.extraction, article.title, article.outlet) == ("text", HEADLINE, "The Gazette")
            assert BY_FEED in article.text
            assert not done.hits[0].line.is_lead
            passage = done.hits[0].line.passages[0]
            assert article.text[passage.start : passage.end] == passage.text
            assert evidence(desk) == rss(item(HEADLINE, paper.server.url("/1"), text=WHOLE))
        assert paper.visits("/1") == 2


async def test_where_the_page_shows_the_beginning_only_the_feeds_text_is_the_article_at_once(tmp_path: Path) -> None:
    locked = b'<script type=\'application/ld+json\'>{"@type": "NewsArticle", "isAccessibleForFree": false}</script>'
    async with newspaper() as paper:
        spec = feed_with_text(paper)
        body = page(HEADLINE, "The beginning.").replace(b"</head>", locked + b"</head>")
        paper.server.routes["/1"] = respond(200, HTML, body)
        async with desk_with(tmp_path, paper.server, spec) as desk:
            done = await desk.round()
            (article,) = desk.articles()
            assert (done.read.read, article.extraction) == (1, "text")
            assert BY_FEED in article.text
            assert evidence(desk).startswith(b"<rss")


async def test_a_page_that_robots_may_not_read_is_not_asked_for_and_the_feeds_text_is_the_article(
    tmp_path: Path,
) -> None:
    async with newspaper() as paper:
        spec = feed_with_text(paper)
        rules = b"User-agent: *\nDisallow: /1\n"
        paper.server.routes["/robots.txt"] = respond(200, {"Content-Type": "text/plain"}, rules)
        async with desk_with(tmp_path, paper.server, spec) as desk:
            done = await desk.round()
            assert (done.read.read, len(done.hits)) == (1, 1)
        assert paper.visits("/1") == 0


async def test_a_feeds_document_is_kept_as_evidence_only_when_it_brings_a_text_that_is_new(tmp_path: Path) -> None:
    async with newspaper() as paper:
        spec = feed_with_text(paper)
        paper.server.routes["/1"] = respond(200, HTML, page(HEADLINE, LOCKED))
        async with desk_with(tmp_path, paper.server, spec) as desk:
            await desk.round()
            before = desk.rows("SELECT count(*) FROM snapshots")
            body = rss(item(HEADLINE, paper.server.url("/1"), text=WHOLE), title="Another title of the feed")
            paper.server.routes["/feed.xml"] = respond(200, RSS, body)
            assert (await desk.round()).polled[0].new == 0
            assert desk.rows("SELECT count(*) FROM snapshots") == before


async def test_the_text_that_a_feed_carried_stands_once_in_the_archive_after_reading(tmp_path: Path) -> None:
    async with newspaper() as paper:
        spec = feed_with_text(paper)
        paper.server.routes["/1"] = respond(200, HTML, page(HEADLINE, LOCKED))
        async with desk_with(tmp_path, paper.server, spec) as desk:
            await desk.round()
            assert desk.rows("SELECT text FROM entries") == [("",)]
