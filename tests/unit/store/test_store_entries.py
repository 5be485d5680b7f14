"""Entries in the archive: who has them in hand, what they carry, and what an operator captured."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.model.archiving import DeferredEntry, KeyedEntry, SourceSpec
from monitor.store.archive import record_article
from monitor.store.catalogue import add_sources, list_sources
from monitor.store.engine import Archive
from monitor.store.entries import (
    LEASE,
    add_by_hand,
    claim_entries,
    count_pending,
    outcome_of,
    record_deferred,
    release_entries,
)
from tests.unit.store.archives import NOW, a_read, add_source, an_entry, as_lead, poll

CARRIED = replace(an_entry(1), text="The whole\ntext.", outlet="Gazette", author="A clerk", language="en", is_lead=True)
BY_HAND = KeyedEntry(replace(an_entry(1), guid=""), "key", "paper.example/1")


def test_an_entry_comes_back_with_all_that_its_listing_said(archive: Archive) -> None:
    entry = replace(CARRIED, published_at=datetime(2026, 11, 20, tzinfo=UTC))
    poll(archive, add_source(archive), entry)
    (pending,) = claim_entries(archive, NOW)
    assert pending.entry == entry
    assert (pending.is_backlog, pending.first_seen_at, pending.attempts) == (True, NOW, 0)


def test_what_a_source_lists_after_its_first_good_visit_is_no_backlog(archive: Archive) -> None:
    poll(archive, add_source(archive), an_entry(1))
    poll(archive, list_sources(archive)[0], an_entry(1), an_entry(2), at=NOW + timedelta(hours=1))
    claimed = claim_entries(archive, NOW + timedelta(hours=1))
    assert {pending.entry.title: pending.is_backlog for pending in claimed} == {"Title 1": True, "Title 2": False}


def test_an_entry_in_hand_is_given_to_nobody_else_until_its_lease_runs_out(archive: Archive) -> None:
    poll(archive, add_source(archive), an_entry(1))
    assert len(claim_entries(archive, NOW)) == 1
    assert claim_entries(archive, NOW) == []
    assert len(claim_entries(archive, NOW + LEASE)) == 1
    release_entries(archive, [1])
    assert len(claim_entries(archive, NOW)) == 1


def test_one_article_that_two_sources_list_is_read_for_one_and_settled_for_both(archive: Archive) -> None:
    poll(archive, add_source(archive, "https://a.example/"), an_entry(1))
    poll(archive, add_source(archive, "https://b.example/"), an_entry(1))
    (pending,) = claim_entries(archive, NOW)
    record_article(archive, a_read(pending.id, 1, is_hit=False), {"list/locked": object()})  # type: ignore[dict-item]
    assert claim_entries(archive, NOW) == []
    assert count_pending(archive, NOW) == 0
    assert {outcome_of(archive, entry_id)[:3] for entry_id in (1, 2)} == {("read", "", 1)}


@pytest.mark.parametrize(("text", "is_read_anew"), [("", False), ("The whole text.", True)])
def test_a_lead_is_read_anew_only_for_an_entry_that_carries_the_text(
    archive: Archive, text: str, is_read_anew: bool
) -> None:
    poll(archive, add_source(archive, "https://a.example/"), an_entry(1))
    (pending,) = claim_entries(archive, NOW)
    lead = replace(as_lead(a_read(pending.id, 1)), assessments=())
    record_article(archive, lead, {})
    assert outcome_of(archive, pending.id)[:3] == ("lead", "empty", 1)
    poll(archive, list_sources(archive)[0], replace(an_entry(1, guid="again"), text=text))
    assert bool(claim_entries(archive, NOW)) is is_read_anew


def test_a_watched_pages_new_text_is_read_although_the_archive_has_the_article(archive: Archive) -> None:
    add_sources(archive, [SourceSpec("https://paper.example/1", "Watched", kind="watch")], NOW)
    source = list_sources(archive)[0]
    for guid in ("one", "two"):
        poll(archive, source, an_entry(1, guid=guid))
        (pending,) = claim_entries(archive, NOW)
        record_article(archive, replace(a_read(pending.id, 1, text=guid), assessments=()), {})
    with archive.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM revisions").scalar() == 2


def test_entries_that_wait_for_one_article_wait_together(archive: Archive) -> None:
    poll(archive, add_source(archive, "https://a.example/"), an_entry(1))
    poll(archive, add_source(archive, "https://b.example/"), an_entry(1))
    (pending,) = claim_entries(archive, NOW)
    later = NOW + timedelta(hours=1)
    record_deferred(archive, DeferredEntry(pending.id, "pending", "timeout", later))
    assert claim_entries(archive, NOW) == []
    assert [one.attempts for one in claim_entries(archive, later)] == [1]


def test_what_is_captured_by_hand_is_in_our_hands_and_captured_again_is_read_anew(archive: Archive) -> None:
    pending = add_by_hand(archive, BY_HAND, NOW)
    assert claim_entries(archive, NOW) == []
    record_article(archive, replace(a_read(pending.id, 1), assessments=()), {})
    assert outcome_of(archive, pending.id)[:3] == ("read", "", 1)
    again = add_by_hand(archive, BY_HAND, NOW + timedelta(days=1))
    assert (again.id, again.attempts) == (pending.id, 0)
    assert outcome_of(archive, pending.id)[0] == "pending"


def test_the_place_of_what_is_captured_by_hand_names_no_outlet_and_is_no_source(archive: Archive) -> None:
    pending = add_by_hand(archive, BY_HAND, NOW)
    release_entries(archive, [pending.id])
    assert [one.source.title for one in (pending, *claim_entries(archive, NOW))] == ["", ""]
    assert list_sources(archive) == []
