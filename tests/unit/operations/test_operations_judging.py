"""Judging a hit as an operator does, on both databases."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import UsageError
from monitor.model.matching import MatchInput
from monitor.operations.claims import claim_standings, find_claim, tune_claim, untune_claim
from monitor.operations.hits import find_hit, judgements_in_words
from monitor.operations.judging import judge_hit
from monitor.operations.opening import Monitor, open_monitor
from monitor.pipeline.stages import watch
from monitor.settings import load_settings
from monitor.store.judgements import live_tunings
from monitor.store.watchlists import live_watchlists
from tests.unit.operations.judged import fill
from tests.unit.store.archives import NOW


@pytest.fixture
def monitor(archive_url: str, tmp_path: Path) -> Iterator[Monitor]:
    settings = load_settings({"MONITOR_DATA_DIR": str(tmp_path / "var"), "MONITOR_DATABASE_URL": archive_url})[0]
    opened = open_monitor(settings, now=lambda: NOW + timedelta(days=1))
    fill(opened)
    yield opened
    opened.archive.close()


def test_a_claim_learns_from_what_is_said_of_its_hits(monitor: Monitor) -> None:
    before = {one.identifier: one for one in claim_standings(monitor)}["raids/sewing"]
    assert (before.hits, before.precision, before.tuning.intercept) == (3, None, 0.0)
    for hit_id, verdict in ((1, "not-relevant"), (2, "not-relevant"), (3, "relevant")):
        assert judge_hit(monitor, hit_id, verdict, by="Anna")[1]
    after = {one.identifier: one for one in claim_standings(monitor)}["raids/sewing"]
    assert (after.relevant, after.not_relevant, after.fitted_on) == (1, 2, 3)
    assert after.precision is not None
    assert 0 < after.precision.low < after.precision.value < after.precision.high < 1
    assert after.tuning.intercept < 0
    assert {one.identifier: one for one in claim_standings(monitor)}["raids/harbour"].fitted_on == 0


def test_the_same_word_twice_changes_nothing_and_undo_takes_it_back(monitor: Monitor) -> None:
    assert judge_hit(monitor, 1, "relevant")[1]
    learnt = claim_standings(monitor)
    assert not judge_hit(monitor, 1, "relevant")[1]
    assert claim_standings(monitor) == learnt
    hit, is_new = judge_hit(monitor, 1, "undo")
    assert is_new
    assert (len(hit.judgements), judgements_in_words(hit)) == (2, ())
    assert {one.fitted_on for one in claim_standings(monitor)} == {0}


def test_a_judgement_shows_with_who_and_why_and_holds_the_score_then(monitor: Monitor) -> None:
    hit, _ = judge_hit(monitor, 1, "not-relevant", by="Anna\x1b[2J", note="a play,\nnot a raid")
    assert judgements_in_words(hit) == ("judged not relevant by Anna[2J, 2026-11-23: a play, not a raid",)
    assert hit.judgements[0].score == find_hit(monitor, 1).line.score


@pytest.mark.parametrize(("hit_id", "verdict"), [(99, "relevant"), (2**70, "relevant"), (1, "yes"), (1, "")])
def test_a_judgement_that_makes_no_sense_is_refused(monitor: Monitor, hit_id: int, verdict: str) -> None:
    with pytest.raises(UsageError):
        judge_hit(monitor, hit_id, verdict)


def test_thresholds_are_set_shown_and_taken_back(monitor: Monitor) -> None:
    tuned = tune_claim(monitor, "sewing", digest_from=0.6)
    assert (tuned.tuning.digest_from, tuned.is_set) == (0.6, ("digest_from",))
    assert untune_claim(monitor, "raids/sewing").is_set == ()


@pytest.mark.parametrize(
    ("digest_from", "alert_from"), [(1.5, None), (None, -0.1), (float("nan"), None), (0.9, 0.8), (None, None)]
)
def test_thresholds_that_make_no_sense_are_refused(
    monitor: Monitor, digest_from: float | None, alert_from: float | None
) -> None:
    with pytest.raises(UsageError):
        tune_claim(monitor, "sewing", digest_from=digest_from, alert_from=alert_from)


def test_a_claim_that_is_unknown_is_refused_with_what_shows_the_known_ones(monitor: Monitor) -> None:
    with pytest.raises(UsageError, match="watchlists list"):
        find_claim(monitor, "nobody/said")


def test_the_next_article_is_scored_with_what_the_claim_has_learnt(monitor: Monitor) -> None:
    before = watch(live_watchlists(monitor.archive))
    article = MatchInput("A raid", "After the raid they learnt to sew.", "en")
    for hit_id in (1, 2, 3):
        judge_hit(monitor, hit_id, "not-relevant")
    after = watch(live_watchlists(monitor.archive), before).tuned(live_tunings(monitor.archive))
    (was,), (will,) = before.assess(article), after.assess(article)
    assert after.scorer.matcher is before.scorer.matcher
    assert will.score < was.score
    assert will.why.tuning.intercept == claim_standings(monitor)[0].tuning.intercept
