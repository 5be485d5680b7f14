"""`monitor articles add`: a page that somebody found, captured from the command line."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.loopback.commands import BINARY, clean_environment
from tests.loopback.newsroom import LOCKED, Terminal, environment, terminal_in
from tests.loopback.servers import respond
from tests.unit.extract.pdf_writer import text_pdf


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    async with terminal_in(tmp_path) as terminal:
        assert (await terminal.types("watchlists", "apply", "watchlists/harbour.yaml")).code == 0
        yield terminal


@pytest.mark.slow
async def test_a_captured_page_shows_its_evidence_and_its_hit_and_a_second_capture_none(terminal: Terminal) -> None:
    url = terminal.paper.server.url("/1")
    captured = await terminal.starts("articles", "add", url)
    assert captured.code == 0, captured.err
    assert "Captured: article 1, A night in the shed" in captured.out
    assert "Evidence: body SHA-256" in captured.out
    assert LOCKED in captured.out
    assert "[added by hand]" in captured.out
    again = await terminal.types("articles", "add", url, "--json")
    assert again.code == 0
    (record,) = again.records
    assert (record["article"]["article"], record["article"]["arrival"], record["new_hits"]) == (1, "by_hand", [])
    assert terminal.paper.visits("/1") == 2
    assert (await terminal.types("sources", "list", "--json")).records == []


async def test_a_claim_that_is_named_makes_a_hit_that_says_it_was_made_by_hand(terminal: Terminal) -> None:
    terminal.paper.publish("/2", "The price of fish")
    url = terminal.paper.server.url("/2")
    captured = await terminal.types("articles", "add", url, "--claim", "harbour/unpaid", "--claim", "locked-in")
    assert captured.code == 0, captured.err
    records = (await terminal.types("hits", "list", "--json")).records
    assert {(record["claim"], record["arrival"]) for record in records} == {
        ("unpaid", "by_hand"),
        ("locked-in", "by_hand"),
    }
    shown = await terminal.types("hits", "show", "1")
    assert "[added by hand]" in shown.out
    assert "An operator set it under this claim by hand." in shown.out
    assert "monitor hits explain 1" in shown.out
    unknown = await terminal.types("articles", "add", url, "--claim", "nobody")
    assert unknown.code == 2
    assert "no claim 'nobody'" in unknown.err


async def test_with_an_encoder_a_captured_page_waits_for_the_next_round_to_compare_its_meaning(
    terminal: Terminal,
) -> None:
    elsewhere = {"MONITOR_ENCODER": "http://127.0.0.1:9/v1"}  # a capture doesn't ask it
    assert (await terminal.types("articles", "add", terminal.paper.server.url("/1"), **elsewhere)).code == 0
    assert "Matched on terms, meaning pending" in (await terminal.types("hits", "explain", "1")).out
    terminal.paper.publish("/2", "The price of fish")
    missed = await terminal.types("articles", "add", terminal.paper.server.url("/2"), **elsewhere)
    assert "what meaning finds, the next round tells" in missed.err


async def test_where_no_watchlist_is_live_a_captured_page_says_so(terminal: Terminal) -> None:
    assert (await terminal.types("watchlists", "retire", "harbour")).code == 0
    captured = await terminal.types("articles", "add", terminal.paper.server.url("/1"))
    assert captured.code == 0, captured.err
    assert "No new hit: no watchlist is live (`monitor watchlists apply FILE` makes one)." in captured.err


async def test_a_page_that_can_not_be_had_says_why_and_ends_1(terminal: Terminal) -> None:
    missing = await terminal.types("articles", "add", terminal.paper.server.url("/nowhere"))
    assert missing.code == 1
    assert "http_404" in missing.err
    assert "It is tried again after" in missing.err
    terminal.paper.server.routes["/empty"] = respond(200, {"Content-Type": "text/html"}, b"<html></html>")
    empty = await terminal.types("articles", "add", terminal.paper.server.url("/empty"))
    assert empty.code == 1
    assert "Captured as a lead (empty: " in empty.out
    inside = await terminal.types("articles", "add", "http://10.0.0.1/")
    assert inside.code == 1
    assert "blocked_address" in inside.err
    refused = await terminal.types("articles", "add", "file:///etc/passwd")
    assert refused.code == 2


async def test_a_captured_document_shows_the_page_of_its_passage(terminal: Terminal) -> None:
    filler = [(12.0, f"Line {number} of the report on the harbour tells of boats.") for number in range(9)]
    report = text_pdf([filler, [*filler, (0, ""), (12, LOCKED[:60]), (12, LOCKED[60:])]])
    terminal.paper.server.routes["/report.pdf"] = respond(200, {"Content-Type": "application/pdf"}, report)
    captured = await terminal.types("articles", "add", terminal.paper.server.url("/report.pdf"))
    assert captured.code == 0, captured.err
    assert "(page 2)" in captured.out


@pytest.mark.slow
async def test_a_page_is_captured_while_a_service_holds_the_archive(terminal: Terminal) -> None:
    environ = clean_environment(environment(terminal.folder, [terminal.paper.server.port]))
    service = await asyncio.create_subprocess_exec(
        BINARY,
        "run",
        env=environ,
        cwd=terminal.folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert service.stdout
        async with asyncio.timeout(60):
            assert await service.stdout.readline()  # its first round is done
        captured = await terminal.types("articles", "add", terminal.paper.server.url("/1"))
        assert captured.code == 0, captured.err
        assert LOCKED in captured.out
        assert service.returncode is None
    finally:
        service.terminate()
        await service.communicate()
