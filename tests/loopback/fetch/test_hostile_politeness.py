"""Threats #57, #60, #62 and #66: robots.txt on real sockets, Retry-After, the pace at a host, and who we say we are."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from monitor.errors import ServerBusy
from monitor.fetch import HttpClient, Pace
from monitor.model.fetching import Fetched, FetchRequest, Purpose
from tests.loopback.fetch.rig import MakeClient, feed, reason
from tests.loopback.servers import LoopbackServer, RequestHead, Route, respond

RULES = respond(200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /private")


def redirecting(times: int) -> dict[str, Route]:
    hops: dict[str, Route] = {f"/hop{n}": respond(302, {"Location": f"/hop{n + 1}"}) for n in range(1, times)}
    return {"/robots.txt": respond(302, {"Location": "/hop1"}), **hops, f"/hop{times}": RULES}


async def hang_up(_: RequestHead, writer: asyncio.StreamWriter) -> None:
    return


async def say_nothing(_: RequestHead, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


ROBOTS: dict[str, tuple[dict[str, Route], str]] = {
    "404": ({"/robots.txt": respond(404)}, "read"),
    "401": ({"/robots.txt": respond(401)}, "read"),
    "403": ({"/robots.txt": respond(403)}, "read"),
    "500": ({"/robots.txt": respond(500)}, "robots_unavailable"),
    "429": ({"/robots.txt": respond(429)}, "robots_unavailable"),
    "five redirects": (redirecting(5), "robots_disallowed"),
    "six redirects": (redirecting(6), "read"),
    "a redirect inside": ({"/robots.txt": respond(301, {"Location": "http://127.0.0.2:80/robots.txt"})}, "read"),
    "silence": ({"/robots.txt": say_nothing}, "robots_unavailable"),
    "a closed door": ({"/robots.txt": hang_up}, "read"),
}


@pytest.mark.parametrize("name", ROBOTS, ids=lambda name: f"#57 {name}")
async def test_a_page_waits_for_a_robots_file_in_trouble_and_for_none_that_is_not_there(
    name: str, make_client: MakeClient, internet: LoopbackServer, internal: LoopbackServer
) -> None:
    routes, expected = ROBOTS[name]
    internet.routes |= {**routes, "/private/1": respond(200, {}, b"page")}
    async with make_client(heeds_robots=True, fetch_deadline_seconds=0.5) as client:
        assert await reason(client, FetchRequest(internet.url("/private/1"), "page")) == expected
        assert await reason(client, feed(internet.url("/private/1"))) == "read"
    assert internal.connections == 0


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        ("feed", "read"),
        ("search", "read"),
        ("page", "robots_disallowed"),
        ("sitemap", "robots_disallowed"),
        ("article", "robots_disallowed"),
    ],
)
async def test_robots_txt_is_heeded_by_what_a_url_is_wanted_for(
    purpose: Purpose, expected: str, make_client: MakeClient, internet: LoopbackServer
) -> None:
    internet.routes |= {"/robots.txt": RULES, "/private/1": respond(200, {}, b"page")}
    async with make_client(heeds_robots=True) as client:
        assert await reason(client, FetchRequest(internet.url("/private/1"), purpose)) == expected


@pytest.mark.parametrize("status", [429, 503], ids=lambda status: f"#60 {status}")
@pytest.mark.parametrize(
    ("raw", "seconds"),
    [("120", 120.0), ("Sun, 22 Nov 2026 12:02:00 GMT", 120.0), ("1000000000000", 86_400.0), ("soon", None)],
)
async def test_a_busy_server_is_asked_again_when_it_says(
    status: int, raw: str, seconds: float | None, client: HttpClient, internet: LoopbackServer
) -> None:
    internet.routes["/feed"] = respond(status, {"Retry-After": raw})
    with pytest.raises(ServerBusy) as busy:
        await client.fetch(feed(internet.url("/feed")))
    assert (busy.value.status, busy.value.retry_after_seconds) == (status, seconds)


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        wake_at = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, wake_at)

    def pace(self, kind: type[Pace] = Pace) -> Pace:
        return kind(
            max_per_host=2,
            host_delay_seconds=1.0,
            max_connections=16,
            monotonic=lambda: self.now,
            sleep=self.sleep,
        )


@pytest.mark.slow
async def test_threat_62_forty_sources_on_one_host_see_two_requests_at_once_a_second_apart(
    make_client: MakeClient, internet: LoopbackServer
) -> None:
    time = Time()
    starts: list[float] = []

    class Noting(Pace):
        @asynccontextmanager
        async def turn(self, host: str, pause_seconds: float = 0.0, *, pauses: bool = True) -> AsyncIterator[None]:
            async with super().turn(host, pause_seconds, pauses=pauses):
                starts.append(time.now)
                yield

    async def linger(_: RequestHead, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.005)
        writer.write(respond(200, {}, b"ok"))

    internet.routes["*"] = linger
    workers = asyncio.Semaphore(16)

    async def poll(client: HttpClient, number: int) -> str:
        async with workers:
            return await reason(client, feed(internet.url(f"/feed{number % 40}")))

    async with make_client(pace=time.pace(Noting)) as client:
        outcomes = await asyncio.gather(*(poll(client, number) for number in range(400)))
    assert outcomes == ["read"] * 400
    assert len(internet.requests) == len(starts) == 400
    assert internet.most_in_flight == 2
    assert min(later - earlier for earlier, later in pairwise(starts)) >= 1.0


async def test_a_sources_own_pause_holds_for_its_host_where_it_is_the_longest(
    make_client: MakeClient, internet: LoopbackServer
) -> None:
    time = Time()
    internet.routes["/r"] = respond(302, {"Location": internet.url("/", "other.test")})
    async with make_client(pace=time.pace()) as client:
        for pause_seconds in (7.0, 0.0, 0.0):
            await client.fetch(FetchRequest(internet.url("/", "public.test"), "page", pause_seconds=pause_seconds))
        assert time.slept == [7.0, 1.0]
        await client.fetch(FetchRequest(internet.url("/r", "public.test"), "page", pause_seconds=9.0))
        await client.fetch(FetchRequest(internet.url("/", "other.test"), "page"))
        await client.fetch(FetchRequest(internet.url("/", "public.test"), "page"))
    assert time.slept[2:] == [1.0, 1.0, 8.0]


async def test_threat_66_every_request_says_who_we_are_and_how_to_reach_us(
    make_client: MakeClient, internet: LoopbackServer
) -> None:
    internet.routes |= {"/robots.txt": RULES, "/r": respond(302, {"Location": "/"})}
    async with make_client(heeds_robots=True) as client:
        for purpose in ("feed", "page", "sitemap", "search", "article"):
            request = FetchRequest(internet.url("/r"), purpose)
            assert isinstance(await client.fetch(request), Fetched)
    assert len(internet.requests) == 11
    assert {head.header("user-agent") for head in internet.requests} == {"Monitor/0.1 (+desk@example.org)"}
