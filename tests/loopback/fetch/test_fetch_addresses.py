"""Threats #7, #8 and #10: nobody gets us to connect inside, not by a redirect, a second answer or the environment."""

from ipaddress import ip_network

import pytest

from monitor.errors import BadUrl, BlockedAddress, BlockedPort, DnsFailed
from monitor.fetch import HttpClient
from monitor.model.fetching import Fetched
from tests.loopback.fetch.rig import INTERNAL, INTERNET, MakeClient, Names, feed
from tests.loopback.servers import LoopbackServer, respond


async def test_a_public_host_is_read_under_its_name(client: HttpClient, internet: LoopbackServer) -> None:
    fetched = await client.fetch(feed(internet.url("/", "public.test")))
    assert isinstance(fetched, Fetched)
    assert fetched.content == b"ok"
    assert internet.requests[0].header("host") == f"public.test:{internet.port}"
    assert internet.requests[0].header("user-agent") == "Monitor/0.1 (+desk@example.org)"


@pytest.mark.parametrize(
    "host", ["internal.test", "mixed.test", INTERNAL, "[::1]", "[::ffff:127.0.0.2]", "[::ffff:7f00:2]"]
)
async def test_a_host_that_leads_inside_is_not_connected_to(
    host: str, client: HttpClient, internet: LoopbackServer, internal: LoopbackServer
) -> None:
    with pytest.raises(BlockedAddress):
        await client.fetch(feed(internet.url("/", host)))
    assert internet.connections == 0
    assert internal.connections == 0


@pytest.mark.parametrize(
    "host", ["2130706434", "0x7f000002", "0x7f.2", "0177.0.0.2", "127.2", "127。0。0。2", "１２７.0.0.2"]
)
async def test_an_odd_spelling_of_an_address_is_not_an_address(
    host: str, client: HttpClient, internet: LoopbackServer, internal: LoopbackServer
) -> None:
    with pytest.raises(BadUrl):
        await client.fetch(feed(internet.url("/", host)))
    assert internal.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308], ids=lambda status: f"#7 {status}")
@pytest.mark.parametrize("location", ["http://127.0.0.2:{port}/", "//127.0.0.2:{port}/", "//internal.test:{port}/x"])
async def test_a_redirect_inside_is_not_followed(
    status: int, location: str, client: HttpClient, internet: LoopbackServer, internal: LoopbackServer
) -> None:
    internet.routes["/r"] = respond(status, {"Location": location.format(port=internal.port)})
    with pytest.raises(BlockedAddress):
        await client.fetch(feed(internet.url("/r")))
    assert internal.connections == 0


@pytest.mark.parametrize(
    ("location", "failure"),
    [
        ("http://127.0.0.1:22/", BlockedPort),
        ("file:///etc/passwd", BadUrl),
        ("http://user:password@127.0.0.1/", BadUrl),
        ("http://127.0.0.1\\@127.0.0.2/", BadUrl),
    ],
)
async def test_a_redirect_is_held_to_the_rules_for_any_url(
    location: str, failure: type[Exception], client: HttpClient, internet: LoopbackServer
) -> None:
    internet.routes["/r"] = respond(302, {"Location": location})
    with pytest.raises(failure):
        await client.fetch(feed(internet.url("/r")))
    assert len(internet.requests) == 1


async def test_threat_7_a_refresh_header_leads_nowhere(
    client: HttpClient, internet: LoopbackServer, internal: LoopbackServer
) -> None:
    internet.routes["/r"] = respond(200, {"Refresh": f"0; url={internal.url()}"}, b"stay")
    fetched = await client.fetch(feed(internet.url("/r")))
    assert isinstance(fetched, Fetched)
    assert fetched.content == b"stay"
    assert internal.connections == 0


async def test_threat_8_a_name_that_changes_its_answer_never_leads_inside(
    make_client: MakeClient, internet: LoopbackServer, internal: LoopbackServer
) -> None:
    # #8: closing after each answer makes every fetch resolve and connect anew.
    internet.routes["/"] = respond(200, {"Connection": "close"}, b"ok")
    outcomes = []
    async with make_client() as client:
        for _ in range(200):
            try:
                await client.fetch(feed(internet.url("/", "rebind.test")))
                outcomes.append("read")
            except BlockedAddress:
                outcomes.append("blocked")
    assert outcomes == ["read", "blocked"] * 100
    assert internal.connections == 0


async def test_what_was_checked_is_what_is_connected_to(
    client: HttpClient, internet: LoopbackServer, names: Names
) -> None:
    await client.fetch(feed(internet.url("/", "public.test")))
    assert names.asked == ["public.test"]


async def test_threat_10_proxies_in_the_environment_are_ignored(
    make_client: MakeClient, internet: LoopbackServer, internal: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, internal.url())
    async with make_client() as client:
        await client.fetch(feed(internet.url("/", "public.test")))
    assert internal.connections == 0
    assert internet.connections == 1


async def test_a_port_that_is_not_allowed_is_not_connected_to(
    make_client: MakeClient, internet: LoopbackServer
) -> None:
    async with make_client(allowed_ports=()) as client:
        with pytest.raises(BlockedPort):
            await client.fetch(feed(internet.url("/")))
    assert internet.connections == 0


async def test_the_next_address_is_tried_where_one_does_not_answer(
    make_client: MakeClient, internet: LoopbackServer, names: Names
) -> None:
    names.table["two.test"] = [("127.0.0.3", INTERNET)]
    async with make_client(allowed_networks=(ip_network("127.0.0.0/8"),)) as client:
        fetched = await client.fetch(feed(internet.url("/", "two.test")))
    assert isinstance(fetched, Fetched)
    assert internet.connections == 1


async def test_a_name_without_an_address_says_so(client: HttpClient) -> None:
    with pytest.raises(DnsFailed, match=r"nowhere\.test"):
        await client.fetch(feed("http://nowhere.test/"))


async def test_a_proxy_that_the_operator_names_is_used_and_targets_are_still_checked(
    make_client: MakeClient, internet: LoopbackServer, internal: LoopbackServer
) -> None:
    internal.routes["*"] = respond(200, {}, b"through the proxy")
    async with make_client(proxy_url=internal.url().rstrip("/")) as client:
        fetched = await client.fetch(feed(internet.url("/x", "public.test")))
        assert isinstance(fetched, Fetched)
        assert fetched.content == b"through the proxy"
        for host in ("internal.test", "mixed.test", INTERNAL):
            with pytest.raises(BlockedAddress):
                await client.fetch(feed(internet.url("/x", host)))
    assert [head.target for head in internal.requests] == [internet.url("/x", "public.test")]
    assert internet.connections == 0
