"""Hostile cases of address and transport: what the tests of the HTTP client hold in tables, as sources of one round.

In: the port of the hostile internet. Out: cases. The reasons are those of the client's tests, where an answer that can
be read is of no use to a source and so is "not a feed".
"""

from collections.abc import Iterator

from tests.loopback.fetch.test_hostile_bodies import BOMBS, LENGTHS, TORN, pour
from tests.loopback.fetch.test_hostile_gates import PAGES
from tests.loopback.fetch.test_hostile_heads import CHUNKED, CHUNKS, HEADERS, NO_HTTP, REDIRECTS, STATUSES
from tests.loopback.fetch.test_hostile_timing import GONE, SLOW
from tests.loopback.hostile import HTML, INSIDE, INSIDE_V6, RSS, Case
from tests.loopback.newsroom import feed, page
from tests.loopback.servers import Route, respond

LATER = {"Retry-After": "120"}
HEALTHY_PAGE = respond(200, HTML, page("A notice of the harbour office", "It is open on working days."))
DISALLOW = respond(200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /\n")
OUR_NAME = respond(200, {"Content-Type": "text/plain"}, b"User-agent: Monitor\nDisallow: /\n")


def transport_cases() -> Iterator[Case]:
    """Give what servers do that are slow, broken, too large, or no servers of HTTP at all (#18 to #31)."""
    yield from _answer_cases()
    yield from _body_cases()
    for name, (gone, scheme, reason) in GONE.items():
        yield Case(f"#21 {name}", gone, reason, scheme=scheme)
    for name, slow in SLOW.items():
        # One status line in drops may pass for slow or for bad HTTP, by how much of it comes before the deadline.
        if "status line" not in name:
            yield Case(f"#20 {name}", slow, "timeout")


def _answer_cases() -> Iterator[Case]:
    no_http = {name: (answer, "bad_response") for name, answer in NO_HTTP.items()}
    for number, table in ((23, REDIRECTS), (24, HEADERS), (30, no_http), (31, PAGES)):
        for name, (answer, reason) in table.items():
            yield Case(f"#{number} {name}", answer, as_source(reason))
    for name, (chunks, reason) in CHUNKS.items():
        yield Case(f"#25 {name}", CHUNKED + chunks, as_source(reason))
    for status, reason in STATUSES.items():
        yield Case(f"#28 {status}", respond(status, LATER), as_source(reason))


def _body_cases() -> Iterator[Case]:
    for name, (encoding, make, reason) in BOMBS.items():
        yield Case(f"#18 {name}", respond(200, {"Content-Encoding": encoding}, make()), as_source(reason))
    for name, (length, reason) in LENGTHS.items():
        path = "/chunks" if name.startswith("chunks") else "/bad"
        yield Case(f"#19 {name}", length or pour, as_source(reason), path=path)
    for name, body in TORN.items():
        yield Case(f"#26 {name}", respond(200, {"Content-Encoding": "gzip"}, body), "bad_encoding")


def as_source(reason: str) -> str:
    """Return what a source shows for what the client's test names."""
    return "not_a_feed" if reason == "read" else reason


def inner_addresses(port: int) -> dict[str, tuple[str, str]]:
    """Return addresses that lead inside, or to what is no web address, each with its reason (#1 to #9, #12, #13)."""
    inside = f"{INSIDE}:{port}"
    return {
        "a literal": (f"http://{inside}/", "blocked_address"),
        "a literal in IPv6": (f"http://[{INSIDE_V6}]:{port}/", "blocked_address"),
        "one hidden in IPv6": (f"http://[::ffff:{INSIDE}]:{port}/", "blocked_address"),
        "one behind NAT64": (f"http://[64:ff9b::{INSIDE}]:{port}/", "blocked_address"),
        "the metadata service": ("http://169.254.169.254/latest/meta-data/", "blocked_address"),
        "a private network": ("http://10.0.0.1/", "blocked_address"),
        "this host": (f"http://0.0.0.0:{port}/", "blocked_address"),
        "a name that leads inside": (f"http://internal.test:{port}/", "blocked_address"),
        "a name that leads to both": (f"http://mixed.test:{port}/", "blocked_address"),
        "a name that leads to ::1": (f"http://six.test:{port}/", "blocked_address"),
        "a name that leads nowhere": (f"http://nowhere.test:{port}/", "dns_failed"),
        "a decimal address": (f"http://2135818241:{port}/", "bad_url"),
        "a hexadecimal address": (f"http://0x7f.0x4e.0.1:{port}/", "bad_url"),
        "a backslash": (f"http://h0.test:{port}\\@{inside}/", "bad_url"),
        "a user name": (f"http://h0.test@{inside}/", "bad_url"),
        "a file": ("file:///etc/passwd", "bad_url"),
        "a gopher": (f"gopher://{inside}/_GET", "bad_url"),
        "a port of mail": ("http://h0.test:25/", "blocked_port"),
        "a port of a database": ("http://h0.test:6379/", "blocked_port"),
    }


def address_cases(port: int) -> Iterator[Case]:
    """Give sources that lead inside by their own address, by a redirect, by a name or by robots.txt."""
    for name, (url, reason) in inner_addresses(port).items():
        yield Case(f"#1 {name}", url=url, reason=reason)
        yield Case(f"#7 a redirect to {name}", respond(302, {"Location": url}), reason)
    for status in (301, 303, 307, 308):
        answer = respond(status, {"Location": f"//{INSIDE}:{port}/"})
        yield Case(f"#7 {status} without a scheme", answer, "blocked_address")
    refresh = respond(200, HTML | {"Refresh": f"0; url=http://{INSIDE}:{port}/"}, b"<html><p>Moved.</p></html>")
    yield Case("#7 a refresh in a header", refresh, "not_a_feed")
    yield Case("#8 a name that changes", respond(200, RSS, feed([])), "blocked_address", host="rebind.test")
    yield from robots_cases(respond(302, {"Location": f"http://{INSIDE}:{port}/robots.txt"}))


def robots_cases(to_inside: Route) -> Iterator[Case]:
    """Give robots.txt files that lead inside, are a bomb, drip, or say no (#17, #57)."""
    bomb = respond(200, {"Content-Encoding": "gzip"}, BOMBS["gzip"][1]())
    yield Case("#17 a robots.txt that leads inside", HEALTHY_PAGE, "", kind="watch", robots=to_inside)
    yield Case("#57 a robots.txt that is a bomb", HEALTHY_PAGE, "", kind="watch", robots=bomb)
    yield Case("#57 a robots.txt in trouble", HEALTHY_PAGE, "robots_unavailable", kind="watch", robots=respond(500))
    slow = SLOW["a body in drops"]
    yield Case("#57 a robots.txt that drips", HEALTHY_PAGE, "robots_unavailable", kind="watch", robots=slow)
    yield Case("#57 a robots.txt that says no", HEALTHY_PAGE, "robots_disallowed", kind="watch", robots=DISALLOW)
    yield Case("#57 a robots.txt that names us", respond(200, RSS, feed([])), "robots_disallowed", robots=OUR_NAME)
