import gzip
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import pytest
import pytest_socket

from monitor.errors import (
    BadResponse,
    BadUrl,
    BlockedPort,
    BodyTooLarge,
    ConfigurationError,
    DnsFailed,
    HttpStatus,
    TooManyRedirects,
)
from monitor.fetch import FetchLimits, HttpClient, NewsroomTransport
from monitor.model.fetching import SAMPLE_HOST, Fetched, FetchRequest, NotModified

# Without the time of packing: what names a test must be the same in every process.
pack = partial(gzip.compress, mtime=0)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FEED = b"<rss version='2.0'/>"
FILES = {"/feed.xml": ("application/rss+xml", FEED), "/a/1.html": ("text/html; charset=utf-8", b"<p>One.</p>")}


async def resolve_nothing(host: str, port: int) -> tuple[str, ...]:
    raise DnsFailed(f"There is no address for the name {host}")


def make_client(transport: httpx.AsyncBaseTransport | None = None, **limits: Any) -> HttpClient:
    mounted = {SAMPLE_HOST: transport or NewsroomTransport(FILES)}
    return HttpClient(FetchLimits(**limits), lambda: NOW, resolve=resolve_nothing, mounts=mounted)


@pytest.fixture(autouse=True)
def _no_sockets() -> Iterator[None]:
    pytest_socket.disable_socket(allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()


class Answers(httpx.AsyncBaseTransport):
    """Gives one answer to everything and keeps the requests."""

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]] | None = None, body: bytes = b"") -> None:
        self.status, self.headers, self.body = status, headers or [], body
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self.status, headers=self.headers, stream=httpx.ByteStream(self.body))


def feed_request(path: str = "/feed.xml", etag: str | None = None, last_modified: str | None = None) -> FetchRequest:
    return FetchRequest(f"http://{SAMPLE_HOST}{path}", "feed", etag, last_modified)


async def test_the_sample_newsroom_is_served_without_a_socket() -> None:
    async with make_client() as client:
        fetched = await client.fetch(feed_request())
    assert isinstance(fetched, Fetched)
    assert (fetched.status, fetched.content, fetched.raw_body) == (200, FEED, FEED)
    assert fetched.header("Content-Type") == "application/rss+xml"
    assert fetched.sha256 == hashlib.sha256(FEED).hexdigest()
    assert fetched.fetched_at == NOW


async def test_the_sample_newsroom_knows_what_did_not_change() -> None:
    async with make_client() as client:
        first = await client.fetch(feed_request())
        assert isinstance(first, Fetched)
        assert await client.fetch(feed_request(etag=first.header("etag"))) == NotModified(first.url, NOW)
        assert isinstance(await client.fetch(feed_request(etag='"other"')), Fetched)


async def test_a_page_that_the_newsroom_lacks_is_404() -> None:
    async with make_client() as client:
        with pytest.raises(HttpStatus) as failure:
            await client.fetch(feed_request("/none"))
    assert failure.value.reason == "http_404"


async def test_visits_to_the_newsroom_are_not_paced() -> None:
    async with make_client(host_delay_seconds=3_600.0) as client:
        for _ in range(3):
            await client.fetch(feed_request())


async def test_a_host_beside_the_newsroom_is_not_served_by_it() -> None:
    async with make_client() as client:
        with pytest.raises(DnsFailed):
            await client.fetch(FetchRequest(f"http://www.{SAMPLE_HOST}/feed.xml", "feed"))


async def test_a_mounted_host_is_held_to_every_limit() -> None:
    async with make_client(Answers(200, body=bytes(2_000)), max_body_bytes=1_000) as client:
        with pytest.raises(BodyTooLarge):
            await client.fetch(feed_request())
    async with make_client(Answers(200, [(b"X-Long", b"x" * 2_000)]), max_header_bytes=1_000) as client:
        with pytest.raises(BadResponse):
            await client.fetch(feed_request())
    async with make_client(Answers(302, [(b"Location", b"/feed.xml")])) as client:
        with pytest.raises(TooManyRedirects):
            await client.fetch(feed_request())
    async with make_client() as client:
        with pytest.raises(BlockedPort):
            await client.fetch(FetchRequest(f"http://{SAMPLE_HOST}:22/", "feed"))


@pytest.mark.parametrize(
    "location", [b"file:///etc/passwd", b"http://a@b.example/", b"http://b.example\\@c/", b"\xff\xfe"]
)
async def test_a_redirect_out_of_the_grammar_is_refused(location: bytes) -> None:
    async with make_client(Answers(301, [(b"Location", location)])) as client:
        with pytest.raises((BadUrl, BadResponse), match=SAMPLE_HOST):
            await client.fetch(feed_request())


@pytest.mark.parametrize("validator", ["x" * 1_025, "a\r\nCookie: b", "é", ""])
async def test_a_validator_that_is_long_or_odd_is_not_sent_back(validator: str) -> None:
    answers = Answers(200)
    async with make_client(answers) as client:
        await client.fetch(feed_request(etag=validator, last_modified=validator))
    assert not {"if-none-match", "if-modified-since"} & set(answers.requests[0].headers)


async def test_what_is_sent_is_only_what_is_needed() -> None:
    answers = Answers(200, [(b"Set-Cookie", b"id=1; Path=/")])
    async with make_client(answers, user_agent="Monitor/0.1 (+desk@example.org)") as client:
        await client.fetch(feed_request())
        await client.fetch(feed_request(etag='"1"', last_modified="Sun, 22 Nov 2026 12:00:00 GMT"))
    first, second = ({name: request.headers[name] for name in request.headers} for request in answers.requests)
    assert set(first) == {"host", "user-agent", "accept", "accept-encoding"}
    assert first["user-agent"] == "Monitor/0.1 (+desk@example.org)"
    assert first["accept-encoding"] == "gzip"
    assert set(second) - set(first) == {"if-none-match", "if-modified-since"}


async def test_the_body_is_kept_packed_with_the_hash_of_what_came() -> None:
    wire = pack(FEED)
    async with make_client(Answers(200, [(b"Content-Encoding", b"gzip")], wire)) as client:
        fetched = await client.fetch(feed_request())
    assert isinstance(fetched, Fetched)
    assert (fetched.raw_body, fetched.content) == (wire, FEED)
    assert fetched.sha256 == hashlib.sha256(wire).hexdigest()


@pytest.mark.parametrize(
    "proxy_url", ["ftp://127.0.0.1:21", "socks4://127.0.0.1:1080", "127.0.0.1:3128", "http://", "http://a:b"]
)
def test_a_proxy_that_can_not_be_used_stops_the_start(proxy_url: str) -> None:
    with pytest.raises(ConfigurationError, match="MONITOR_PROXY_URL"):
        make_client(proxy_url=proxy_url)


def test_a_user_agent_that_no_header_can_hold_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match="MONITOR_CONTACT"):
        FetchLimits(user_agent="Monitor/0.1 (é)\r\n")
