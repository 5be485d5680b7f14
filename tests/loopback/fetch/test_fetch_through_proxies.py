"""Through a proxy that the operator named, a target is held to the same rules; a proxy's failure names the proxy."""

import gc
import ssl
from collections.abc import Iterator

import pytest
import trustme

from monitor.errors import BadUrl, BlockedAddress, BlockedPort, ConnectionLost
from monitor.fetch import HttpClient
from monitor.model.fetching import DIRECT, Fetched, FetchRequest
from tests.loopback.fetch.proxies import HttpProxy, Proxy, Socks5
from tests.loopback.fetch.rig import INTERNAL, INTERNET, MakeClient, Names, feed
from tests.loopback.servers import LoopbackServer, respond

KINDS: list[tuple[type[Proxy], str]] = [(Socks5, "socks5"), (Socks5, "socks5h"), (HttpProxy, "http")]
each_kind = pytest.mark.parametrize(("kind", "scheme"), KINDS, ids=[scheme for _, scheme in KINDS])


@pytest.fixture(autouse=True)
def _no_socket_is_left() -> Iterator[None]:
    yield
    gc.collect()  # an open socket would warn here, and a warning is an error


def by(proxy: str, url: str) -> FetchRequest:
    return FetchRequest(url, "feed", proxy_url=proxy)


async def content(client: HttpClient, request: FetchRequest) -> bytes:
    fetched = await client.fetch(request)
    assert isinstance(fetched, Fetched)
    return fetched.content


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def tls_for(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


@each_kind
async def test_everything_goes_through_the_settings_proxy_with_its_password(
    kind: type[Proxy], scheme: str, make_client: MakeClient, internet: LoopbackServer
) -> None:
    async with kind(credentials="desk:s3cret") as proxy, make_client(proxy_url=proxy.url(scheme)) as client:
        for _ in range(3):
            assert await content(client, feed(internet.url("/", "public.test"))) == b"ok"
    assert len(proxy.asked) >= 1
    assert internet.requests[0].header("host") == f"public.test:{internet.port}"
    assert internet.requests[0].header("proxy-authorization") is None or scheme == "http"


@each_kind
async def test_a_source_may_have_a_proxy_of_its_own_and_another_none(
    kind: type[Proxy], scheme: str, make_client: MakeClient, internet: LoopbackServer
) -> None:
    url = internet.url("/", "public.test")
    async with kind() as own, HttpProxy() as settings_proxy, make_client(proxy_url=settings_proxy.url()) as client:
        assert await content(client, by(own.url(scheme), url)) == b"ok"
        assert (own.connections, settings_proxy.connections) == (1, 0)
        assert await content(client, by(DIRECT, url)) == b"ok"
        assert (own.connections, settings_proxy.connections) == (1, 0)
        assert await content(client, by("", url)) == b"ok"
        assert (own.connections, settings_proxy.connections) == (1, 1)


@each_kind
@pytest.mark.parametrize("host", ["internal.test", "mixed.test", INTERNAL, "[::1]", "169.254.169.254"])
async def test_a_target_inside_is_refused_before_any_proxy_is_asked(
    kind: type[Proxy],
    scheme: str,
    host: str,
    make_client: MakeClient,
    internet: LoopbackServer,
    internal: LoopbackServer,
) -> None:
    internet.routes["/r"] = respond(302, {"Location": internal.url("/", host)})
    async with kind() as proxy, make_client() as client:
        with pytest.raises(BlockedAddress):
            await client.fetch(by(proxy.url(scheme), internet.url("/", host)))
        assert proxy.connections == 0
        with pytest.raises(BlockedAddress):
            await client.fetch(by(proxy.url(scheme), internet.url("/r", "public.test")))
        with pytest.raises(BlockedPort):
            await client.fetch(by(proxy.url(scheme), "http://public.test:22/"))
    assert internal.connections == 0


async def test_the_proxys_own_place_is_no_target(make_client: MakeClient, internet: LoopbackServer) -> None:
    async with HttpProxy() as proxy, make_client(extra_ports=(proxy.port,), proxy_url=proxy.url()) as client:
        with pytest.raises(BlockedAddress):
            await client.fetch(feed(f"http://127.0.0.4:{proxy.port}/"))
        assert proxy.connections == 0


async def test_a_socks5_proxy_is_given_the_checked_address_so_no_name_is_resolved_twice(
    make_client: MakeClient, internet: LoopbackServer, internal: LoopbackServer
) -> None:
    # The name leads inside for the proxy; only what we resolved may count.
    async with Socks5(names={"public.test": INTERNAL}) as proxy, make_client() as client:
        assert await content(client, by(proxy.url("socks5"), internet.url("/", "public.test"))) == b"ok"
    assert proxy.asked == [f"{INTERNET}:{internet.port}"]
    assert internal.connections == 0


async def test_a_socks5h_proxy_is_given_the_name(make_client: MakeClient, internet: LoopbackServer) -> None:
    async with Socks5() as proxy, make_client() as client:
        await client.fetch(by(proxy.url("socks5h"), internet.url("/", "public.test")))
    assert proxy.asked == [f"public.test:{internet.port}"]


async def test_a_rebinding_name_behind_a_proxy_never_leads_inside(
    make_client: MakeClient, internet: LoopbackServer, internal: LoopbackServer
) -> None:
    internet.routes["/"] = respond(200, {"Connection": "close"}, b"ok")
    outcomes = []
    async with Socks5() as proxy, make_client() as client:
        for _ in range(20):
            try:
                outcomes.append(await content(client, by(proxy.url(), internet.url("/", "rebind.test"))))
            except BlockedAddress:
                outcomes.append(b"blocked")
    assert outcomes == [b"ok", b"blocked"] * 10
    assert internal.connections == 0


@each_kind
async def test_https_is_end_to_end_and_the_certificate_is_checked_for_the_name(
    kind: type[Proxy], scheme: str, make_client: MakeClient, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    server = LoopbackServer({"/": respond(200, {}, b"safe")}, tls=tls_for(authority, "public.test"))
    async with server, kind() as proxy, make_client(extra_ports=(server.port,), ssl_context=trusting) as client:
        assert await content(client, by(proxy.url(scheme), server.url("/", "public.test"))) == b"safe"
        expected = INTERNET if scheme == "socks5" else "public.test"
        assert proxy.asked[0].removeprefix("CONNECT ") == f"{expected}:{server.port}"
        with pytest.raises(Exception, match=r"other\.test can't be trusted"):
            await client.fetch(by(proxy.url(scheme), server.url("/", "other.test")))


async def test_a_proxy_may_itself_be_spoken_to_by_tls(
    make_client: MakeClient, internet: LoopbackServer, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    server = LoopbackServer({"/": respond(200, {}, b"safe")}, tls=tls_for(authority, "public.test"))
    proxy = HttpProxy(tls=tls_for(authority, "127.0.0.4"))
    async with server, proxy, make_client(extra_ports=(server.port,), ssl_context=trusting) as client:
        assert await content(client, by(proxy.url("https"), internet.url("/", "public.test"))) == b"ok"
        assert await content(client, by(proxy.url("https"), server.url("/", "public.test"))) == b"safe"
    async with HttpProxy(tls=tls_for(trustme.CA(), "127.0.0.4")) as stranger, make_client() as client:
        with pytest.raises(ConnectionLost, match=r"proxy https://127\.0\.0\.4:.*can't be trusted"):
            await client.fetch(by(stranger.url("https"), internet.url("/", "public.test")))


@each_kind
async def test_a_proxy_that_is_down_is_named_with_its_setting_and_without_its_password(
    kind: type[Proxy], scheme: str, make_client: MakeClient, internet: LoopbackServer
) -> None:
    async with kind(credentials="desk:s3cret") as proxy:
        url = proxy.url(scheme)
    async with make_client(proxy_url=url) as client:
        with pytest.raises(ConnectionLost, match=rf"{scheme}://127\.0\.0\.4:{proxy.port} of MONITOR_PROXY_URL") as lost:
            await client.fetch(feed(internet.url("/", "public.test")))
        assert "s3cret" not in str(lost.value)
        with pytest.raises(ConnectionLost, match=r"of the source's --proxy"):
            await client.fetch(by(f"{scheme}://127.0.0.4:{proxy.port}", internet.url("/", "public.test")))


@each_kind
async def test_a_wrong_password_is_the_proxys_refusal(
    kind: type[Proxy], scheme: str, make_client: MakeClient, internet: LoopbackServer
) -> None:
    async with kind(credentials="desk:s3cret") as proxy:
        for url in (proxy.url(scheme).replace("s3cret", "wr0ng"), f"{scheme}://127.0.0.4:{proxy.port}"):
            async with make_client(proxy_url=url) as client:
                with pytest.raises(ConnectionLost, match="MONITOR_PROXY_URL") as lost:
                    await client.fetch(feed(internet.url("/", "public.test")))
                assert "wr0ng" not in str(lost.value)
    assert internet.connections == 0


@pytest.mark.parametrize(("kind", "refusal"), [(Socks5, 5), (Socks5, 2), (HttpProxy, 403), (HttpProxy, 502)])
async def test_a_proxy_that_says_no_is_the_proxys_failure(
    kind: type[Proxy], refusal: int, make_client: MakeClient
) -> None:
    async with kind(refusal=refusal) as proxy, make_client(extra_ports=(4443,)) as client:
        with pytest.raises(ConnectionLost, match=r"127\.0\.0\.4.*does not connect us"):
            await client.fetch(by(proxy.url(), "https://public.test:4443/"))


async def test_what_is_no_proxy_at_all_is_said_so(make_client: MakeClient, internet: LoopbackServer) -> None:
    async with HttpProxy() as http, Socks5() as socks, make_client(fetch_deadline_seconds=0.5) as client:
        for url in (http.url("socks5"), socks.url("http")):
            with pytest.raises(Exception, match=r"127\.0\.0\.4"):
                await client.fetch(by(url, internet.url("/", "public.test")))


async def test_the_next_address_is_tried_where_the_proxy_cannot_reach_the_first(
    make_client: MakeClient, internet: LoopbackServer, names: Names
) -> None:
    names.table["two.test"] = [("2606:4700:4700::1111", INTERNET)]
    async with Socks5() as proxy, make_client() as client:
        assert await content(client, by(proxy.url(), internet.url("/", "two.test"))) == b"ok"


async def test_a_source_with_a_password_in_its_proxy_is_refused(make_client: MakeClient) -> None:
    async with make_client() as client:
        with pytest.raises(BadUrl, match="MONITOR_PROXY_URL"):
            await client.fetch(by("http://desk:s3cret@127.0.0.4:3128", "http://public.test/"))


async def test_connections_by_different_ways_are_never_mixed(make_client: MakeClient, internet: LoopbackServer) -> None:
    async with Socks5() as first, Socks5() as second, make_client() as client:
        for _ in range(3):
            for way in (first.url(), second.url(), DIRECT):
                await client.fetch(by(way, internet.url("/", "public.test")))
    assert (first.connections, second.connections, internet.connections) == (1, 1, 3)
