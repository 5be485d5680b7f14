"""A page that an operator captures: with its evidence, its hits, and said to be added by hand."""

from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from monitor.errors import UsageError
from monitor.model.archiving import SourceSpec
from monitor.operations.capture import capture
from monitor.operations.sources import all_sources
from tests.loopback.newsroom import LOCKED, desk_with, newspaper, page
from tests.loopback.servers import respond
from tests.unit.extract.pdf_writer import text_pdf

pytestmark = pytest.mark.enable_socket
HTML = {"Content-Type": "text/html; charset=utf-8"}


async def test_a_captured_page_is_an_article_with_its_evidence_and_its_hits(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        async with desk_with(tmp_path, paper.server) as desk:
            captured = await capture(desk.monitor, paper.server.url("/1"))
            article = captured.article
            assert article
            assert article.snapshot
            with (desk.monitor.snapshots.folder / article.snapshot.blob_key).open("rb") as file:
                assert next(iter(ArchiveIterator(file))).content_stream().read() == paper.articles["/1"][1]
            assert (article.extraction, article.arrival) == ("text", "by_hand")
            assert [hit.claim_key for hit in captured.new_hits] == ["locked-in"]
            assert LOCKED in desk.articles()[0].text


@pytest.mark.slow
async def test_a_page_captured_again_is_fetched_anew_and_what_changed_is_kept(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed")
        async with desk_with(tmp_path, paper.server) as desk:
            first = await capture(desk.monitor, paper.server.url("/1"))
            same = await capture(desk.monitor, paper.server.url("/1"))
            paper.publish("/1", "A night in the shed", LOCKED)
            changed = await capture(desk.monitor, paper.server.url("/1"))
        assert paper.visits("/1") == 3
    assert first.article
    assert same.article
    assert changed.article
    assert [one.article.revision for one in (first, same, changed) if one.article] == [1, 1, 2]
    assert first.article.id == same.article.id == changed.article.id
    assert [len(one.new_hits) for one in (first, same, changed)] == [0, 0, 1]


async def test_a_claim_that_an_operator_names_is_a_hit_and_says_that_it_was_made_by_hand(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "The price of fish")
        async with desk_with(tmp_path, paper.server) as desk:
            captured = await capture(desk.monitor, paper.server.url("/1"), ["unpaid", "harbour/locked-in"])
            assert {hit.claim_key for hit in captured.new_hits} == {"unpaid", "locked-in"}
            assert {hit.why.matcher for hit in captured.new_hits} == {"by hand"}
            assert {hit.line.passages[0].text for hit in captured.new_hits} == {"The price of fish"}
            desk.clock.advance(hours=5)
            subject, text = await desk.digest()
    assert "2 hits on 2 claims" in subject
    assert "Set under this claim by hand" in text


@pytest.mark.slow
async def test_a_claim_that_the_matcher_found_by_itself_keeps_its_own_reasons(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        async with desk_with(tmp_path, paper.server) as desk:
            (hit,) = (await capture(desk.monitor, paper.server.url("/1"), ["locked-in"])).new_hits
    assert hit.why.matcher != "by hand"
    assert hit.line.passages[0].text == LOCKED


@pytest.mark.parametrize("claims", [["nobody-said-this"], ["other/locked-in"]])
async def test_a_claim_that_nobody_watches_is_refused_before_anything_is_fetched(
    tmp_path: Path, claims: list[str]
) -> None:
    async with newspaper() as paper:
        async with desk_with(tmp_path, paper.server) as desk:
            with pytest.raises(UsageError, match="watchlists list"):
                await capture(desk.monitor, paper.server.url("/1"), claims)
        assert paper.server.requests == []


@pytest.mark.slow
async def test_a_page_that_fails_for_now_says_why_and_is_captured_by_a_later_round(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.server.routes["/1"] = respond(503)
        async with desk_with(tmp_path, paper.server) as desk:
            captured = await capture(desk.monitor, paper.server.url("/1"))
            assert (captured.article, captured.reason) == (None, "server_busy")
            paper.publish("/1", "A night in the shed", LOCKED)
            desk.clock.advance(hours=1)
            assert len((await desk.round()).hits) == 1
            (article,) = desk.articles()
    assert (article.arrival, article.outlet) == ("by_hand", "127.0.0.1")


async def test_a_capture_that_fails_for_good_is_a_lead_that_no_source_is_made_the_outlet_of(tmp_path: Path) -> None:
    async with newspaper() as paper, desk_with(tmp_path, paper.server) as desk:
        url = paper.server.url("/a-night-in-the-shed.html")
        assert (await capture(desk.monitor, url)).reason == "http_404"
        desk.clock.advance(hours=2)
        await desk.round()
        (article,) = desk.articles()
    assert (article.extraction, article.arrival, article.outlet) == ("http_404", "by_hand", "127.0.0.1")
    assert article.title == "a night in the shed"


@pytest.mark.slow
async def test_what_is_captured_by_hand_makes_no_source_that_is_listed_or_polled(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        async with desk_with(tmp_path, paper.server) as desk:
            await capture(desk.monitor, paper.server.url("/1"))
            assert all_sources(desk.monitor) == []
            assert (await desk.round()).polled == ()


async def test_a_document_that_is_captured_says_on_which_page_its_passage_stands(tmp_path: Path) -> None:
    filler = [(12.0, f"Line {number} of the report on the harbour tells of boats.") for number in range(9)]
    report = text_pdf([filler, [*filler, (0, ""), (12, LOCKED[:60]), (12, LOCKED[60:])]])
    async with newspaper() as paper:
        paper.server.routes["/report.pdf"] = respond(200, {"Content-Type": "application/pdf"}, report)
        async with desk_with(tmp_path, paper.server) as desk:
            (hit,) = (await capture(desk.monitor, paper.server.url("/report.pdf"))).new_hits
    assert {passage.page for passage in hit.line.passages} == {2}


@pytest.mark.slow
async def test_an_article_that_a_feed_brought_can_be_captured_again_under_a_claim(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "The price of fish")
        spec = SourceSpec(paper.server.url("/feed.xml"), "The Gazette")
        async with desk_with(tmp_path, paper.server, spec) as desk:
            assert (await desk.round()).hits == ()
            captured = await capture(desk.monitor, paper.server.url("/1"), ["unpaid"])
            assert [hit.claim_key for hit in captured.new_hits] == ["unpaid"]
            assert captured.article
            assert captured.article.outlet == "The Gazette"
            assert len(desk.articles()) == 1


@pytest.mark.parametrize(
    "url", ["ftp://gazette.example/1", "http://user:word@gazette.example/1", "http://gazette.example:22/", "no address"]
)
async def test_an_address_that_monitor_may_not_fetch_is_refused(tmp_path: Path, url: str) -> None:
    async with newspaper() as paper, desk_with(tmp_path, paper.server) as desk:
        with pytest.raises(UsageError):
            await capture(desk.monitor, url)
        assert desk.rows("SELECT count(*) FROM entries") == [(0,)]


async def test_a_page_captured_twice_while_it_waits_is_read_once_by_the_round(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.server.routes["/1"] = respond(503)
        async with desk_with(tmp_path, paper.server) as desk:
            await capture(desk.monitor, paper.server.url("/1"))
            await capture(desk.monitor, paper.server.url("/1"))
            paper.server.routes["/1"] = respond(200, HTML, page("A night in the shed", LOCKED))
            desk.clock.advance(hours=1)
            done = await desk.round()
        assert paper.visits("/1") == 3
    assert (done.read.read, len(done.hits)) == (1, 1)
