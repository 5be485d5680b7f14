"""Strangers who would have a report missed: by its headline, its name, or its address before it is there."""

from pathlib import Path

import pytest

from monitor.model.archiving import SourceSpec
from tests.loopback.newsroom import LOCKED, WATCHLIST, Newspaper, desk_with, item, newspaper, page, rss
from tests.loopback.servers import respond

pytestmark = pytest.mark.enable_socket
RSS = {"Content-Type": "application/rss+xml"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
HEADLINE = "Workers of the pier locked in over night"
OPAQUE = "https://news.google.com/rss/articles/CBMi"
CALM = "All is well at the harbour, whose friends have said so, and nothing more is known of it by anyone. " * 12
TERMS = "terms: {en: 'pier AND (locked OR chained)'}"


def search(paper: Newspaper) -> SourceSpec:
    return SourceSpec(paper.server.url("/search"), "Search: pier", kind="search")


def of_stranger(paper: Newspaper) -> SourceSpec:
    return SourceSpec(paper.server.url("/stranger.xml"), "A stranger's feed")


def of_gazette(paper: Newspaper) -> SourceSpec:
    return SourceSpec(paper.server.url("/feed.xml"), "The Gazette")


def in_the_name_of(outlet: str, title: str, text: str) -> bytes:
    """Return a page that calls itself by an outlet's name."""
    return page(title, text).replace(b"<head>", f"<head><meta property='og:site_name' content='{outlet}'>".encode())


def lists(paper: Newspaper, path: str, *items: str) -> None:
    paper.server.routes[path] = respond(200, RSS, rss(*items, title="News"))


def with_exclusion(folder: Path) -> None:
    """Write a watchlist whose first claim has no hit where its friends have a say."""
    (folder / "watchlists").mkdir()
    watchlist = WATCHLIST.replace(TERMS, f"{TERMS}\n    not: 'friends'")
    (folder / "watchlists" / "harbour.yaml").write_text(watchlist, encoding="utf-8")


async def test_a_page_in_an_outlets_name_that_bears_on_nothing_puts_no_lead_aside(tmp_path: Path) -> None:
    with_exclusion(tmp_path)
    async with newspaper() as paper:
        lists(paper, "/search", item(f"{HEADLINE} - The Gazette", f"{OPAQUE}one"))
        paper.server.routes["/forged"] = respond(200, HTML, in_the_name_of("The Gazette", HEADLINE, CALM))
        lists(paper, "/stranger.xml")
        async with desk_with(tmp_path, paper.server, search(paper), of_stranger(paper)) as desk:
            assert len((await desk.round()).hits) == 1
            lists(paper, "/stranger.xml", item(HEADLINE, paper.server.url("/forged")))
            assert (await desk.round()).read.read == 1
            assert desk.rows("SELECT replaced_by_id FROM articles ORDER BY id") == [(None,), (None,)]
            desk.clock.advance(hours=5)
            assert "1 lead" in (await desk.digest())[0]


async def test_a_lead_is_told_though_a_page_in_its_outlets_name_had_its_headline_before_it(tmp_path: Path) -> None:
    with_exclusion(tmp_path)
    async with newspaper() as paper:
        lists(paper, "/search")
        paper.server.routes["/forged"] = respond(200, HTML, in_the_name_of("The Gazette", HEADLINE, CALM))
        lists(paper, "/stranger.xml", item(HEADLINE, paper.server.url("/forged")))
        async with desk_with(tmp_path, paper.server, search(paper), of_stranger(paper)) as desk:
            assert (await desk.round()).hits == ()
            lists(paper, "/search", item(f"{HEADLINE} - The Gazette", f"{OPAQUE}one"))
            (hit,) = (await desk.round()).hits
            assert hit.line.is_lead


@pytest.mark.parametrize("carried", ["", CALM])
async def test_an_address_named_by_a_stranger_before_its_page_is_there_is_read_when_its_own_outlet_lists_it(
    tmp_path: Path, carried: str
) -> None:
    async with newspaper() as paper:
        url = paper.server.url("/1", host="gazette.test")
        lists(paper, "/stranger.xml", item("Nothing to see", url, text=carried))
        lists(paper, "/feed.xml")
        specs, names = (of_stranger(paper), of_gazette(paper)), {"gazette.test": "127.0.0.1"}
        async with desk_with(tmp_path, paper.server, *specs, names=names) as desk:
            await desk.round()
            desk.clock.advance(hours=2)
            await desk.round()
            assert [article.extraction for article in desk.articles()] == ["http_404"]
            paper.publish("/1", HEADLINE, LOCKED)
            lists(paper, "/feed.xml", item(HEADLINE, url))
            done = await desk.round()
            assert len(done.hits) == 1
            (article,) = desk.articles()
            assert (article.title, article.outlet, article.arrival) == (HEADLINE, "gazette.test", "news")
            assert LOCKED in article.text
            again = await desk.round()
            assert again.read.total == 0


async def test_a_page_that_two_sources_list_is_still_asked_for_once(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", HEADLINE, LOCKED)
        lists(paper, "/stranger.xml", item(HEADLINE, paper.server.url("/1")))
        async with desk_with(tmp_path, paper.server, of_stranger(paper), of_gazette(paper)) as desk:
            await desk.round()
            await desk.round()
            assert paper.visits("/1") == 1
            assert desk.rows("SELECT state FROM entries") == [("read",), ("read",)]


async def test_a_lead_that_its_own_source_lists_anew_is_not_asked_for_again(tmp_path: Path) -> None:
    async with newspaper() as paper:
        gone = paper.server.url("/gone")
        lists(paper, "/stranger.xml", item(HEADLINE, gone, guid="one"))
        async with desk_with(tmp_path, paper.server, of_stranger(paper)) as desk:
            await desk.round()
            desk.clock.advance(hours=2)
            await desk.round()
            assert paper.visits("/gone") == 2
            for number in range(3):
                lists(paper, "/stranger.xml", item(HEADLINE, gone, guid=f"again {number}"))
                await desk.round()
            assert paper.visits("/gone") == 2


async def test_what_a_terminal_obeys_gets_into_no_title_by_an_address(tmp_path: Path) -> None:
    async with newspaper() as paper:
        path = "/the-pier-is-locked-%1b%5d0;owned%07%1b%5b2J%e2%80%ae"
        lists(paper, "/stranger.xml", f"<item><link>{path}</link></item>")
        async with desk_with(tmp_path, paper.server, of_stranger(paper)) as desk:
            await desk.round()
            desk.clock.advance(hours=2)
            (hit,) = (await desk.round()).hits
            assert hit.line.headline == "the pier is locked ]0;owned[2J"
            assert desk.rows("SELECT title FROM entries") == [(hit.line.headline,)]


async def test_no_feed_lends_its_text_an_outlets_name_that_stands_on_another_site(tmp_path: Path) -> None:
    async with newspaper() as paper:
        url = paper.server.url("/made-up", host="gazette.test")
        forged = item(HEADLINE, url, text=LOCKED * 8).replace("</item>", "<source url='x'>The Gazette</source></item>")
        lists(paper, "/stranger.xml", forged)
        async with desk_with(tmp_path, paper.server, of_stranger(paper), names={"gazette.test": "127.0.0.1"}) as desk:
            await desk.round()
            desk.clock.advance(hours=2)
            await desk.round()
            (article,) = desk.articles()
            assert article.outlet == "A stranger's feed"
