"""Threats #23, #24, #25, #27, #28 and #30: redirects, headers, chunks, validators, statuses and no HTTP at all."""

import pytest

from monitor.fetch import HttpClient
from tests.loopback.fetch.rig import feed, reason
from tests.loopback.servers import LoopbackServer, RequestHead, Route, respond

OK_HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
FOUND = b"HTTP/1.1 302 Found\r\n"


async def outcome(route: Route, client: HttpClient, internet: LoopbackServer) -> str:
    """Fetch the route, and then a healthy page, as the next source of a round would be."""
    internet.routes["/bad"] = route
    came = await reason(client, feed(internet.url("/bad")))
    assert await reason(client, feed(internet.url("/"))) == "read"
    return came


def to(location: str) -> bytes:
    return respond(302, {"Location": location})


def grow(head: RequestHead, _: object) -> bytes:
    return to(f"/bad?n={head.target[-40:]}1")


def step(head: RequestHead, _: object) -> bytes:
    number = int(head.target.partition("?")[2] or 0)
    return to(f"/bad?{number + 1}") if number < 21 else respond(200)


REDIRECTS: dict[str, tuple[Route, str]] = {
    "to itself": (to("/bad"), "too_many_redirects"),
    "to itself with another query": (grow, "too_many_redirects"),
    "21 hops": (step, "too_many_redirects"),
    "nowhere": (FOUND + b"Content-Length: 0\r\n\r\n", "bad_response"),
    "to a place of 300 KB": (FOUND + b"Location: /" + b"x" * 300_000 + b"\r\n\r\n", "bad_response"),
    "to a place of 20 KB": (FOUND + b"Location: /" + b"x" * 20_000 + b"\r\n\r\n", "bad_url"),
    "to two places": (FOUND + b"Location: /a\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n", "bad_url"),
}


@pytest.mark.parametrize("name", REDIRECTS, ids=lambda name: f"#23 {name}")
async def test_a_redirect_without_end_or_sense_ends(name: str, client: HttpClient, internet: LoopbackServer) -> None:
    route, expected = REDIRECTS[name]
    assert await outcome(route, client, internet) == expected
    assert len([head for head in internet.requests if head.path == "/bad"]) <= 6


HEADERS: dict[str, tuple[bytes, str]] = {
    "one of 200 KB": (OK_HEAD + b"X: " + b"x" * 200_000 + b"\r\n\r\n", "bad_response"),
    "10,000 of them": (OK_HEAD + b"X: yyyy\r\n" * 10_000 + b"\r\n", "bad_response"),
    "90 KB in all": (OK_HEAD + b"X: yyyyyyyyyyyy\r\n" * 6_000 + b"Content-Length: 0\r\n\r\n", "bad_response"),
    "a NUL": (OK_HEAD + b"X: a\0b\r\n\r\n", "bad_response"),
    "no colon": (OK_HEAD + b"garbage\r\n\r\n", "bad_response"),
    "folded lines": (OK_HEAD + b"X: a\r\n b\r\n\tc\r\nContent-Length: 2\r\n\r\nok", "read"),
    "bytes of another script": (OK_HEAD + b"X: \xff\xfe\xe1\x9e\r\nContent-Length: 2\r\n\r\nok", "read"),
}


@pytest.mark.parametrize("name", HEADERS, ids=lambda name: f"#24 {name}")
async def test_odd_headers_are_read_or_refused(name: str, client: HttpClient, internet: LoopbackServer) -> None:
    answer, expected = HEADERS[name]
    assert await outcome(answer, client, internet) == expected


CHUNKS: dict[str, tuple[bytes, str]] = {
    "no number": (b"zz\r\nx\r\n", "bad_response"),
    "a negative size": (b"-5\r\nx\r\n", "bad_response"),
    "a size of 16 digits": (b"ffffffffffffffff\r\nx\r\n0\r\n\r\n", "connection_lost"),
    "a size of 40 digits": (b"f" * 40 + b"\r\nx\r\n0\r\n\r\n", "bad_response"),
    "too small a size": (b"2\r\nsmall\r\n0\r\n\r\n", "bad_response"),
    "too large a size": (b"ff\r\nsmall\r\n0\r\n\r\n", "connection_lost"),
    "no end": (b"5\r\nsmall\r\n", "connection_lost"),
    "an extension of 200 KB": (b"5;" + b"x" * 200_000 + b"\r\nsmall\r\n0\r\n\r\n", "bad_response"),
}


@pytest.mark.parametrize("name", CHUNKS, ids=lambda name: f"#25 {name}")
async def test_bad_chunks_are_refused(name: str, client: HttpClient, internet: LoopbackServer) -> None:
    chunks, expected = CHUNKS[name]
    assert await outcome(CHUNKED + chunks, client, internet) == expected


def echo(head: RequestHead, _: object) -> bytes:
    asked = head.header("if-none-match") or head.header("if-modified-since")
    return respond(304) if asked else respond(200, {}, b"<rss/>")


VALIDATORS: dict[str, tuple[str | None, str | None, str]] = {
    "a good one": ('"v1"', None, "not modified"),
    "a weak one": ('W/"v1"', None, "not modified"),
    "one without quotes": ("v1", None, "not modified"),
    "a date in 2099": (None, "Fri, 01 Jan 2099 00:00:00 GMT", "not modified"),
    "one of 64 KB": (f'"{"x" * 65_536}"', None, "read"),
    "one with a line end": ('"a"\r\nCookie: b', None, "read"),
    "one of another script": ('"ភ"', "\x00", "read"),
    "an empty one": ("", "", "read"),
}


@pytest.mark.parametrize("name", VALIDATORS, ids=lambda name: f"#27 {name}")
async def test_a_validator_goes_back_only_where_a_header_can_hold_it(
    name: str, client: HttpClient, internet: LoopbackServer
) -> None:
    etag, last_modified, expected = VALIDATORS[name]
    internet.routes["/feed"] = echo
    assert await reason(client, feed(internet.url("/feed"), etag=etag, last_modified=last_modified)) == expected
    assert all(len(value) <= 1_024 for _, value in internet.requests[0].headers)


async def test_threat_27_not_modified_that_nobody_asked_for_is_refused(
    client: HttpClient, internet: LoopbackServer
) -> None:
    assert await outcome(respond(304), client, internet) == "bad_response"


BUSY = (408, 425, 429, 500, 502, 503, 504, 520, 599)
OWN_REASON = (204, 206, 300, 401, 402, 403, 404, 410, 418, 451, 999)
STATUSES = {
    **dict.fromkeys(BUSY, "server_busy"),
    **{status: f"http_{status}" for status in OWN_REASON},
    200: "read",
    203: "read",
    511: "blocked_on_network",
}


@pytest.mark.parametrize("status", STATUSES, ids=lambda status: f"#28 {status}")
async def test_each_status_has_one_reason(status: int, client: HttpClient, internet: LoopbackServer) -> None:
    answer = respond(status, {"WWW-Authenticate": "Basic", "Retry-After": "120"})
    assert await outcome(answer, client, internet) == STATUSES[status]
    assert len(internet.requests) == 2


async def test_threat_28_early_hints_are_passed_over_and_a_final_100_is_lost(
    client: HttpClient, internet: LoopbackServer
) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    assert await outcome(hints + respond(200, {}, b"content"), client, internet) == "read"
    assert await outcome(b"HTTP/1.1 100 Continue\r\n\r\n", client, internet) == "connection_lost"


NO_HTTP: dict[str, bytes] = {
    "HTTP/0.9": b"<html>HTTP/0.9</html>",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "random bytes": bytes(range(256)) * 4,
    "SSH": b"SSH-2.0-OpenSSH_9.2p1\r\n",
    "SMTP": b"220 mail.example ESMTP\r\n",
    "another protocol": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
}


@pytest.mark.parametrize("name", NO_HTTP, ids=lambda name: f"#30 {name}")
async def test_what_is_no_http_is_said_so(name: str, client: HttpClient, internet: LoopbackServer) -> None:
    assert await outcome(NO_HTTP[name], client, internet) == "bad_response"
