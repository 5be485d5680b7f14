"""A first run with no network at all, and the sample's way out again."""

from pathlib import Path

import pytest
from pytest_socket import disable_socket
from sqlalchemy import text

from monitor.operations.digests import write_by_hand
from monitor.operations.opening import Monitor, open_monitor
from monitor.operations.rounds import SUBSCRIPTION, make_due_digests, prepare
from monitor.operations.sample import remove_sample_newsroom
from monitor.settings import load_settings
from monitor.store.articles import list_articles
from monitor.store.catalogue import list_sources
from monitor.store.hits import list_hits
from tests.loopback.newsroom import LOCKED, Clock, file_of, monitor_for, newspaper, run_round

TABLES = ("entries", "articles", "revisions", "snapshots", "hits", "assessments", "told", "digests", "outbox", "polls")


def first_run(folder: Path) -> Monitor:
    environ = {"MONITOR_DATA_DIR": str(folder / "var"), "MONITOR_STARTER_SOURCES": "false"}
    return open_monitor(load_settings(environ)[0], now=Clock())


def count_rows(monitor: Monitor) -> dict[str, int]:
    with monitor.archive.reading() as connection:
        return {table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() or 0 for table in TABLES}


def files_under(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.slow
async def test_without_a_network_a_first_run_still_shows_hits_and_a_digest(tmp_path: Path) -> None:
    disable_socket(allow_unix_socket=True)
    monitor = first_run(tmp_path)
    assert prepare(monitor).has_sample
    done = await run_round(monitor)
    assert (done.polled[0].new, done.read.read, done.read.leads) == (10, 10, {})
    assert len({hit.article_id for hit in done.hits}) == 6
    assert all(hit.line.is_sample and hit.line.passages for hit in done.hits)
    assert {hit.line.language for hit in done.hits} == {"en", "km"}
    mail = file_of((await make_due_digests(monitor))[0]).read_bytes()
    assert b"SAMPLE" in mail


@pytest.mark.slow
async def test_removing_the_sample_leaves_no_trace_in_archive_evidence_or_outbox(tmp_path: Path) -> None:
    monitor = first_run(tmp_path)
    prepare(monitor)
    await run_round(monitor)
    await make_due_digests(monitor)
    write_by_hand(monitor, SUBSCRIPTION)
    assert files_under(monitor.snapshots.folder)
    assert len(files_under(monitor.outbox)) == 4
    removed = remove_sample_newsroom(monitor)
    assert (removed.sources, removed.articles, removed.digests) == (1, 10, 1)
    assert set(count_rows(monitor).values()) == {0}
    assert list_sources(monitor.archive) == []
    assert files_under(monitor.snapshots.folder) == files_under(monitor.outbox) == []
    assert remove_sample_newsroom(monitor).sources == 0
    assert not prepare(monitor).has_sample


@pytest.mark.slow
async def test_what_is_real_stays_when_the_sample_goes_and_is_told_again(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        monitor = monitor_for(tmp_path, paper)
        await run_round(monitor)
        with monitor.archive.writing() as connection:
            connection.execute(
                text(
                    "INSERT INTO articles (id, url_key, canonical_url, outlet, byline, language, first_seen_at, "
                    "is_sample) SELECT 2, 'sample', 'https://newsroom.example/', '', '', '', first_seen_at, 1 "
                    "FROM articles"
                )
            )
            connection.execute(
                text(
                    "INSERT INTO revisions (id, article_id, number, title, text, text_sha256, extraction, made_at) "
                    "SELECT 2, 2, 1, title, text, text_sha256, extraction, made_at FROM revisions"
                )
            )
            connection.execute(
                text(
                    "INSERT INTO hits (id, article_id, claim_id, first_seen_at, arrival) "
                    "SELECT 2, 2, claim_id, first_seen_at, arrival FROM hits"
                )
            )
            connection.execute(
                text(
                    "INSERT INTO assessments SELECT 2, 2, claim_revision_id, 2, assessed_at, score, "
                    "is_hit, stance, passages, why FROM assessments"
                )
            )
    await make_due_digests(monitor)
    remove_sample_newsroom(monitor)
    assert [hit.line.headline for hit in list_hits(monitor.archive)] == ["A night in the shed"]
    assert len(list_articles(monitor.archive)) == 1
    again = await make_due_digests(monitor)
    assert b"A night in the shed" in file_of(again[0]).read_bytes()


async def test_the_sample_enters_no_archive_that_holds_something(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        monitor = monitor_for(tmp_path, paper)
    with_sample = open_monitor(monitor.settings.model_copy(update={"sample_newsroom": True}), now=Clock())
    assert not prepare(with_sample).has_sample


@pytest.mark.parametrize("wish", ["true", "false"])
@pytest.mark.slow
async def test_the_sample_can_be_left_out_by_setting(tmp_path: Path, wish: str) -> None:
    environ = {
        "MONITOR_DATA_DIR": str(tmp_path / "var"),
        "MONITOR_STARTER_SOURCES": "false",
        "MONITOR_SAMPLE_NEWSROOM": wish,
    }
    monitor = open_monitor(load_settings(environ)[0], now=Clock())
    assert prepare(monitor).has_sample == (wish == "true")
