"""Threats #1 to #6, #9, #12, #13 and #17: nothing inside is connected to, no secret leaves."""

import logging

import pytest

from monitor.fetch import HttpClient
from monitor.model.fetching import FetchRequest
from tests.loopback.fetch.rig import MakeClient, Names, feed, reason
from tests.loopback.servers import LoopbackServer, respond
from tests.unit.fetch.test_fetch_guard import (
    CONFUSIONS,
    ODD_HOSTS,
    SCHEMES,
    SPECIAL_V4,
    V4_HIDDEN_IN_V6,
    V4_LITERALS,
    V6_LITERALS,
)

LITERALS = {1: V4_LITERALS, 2: V6_LITERALS, 3: V4_HIDDEN_IN_V6, 4: SPECIAL_V4}


@pytest.mark.parametrize("threat", LITERALS, ids=lambda threat: f"#{threat}")
async def test_an_address_that_is_not_public_is_blocked_as_a_literal_an_answer_and_a_redirect(
    threat: int, make_client: MakeClient, internet: LoopbackServer, internal: LoopbackServer, names: Names
) -> None:
    outcomes = set()
    async with make_client() as client, make_client(allowed_networks=()) as strict:
        for address in LITERALS[threat]:
            names.table["inside.test"] = [(address,)]
            if address != "127.0.0.1":  # this stands for the internet here
                host = f"[{address.partition('%')[0]}]" if ":" in address else address
                internet.routes["/r"] = respond(302, {"Location": internet.url("/", host)})
                outcomes.add(await reason(client, feed(internet.url("/r"))))
            outcomes.add(await reason(strict, feed(internet.url("/", "inside.test"))))
    assert outcomes - {"read"} == {"blocked_address"}
    assert "read" not in outcomes or threat == 3  # ::ffff:127.0.0.1 is the internet here
    assert internal.connections == 0


@pytest.mark.parametrize("purpose", ["feed", "page", "sitemap", "search", "article", "robots"])
async def test_threat_17_no_purpose_leads_inside(
    purpose: str, make_client: MakeClient, internet: LoopbackServer, internal: LoopbackServer
) -> None:
    internet.routes["*"] = respond(302, {"Location": internal.url("/x")})
    async with make_client(heeds_robots=True) as client:
        for url in (internal.url("/a"), internet.url("/a", "internal.test"), internet.url("/a", "public.test")):
            assert await reason(client, FetchRequest(url, purpose)) == "blocked_address"  # type: ignore[arg-type]
    assert internal.connections == 0


@pytest.mark.parametrize("raw_url", [*ODD_HOSTS, "http://LOCALHOST./"], ids=lambda url: f"#5 {url!a}")
async def test_an_odd_spelling_of_loopback_is_not_connected_to(
    raw_url: str, client: HttpClient, internal: LoopbackServer, names: Names
) -> None:
    names.table["localhost"] = [("127.0.0.2",)]
    raw_url = raw_url.replace("127.0.0.1", "127.0.0.2")
    assert await reason(client, feed(raw_url)) in {"bad_url", "blocked_address"}
    assert internal.connections == 0


@pytest.mark.parametrize("raw_url", CONFUSIONS, ids=lambda url: f"#6 {url!a}")
async def test_a_url_that_parsers_read_differently_is_refused_at_fetch_and_in_a_redirect(
    raw_url: str, client: HttpClient, internet: LoopbackServer
) -> None:
    assert await reason(client, feed(raw_url)) == "bad_url"
    internet.routes["/r"] = respond(302, {"Location": raw_url})
    assert await reason(client, feed(internet.url("/r"))) == "bad_url"
    assert len(internet.requests) == 1


@pytest.mark.parametrize("raw_url", SCHEMES, ids=lambda url: f"#9 {url!a}")
async def test_another_scheme_is_opened_neither_at_fetch_nor_by_a_redirect(
    raw_url: str, client: HttpClient, internet: LoopbackServer
) -> None:
    assert await reason(client, feed(raw_url)) == "bad_url"
    internet.routes["/r"] = respond(302, {"Location": raw_url})
    # The last three of a kind are relative where they stand in a redirect, or name a host that is not there.
    assert await reason(client, feed(internet.url("/r"))) in {"bad_url", "dns_failed", "http_404"}
    assert {head.path for head in internet.requests} <= {"/r", "/example.com"}


@pytest.mark.parametrize("port", [0, 1, 22, 25, 53, 3128, 5432, 6379, 9200, 99999], ids=lambda port: f"#12 {port}")
async def test_a_port_that_is_not_the_webs_is_neither_asked_nor_followed_to(
    port: int, client: HttpClient, internet: LoopbackServer
) -> None:
    expected = {0: "bad_url", 99999: "bad_url"}.get(port, "blocked_port")
    assert await reason(client, feed(f"http://public.test:{port}/")) == expected
    internet.routes["/r"] = respond(301, {"Location": f"http://public.test:{port}/"})
    assert await reason(client, feed(internet.url("/r"))) == expected
    assert len(internet.requests) == 1


@pytest.mark.parametrize(
    ("where", "status"),
    [("url", 0), ("url without a name", 0), ("redirect", 301), ("redirect", 302), ("redirect", 307), ("redirect", 308)],
    ids=lambda value: f"#13 {value}",
)
async def test_no_credential_is_sent_or_repeated_anywhere(
    where: str,
    status: int,
    client: HttpClient,
    internet: LoopbackServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = internet.url("/", "desk:hunter2@other.test")
    if where.startswith("url"):
        request = feed(secret.replace("desk", "") if "without" in where else secret)
    else:
        internet.routes["/r"] = respond(status, {"Location": secret, "Set-Cookie": "id=hunter2"})
        request = feed(internet.url("/r", "public.test"))
    with pytest.raises(Exception, match=r"user name and password") as refused:
        await client.fetch(request)
    assert "hunter2" not in str(refused.value)
    internet.routes["/away"] = respond(302, {"Location": internet.url("/", "other.test"), "Set-Cookie": "id=hunter2"})
    assert await reason(client, feed(internet.url("/away", "public.test"))) == "read"
    sent = [value for head in internet.requests for _, value in head.headers]
    assert not any("hunter2" in value for value in sent)
    assert not any(head.header("cookie") or head.header("authorization") for head in internet.requests)
    assert "hunter2" not in "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith("monitor")
    )
