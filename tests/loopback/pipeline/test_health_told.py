"""A source that falls ill is told of once, and once when it is well again; one that is gone is left alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from monitor.model.archiving import SourceSpec
from monitor.operations.sources import enable_sources, remove_sources, source_health
from tests.loopback.newsroom import LOCKED, Desk, Newspaper, desk_with, newspaper
from tests.loopback.servers import respond

pytestmark = pytest.mark.enable_socket


@asynccontextmanager
async def two_papers(folder: Path) -> AsyncIterator[tuple[Desk, Newspaper]]:
    """Give a desk with a good source and one ("The Herald") that tests make ill at /herald.xml."""
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        paper.server.routes["/herald.xml"] = paper.server.routes["/feed.xml"]
        specs = (
            SourceSpec(paper.server.url("/feed.xml"), "The Gazette"),
            SourceSpec(paper.server.url("/herald.xml"), "The Herald"),
        )
        async with desk_with(folder, paper.server, *specs) as desk:
            await desk.round()
            yield desk, paper


async def fails(desk: Desk, paper: Newspaper, *, times: int, hours: float, status: int = 403) -> None:
    paper.server.routes["/herald.xml"] = respond(status, {"Content-Type": "text/html"}, b"No.")
    for _ in range(times):
        desk.clock.advance(hours=hours)
        await desk.round()


async def recovers(desk: Desk, paper: Newspaper) -> None:
    paper.server.routes["/herald.xml"] = paper.server.routes["/feed.xml"]
    desk.clock.advance(hours=1)
    await desk.round()


def health_of(desk: Desk) -> str:
    return desk.source(1).health


@pytest.mark.slow
async def test_a_source_that_fails_for_hours_is_told_ill_once_and_well_again_once(tmp_path: Path) -> None:
    async with two_papers(tmp_path) as (desk, paper):
        await fails(desk, paper, times=3, hours=3)
        assert health_of(desk) == "refused"
        _, first = await desk.digest()
        await fails(desk, paper, times=3, hours=8)
        _, second = await desk.digest()
        await recovers(desk, paper)
        assert health_of(desk) == ""
        desk.clock.advance(days=1)
        _, third = await desk.digest()
        desk.clock.advance(days=1)
        _, fourth = await desk.digest()
    assert "Refuses us" in first
    assert "Refuses us" not in second
    assert "Well again" in third
    assert "The Herald" in third
    assert "Well again" not in fourth


async def test_an_outage_that_is_over_before_the_digest_is_not_told(tmp_path: Path) -> None:
    async with two_papers(tmp_path) as (desk, paper):
        await fails(desk, paper, times=3, hours=3)
        await recovers(desk, paper)
        assert [row[0] for row in desk.rows("SELECT health FROM health_events ORDER BY id")] == ["refused", ""]
        _, text = await desk.digest()
    assert "Refuses us" not in text
    assert "Well again" not in text


@pytest.mark.parametrize(("times", "hours"), [(2, 12), (5, 1)])
@pytest.mark.slow
async def test_a_few_failures_or_a_short_outage_make_nobody_ill(tmp_path: Path, times: int, hours: float) -> None:
    async with two_papers(tmp_path) as (desk, paper):
        await fails(desk, paper, times=times, hours=hours)
        assert (desk.source(1).failures, health_of(desk)) == (times, "")
        assert desk.rows("SELECT * FROM health_events") == []


async def test_an_operator_sees_what_is_wrong_with_a_source_and_what_to_do(tmp_path: Path) -> None:
    async with two_papers(tmp_path) as (desk, paper):
        await fails(desk, paper, times=3, hours=3)
        ill, well = source_health(desk.monitor)
    assert (ill.source.spec.title, well.source.spec.title) == ("The Herald", "The Gazette")
    assert ill.words
    assert ill.words.what == "Refuses us"
    assert "Open the address in a browser" in ill.words.remedy
    assert "http_403" in ill.source.last_reason
    assert well.words is None


async def test_a_source_that_says_it_is_gone_is_polled_no_more_until_an_operator_says_so(tmp_path: Path) -> None:
    async with two_papers(tmp_path) as (desk, paper):
        await fails(desk, paper, times=1, hours=1, status=410)
        assert (health_of(desk), desk.source(1).spec.is_enabled) == ("gone", False)
        asked = paper.visits("/herald.xml")
        desk.clock.advance(days=40)
        await desk.round()
        assert paper.visits("/herald.xml") == asked
        paper.server.routes["/herald.xml"] = paper.server.routes["/feed.xml"]
        enable_sources(desk.monitor, ["The Herald"], is_enabled=True)
        await desk.worker.run_round()
        assert paper.visits("/herald.xml") == asked + 1
        assert (health_of(desk), desk.source(1).last_reason) == ("", "")


async def test_a_source_that_is_gone_is_named_in_the_digest_though_it_is_polled_no_more(tmp_path: Path) -> None:
    async with two_papers(tmp_path) as (desk, paper):
        await fails(desk, paper, times=1, hours=5, status=410)
        _, text = await desk.digest()
    assert "Is gone" in text
    assert "The Herald" in text


async def test_a_source_that_an_operator_changes_is_not_ill_of_what_it_had_before(tmp_path: Path) -> None:
    async with two_papers(tmp_path) as (desk, paper):
        await fails(desk, paper, times=3, hours=3)
        enable_sources(desk.monitor, ["The Herald"], is_enabled=True)
        await recovers(desk, paper)
        assert health_of(desk) == ""


@pytest.mark.slow
async def test_an_illness_that_becomes_another_is_told_anew_once_that_has_lasted(tmp_path: Path) -> None:
    async with two_papers(tmp_path) as (desk, paper):
        await fails(desk, paper, times=3, hours=3)
        await fails(desk, paper, times=1, hours=1, status=503)
        _, text = await desk.digest()
        assert "Refuses us" in text
        await fails(desk, paper, times=2, hours=204, status=503)
        _, text = await desk.digest()
    assert "Can't be reached" in text
    assert "Refuses us" not in text


@pytest.mark.slow
async def test_a_sources_removal_takes_its_illness_out_of_the_digest(tmp_path: Path) -> None:
    async with two_papers(tmp_path) as (desk, paper):
        await fails(desk, paper, times=3, hours=3)
        remove_sources(desk.monitor, ["The Herald"])
        _, text = await desk.digest()
    assert "The Herald" not in text
