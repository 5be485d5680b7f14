"""What a round costs others: robots.txt once, few requests at a time, waits as asked (#57 to #66)."""

import asyncio
import random
from bisect import bisect_right
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from monitor.model.archiving import SourceKind, SourceSpec
from monitor.operations.catalogues import import_sources
from monitor.operations.opening import open_monitor
from monitor.pipeline.poll import poll_sources
from monitor.store.catalogue import claim_sources, list_sources
from tests.loopback.hostile import HTML, RSS, Case, HostileWeb, hostile_web, reasons
from tests.loopback.newsroom import LOCKED, START, Clock, Desk, feed, page, settings_for
from tests.loopback.servers import RequestHead, respond

pytestmark = pytest.mark.enable_socket

TICK = timedelta(seconds=30)
DAY = timedelta(days=1)
LEAST = timedelta(minutes=15)
XML = {"Content-Type": "application/xml"}


def asked(web: HostileWeb, host: str = "") -> list[str]:
    """Return the paths that a host was asked for, or all."""
    return [head.path for head in web.internet.requests if (head.header("host") or "").startswith(host)]


def every_kind(web: HostileWeb, host: str = "paper.test") -> list[SourceSpec]:
    """Serve a newspaper on one host that is followed in four ways, each naming five articles of its own."""
    origin = f"http://{host}:{web.port}"
    links = {kind: [f"/{kind}-{number}.html" for number in range(5)] for kind in ("feed", "page", "sitemap", "search")}
    locs = "".join(f"<url><loc>{origin}{path}</loc><lastmod>2026-11-21</lastmod></url>" for path in links["sitemap"])
    anchors = "".join(f"<h2><a href='{path}'>A long enough headline of {path}</a></h2>" for path in links["page"])
    answers = {
        "/feed": respond(200, RSS, feed([(path, origin + path) for path in links["feed"]])),
        "/search": respond(200, RSS, feed([(path, origin + path) for path in links["search"]])),
        "/sitemap": respond(
            200, XML, f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{locs}</urlset>".encode()
        ),
        "/page": respond(200, HTML, f"<html><body><main>{anchors}</main></body></html>".encode()),
    }
    web.hosts[host] = lambda head, _: answers.get(head.path) or respond(200, HTML, page(head.path, LOCKED))
    kinds: tuple[SourceKind, ...] = ("feed", "page", "sitemap", "search")
    return [SourceSpec(f"{origin}/{kind}", kind, kind=kind, links="h2 a" if kind == "page" else "") for kind in kinds]


async def test_threats_57_and_66_a_host_shows_its_robots_once_and_is_told_each_time_who_asks(tmp_path: Path) -> None:
    async with hostile_web(tmp_path) as web:
        async with web.desk(tmp_path, every_kind(web)) as desk:
            done = await desk.round()
            await desk.round()
            assert {polled.reason for polled in done.polled} == {""}
            assert done.read.read == 20
        paths = Counter(asked(web, "paper.test"))
        names = {head.header("user-agent") for head in web.internet.requests}
    assert paths["/robots.txt"] == 1
    assert {path: times for path, times in paths.items() if times > 2} == {}
    assert len(paths) == 25
    assert len(names) == 1
    assert "Monitor/" in str(names)
    assert "desk@newsroom.example" in str(names)


WISHES: dict[str, tuple[str, timedelta]] = {
    "2 h": ("7200", timedelta(hours=2)),
    "a minute": ("60", LEAST),
    "nothing": ("0", LEAST),
    "less than nothing": ("-5", LEAST),
    "eleven days": ("1000000", DAY),
    "thousands of years": ("1000000000000", DAY),
    "a fraction": ("7200.5", timedelta(hours=2)),
    "a date": (format_datetime(START + timedelta(hours=3), usegmt=False), timedelta(hours=3)),
    "a date of 2099": ("Thu, 01 Jan 2099 00:00:00 GMT", DAY),
    "a date that is past": ("Sun, 22 Nov 2020 00:00:00 GMT", LEAST),
    "words": ("come back later", LEAST),
    "a thousand digits": ("9" * 1_000, LEAST),
}
"""What Retry-After says, and how long it must at least be heeded (#60)."""


async def test_threat_60_a_busy_server_is_left_alone_as_long_as_it_asks_but_no_more_than_a_day(tmp_path: Path) -> None:
    assert len(WISHES) == 12
    async with hostile_web(tmp_path) as web:
        cases = [
            Case(f"{status} {name}", respond(status, {"Retry-After": wish}))
            for status in (429, 503)
            for name, (wish, _) in WISHES.items()
        ]
        async with web.desk(tmp_path, [*web.sources(cases), web.healthy(0)]) as desk:
            await desk.round()
            shown = reasons(desk)
            waits = {source.spec.title: source.next_poll_at - START for source in list_sources(desk.monitor.archive)}
    assert {shown[case.name] for case in cases} == {"server_busy"}
    least = {f"{status} {name}": least for status in (429, 503) for name, (_, least) in WISHES.items()}
    assert {name: waits[name] for name in least if not least[name] <= waits[name] <= DAY} == {}


@pytest.mark.slow
async def test_threat_62_forty_sources_and_their_articles_on_one_host_see_two_requests_at_once_and_a_pause(
    tmp_path: Path,
) -> None:
    pause_seconds = 0.05
    started_at: list[float] = []

    async def linger(head: RequestHead, writer: asyncio.StreamWriter) -> None:
        started_at.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0.1)
        number = head.path.strip("/af")
        listing = feed([(f"Article {number}", f"http://one.test:{web.port}/a{number}")])
        is_feed = head.path.startswith("/f")
        writer.write(respond(200, RSS if is_feed else HTML, listing if is_feed else page(f"Article {number}", LOCKED)))

    async with hostile_web(tmp_path) as web:
        web.hosts["one.test"] = linger
        specs = [SourceSpec(f"http://one.test:{web.port}/f{number}", f"Feed {number}") for number in range(40)]
        async with web.desk(tmp_path, specs, MONITOR_HOST_DELAY_SECONDS=str(pause_seconds)) as desk:
            done = await desk.round()
        most = web.internet.most_in_flight
    assert ({polled.reason for polled in done.polled}, done.read.read) == ({""}, 40)
    assert (len(started_at), most) == (80, 2)
    # Within any second no more than its share, and two that one server's own delays have brought together.
    busiest = max(bisect_right(started_at, start + 1.0) - place for place, start in enumerate(started_at))
    assert busiest <= 1.0 / pause_seconds + 2
    assert started_at[-1] - started_at[0] >= 79 * pause_seconds


async def live_for(desk: Desk, days: float) -> dict[str, int]:
    """Do a round whenever something is due, as the service would; return how often each source was visited."""
    end = desk.clock() + timedelta(days=days)
    while True:
        enabled = [source for source in list_sources(desk.monitor.archive) if source.spec.is_enabled]
        due = max(desk.clock(), min(source.next_poll_at for source in enabled)) + TICK
        if due > end:
            break
        desk.clock.at = due
        await desk.worker.run_round()
    visits = desk.rows("SELECT s.title, count(*) FROM polls p JOIN sources s ON s.id = p.source_id GROUP BY 1")
    return {str(title): int(str(times)) for title, times in visits}


@pytest.mark.slow
async def test_threat_64_a_dead_source_is_asked_forty_times_in_thirty_days_and_one_that_is_gone_once(
    tmp_path: Path,
) -> None:
    random.seed(4)
    async with hostile_web(tmp_path) as web:
        dead = [Case("gone", respond(410)), Case("busy", respond(503)), Case("never there", respond(404))]
        specs = [*web.sources(dead), replace(web.healthy(0), interval_seconds=86_400)]
        specs.append(SourceSpec(f"http://nowhere.test:{web.port}/feed", "nowhere"))
        async with web.desk(tmp_path, specs) as desk:
            counts = await live_for(desk, 30)
            (gone,) = (source for source in list_sources(desk.monitor.archive) if source.spec.title == "gone")
    assert (counts.pop("gone"), gone.spec.is_enabled) == (1, False)
    assert counts.pop("healthy 0") >= 27
    assert counts.keys() == {"busy", "never there", "nowhere"}
    assert {name: times for name, times in counts.items() if times > 40} == {}


def busiest_second(instants: list[datetime]) -> tuple[int, float]:
    """Return how many fall into the fullest second, and how many into each on average."""
    seconds = Counter(int((at - min(instants)).total_seconds()) for at in instants)
    return max(seconds.values()), len(instants) / (max(seconds) + 1)


def test_threat_65_two_thousand_sources_that_are_added_together_are_not_due_together(tmp_path: Path) -> None:
    rows = (f'<outline type="rss" text="Feed {n}" xmlUrl="http://feed{n}.example/"/>' for n in range(2_000))
    catalogue = tmp_path / "list.opml"
    catalogue.write_text(f"<opml version='2.0'><body>{''.join(rows)}</body></opml>", encoding="utf-8")
    monitor = open_monitor(settings_for(tmp_path), now=Clock())
    assert import_sources(monitor, catalogue).new == 2_000
    most, mean = busiest_second([source.next_poll_at for source in list_sources(monitor.archive)])
    assert most <= 2 * mean


@pytest.mark.slow
async def test_threat_65_nor_do_those_that_all_were_due_at_once_come_back_at_once(tmp_path: Path) -> None:
    random.seed(4)
    async with hostile_web(tmp_path) as web:
        web.internet.routes["*"] = respond(200, RSS, feed([]))
        specs = [SourceSpec(f"http://feed{n}.test:{web.port}/", f"Feed {n}") for n in range(200)]
        async with web.desk(tmp_path, specs) as desk, desk.monitor.stages() as stages:
            done = await poll_sources(stages, claim_sources(stages.archive, stages.now()))
    assert {polled.reason for polled in done} == {""}
    most, mean = busiest_second([polled.after.next_poll_at for polled in done])
    # 200 over a tenth of half an hour: one and a bit in a second, and by chance a few more.
    assert mean <= 1.5
    assert most <= 8
