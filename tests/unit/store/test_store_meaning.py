"""What waits to be compared is not lost, what was compared is kept once, and vectors come back as they were made."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from monitor.model.archiving import ReadArticle
from monitor.model.matching import BY_HAND, Assessment, Passage, Why
from monitor.store.archive import record_article
from monitor.store.background import latest_model, load_background, mark_background
from monitor.store.engine import Archive
from monitor.store.entries import claim_entries
from monitor.store.hits import list_hits
from monitor.store.meaning import (
    MAX_TRIES,
    MadeOf,
    count_pending_meanings,
    drop_old_vectors,
    load_vectors,
    pending_meanings,
    put_off_meaning,
    record_meaning,
    settle_on_terms,
    store_vectors,
)
from monitor.store.schema import AssessmentRow
from tests.unit.store.archives import NOW, a_claim, a_read, add_source, an_entry, apply, claims_of, new_archive, poll


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = new_archive(tmp_path)
    apply(archive, a_claim())
    return archive


def read_one(archive: Archive, *, is_hit: bool = True, why: Why | None = None) -> ReadArticle:
    poll(archive, add_source(archive), an_entry(1))
    (entry,) = claim_entries(archive, NOW)
    read = replace(a_read(entry.id, 1, is_hit=is_hit), awaits_meaning="candidate")
    if why is not None:
        read = replace(read, assessments=tuple(replace(one, why=why) for one in read.assessments))
    record_article(archive, read, claims_of(archive))  # type: ignore[arg-type]
    return read


def compared(archive: Archive, score: float = 0.9) -> Assessment:
    (key,) = claims_of(archive)
    passages = (Passage("They were locked in.", 0, 20),)
    return Assessment(key, score, is_hit=True, passages=passages, why=Why(meaning="compared", percentile=99.0))


def test_what_was_read_waits_and_is_completed_once(archive: Archive) -> None:
    read_one(archive)
    (pending,) = pending_meanings(archive, 5)
    assert count_pending_meanings(archive) == 1
    assert (pending.title, pending.text) == ("Title 1", "They were locked in.")
    assert record_meaning(archive, pending, [compared(archive)], claims_of(archive), NOW) == []  # type: ignore[arg-type]
    (hit,) = list_hits(archive)
    assert (hit.line.score, hit.why.meaning, hit.why.percentile) == (0.9, "compared", 99.0)
    assert pending_meanings(archive, 5) == []
    with archive.reading() as connection:
        assert len(connection.execute(select(AssessmentRow.id)).all()) == 1


def test_a_pass_that_is_killed_before_it_records_leaves_everything_to_the_next(archive: Archive) -> None:
    read_one(archive)
    before = pending_meanings(archive, 5)
    assert pending_meanings(archive, 5) == before
    for _ in range(2):  # the second is the same pass once more, killed after it had written
        record_meaning(archive, before[0], [compared(archive)], claims_of(archive), NOW)  # type: ignore[arg-type]
    assert len(list_hits(archive)) == 1


def test_a_hit_whose_claim_no_longer_holds_does_not_wait_for_ever(archive: Archive) -> None:
    read_one(archive, why=Why(meaning="pending"))
    (pending,) = pending_meanings(archive, 5)
    record_meaning(archive, pending, [], claims_of(archive), NOW)  # type: ignore[arg-type]
    (hit,) = list_hits(archive)
    assert hit.why.meaning == "none"


def test_what_meaning_alone_finds_becomes_a_hit(archive: Archive) -> None:
    read_one(archive, is_hit=False)
    assert list_hits(archive) == []
    (pending,) = pending_meanings(archive, 5)
    (hit_id,) = record_meaning(archive, pending, [compared(archive)], claims_of(archive), NOW)  # type: ignore[arg-type]
    (hit,) = list_hits(archive)
    assert hit.line.hit_id == hit_id
    assert hit.line.arrival == "news"


def test_what_an_operator_set_by_hand_stays(archive: Archive) -> None:
    read_one(archive, why=Why(matcher=BY_HAND))
    (pending,) = pending_meanings(archive, 5)
    record_meaning(archive, pending, [compared(archive, 0.1)], claims_of(archive), NOW)  # type: ignore[arg-type]
    assert list_hits(archive)[0].why.matcher == BY_HAND


def test_what_fails_again_and_again_is_given_up_and_its_hit_stays_and_waits_no_more(archive: Archive) -> None:
    read_one(archive, why=Why(meaning="pending"))
    (pending,) = pending_meanings(archive, 5)
    for _ in range(MAX_TRIES):
        assert pending_meanings(archive, 5)
        put_off_meaning(archive, pending.revision_id)
    assert pending_meanings(archive, 5) == []
    (hit,) = list_hits(archive)
    assert hit.why.meaning == "none"


def test_vectors_come_back_by_model_kind_and_text(archive: Archive) -> None:
    vectors = {"a" * 64: np.array([0.6, 0.8], np.float32), "b" * 64: np.array([1.0, 0.0], np.float32)}
    made_of = MadeOf("model-1", "passage", "km", frozenset({"b" * 64}))
    for _ in range(2):
        store_vectors(archive, made_of, vectors, NOW)
    found = load_vectors(archive, "model-1", "passage", ["a" * 64, "b" * 64, "c" * 64])
    assert sorted(found) == ["a" * 64, "b" * 64]
    assert np.allclose(found["a" * 64], [0.6, 0.8], atol=1e-3)
    assert load_vectors(archive, "model-2", "passage", ["a" * 64]) == {}
    assert load_vectors(archive, "model-1", "query", ["a" * 64]) == {}
    background = load_background(archive, "model-1", "km", 10)
    assert background is not None
    assert np.allclose(background, [[1.0, 0.0]])
    assert load_background(archive, "model-1", "en", 10) is None
    assert latest_model(archive) == "model-1"


def test_a_text_can_be_taken_into_a_background_after_it_was_encoded(archive: Archive) -> None:
    assert latest_model(archive) is None
    for kind in ("passage", "query"):
        store_vectors(archive, MadeOf("model-1", kind), {"a" * 64: np.array([1.0], np.float32)}, NOW)
    assert load_background(archive, "model-1", None, 10) is None
    mark_background(archive, "model-1", "th", ["a" * 64])
    for kind in ("passage", "query"):
        for language in ("th", None):
            found = load_background(archive, "model-1", language, 10, kind)  # type: ignore[arg-type]
            assert found is not None
            assert len(found) == 1


def test_without_an_encoder_what_waits_is_settled_as_its_terms_judged_it(archive: Archive) -> None:
    read_one(archive, why=Why(meaning="pending"))
    assert settle_on_terms(archive) == 1
    assert settle_on_terms(archive) == 0
    (hit,) = list_hits(archive)
    assert hit.why.meaning == "none"


def test_old_passages_are_dropped_and_claims_stay(archive: Archive) -> None:
    one = {"a" * 64: np.array([1.0], np.float32)}
    store_vectors(archive, MadeOf("model-1", "passage"), one, NOW - timedelta(days=200))
    store_vectors(archive, MadeOf("model-1", "query"), one, NOW - timedelta(days=200))
    assert drop_old_vectors(archive, NOW - timedelta(days=180)) == 1
    assert load_vectors(archive, "model-1", "query", ["a" * 64])
