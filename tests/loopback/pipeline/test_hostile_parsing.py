"""Documents made to break their readers, through one round of the real Monitor (#32 to #42).

Each test visits its documents in one round beside a healthy source, with real parser children. The 24 lies about a
charset (#38) are told in tests/unit/extract/test_extract_charset.py; hostile article pages (#44 to #46) in
tests/unit/extract/test_extract_hostile_pages.py.
"""

import unicodedata
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.model.archiving import Polled
from monitor.operations.rounds import Round
from monitor.pipeline.poll import poll_sources
from monitor.store.catalogue import claim_sources
from monitor.text.plain import SUMMARY_CHARS, TITLE_CHARS
from tests.loopback.hostile import (
    CANARY,
    HTML,
    RSS,
    Case,
    HostileWeb,
    entry_reasons,
    holding,
    hostile_web,
    outcomes,
    reasons,
)
from tests.loopback.hostile_parsing import (
    BOMBS,
    CHARACTERS,
    DEATHS,
    DEPTHS,
    MEGABYTE,
    NO_FEEDS,
    ODD_ITEMS,
    PAGE_DEPTHS,
    TELLING,
    TRICKS,
    doors,
    extract_or_die,
    openings,
    page_doors,
    read_or_die,
    repeated,
    rss,
)
from tests.loopback.newsroom import LOCKED, Desk, item, page
from tests.loopback.servers import RequestHead, respond

pytestmark = pytest.mark.enable_socket

MAX_ENTRIES = 2_000
FIRST_DAY = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass
class Visited:
    """One round over hostile sources and a healthy one, and what was opened by it."""

    done: Round
    desk: Desk
    web: HostileWeb

    @property
    def reasons(self) -> dict[str, str]:
        """What the hostile sources show."""
        return {name: reason for name, reason in reasons(self.desk).items() if name != "healthy 0"}

    def assert_harmless(self, folder: Path) -> None:
        """The healthy source was read, nothing inside was connected to, and no file was opened."""
        assert outcomes(self.done)["healthy 0"] == ("", 1, 0)
        assert "Good article 0" in {article.title for article in self.desk.articles() if article.extraction == "text"}
        assert self.web.connections_inside == 0
        assert not holding(folder / "var", CANARY)


@asynccontextmanager
async def visiting(folder: Path, web: HostileWeb, cases: Iterable[Case], **more: str) -> AsyncIterator[Visited]:
    specs = [*web.sources(cases), web.healthy(0, LOCKED)]
    async with web.desk(folder, specs, **more) as desk:
        visited = Visited(await desk.round(), desk, web)
        visited.assert_harmless(folder)
        yield visited


def feeds(documents: Mapping[str, bytes]) -> list[Case]:
    return [Case(name, respond(200, RSS, document)) for name, document in documents.items()]


def listing(web: HostileWeb, answers: Mapping[str, bytes]) -> Case:
    """Return a feed of articles, each on a host of its own."""
    items = (item(name, web.place(Case(name, answer)), published=None) for name, answer in answers.items())
    return Case("articles", respond(200, RSS, rss("".join(items))))


async def test_threat_32_entities_are_refused_in_feeds_and_sitemaps_and_cost_a_page_nothing(tmp_path: Path) -> None:
    async with hostile_web(tmp_path) as web:
        maps = [Case(f"a sitemap with {name}", respond(200, RSS, bomb), kind="sitemap") for name, bomb in BOMBS.items()]
        answers = {name: respond(200, HTML, bomb + f"<p>{TELLING * 8}</p>".encode()) for name, bomb in BOMBS.items()}
        cases = [*feeds(BOMBS), *maps, listing(web, answers)]
        async with visiting(tmp_path, web, cases, MONITOR_PARSER_DEADLINE_SECONDS="30") as visited:
            shown = visited.reasons
            assert (len(BOMBS), {shown[name] for name in BOMBS}) == (6, {"bad_feed"})
            assert {shown[case.name] for case in maps} <= {"bad_feed", "not_a_feed"}
            assert {entry_reasons(visited.desk)[name] for name in answers} <= {"", "empty"}
            assert max(len(article.text) for article in visited.desk.articles()) < MEGABYTE


async def test_threat_33_no_feed_and_no_page_has_a_file_or_an_address_opened(tmp_path: Path) -> None:
    async with hostile_web(tmp_path) as web:
        found = doors(web.canary, web.inner_origin)
        pages = page_doors(web.canary, web.inner_origin)
        answers = {name: respond(200, HTML, source.encode()) for name, source in pages.items()}
        cases = [*feeds({name: document for name, (document, _) in found.items()}), listing(web, answers)]
        async with visiting(tmp_path, web, cases) as visited:
            shown = visited.reasons
            assert {name: shown[name] for name in found} == {name: reason for name, (_, reason) in found.items()}
            assert len(found) == len(pages) == 8
            assert {name: entry_reasons(visited.desk)[name] for name in pages} == dict.fromkeys(pages, "")
            # None of them took the address of what stands inside.
            assert all(".test:" in article.canonical_url for article in visited.desk.articles())


async def test_threat_34_a_body_that_is_a_path_or_a_url_is_not_opened(tmp_path: Path) -> None:
    async with hostile_web(tmp_path) as web:
        found = openings(web.canary, web.inner_origin)
        async with visiting(tmp_path, web, feeds(found)) as visited:
            assert visited.reasons == dict.fromkeys(found, "not_a_feed")


@pytest.mark.slow
async def test_threat_35_a_megabyte_of_one_trick_is_read_within_the_parsers_deadline(tmp_path: Path) -> None:
    async with hostile_web(tmp_path) as web:
        cases = feeds({name: repeated(trick) for name, trick in TRICKS.items()})
        async with visiting(tmp_path, web, cases, MONITOR_PARSER_DEADLINE_SECONDS="30") as visited:
            assert visited.reasons == dict.fromkeys(TRICKS, "")
            longest = visited.desk.rows("SELECT max(length(summary)) FROM entries")[0][0]
            assert int(str(longest)) <= SUMMARY_CHARS


@pytest.mark.slow
async def test_threat_36_nesting_beyond_reading_ends_in_a_reason_and_never_in_a_crash(tmp_path: Path) -> None:
    async with hostile_web(tmp_path) as web:
        body = f"<p>{TELLING * 8}</p>"
        pages = {name: respond(200, HTML, f"<html>{depth}{body}".encode()) for name, depth in PAGE_DEPTHS.items()}
        cases = [*feeds(DEPTHS), listing(web, pages)]
        async with visiting(tmp_path, web, cases) as visited:
            assert {*visited.reasons.values()} <= {"", "bad_feed", "not_a_feed"}
            assert {entry_reasons(visited.desk)[name] for name in pages} <= {"", "empty"}
            assert len(DEPTHS) + len(PAGE_DEPTHS) == 8


@pytest.mark.slow
async def test_threat_37_a_feed_that_kills_its_parser_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.extract.child.read_listing", read_or_die)
    async with hostile_web(tmp_path) as web:
        cases = feeds({name: f"die of {name}".encode() for name in DEATHS})
        limits = {"MONITOR_PARSER_DEADLINE_SECONDS": "6", "MONITOR_PARSER_WORKERS": "1"}
        async with visiting(tmp_path, web, cases, **limits) as visited:
            assert visited.reasons == {name: reason for name, (_, reason) in DEATHS.items()}


@pytest.mark.slow
async def test_threat_37_an_article_that_kills_its_parser_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.extract.child.read_article", extract_or_die)
    async with hostile_web(tmp_path) as web:
        deaths = {name: DEATHS[name] for name in ("abort", "memory", "a huge answer")}
        answers = {name: respond(200, HTML, f"die of {name}".encode()) for name in deaths}
        limits = {"MONITOR_PARSER_DEADLINE_SECONDS": "30", "MONITOR_PARSER_WORKERS": "1"}
        async with visiting(tmp_path, web, [listing(web, answers)], **limits) as visited:
            shown = entry_reasons(visited.desk)
            assert {name: shown[name] for name in deaths} == {name: reason for name, (_, reason) in deaths.items()}


async def test_threat_39_what_is_no_feed_is_said_so(tmp_path: Path) -> None:
    async with hostile_web(tmp_path) as web, visiting(tmp_path, web, feeds(NO_FEEDS)) as visited:
        assert visited.reasons == dict.fromkeys(NO_FEEDS, "not_a_feed")
        assert len(NO_FEEDS) == 10


def endless(entries: int) -> bytes:
    """Return a feed of so many entries, an hour apart and in no order."""
    hours = (timedelta(hours=(number * 7_919) % entries) for number in range(entries))
    days = ((FIRST_DAY + hour).isoformat() for hour in hours)
    return rss("".join(f"<item><link>/{n}</link><pubDate>{day}</pubDate></item>" for n, day in enumerate(days)))


async def poll_endless(folder: Path, entries: int) -> tuple[Polled, list[datetime]]:
    """Poll such a feed; return the visit and the dates that are kept."""
    async with hostile_web(folder) as web:
        specs = web.sources([Case("endless", respond(200, RSS, endless(entries)))])
        async with web.desk(folder, specs) as desk, desk.monitor.stages() as stages:
            (polled,) = await poll_sources(stages, claim_sources(stages.archive, stages.now()))
            kept = desk.rows("SELECT published_at FROM entries")
    return polled, [datetime.fromisoformat(str(at)).replace(tzinfo=UTC) for (at,) in kept]


@pytest.mark.slow
async def test_threat_40_of_fifty_thousand_entries_the_newest_two_thousand_are_kept(tmp_path: Path) -> None:
    polled, dates = await poll_endless(tmp_path, 50_000)
    assert (polled.reason, polled.new, len(dates)) == ("", MAX_ENTRIES, MAX_ENTRIES)
    assert min(dates) == FIRST_DAY + timedelta(hours=50_000 - MAX_ENTRIES)


async def test_threat_40_what_is_left_out_of_an_endless_feed_is_counted(tmp_path: Path) -> None:
    polled, _ = await poll_endless(tmp_path, MAX_ENTRIES + 100)
    assert polled.rejected + polled.older == 100


async def test_threat_41_odd_entries_are_stored_or_counted_and_the_others_unaffected(tmp_path: Path) -> None:
    async with hostile_web(tmp_path) as web:
        case = Case("odd", host="odd.test", path="/feed.xml")
        origin = f"http://odd.test:{web.port}"
        written = (what.format(origin=origin, authority=f"odd.test:{web.port}") for what, _ in ODD_ITEMS.values())
        answer = respond(200, RSS, rss("".join(f"<item>{what}</item>" for what in [*written, "<link>/sane</link>"])))
        found = respond(200, HTML, page("An odd article", LOCKED))

        def serve(head: RequestHead, _: object) -> bytes:
            return answer if head.path == "/feed.xml" else found

        async with visiting(tmp_path, web, [Case("odd", serve, host=case.host, path=case.path)]) as visited:
            kept = {str(url).removeprefix(origin) for (url,) in visited.desk.rows("SELECT url FROM entries")}
            expected = {path for _, path in ODD_ITEMS.values() if path is not None}
            assert len(ODD_ITEMS) == 14
            assert {path for path in kept if path.startswith("/")} == expected | {"/sane"}
            assert outcomes(visited.done)["odd"] == ("", len(expected) + 1, len(ODD_ITEMS) - len(expected))


@pytest.mark.xfail(strict=True, reason="an xml:base that is opened is never closed again")
async def test_threat_41_an_entrys_own_base_moves_its_neighbours_nowhere(tmp_path: Path) -> None:
    elsewhere = "<title>A</title><link xml:base='http://elsewhere.test/'>/1</link>"
    async with hostile_web(tmp_path) as web:
        items = rss(f"<item>{elsewhere}</item><item><link>/sane</link></item>")
        async with visiting(tmp_path, web, [Case("odd", respond(200, RSS, items), host="odd.test")]) as visited:
            urls = {str(url) for (url,) in visited.desk.rows("SELECT url FROM entries")}
    assert f"http://odd.test:{web.port}/sane" in urls


def is_presentable(text: str) -> bool:
    unwanted = {"Cc", "Cs"}
    turning = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"
    return not any(unicodedata.category(char) in unwanted or char in turning for char in text)


@pytest.mark.slow
async def test_threat_42_characters_that_deceive_or_flood_are_stored_within_caps(tmp_path: Path) -> None:
    async with hostile_web(tmp_path) as web:
        texts = "".join(
            f"<item><title>{text}</title><link>/{n}</link><author>{text}</author><description>{text}</description></item>"
            for n, text in enumerate(CHARACTERS.values())
        )
        pages = {
            f"page {n}": respond(
                200, HTML, f"<html><title>{text}</title><h1>{text}</h1><p>{LOCKED} {text[:1000]}</p>".encode()
            )
            for n, text in enumerate(CHARACTERS.values())
        }
        cases = [Case("odd", respond(200, RSS, rss(texts))), listing(web, pages)]
        async with visiting(tmp_path, web, cases) as visited:
            assert set(visited.reasons.values()) == {""}
            rows = visited.desk.rows("SELECT title, author, summary FROM entries")
            rows += visited.desk.rows(
                "SELECT r.title, a.byline, a.outlet FROM articles a JOIN revisions r ON r.article_id = a.id"
            )
            assert len(rows) >= 4 * len(CHARACTERS) == 48
            assert max(len(str(title)) for title, *_ in rows) <= TITLE_CHARS
            assert max(len(str(text)) for row in rows for text in row) <= SUMMARY_CHARS
            assert [row for row in rows if not all(is_presentable(str(text)) for text in row)] == []
            subject, text = await visited.desk.digest()
            assert is_presentable(subject + text)
