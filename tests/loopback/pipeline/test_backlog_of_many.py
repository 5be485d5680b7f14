"""Many sources at once: every visit is kept, an article counts once, and a busy archive loses nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.errors import MonitorError, StoreBroken, StoreBusy
from monitor.model.archiving import SourceSpec
from monitor.operations.sources import remove_sources
from monitor.store.catalogue import list_sources
from monitor.store.polls import record_polls
from tests.loopback.newsroom import LOCKED, Newspaper, desk_with, feed, newspaper
from tests.loopback.servers import respond

pytestmark = pytest.mark.enable_socket
RSS = {"Content-Type": "application/rss+xml"}


def many(paper: Newspaper, count: int) -> list[SourceSpec]:
    """Serve so many feeds, each with an article of its own that no claim is borne on by but every tenth."""
    for number in range(count):
        paper.publish(f"/{number}", f"Article {number} of the day", *([LOCKED] if number % 10 == 0 else []))
        links = [(f"Article {number} of the day", paper.server.url(f"/{number}"))]
        paper.server.routes[f"/feed{number}.xml"] = respond(200, RSS, feed(links))
    return [SourceSpec(paper.server.url(f"/feed{number}.xml"), f"Paper {number}") for number in range(count)]


async def test_sixty_sources_that_are_polled_together_are_all_kept(tmp_path: Path) -> None:
    async with newspaper() as paper:
        specs = many(paper, 60)
        async with desk_with(tmp_path, paper.server, *specs) as desk:
            done = await desk.round()
            assert [polled.source.spec.title for polled in done.polled] == [spec.title for spec in specs]
            assert {(polled.outcome, polled.new) for polled in done.polled} == {("new", 1)}
            assert (done.read.read, len(done.hits)) == (60, 6)
            assert desk.rows("SELECT count(*), count(DISTINCT source_id) FROM polls") == [(60, 60)]
            assert {source.last_polled_at for source in list_sources(desk.monitor.archive)} == {desk.clock()}
            assert desk.rows("SELECT count(*) FROM sources WHERE claimed_until IS NOT NULL") == [(0,)]


@pytest.mark.parametrize("error", [StoreBusy("the archive is held by another"), StoreBroken("the disk is full")])
@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.slow
async def test_an_archive_that_fails_in_the_middle_ends_the_round_with_its_message_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: MonitorError, at: int
) -> None:
    calls: list[int] = []

    def failing(*given: object) -> object:
        calls.append(1)
        if len(calls) == at + 1:
            raise error
        return record_polls(*given)  # type: ignore[arg-type]

    async with newspaper() as paper, desk_with(tmp_path, paper.server, *many(paper, 60)) as desk:
        with monkeypatch.context() as broken:
            broken.setattr("monitor.pipeline.ledger.record_polls", failing)
            with pytest.raises(type(error), match=str(error)):
                await desk.round()
        assert desk.rows("SELECT count(*) FROM sources WHERE claimed_until IS NOT NULL") == [(0,)]
        done = await desk.round()
        assert desk.rows("SELECT count(DISTINCT url_key), count(*) FROM entries WHERE state = 'read'") == [(60, 60)]
        assert desk.rows("SELECT count(*) FROM hits") == [(6,)]
    assert done.failed == ()


async def test_one_article_that_two_sources_list_is_read_once_and_hit_once(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        tagged = [("A night in the shed", f"{paper.server.url('/1')}?utm_source=other#top")]
        paper.server.routes["/other.xml"] = respond(200, RSS, feed(tagged))
        specs = [SourceSpec(paper.server.url(path), path) for path in ("/feed.xml", "/other.xml")]
        async with desk_with(tmp_path, paper.server, *specs) as desk:
            done = await desk.round()
            assert (done.read.read, len(done.hits), len(desk.articles())) == (1, 1, 1)
            again = await desk.round()
            assert (again.read.total, again.hits) == (0, ())
            assert desk.rows("SELECT state, article_id FROM entries") == [("read", 1), ("read", 1)]
        assert paper.visits("/1") == 1


async def test_what_a_removed_source_brought_stays_and_what_it_still_owed_is_gone(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        paper.publish("/2", "Another night")
        paper.server.routes["/2"] = respond(503)
        spec = SourceSpec(paper.server.url("/feed.xml"), "The Gazette")
        async with desk_with(tmp_path, paper.server, spec) as desk:
            assert len((await desk.round()).hits) == 1
            remove_sources(desk.monitor, ["The Gazette"])
            desk.clock.advance(hours=2)
            done = await desk.round()
            assert (done.polled, done.read.total) == ((), 0)
            assert desk.rows("SELECT count(*) FROM entries") == [(0,)]
            assert desk.rows("SELECT count(*) FROM polls") == [(0,)]
            assert len(desk.articles()) == 1
            desk.clock.advance(hours=3)
            assert "1 older hit" in (await desk.digest())[0]


async def test_a_source_that_is_removed_while_it_is_visited_costs_the_others_nothing(tmp_path: Path) -> None:
    async with newspaper() as paper:
        specs = many(paper, 3)
        async with desk_with(tmp_path, paper.server, *specs) as desk:
            body = paper.server.routes["/feed1.xml"]
            assert isinstance(body, bytes)
            removing = _while_visited(lambda: remove_sources(desk.monitor, ["Paper 1"]), body)
            paper.server.routes["/feed1.xml"] = removing
            done = await desk.round()
            assert done.failed == ()
            assert done.read.read == 2
            assert [source.spec.title for source in list_sources(desk.monitor.archive)] == ["Paper 0", "Paper 2"]


def _while_visited(act: Callable[[], object], body: bytes) -> Callable[[object, object], bytes]:
    def answer(_head: object, _writer: object) -> bytes:
        act()
        return body

    return answer
