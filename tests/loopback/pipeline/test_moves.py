"""Addresses that move for good, and documents that have not changed."""

from pathlib import Path

import pytest

from monitor.extract.sandbox import ParserPool
from monitor.model.archiving import SourceSpec
from tests.loopback.newsroom import LOCKED, Desk, Newspaper, desk_with, feed, item, newspaper, rss
from tests.loopback.servers import RequestHead, respond

pytestmark = pytest.mark.enable_socket
RSS = {"Content-Type": "application/rss+xml"}
KNOWN = {"gazette.example": "127.0.0.1", "elsewhere.example": "127.0.0.1"}


def moved(paper: Newspaper, *, to: str) -> None:
    paper.server.routes["/old.xml"] = respond(301, {"Location": to})


async def rounds(desk: Desk, count: int) -> None:
    for _ in range(count):
        desk.clock.advance(hours=1)
        await desk.round()


async def test_an_address_that_moves_within_its_site_changes_after_it_has_said_so_three_times(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        moved(paper, to="/feed.xml")
        spec = SourceSpec(paper.server.url("/old.xml"), "The Gazette")
        async with desk_with(tmp_path, paper.server, spec) as desk:
            await rounds(desk, 2)
            assert desk.source().spec.url == spec.url
            await rounds(desk, 1)
            assert desk.source().spec.url == paper.server.url("/feed.xml")
            await rounds(desk, 1)
            assert (desk.source().last_reason, desk.source().moved_to) == ("", "")
        assert paper.visits("/old.xml") == 3


async def test_an_address_that_moves_to_another_site_stays_and_an_operator_is_told(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        target = paper.server.url("/feed.xml", "elsewhere.example")
        moved(paper, to=target)
        spec = SourceSpec(paper.server.url("/old.xml", "gazette.example"), "The Gazette")
        async with desk_with(tmp_path, paper.server, spec, names=KNOWN) as desk:
            await rounds(desk, 4)
            source = desk.source()
            assert (source.spec.url, source.health, source.moved_to) == (spec.url, "moved", target)
            desk.clock.advance(hours=2)
            assert "Has moved to another site" in (await desk.digest())[1]


async def test_an_address_that_another_source_has_is_not_taken(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        moved(paper, to="/feed.xml")
        old = SourceSpec(paper.server.url("/old.xml"), "The old one")
        new = SourceSpec(paper.server.url("/feed.xml"), "The new one")
        async with desk_with(tmp_path, paper.server, old, new) as desk:
            await rounds(desk, 5)
            assert [desk.source(number).spec.url for number in (0, 1)] == [old.url, new.url]
            assert [desk.source(number).last_reason for number in (0, 1)] == ["", ""]


async def test_two_sources_that_move_to_one_address_in_one_round_do_not_collide(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        paper.server.routes["/older.xml"] = respond(301, {"Location": "/feed.xml"})
        moved(paper, to="/feed.xml")
        specs = [SourceSpec(paper.server.url(path), path) for path in ("/old.xml", "/older.xml")]
        async with desk_with(tmp_path, paper.server, *specs) as desk:
            await rounds(desk, 4)
            urls = {desk.source(number).spec.url for number in (0, 1)}
    assert len(urls) == 2
    assert paper.server.url("/feed.xml") in urls


async def test_a_redirect_that_is_not_for_good_moves_nothing(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        paper.server.routes["/old.xml"] = respond(302, {"Location": "/feed.xml"})
        spec = SourceSpec(paper.server.url("/old.xml"), "The Gazette")
        async with desk_with(tmp_path, paper.server, spec) as desk:
            await rounds(desk, 5)
            assert (desk.source().spec.url, desk.source().moves, desk.source().health) == (spec.url, 0, "")


async def test_a_source_is_asked_on_condition_and_once_a_day_for_all_of_it(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)

        def stubborn(head: RequestHead, _writer: object) -> bytes:
            """Answer 304 to whatever is conditional, as some servers do although there is news."""
            if head.header("if-none-match"):
                return respond(304, {"ETag": '"v1"'})
            return respond(200, RSS | {"ETag": '"v1"'}, body)

        body = feed([("A night in the shed", paper.server.url("/1"))])
        paper.server.routes["/feed.xml"] = stubborn
        spec = SourceSpec(paper.server.url("/feed.xml"), "The Gazette")
        async with desk_with(tmp_path, paper.server, spec) as desk:
            await desk.round()
            links = [("A night in the shed", paper.server.url("/1")), ("Two", paper.server.url("/2"))]
            body = feed(links)
            desk.clock.advance(hours=23)
            assert (await desk.round()).polled[0].new == 0
            desk.clock.advance(hours=2)
            assert (await desk.round()).polled[0].new == 1
        asked = [request.header("if-none-match") for request in paper.server.requests if request.path == "/feed.xml"]
    assert asked == [None, '"v1"', None]


async def test_after_a_failure_the_source_is_asked_for_all_of_it(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.serve({"ETag": '"v1"'})
        good = paper.server.routes["/feed.xml"]
        spec = SourceSpec(paper.server.url("/feed.xml"), "The Gazette")
        async with desk_with(tmp_path, paper.server, spec) as desk:
            await desk.round()
            paper.server.routes["/feed.xml"] = respond(503)
            await desk.round()
            paper.server.routes["/feed.xml"] = good
            await desk.round()
        asked = [request.header("if-none-match") for request in paper.server.requests if request.path == "/feed.xml"]
    assert asked == [None, '"v1"', None]


async def test_a_document_that_has_not_changed_is_not_parsed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []
    read_listing = ParserPool.read_listing

    async def counting(self: ParserPool, *given: object) -> object:
        parsed.append("one")
        return await read_listing(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(ParserPool, "read_listing", counting)
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        spec = SourceSpec(paper.server.url("/feed.xml"), "The Gazette")
        async with desk_with(tmp_path, paper.server, spec) as desk:
            await desk.round()
            again = await desk.round()
            assert (len(parsed), again.polled[0].outcome, again.polled[0].reason) == (1, "unchanged", "")
            desk.clock.advance(hours=25)
            await desk.round()
            assert len(parsed) == 2
            paper.publish("/2", "A second night", LOCKED)
            assert (await desk.round()).polled[0].new == 1


async def test_a_feed_that_gives_new_guids_at_every_visit_brings_no_article_twice(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        spec = SourceSpec(paper.server.url("/feed.xml"), "The Gazette")
        hits = 0
        async with desk_with(tmp_path, paper.server, spec) as desk:
            for number in range(5):
                body = rss(item("A night in the shed", paper.server.url("/1"), guid=f"guid-{number}"))
                paper.server.routes["/feed.xml"] = respond(200, RSS, body)
                hits += len((await desk.round()).hits)
            assert (hits, len(desk.articles())) == (1, 1)
        assert paper.visits("/1") == 1
