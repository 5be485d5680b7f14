"""Sources that are dead together are not taken for a night without a network, over and over."""

from pathlib import Path

import pytest

from monitor.model.archiving import SourceSpec
from tests.loopback.newsroom import LOCKED, desk_with, newspaper

pytestmark = pytest.mark.enable_socket


async def test_two_dead_sources_that_fall_due_together_are_slowed_and_told_all_the_same(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        well = SourceSpec(paper.server.url("/feed.xml"), "The Gazette")
        dead = [SourceSpec(paper.server.url("/feed", host=f"dead{number}.test"), f"Dead {number}") for number in (1, 2)]
        async with desk_with(tmp_path, paper.server, well, *dead) as desk:
            for _ in range(4):
                desk.clock.advance(hours=3)
                await desk.worker.run_round(ids=[2, 3])
                await desk.worker.run_round(ids=[1])
            await desk.worker.run_round(ids=[2])
            assert [source.failures for source in map(desk.source, range(3))] == [0, 4, 3]
            assert desk.source(1).health == "unreachable"


async def test_a_network_that_is_down_is_counted_against_no_source_that_was_well(tmp_path: Path) -> None:
    async with newspaper() as paper:
        specs = [SourceSpec(paper.server.url("/feed.xml", host=f"{name}.test"), name) for name in ("one", "two")]
        async with desk_with(
            tmp_path, paper.server, *specs, names=dict.fromkeys(("one.test", "two.test"), "127.0.0.1")
        ) as desk:
            await desk.round()
            desk.names.known.clear()
            for _ in range(5):
                desk.clock.advance(minutes=30)
                await desk.round()
            assert [source.failures for source in map(desk.source, range(2))] == [0, 0]
