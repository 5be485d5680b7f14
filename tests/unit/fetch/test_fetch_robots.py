"""robots.txt (RFC 9309): what it keeps us from, and how often it is asked."""

import pytest

from monitor.errors import (
    ConnectionLost,
    DnsFailed,
    HttpStatus,
    MonitorError,
    RobotsDisallowed,
    RobotsUnavailable,
    ServerBusy,
    TlsError,
    TooManyRedirects,
)
from monitor.fetch.guard import check_url
from monitor.fetch.robots import Robots
from monitor.model.fetching import Fetched, FetchRequest, NotModified, Purpose
from tests.loopback.newsroom import START

SITE = "https://paper.example"


class Site:
    """A site whose robots.txt is a text, or an error."""

    def __init__(self, answer: str | bytes | MonitorError) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.now = 0.0
        self.robots = Robots(self.fetch, lambda: self.now)

    async def fetch(self, request: FetchRequest) -> Fetched | NotModified:
        self.asked.append(request.url)
        if isinstance(self.answer, MonitorError):
            raise self.answer
        body = self.answer.encode() if isinstance(self.answer, str) else self.answer
        return Fetched(request.url, request.url, 200, (), body, body, "0" * 64, START)

    async def allows(self, path: str, purpose: Purpose = "article") -> bool:
        try:
            await self.robots.check(check_url(SITE + path), purpose)
        except RobotsDisallowed:
            return False
        return True


@pytest.mark.parametrize(
    ("text", "path", "is_allowed"),
    [
        ("User-agent: *\nDisallow: /private", "/private/1", False),
        ("User-agent: *\nDisallow: /private", "/public", True),
        ("User-agent: *\r\nDisallow: /\r\n", "/a", False),
        ("\ufeffUser-agent: *\nDisallow: /", "/a", False),
        ("user-AGENT: *\nDISALLOW: /", "/a", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("User-agent: monitor\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Monitor\nAllow: /", "/a", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/report.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/report.pdf?x=1", True),
        ("User-agent: *\nDisallow: /a%20b", "/a%20b", False),
        ("<html><body>Not found</body></html>", "/a", True),
        ("", "/a", True),
        (b"\xff\xfe\x00garbage\x00" * 100, "/a", True),
        ("User-agent: *\nDisallow: /\n" + "#" * 2_000_000, "/a", False),
    ],
)
async def test_an_article_is_read_only_where_the_file_lets_us(text: str, path: str, is_allowed: bool) -> None:
    assert await Site(text).allows(path) == is_allowed


@pytest.mark.parametrize(
    ("text", "is_allowed"),
    [
        ("User-agent: *\nDisallow: /", True),
        ("User-agent: Monitor\nDisallow: /", False),
        ("User-agent: Monitor\nUser-agent: *\nDisallow: /", True),
        ("User-agent: *\nDisallow: /feed\n\nUser-agent: Monitor\nDisallow: /other", True),
    ],
)
async def test_a_feed_is_polled_unless_our_own_name_is_disallowed(text: str, is_allowed: bool) -> None:
    assert await Site(text).allows("/feed.xml", "feed") == is_allowed


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_where_there_is_no_file_there_are_no_rules(status: int) -> None:
    assert await Site(HttpStatus("no", status=status)).allows("/a")


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_server_in_trouble_holds_back_its_pages_but_not_a_feed(status: int) -> None:
    site = Site(ServerBusy("busy", status=status))
    with pytest.raises(RobotsUnavailable):
        await site.allows("/a")
    assert await site.allows("/feed.xml", "feed")


@pytest.mark.parametrize("error", [DnsFailed("x"), ConnectionLost("x"), TlsError("x"), TooManyRedirects("x")])
async def test_a_site_that_cannot_be_reached_is_left_to_the_pages_own_request(error: MonitorError) -> None:
    assert await Site(error).allows("/a")


async def test_the_file_is_asked_for_once_a_day_for_a_hundred_pages() -> None:
    site = Site("User-agent: *\nDisallow: /private")
    for number in range(100):
        assert await site.allows(f"/{number}")
    site.now = 24 * 3600 - 1
    await site.allows("/a")
    assert site.asked == [f"{SITE}/robots.txt"]
    site.now = 24 * 3600
    await site.allows("/a")
    assert len(site.asked) == 2


async def test_each_port_and_scheme_has_a_file_of_its_own() -> None:
    site = Site("")
    for url in (f"{SITE}/a", "http://paper.example/a", f"{SITE}:8443/a"):
        await site.robots.check(check_url(url), "article")
    assert site.asked == [f"{SITE}/robots.txt", "http://paper.example/robots.txt", f"{SITE}:8443/robots.txt"]


@pytest.mark.parametrize(("asked", "given"), [("0.1", 0.1), ("5", 5), ("3600", 30), ("nan", 0), ("-3", 0), ("soon", 0)])
async def test_a_sites_crawl_delay_is_kept_within_reason(asked: str, given: float) -> None:
    site = Site(f"User-agent: *\nCrawl-delay: {asked}")
    assert await site.robots.check(check_url(f"{SITE}/a"), "article") == given
