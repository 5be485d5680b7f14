"""Sources of every kind over real sockets: what is listed on them becomes articles, and what is no news does not."""

import gzip
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from monitor.model.archiving import SourceSpec
from tests.loopback.newsroom import LOCKED, Desk, Newspaper, desk_with, newspaper, page
from tests.loopback.servers import LoopbackServer, respond

pytestmark = pytest.mark.enable_socket
HTML = {"Content-Type": "text/html; charset=utf-8"}
XML = {"Content-Type": "application/xml"}
FRONT = (
    "<html lang='en'><head><title>The Gazette</title></head><body>"
    "<nav><a href='/about'>About us and our long history in print</a></nav>"
    "<main><h2 class='news'><a href='/1'>Workers of the pier locked in over night</a></h2>"
    "<h2 class='news'><a href='/2'>The price of fish falls for the third week</a></h2></main>"
    "<aside><p><a href='/3'>A recipe for soup with lemon grass and mint</a></p></aside></body></html>"
)


def front_page(paper: Newspaper) -> None:
    paper.publish("/1", "Workers of the pier locked in over night", LOCKED)
    paper.publish("/2", "The price of fish falls for the third week")
    paper.publish("/3", "A recipe for soup with lemon grass and mint")
    paper.server.routes["/"] = respond(200, HTML, FRONT.encode())


@pytest.mark.parametrize("links", ["h2.news a", "//h2[@class='news']/a"])
async def test_a_page_is_followed_by_the_links_that_its_selector_picks(tmp_path: Path, links: str) -> None:
    async with newspaper() as paper:
        front_page(paper)
        spec = SourceSpec(paper.server.url("/"), "The Gazette", kind="page", links=links)
        async with desk_with(tmp_path, paper.server, spec) as desk:
            done = await desk.round()
            assert [(polled.reason, polled.new) for polled in done.polled] == [("", 2)]
            assert (done.read.read, len(done.hits)) == (2, 1)
        assert (paper.visits("/3"), paper.visits("/about")) == (0, 0)


async def test_a_page_without_a_selector_is_followed_by_its_headlines(tmp_path: Path) -> None:
    async with newspaper() as paper:
        front_page(paper)
        spec = SourceSpec(paper.server.url("/"), "The Gazette", kind="page")
        async with desk_with(tmp_path, paper.server, spec) as desk:
            done = await desk.round()
            assert len(done.hits) == 1
            assert {article.title for article in desk.articles()} >= {"The price of fish falls for the third week"}


async def test_a_selector_that_picks_nothing_is_a_failed_visit_that_says_so(tmp_path: Path) -> None:
    async with newspaper() as paper:
        front_page(paper)
        spec = SourceSpec(paper.server.url("/"), "The Gazette", kind="page", links="h5.gone a")
        async with desk_with(tmp_path, paper.server, spec) as desk:
            (polled,) = (await desk.round()).polled
    assert polled.reason == "bad_selector"
    assert "h5.gone a" in polled.detail


async def watch(desk: Desk, server: LoopbackServer, *sentences: str) -> tuple[int, int]:
    """Serve the watched page with these words, and return how many texts were new and how many hits."""
    server.routes["/notice"] = respond(200, HTML, page("Notice of the harbour office", *sentences))
    desk.clock.advance(minutes=10)
    done = await desk.round()
    assert done.polled[0].reason == ""
    return done.polled[0].new, len(done.hits)


def revisions(desk: Desk) -> int:
    return int(str(desk.rows("SELECT count(*) FROM revisions")[0][0]))


async def test_a_watched_page_is_news_when_its_words_change_and_not_when_its_clock_does(tmp_path: Path) -> None:
    async with LoopbackServer() as server:
        spec = SourceSpec(server.url("/notice"), "Harbour office", kind="watch")
        async with desk_with(tmp_path, server, spec) as desk:
            office = "The office of the harbour is open on working days, and whoever has a question may ask it there."
            assert await watch(desk, server, office) == (1, 0)
            assert [article.arrival for article in desk.articles()] == ["backlog"]
            assert await watch(desk, server, office) == (0, 0)
            assert await watch(desk, server, office, "It is 10:31 on 22 November 2026.") == (1, 0)
            assert await watch(desk, server, office, "It is 11:02 on 23 November 2026.") == (0, 0)
            assert revisions(desk) == 2
            assert await watch(desk, server, office, LOCKED) == (1, 1)
            assert revisions(desk) == 3
            (article,) = desk.articles()
            assert LOCKED in article.text
            assert article.revision == 3


def ever_new(number: int) -> str:
    letters = sha256(str(number).encode()).hexdigest().translate(str.maketrans("0123456789", "ghijklmnop"))
    return f"Of the day: {' '.join(letters[at : at + 8] for at in range(0, 64, 8))}."


@pytest.mark.slow
async def test_a_page_that_changes_at_every_visit_fills_neither_the_archive_nor_the_digest(tmp_path: Path) -> None:
    async with LoopbackServer() as server:
        spec = SourceSpec(server.url("/notice"), "Harbour office", kind="watch")
        async with desk_with(tmp_path, server, spec) as desk:
            told = [await watch(desk, server, LOCKED, ever_new(number)) for number in range(100)]
            assert (sum(new for new, _ in told), sum(hits for _, hits in told)) == (100, 1)
            assert revisions(desk) == 24
            desk.clock.advance(days=1)
            await watch(desk, server, LOCKED, "The notice of another day hangs here.")
            assert revisions(desk) == 25


@pytest.mark.slow
async def test_what_a_restless_page_says_at_last_stands_in_the_archive_with_the_hit_that_it_made(
    tmp_path: Path,
) -> None:
    async with LoopbackServer() as server:
        spec = SourceSpec(server.url("/notice"), "Harbour office", kind="watch")
        async with desk_with(tmp_path, server, spec) as desk:
            for number in range(26):
                await watch(desk, server, ever_new(number))
            assert await watch(desk, server, LOCKED) == (1, 1)
            (article,) = desk.articles()
            assert LOCKED in article.text


def sitemap(*entries: tuple[str, str], more: str = "") -> bytes:
    urls = "".join(f"<url><loc>{url}</loc><lastmod>{at}</lastmod>{more}</url>" for url, at in entries)
    return (
        "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' "
        f"xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'>{urls}</urlset>"
    ).encode()


async def test_a_sitemap_index_gives_what_its_parts_list_and_counts_what_is_old(tmp_path: Path) -> None:
    news = (
        "<news:news><news:publication><news:name>The Gazette</news:name><news:language>en</news:language>"
        "</news:publication><news:publication_date>2026-11-21T08:00:00Z</news:publication_date>"
        "<news:title>Workers of the pier locked in over night</news:title></news:news>"
    )
    async with newspaper() as paper:
        front_page(paper)
        url, routes = paper.server.url, paper.server.routes
        parts = "".join(f"<sitemap><loc>{url(path)}</loc></sitemap>" for path in ("/a.xml.gz", "/news.xml"))
        index = f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{parts}</sitemapindex>"
        routes["/sitemap.xml"] = respond(200, XML, index.encode())
        old = [(url(f"/old/{number}"), "2026-10-01") for number in range(5)]
        packed = gzip.compress(sitemap((url("/2"), "2026-11-20"), *old))
        routes["/a.xml.gz"] = respond(200, {"Content-Type": "application/gzip"}, packed)
        routes["/news.xml"] = respond(200, XML, sitemap((url("/1"), "2026-11-21"), more=news))
        spec = SourceSpec(url("/sitemap.xml"), "The Gazette", kind="sitemap")
        async with desk_with(tmp_path, paper.server, spec) as desk:
            done = await desk.round()
            again = await desk.round()
            hours = {article.canonical_url: article.published_at for article in desk.articles()}
        assert not any(request.path.startswith("/old/") for request in paper.server.requests)
    assert [(polled.reason, polled.new, polled.older) for polled in done.polled] == [("", 2, 5)]
    assert (done.read.read, len(done.hits)) == (2, 1)
    assert [(polled.outcome, polled.new) for polled in again.polled] == [("unchanged", 0)]
    published = hours[url("/1")]
    assert published is not None
    assert published.isoformat() == "2026-11-21T08:00:00+00:00"


async def test_a_new_article_in_a_part_is_found_though_the_index_has_not_changed(tmp_path: Path) -> None:
    async with newspaper() as paper:
        front_page(paper)
        url, routes = paper.server.url, paper.server.routes
        part = f"<sitemap><loc>{url('/a.xml')}</loc></sitemap>"
        index = f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{part}</sitemapindex>"
        routes["/sitemap.xml"] = respond(200, XML, index.encode())
        routes["/a.xml"] = respond(200, XML, sitemap((url("/2"), "2026-11-20")))
        spec = SourceSpec(url("/sitemap.xml"), "The Gazette", kind="sitemap")
        async with desk_with(tmp_path, paper.server, spec) as desk:
            await desk.round()
            routes["/a.xml"] = respond(200, XML, sitemap((url("/1"), "2026-11-21"), (url("/2"), "2026-11-20")))
            done = await desk.round()
    assert (done.polled[0].new, len(done.hits)) == (1, 1)


def post(number: int, text: str) -> str:
    return (
        '<div class="tgme_widget_message_wrap"><div class="tgme_widget_message" '
        f'data-post="gazette/{number}"><div class="tgme_widget_message_text">{text}</div>'
        f'<a class="tgme_widget_message_date" href="https://t.me/gazette/{number}">'
        '<time datetime="2026-11-21T08:00:00+00:00">08:00</time></a></div></div>'
    )


async def test_a_channels_posts_are_articles_with_the_page_as_their_evidence(tmp_path: Path) -> None:
    header = '<div class="tgme_channel_info_header_title"><span>The Gazette</span></div>'
    body = f"<html><body>{header}{post(1, LOCKED)}{post(2, 'Fish is cheap.')}</body></html>"
    async with LoopbackServer({"/s/gazette": respond(200, HTML, body.encode())}) as server:
        spec = SourceSpec(server.url("/s/gazette", "t.me"), "The Gazette", kind="channel")
        async with desk_with(tmp_path, server, spec, names={"t.me": "127.0.0.1"}) as desk:
            done = await desk.round()
            assert (done.polled[0].reason, done.read.read, len(done.hits)) == ("", 2, 1)
            article = next(article for article in desk.articles() if LOCKED in article.text)
            assert (article.canonical_url, article.extraction) == ("https://t.me/gazette/1", "text")
            assert article.snapshot
            assert article.snapshot.url == spec.url
            again = await desk.round()
            assert (again.polled[0].new, again.read.total) == (0, 0)
        assert {request.path for request in server.requests} == {"/robots.txt", "/s/gazette"}


@pytest.mark.parametrize("change", [str.upper, lambda text: text.replace(" ", "  ")], ids=["case", "spaces"])
@pytest.mark.slow
async def test_a_watched_page_that_only_looks_otherwise_is_no_news(
    tmp_path: Path, change: Callable[[str], str]
) -> None:
    async with LoopbackServer() as server:
        spec = SourceSpec(server.url("/notice"), "Harbour office", kind="watch")
        async with desk_with(tmp_path, server, spec) as desk:
            words = "Whoever has a question may ask it at the office, which is open on all working days."
            assert await watch(desk, server, words) == (1, 0)
            assert await watch(desk, server, change(words)) == (0, 0)
