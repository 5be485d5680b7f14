"""robots.txt (RFC 9309): what it keeps us from, and how often it is asked."""

from datetime import UTC, datetime

import pytest

from monitor.errors import (
    ConnectionLost,
    DnsFailed,
    HttpStatus,
    MonitorError,
    RobotsDisallowed,
    RobotsUnavailable,
    ServerBusy,
    Timeout,
    TlsError,
    TooManyRedirects,
)
from monitor.fetch.guard import check_url
from monitor.fetch.robots import Robots
from monitor.model.fetching import Fetched, FetchRequest, NotModified, Purpose

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SITE = "https://paper.example"


class Site:
    """A site whose robots.txt is a text, or an error."""

    def __init__(self, answer: str | bytes | MonitorError) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.requests: list[FetchRequest] = []
        self.now = 0.0
        self.robots = Robots(self.fetch, lambda: self.now)

    async def fetch(self, request: FetchRequest) -> Fetched | NotModified:
        self.asked.append(request.url)
        self.requests.append(request)
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


ROBOTS_TABLE: list[tuple[str | bytes, str, bool]] = [
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
    ("#" * 600_000 + "\nUser-agent: *\nDisallow: /", "/a", True),
    ("User-agent: *\nDisallow: /x\n\nUser-agent: *\nDisallow: /a", "/a", False),
    ("User-agent: other\nUser-agent: Monitor\nDisallow: /a", "/a", False),
    (
        "User-agent: Monitor\nDisallow: /a\n\nUser-agent: other\nAllow: /\n\nUser-agent: Monitor\nDisallow: /b",
        "/b",
        False,
    ),
    ("User-agent: *\nAllow: /a\nDisallow: /a", "/a", True),
    ("User-agent: *\nDisallow: /a*c", "/abbbc/d", False),
    ("User-agent: *\nDisallow: /A", "/a", True),
    ("User-agent: *\nDisallow: /a$", "/ab", True),
    ("User-agent: *\nDisallow: /*?q=", "/s?q=1", False),
    ("User-agent: * # all\nDisallow: /a # this", "/a", False),
    ("  User-agent  :  *  \n\tDisallow :\t/a", "/a", False),
    ("User-agent: *\nDisallow: /ភ្នំ", "/%E1%9E%97%E1%9F%92%E1%9E%93%E1%9F%86", False),
    ("Disallow: /", "/a", True),
]


def test_the_robots_table_is_as_long_as_threat_56_asks() -> None:
    assert len(ROBOTS_TABLE) == 30


@pytest.mark.parametrize(("text", "path", "is_allowed"), ROBOTS_TABLE, ids=lambda value: f"#56 {str(value)[:30]!a}")
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
@pytest.mark.parametrize("purpose", ["feed", "search"])
async def test_a_feed_or_search_is_polled_unless_our_own_name_is_disallowed(
    text: str, is_allowed: bool, purpose: Purpose
) -> None:
    assert await Site(text).allows("/feed.xml", purpose) == is_allowed


@pytest.mark.parametrize("purpose", ["article", "page", "sitemap"])
async def test_a_page_sitemap_or_article_is_read_only_where_everybody_may(purpose: Purpose) -> None:
    site = Site("User-agent: *\nDisallow: /private")
    assert await site.allows("/public", purpose)
    assert not await site.allows("/private", purpose)


async def test_the_file_is_asked_for_by_the_way_that_the_page_goes() -> None:
    site = Site("")
    for proxy_url in ("", "socks5://127.0.0.1:9050", "", "socks5://127.0.0.1:9050"):
        await site.robots.check(check_url(f"{SITE}/a"), "article", proxy_url)
    assert [request.proxy_url for request in site.requests] == ["", "socks5://127.0.0.1:9050"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410], ids=lambda status: f"#57 {status}")
async def test_threat_57_where_there_is_no_file_there_are_no_rules(status: int) -> None:
    assert await Site(HttpStatus("no", status=status)).allows("/a")


@pytest.mark.parametrize("status", [429, 500, 503], ids=lambda status: f"#57 {status}")
async def test_threat_57_a_server_in_trouble_holds_back_its_pages_but_not_a_feed(status: int) -> None:
    site = Site(ServerBusy("busy", status=status))
    with pytest.raises(RobotsUnavailable):
        await site.allows("/a")
    assert await site.allows("/feed.xml", "feed")


async def test_threat_57_a_file_that_takes_too_long_holds_back_pages_and_is_not_waited_for_each_time() -> None:
    site = Site(Timeout("slow"))
    for path in ("/a", "/b"):
        with pytest.raises(RobotsUnavailable):
            await site.allows(path)
    assert len(site.asked) == 1


@pytest.mark.parametrize("error", [DnsFailed("x"), ConnectionLost("x"), TlsError("x"), TooManyRedirects("x")])
async def test_a_site_that_cannot_be_reached_is_left_to_the_pages_own_request(error: MonitorError) -> None:
    assert await Site(error).allows("/a")


async def test_the_file_is_asked_for_once_a_day_for_a_hundred_pages() -> None:  # threat #58
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
