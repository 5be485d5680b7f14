"""Threat #31, and its kin: what stands before a site is told from the site, over real sockets."""

import pytest

from monitor.errors import ElsewhereLed, LoginAsked
from monitor.fetch import HttpClient
from monitor.model.fetching import Fetched, FetchRequest, NotModified, Purpose
from tests.loopback.fetch.rig import MakeClient, feed, reason
from tests.loopback.servers import LoopbackServer, RequestHead, Route, respond

HTML = {"Content-Type": "text/html; charset=utf-8"}
JUST_A_MOMENT = b"<!DOCTYPE html><title>Just a moment...</title><script>window._cf_chl_opt={}</script>"
PORTAL = b"<html><title>Welcome</title><p>Accept the terms to use this network.</p></html>"

PAGES: dict[str, tuple[bytes, str]] = {
    "a check with 200": (respond(200, HTML, JUST_A_MOMENT), "challenged"),
    "a check with 403": (respond(403, HTML | {"Server": "cloudflare"}, JUST_A_MOMENT), "challenged"),
    "a check with 503": (respond(503, HTML | {"Retry-After": "5"}, JUST_A_MOMENT), "challenged"),
    "a check by its header": (respond(403, {"CF-Mitigated": "challenge"}), "challenged"),
    "a plain refusal": (respond(403, HTML, b"<html>No.</html>"), "http_403"),
    "a plain busy page": (respond(503, HTML | {"Retry-After": "5"}, b"<html>Busy.</html>"), "server_busy"),
    "a refusal of 300 KB": (respond(403, HTML, b"<p>No. </p>" * 30_000), "http_403"),
    "a refusal that can't be unpacked": (respond(403, HTML | {"Content-Encoding": "gzip"}, b"no"), "http_403"),
    "a refusal cut short": (respond(403, HTML | {"Content-Length": "99", "Connection": "close"}, b"no"), "http_403"),
    "legal reasons": (respond(451, HTML, PORTAL), "http_451"),
    "the network's own sign-in": (respond(511, HTML, PORTAL), "blocked_on_network"),
}


@pytest.mark.parametrize("name", PAGES, ids=lambda name: f"#31 {name}")
async def test_a_page_in_the_place_of_a_feed_says_what_it_is(
    name: str, client: HttpClient, internet: LoopbackServer
) -> None:
    answer, expected = PAGES[name]
    internet.routes["/feed"] = answer
    assert await reason(client, feed(internet.url("/feed"))) == expected
    assert await reason(client, feed(internet.url("/"))) == "read"


async def test_an_article_with_a_captcha_among_its_comments_is_read(
    client: HttpClient, internet: LoopbackServer
) -> None:
    words = "<p>The workers came back to the gate at six in the morning, the union said.</p>" * 30
    body = f'<html><body>{words}<form>Not a robot? <div class="g-recaptcha"></div></form></body></html>'
    internet.routes["/a"] = respond(200, HTML, body.encode())
    assert await reason(client, FetchRequest(internet.url("/a"), "article")) == "read"


@pytest.mark.parametrize("purpose", ["feed", "page", "sitemap", "search"])
@pytest.mark.parametrize("status", [200, 401, 403, 404])
async def test_a_redirect_to_a_login_is_a_login_whatever_stands_there(
    purpose: Purpose, status: int, client: HttpClient, internet: LoopbackServer
) -> None:
    internet.routes["/feed"] = respond(302, {"Location": internet.url("/login?to=feed", "other.test")})
    internet.routes["/login"] = respond(status, HTML, b"<form>Password</form>")
    with pytest.raises(LoginAsked, match=r"public\.test leads to a login page at other\.test"):
        await client.fetch(FetchRequest(internet.url("/feed", "public.test"), purpose))


async def test_a_login_that_robots_may_not_read_is_still_a_login(
    make_client: MakeClient, internet: LoopbackServer
) -> None:
    internet.routes |= {
        "/robots.txt": respond(200, {}, b"User-agent: *\nDisallow: /login"),
        "/page": respond(302, {"Location": "/login"}),
    }
    async with make_client(heeds_robots=True) as client:
        assert await reason(client, FetchRequest(internet.url("/page"), "page")) == "login"


async def test_a_login_that_sends_us_back_is_none(client: HttpClient, internet: LoopbackServer) -> None:
    internet.routes["/feed"] = respond(302, {"Location": "/login?passive"})
    internet.routes["/login"] = respond(302, {"Location": "/feed?back"})
    internet.routes["/feed?back"] = respond(200, {}, b"<rss/>")
    assert await reason(client, feed(internet.url("/feed"))) == "read"


async def test_a_page_of_another_site_in_the_place_of_a_feed_is_named(
    client: HttpClient, internet: LoopbackServer
) -> None:
    internet.routes["/feed"] = respond(302, {"Location": internet.url("/portal", "other.test")})
    internet.routes["/portal"] = respond(200, HTML, PORTAL)
    with pytest.raises(ElsewhereLed, match=r"public\.test leads to a page of other\.test"):
        await client.fetch(feed(internet.url("/feed", "public.test")))
    assert await reason(client, FetchRequest(internet.url("/feed", "public.test"), "article")) == "read"
    internet.routes["/portal"] = respond(200, {"Content-Type": "application/rss+xml"}, b"<rss/>")
    assert await reason(client, feed(internet.url("/feed", "public.test"))) == "read"


@pytest.mark.parametrize(
    ("statuses", "has_moved"),
    [((), False), ((301,), True), ((308, 301), True), ((301, 302), False), ((303,), False), ((307, 308), False)],
)
async def test_only_an_unbroken_chain_of_permanent_redirects_moves_an_address(
    statuses: tuple[int, ...], has_moved: bool, client: HttpClient, internet: LoopbackServer
) -> None:
    for number, status in enumerate(statuses):
        internet.routes[f"/{number}"] = respond(status, {"Location": f"/{number + 1}"})
    end = internet.url(f"/{len(statuses)}")

    def answer(head: RequestHead, _: object) -> bytes:
        return respond(304 if head.header("if-none-match") else 200, {"Cache-Control": "max-age=600", "Age": "100"})

    route: Route = answer
    internet.routes[f"/{len(statuses)}"] = route
    fetched = await client.fetch(feed(internet.url("/0")))
    unchanged = await client.fetch(feed(internet.url("/0"), etag='"1"'))
    assert isinstance(fetched, Fetched)
    assert isinstance(unchanged, NotModified)
    assert fetched.moved_to == unchanged.moved_to == (end if has_moved else "")
    assert fetched.fresh_seconds == unchanged.fresh_seconds == 500
