"""robots.txt over real sockets, before every hop."""

import pytest

from monitor.errors import RobotsDisallowed
from monitor.model.fetching import Fetched, FetchRequest
from tests.loopback.fetch.rig import MakeClient
from tests.loopback.servers import LoopbackServer, respond

DISALLOW = respond(200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /private")


async def test_a_disallowed_article_is_not_asked_for(make_client: MakeClient, internet: LoopbackServer) -> None:
    internet.routes |= {"/robots.txt": DISALLOW, "*": respond(200, {}, b"page")}
    async with make_client(heeds_robots=True) as client:
        with pytest.raises(RobotsDisallowed, match=r"robots\.txt"):
            await client.fetch(FetchRequest(internet.url("/private/1"), "article"))
        assert isinstance(await client.fetch(FetchRequest(internet.url("/public"), "article")), Fetched)
    assert [request.path for request in internet.requests] == ["/robots.txt", "/public"]


async def test_a_redirect_into_a_disallowed_place_is_not_followed(
    make_client: MakeClient, internet: LoopbackServer
) -> None:
    internet.routes |= {
        "/robots.txt": DISALLOW,
        "/old": respond(302, {"Location": "/private/1"}),
        "*": respond(200, {}, b"page"),
    }
    async with make_client(heeds_robots=True) as client:
        with pytest.raises(RobotsDisallowed):
            await client.fetch(FetchRequest(internet.url("/old"), "article"))
    assert [request.path for request in internet.requests] == ["/robots.txt", "/old"]


async def test_a_robots_file_that_redirects_inward_reaches_nothing(
    make_client: MakeClient, internet: LoopbackServer, internal: LoopbackServer
) -> None:
    inward = respond(301, {"Location": internal.url("/robots.txt")})
    internet.routes |= {"/robots.txt": inward, "*": respond(200, {}, b"page")}
    async with make_client(heeds_robots=True) as client:
        assert isinstance(await client.fetch(FetchRequest(internet.url("/a"), "article")), Fetched)
    assert internal.connections == 0
