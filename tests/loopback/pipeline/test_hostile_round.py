"""One round over a hostile internet: every source says what is wrong with it, and the healthy ones are read.

What each trap does at the HTTP client is tested there, in tests/loopback/fetch/test_hostile_*.py; here the whole
Monitor meets all of them at once.
"""

import asyncio
import gc
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pytest

from monitor.model.archiving import SourceSpec
from monitor.operations.rounds import Round
from tests.loopback.hostile import (
    CANARY,
    HTML,
    RSS,
    Case,
    Held,
    HostileWeb,
    count,
    entry_reasons,
    holding,
    hostile_web,
    reasons,
    resident_bytes,
)
from tests.loopback.hostile_parsing import BOMBS, DEPTHS, NO_FEEDS, PAGE_DEPTHS, doors, openings, page_doors
from tests.loopback.hostile_transport import DISALLOW, HEALTHY_PAGE, address_cases, inner_addresses, transport_cases
from tests.loopback.newsroom import LOCKED, Desk, item, rss
from tests.loopback.servers import RequestHead, respond

pytestmark = pytest.mark.enable_socket

DEADLINE_SECONDS = 15
MAX_GROWTH_BYTES = 64 * 2**20
XML = {"Content-Type": "application/xml"}
PACKED_PAGE = "<p>Words without end, and no news among them.</p>" * 3


def parsing_cases(web: HostileWeb) -> Iterator[Case]:
    """Give feeds that attack their reader; tests of parsing look at each of them more closely."""
    for name, bomb in BOMBS.items():
        yield Case(f"#32 {name}", respond(200, RSS, bomb), "bad_feed")
    for name, (door, reason) in doors(web.canary, web.inner_origin).items():
        yield Case(f"#33 {name}", respond(200, RSS, door), reason)
    for name, opening in openings(web.canary, web.inner_origin).items():
        yield Case(f"#34 {name}", respond(200, RSS, opening), "not_a_feed")
    for name, other in NO_FEEDS.items():
        yield Case(f"#39 {name}", respond(200, RSS, other), "not_a_feed")
    yield Case("#36 lists of JSON", respond(200, RSS, DEPTHS["200,000 lists of JSON"]), "bad_feed")


def other_kinds(web: HostileWeb) -> Iterator[Case]:
    """Give pages, sitemaps, searches and a channel that are traps, or not what they should be."""
    index = "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc>{}</loc></sitemap></sitemapindex>"
    for name, (url, _) in islice(inner_addresses(web.port).items(), 3):
        # Of another site than its own it names nothing that is followed.
        yield Case(f"a sitemap that names {name}", respond(200, XML, index.format(url).encode()), "", "sitemap")
    yield Case("a sitemap that names itself", respond(200, XML, index.format("/bad").encode()), "", "sitemap")
    yield Case("a sitemap with entities", respond(200, XML, BOMBS["billion laughs"]), "bad_feed", "sitemap")
    yield Case("a sitemap that is a page", respond(200, HTML, b"<html><p>No</p></html>"), "not_a_feed", "sitemap")
    yield Case("a page without links", respond(200, HTML, b"<html><p>No</p></html>"), "bad_selector", "page")
    yield Case("a page that is a picture", respond(200, HTML, NO_FEEDS["a picture"]), "empty", "page")
    yield Case("a page nested deep", respond(200, HTML, PAGE_DEPTHS["100,000 divs"].encode()), "bad_selector", "page")
    yield Case("a watched page without text", respond(200, HTML, b"<html></html>"), "empty", "watch")
    yield Case("a channel that is none", respond(200, HTML, b"<html><p>No</p></html>"), "not_a_feed", "channel")
    yield Case("a search that remarks", respond(200, HTML, b"Your query was too short."), "search_refused", "search")
    yield Case("a search with a bomb", respond(200, RSS, BOMBS["20,000 entities"]), "bad_feed", "search")
    yield Case("a search of deep JSON", respond(200, RSS, b'{"articles": ' + b"[" * 100_000), "bad_feed", "search")


def article_cases(web: HostileWeb) -> Iterator[Case]:
    """Give article pages that are traps, with the reason that their entry shows after one try."""
    for name, (url, reason) in inner_addresses(web.port).items():
        if url.startswith("http") and "@" not in url and "\\" not in url:
            yield Case(f"an article at {name}", url=url, reason=reason)
        yield Case(f"an article that leads to {name}", respond(302, {"Location": url}), reason)
    for name, source in page_doors(web.canary, web.inner_origin).items():
        yield Case(f"an article with {name}", respond(200, HTML, source.encode()))
    for name, body in NO_FEEDS.items():
        if name not in {"a page", "JSON", "one byte"}:
            yield Case(f"an article that is {name}", respond(200, HTML, body), "empty")
    for case in transport_cases():
        if case.name.startswith(("#18", "#19", "#20 a body", "#21", "#25", "#30")) and case.scheme == "http":
            reason = "empty" if case.reason == "not_a_feed" else case.reason
            yield Case(f"an article like {case.name}", case.answer, reason, path=case.path)
    yield Case("an article behind a login", lead_to_login, "login")
    yield Case("an article that robots may not read", b"", "robots_disallowed", robots=DISALLOW)
    yield Case("an article nested deep", respond(200, HTML, PAGE_DEPTHS["100,000 divs"].encode()), "empty")
    yield Case("an article that is gone", respond(404), "http_404")


def lead_to_login(head: RequestHead, _: object) -> bytes:
    return HEALTHY_PAGE if head.path == "/login" else respond(302, {"Location": "/login"})


@dataclass
class Seen:
    """What a test looks at when all is closed."""

    rounds: list[Round] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    reasons: list[dict[str, str]] = field(default_factory=list)
    entries: dict[str, str] = field(default_factory=dict)
    counts: list[dict[str, int]] = field(default_factory=list)
    faults: list[object] = field(default_factory=list)
    grown_bytes: int = 0
    connections_inside: int = 0


@dataclass(frozen=True, slots=True)
class Internet:
    """The sources of the round, and what is expected of them and of the articles that one of them lists."""

    specs: list[SourceSpec]
    expected: dict[str, str]
    articles: dict[str, str]

    @classmethod
    def of(cls, web: HostileWeb) -> "Internet":
        """Serve it all: after each nine hostile sources a healthy one."""
        cases = [*transport_cases(), *address_cases(web.port), *parsing_cases(web), *other_kinds(web)]
        traps = list(article_cases(web))
        listing = rss(*(item(trap.name, web.place(trap), published=None) for trap in traps))
        specs = [SourceSpec(web.place(Case("", respond(200, RSS, listing))), "articles")]
        for number, spec in enumerate(web.sources(cases)):
            specs.append(spec)
            if number % 9 == 8:
                specs.append(web.healthy(number, LOCKED))
        expected = dict.fromkeys((spec.title for spec in specs), "") | {case.name: case.reason for case in cases}
        return cls(specs, expected, {trap.name: trap.reason for trap in traps})

    @property
    def healthy(self) -> set[str]:
        """The titles of the healthy sources."""
        return {title for title in self.expected if title.startswith("healthy")}


async def watch_memory(seen: Seen) -> None:
    gc.collect()
    before = resident_bytes()
    while True:
        seen.grown_bytes = max(seen.grown_bytes, resident_bytes() - before)
        await asyncio.sleep(0.01)


async def note_round(desk: Desk, seen: Seen) -> None:
    began_at = time.monotonic()
    seen.rounds.append(await desk.round())
    seen.seconds.append(time.monotonic() - began_at)
    seen.reasons.append(reasons(desk))
    seen.counts.append(count(desk, "articles", "revisions", "entries", "hits", "snapshots"))


async def live_through(folder: Path, seen: Seen) -> Internet:
    asyncio.get_running_loop().set_exception_handler(lambda _, context: seen.faults.append(context))
    async with hostile_web(folder) as web:
        internet = Internet.of(web)
        limits = {
            "MONITOR_FETCH_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
            "MONITOR_PARSER_DEADLINE_SECONDS": "60",
            "MONITOR_PARSER_WORKERS": "2",
        }
        async with web.desk(folder, internet.specs, **limits) as desk:
            watching = asyncio.create_task(watch_memory(seen))
            await note_round(desk, seen)
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            await note_round(desk, seen)
            seen.entries = entry_reasons(desk)
        seen.connections_inside = web.connections_inside
    return internet


def differing(shown: Mapping[str, str], expected: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return what shows another reason than the expected one: both, by name."""
    pairs = {name: (shown.get(name, "not there"), reason) for name, reason in expected.items()}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@pytest.mark.slow
@pytest.mark.usefixtures("parsers_of_its_own")
def test_one_round_survives_a_hostile_internet_and_the_next_one_doubles_nothing(tmp_path: Path) -> None:
    held, seen = Held.now(), Seen()
    internet = asyncio.run(live_through(tmp_path, seen))
    gc.collect()

    first, again = seen.rounds
    assert len(internet.expected) - len(internet.healthy) >= 90
    assert differing(seen.reasons[0], internet.expected) == {}
    assert differing(seen.entries, internet.articles) == {}
    read = {polled.source.spec.title for polled in first.polled if polled.is_good and polled.new == 1}
    assert read >= internet.healthy
    assert len(first.hits) >= len(internet.healthy) >= 15

    assert seen.connections_inside == 0
    assert holding(tmp_path / "var", LOCKED)
    assert not holding(tmp_path / "var", CANARY)
    assert seen.faults == []
    assert "internal_error" not in {*seen.reasons[0].values(), *seen.entries.values()}
    assert seen.grown_bytes <= MAX_GROWTH_BYTES
    assert max(seen.seconds) <= 8 * DEADLINE_SECONDS + 60

    # What is gone for good is not visited again; nobody who is comes to another outcome.
    assert (again.read.read, again.hits) == (0, ())
    assert seen.reasons[1] == seen.reasons[0]
    assert seen.counts[1] == seen.counts[0]
    after = Held.now()
    assert after.threads <= held.threads
    assert after.sockets <= held.sockets
    assert after.parsers <= held.parsers
