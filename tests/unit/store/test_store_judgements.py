"""Judgements: all are kept, the latest of each person counts, and a claim learns in the same transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy import update

from monitor.model.archiving import LiveClaim
from monitor.model.judging import JudgedArticle, Judgement, Verdict
from monitor.model.mailing import SubscriptionSpec
from monitor.store.archive import record_article
from monitor.store.engine import Archive
from monitor.store.entries import claim_entries
from monitor.store.hits import list_hits
from monitor.store.judgements import (
    StoredTuning,
    claim_tunings,
    judged_articles,
    list_judgements,
    record_judgement,
    record_thresholds,
    settle,
)
from monitor.store.schema import ArticleRow
from monitor.store.untold import untold_hits
from tests.unit.store.archives import NOW, a_claim, a_read, add_source, an_entry, apply, claims_of, poll


@pytest.fixture
def archive(archive: Archive) -> Archive:
    apply(archive)
    poll(archive, add_source(archive), an_entry(1), an_entry(2))
    for number, entry in enumerate(claim_entries(archive, NOW), 1):
        record_article(archive, a_read(entry.id, number), live(archive))
    return archive


def live(archive: Archive) -> Mapping[str, LiveClaim]:
    return cast("Mapping[str, LiveClaim]", claims_of(archive))


def count(judged: Sequence[JudgedArticle]) -> tuple[float, int]:
    return float(sum(1 if one.is_relevant else -1 for one in judged)), len(judged)


def said(verdict: Verdict, *, by: str = "anna", article_id: int = 1, note: str = "", minutes: int = 0) -> Judgement:
    return Judgement("list/locked", article_id, verdict, by, NOW + timedelta(minutes=minutes), note, 0.8, 1.4)


def judge(archive: Archive, judgement: Judgement) -> bool:
    return record_judgement(archive, live(archive)["list/locked"].claim_id, judgement, count)


def verdicts(archive: Archive) -> list[bool]:
    return [one.is_relevant for one in judged_articles(archive, live(archive)["list/locked"].claim_id)]


def test_a_judgement_is_kept_with_who_when_why_and_the_score_then(archive: Archive) -> None:
    judgement = said("relevant", note="an eyewitness")
    assert judge(archive, judgement)
    assert list_judgements(archive, [(1, "list/locked"), (2, "list/locked")]) == {(1, "list/locked"): [judgement]}
    assert [hit.judgements for hit in list_hits(archive)] == [(), (judgement,)]


def test_the_same_word_again_is_no_new_judgement(archive: Archive) -> None:
    assert judge(archive, said("relevant"))
    assert not judge(archive, said("relevant", minutes=5))
    assert judge(archive, said("relevant", note="seen again", minutes=6))
    assert not judge(archive, said("relevant", note="seen again", minutes=7))


def test_the_latest_word_of_each_person_counts_and_all_are_kept(archive: Archive) -> None:
    for judgement in (said("relevant"), said("not_relevant", minutes=1)):
        assert judge(archive, judgement)
    assert verdicts(archive) == [False]
    assert len(list_hits(archive)[1].judgements) == 2


def test_more_say_counts_and_at_a_tie_the_last(archive: Archive) -> None:
    judge(archive, said("relevant", by="anna"))
    judge(archive, said("not_relevant", by="ben", minutes=1))
    assert verdicts(archive) == [False]
    judge(archive, said("relevant", by="chan", minutes=2))
    assert verdicts(archive) == [True]


def test_what_is_undone_counts_no_more_and_can_be_said_again(archive: Archive) -> None:
    assert not judge(archive, said("undone"))
    judge(archive, said("relevant"))
    assert judge(archive, said("undone", minutes=1))
    assert not judge(archive, said("undone", minutes=2))
    assert (verdicts(archive), settle([])) == ([], None)
    assert judge(archive, said("relevant", minutes=3))
    assert verdicts(archive) == [True]


def test_a_claim_learns_with_each_judgement(archive: Archive) -> None:
    judge(archive, said("relevant"))
    judge(archive, said("relevant", article_id=2))
    assert claim_tunings(archive) == {"list/locked": StoredTuning(2.0, 2)}
    judge(archive, said("undone"))
    assert claim_tunings(archive) == {"list/locked": StoredTuning(1.0, 1)}


def test_what_was_judged_outlives_a_new_version_of_the_claim(archive: Archive) -> None:
    judge(archive, said("not_relevant"))
    apply(archive, replace(a_claim(), text="Women are held."), document="two")
    assert verdicts(archive) == [False]
    assert claim_tunings(archive)["list/locked"].fitted_on == 1


def test_thresholds_stand_beside_what_was_learnt(archive: Archive) -> None:
    judge(archive, said("relevant"))
    record_thresholds(archive, live(archive)["list/locked"].claim_id, {"digest_from": 0.7}, NOW)
    judge(archive, said("relevant", article_id=2))
    stored = claim_tunings(archive)["list/locked"]
    assert stored == StoredTuning(2.0, 2, digest_from=0.7)
    assert (stored.tuning.intercept, stored.tuning.digest_from) == (2.0, 0.7)
    assert StoredTuning(digest_from=0.9).tuning.alert_from == 0.9


def test_a_digest_tells_only_what_reaches_the_claims_threshold(archive: Archive) -> None:
    subscription = SubscriptionSpec("local", "files", "07:00", "UTC", id=1)
    claim_id = live(archive)["list/locked"].claim_id
    told = []
    for threshold in (0.8, 0.81, None):
        record_thresholds(archive, claim_id, {"digest_from": threshold}, NOW)
        with archive.reading() as connection:
            told.append(len(untold_hits(connection, subscription)))
    assert told == [2, 0, 2]
    assert len(list_hits(archive)) == 2


def test_a_digest_keeps_back_what_was_judged_not_relevant_until_that_is_taken_back(archive: Archive) -> None:
    def untold() -> list[int]:
        with archive.reading() as connection:
            found = untold_hits(connection, SubscriptionSpec("local", "files", "07:00", "UTC", id=1))
        return sorted(hit.article_id for hit in found)

    judge(archive, said("not_relevant", by="anna"))
    assert untold() == [2]
    judge(archive, said("relevant", by="ben", minutes=1))
    assert untold() == [1, 2], "at a tie the last word counts"
    judge(archive, said("undone", by="ben", minutes=2))
    assert untold() == [2]
    judge(archive, said("undone", by="anna", minutes=3))
    assert untold() == [1, 2]


def test_what_is_said_of_an_invented_article_is_kept_and_teaches_nothing(archive: Archive) -> None:
    with archive.writing() as connection:
        connection.execute(update(ArticleRow).where(ArticleRow.id == 1).values(is_sample=True))
    assert judge(archive, said("relevant"))
    assert (verdicts(archive), claim_tunings(archive)) == ([], {"list/locked": StoredTuning(0.0, 0)})
    assert len(list_hits(archive)[1].judgements) == 1
