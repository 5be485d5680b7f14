"""What comes back from a server that behaves."""

import asyncio
import gzip
import hashlib
import ssl
from functools import partial

import pytest
import trustme

from monitor.errors import TlsError
from monitor.fetch import HttpClient
from monitor.model.fetching import Fetched, NotModified
from tests.loopback.fetch.rig import NOW, MakeClient, Names, feed
from tests.loopback.servers import LoopbackServer, RequestHead, respond

# Without the time of packing: what names a test must be the same in every process.
pack = partial(gzip.compress, mtime=0)

ETAG = '"v1"'


def conditional(head: RequestHead, _: asyncio.StreamWriter) -> bytes:
    if head.header("if-none-match") == ETAG:
        return respond(304, {"ETag": ETAG})
    return respond(200, {"ETag": ETAG, "Content-Type": "text/xml"}, b"<rss/>")


async def test_the_body_is_kept_as_received_with_its_hash(client: HttpClient, internet: LoopbackServer) -> None:
    wire = pack(b"<rss/>" * 500)
    internet.routes["/feed"] = respond(200, {"Content-Encoding": "gzip", "X-Case": "Kept"}, wire)
    fetched = await client.fetch(feed(internet.url("/feed")))
    assert isinstance(fetched, Fetched)
    assert fetched.raw_body == wire
    assert fetched.content == b"<rss/>" * 500
    assert fetched.sha256 == hashlib.sha256(wire).hexdigest()
    assert ("X-Case", "Kept") in fetched.headers
    assert fetched.fetched_at == NOW
    assert internet.requests[0].header("accept-encoding") == "gzip"


async def test_a_304_to_our_validator_is_not_modified(client: HttpClient, internet: LoopbackServer) -> None:
    internet.routes["/feed"] = conditional
    url = internet.url("/feed")
    first = await client.fetch(feed(url))
    assert isinstance(first, Fetched)
    assert await client.fetch(feed(url, etag=first.header("etag") or "")) == NotModified(url, NOW)


@pytest.mark.parametrize("status", [200, 203])
async def test_a_status_with_content_gives_it(status: int, client: HttpClient, internet: LoopbackServer) -> None:
    internet.routes["/s"] = respond(status, {}, b"content")
    fetched = await client.fetch(feed(internet.url("/s")))
    assert isinstance(fetched, Fetched)
    assert (fetched.status, fetched.content) == (status, b"content")


async def test_redirects_are_followed_and_kept(client: HttpClient, internet: LoopbackServer) -> None:
    internet.routes["/a"] = respond(301, {"Location": "b"})
    internet.routes["/b"] = respond(307, {"Location": internet.url("/c", "other.test")})
    internet.routes["/c"] = respond(200, {}, b"here")
    fetched = await client.fetch(feed(internet.url("/a", "public.test")))
    assert isinstance(fetched, Fetched)
    assert fetched.content == b"here"
    assert fetched.requested_url == internet.url("/a", "public.test")
    assert fetched.redirects == (internet.url("/a", "public.test"), internet.url("/b", "public.test"))
    assert fetched.url == internet.url("/c", "other.test")


async def test_a_redirect_to_an_address_in_another_script_is_followed(
    client: HttpClient, internet: LoopbackServer
) -> None:
    location = "/អត្ថបទ".encode().decode("latin-1")
    internet.routes["/a"] = respond(302, {"Location": location})
    internet.routes["/%E1%9E%A2%E1%9E%8F%E1%9F%92%E1%9E%90%E1%9E%94%E1%9E%91"] = respond(200, {}, b"here")
    assert isinstance(await client.fetch(feed(internet.url("/a"))), Fetched)


async def test_no_cookie_is_ever_sent_back(client: HttpClient, internet: LoopbackServer) -> None:
    internet.routes["/a"] = respond(302, {"Location": "/b", "Set-Cookie": "id=1; Path=/"})
    internet.routes["/b"] = respond(200, {"Set-Cookie": "id=2; Path=/"}, b"ok")
    for _ in range(2):
        await client.fetch(feed(internet.url("/a")))
    assert len(internet.requests) == 4
    assert all(head.header("cookie") is None for head in internet.requests)
    assert all(head.header("authorization") is None for head in internet.requests)


async def test_a_connection_is_used_again(client: HttpClient, internet: LoopbackServer) -> None:
    for _ in range(5):
        await client.fetch(feed(internet.url("/")))
    assert internet.connections == 1


async def test_a_connection_is_used_again_after_an_answer_without_a_body(
    client: HttpClient, internet: LoopbackServer
) -> None:
    internet.routes["/feed"] = conditional
    for _ in range(5):
        assert isinstance(await client.fetch(feed(internet.url("/feed"), etag=ETAG)), NotModified)
    assert internet.connections == 1


@pytest.mark.slow
async def test_hosts_long_unused_are_let_go_while_others_are_read(
    make_client: MakeClient, internet: LoopbackServer, names: Names
) -> None:
    urls = [internet.url("/", f"h{number}.test") for number in range(150)]
    names.table |= {f"h{number}.test": [("127.0.0.1",)] for number in range(150)}
    async with make_client() as client:
        for _ in range(3):
            fetched = await asyncio.gather(*(client.fetch(feed(url)) for url in urls))
            assert all(isinstance(one, Fetched) for one in fetched)
        await client.fetch(feed(internet.url("/")))
        assert len(client._network._idle) <= 128
        assert not client._network._in_use


def tls_for(name: str, authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


async def test_a_certificate_from_a_trusted_authority_passes_under_the_hosts_name(make_client: MakeClient) -> None:
    authority = trustme.CA()
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    server = LoopbackServer({"/": respond(200, {}, b"safe")}, tls=tls_for("public.test", authority))
    async with server, make_client(extra_ports=(server.port,), ssl_context=trusting) as client:
        fetched = await client.fetch(feed(server.url("/", "public.test")))
        assert isinstance(fetched, Fetched)
        assert fetched.content == b"safe"
        with pytest.raises(TlsError, match=r"other\.test"):
            await client.fetch(feed(server.url("/", "other.test")))
