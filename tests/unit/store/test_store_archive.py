"""What is kept of articles, and that a repeat is harmless."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import cast

from sqlalchemy import func, select

from monitor.model.archiving import DeferredEntry, LiveClaim
from monitor.store.archive import record_article
from monitor.store.articles import count_articles, find_article, list_articles
from monitor.store.catalogue import claim_sources, list_sources, release_leases, remove_source
from monitor.store.engine import Archive
from monitor.store.entries import claim_entries, record_deferred
from monitor.store.hits import list_hits
from monitor.store.polls import record_polls
from monitor.store.schema import AssessmentRow, EntryRow, Hit, Revision
from tests.unit.store.archives import (
    FEED,
    NOW,
    a_read,
    add_source,
    an_entry,
    apply,
    as_lead,
    claims_of,
    poll,
    settled,
)


def live(archive: Archive) -> Mapping[str, LiveClaim]:
    return cast("Mapping[str, LiveClaim]", claims_of(archive))


def count(archive: Archive, table: type) -> int:
    with archive.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def test_polling_the_same_feed_twice_adds_nothing(archive: Archive) -> None:
    source = add_source(archive)
    assert poll(archive, source, an_entry(1), an_entry(2)).new == 2
    again = poll(archive, source, an_entry(1), an_entry(2))
    assert (again.new, again.outcome) == (0, "unchanged")
    assert count(archive, EntryRow) == 2


def test_an_entry_keeps_its_identity_when_only_its_title_changes(archive: Archive) -> None:
    source = add_source(archive)
    poll(archive, source, an_entry(1, url="https://paper.example/same"))
    assert poll(archive, source, an_entry(2, url="https://paper.example/same")).new == 0


def test_entries_that_share_one_guid_are_kept_apart_by_their_address(archive: Archive) -> None:
    assert poll(archive, add_source(archive), *(an_entry(n, guid="same") for n in range(20))).new == 20


def test_a_source_in_hand_is_not_given_to_a_second_worker_until_the_lease_ends(archive: Archive) -> None:
    add_source(archive)
    assert len(claim_sources(archive, NOW)) == 1
    assert claim_sources(archive, NOW) == []
    assert len(claim_sources(archive, NOW + timedelta(minutes=11))) == 1


def test_leases_of_a_killed_run_are_freed_by_the_next_one(archive: Archive) -> None:
    poll(archive, add_source(archive), an_entry(1))
    claim_sources(archive, NOW, all_enabled=True)
    assert len(claim_entries(archive, NOW)) == 1
    assert claim_entries(archive, NOW) == []
    release_leases(archive)
    assert len(claim_sources(archive, NOW, all_enabled=True)) == len(claim_entries(archive, NOW)) == 1


def test_a_failed_visit_counts_and_a_good_one_clears_it(archive: Archive) -> None:
    source = add_source(archive)
    good = poll(archive, source)
    failed = replace(good, source=good.after, outcome="failed", reason="timeout", detail="too slow", entries=())
    record_polls(archive, [(failed, settled)])
    after = list_sources(archive)[0]
    assert (after.failures, after.last_reason, after.last_good_at) == (1, "timeout", NOW)
    poll(archive, after)
    assert (list_sources(archive)[0].failures, list_sources(archive)[0].last_reason) == (0, "")


def test_an_article_with_its_hit_passages_and_reason_comes_back_as_it_went_in(archive: Archive) -> None:
    apply(archive)
    poll(archive, add_source(archive), an_entry(1))
    entry = claim_entries(archive, NOW)[0]
    read = a_read(entry.id, 1)
    assert len(record_article(archive, read, live(archive))) == 1
    hit = list_hits(archive)[0]
    assert (hit.claim, hit.said_by, hit.line.headline) == ("Women are locked in.", "A reporter", "Title 1")
    assert hit.line.passages == read.assessments[0].passages
    article = find_article(archive, hit.article_id)
    assert article
    assert article.text == "They were locked in."


def test_recording_the_same_article_again_makes_no_second_hit_revision_or_assessment(archive: Archive) -> None:
    apply(archive)
    poll(archive, add_source(archive), an_entry(1))
    read = a_read(claim_entries(archive, NOW)[0].id, 1)
    record_article(archive, read, live(archive))
    assert record_article(archive, read, live(archive)) == []
    assert [count(archive, table) for table in (Hit, Revision, AssessmentRow)] == [1, 1, 1]


def test_a_text_that_changes_and_changes_back_makes_three_revisions_and_one_hit(archive: Archive) -> None:
    apply(archive)
    poll(archive, add_source(archive), an_entry(1))
    entry_id = claim_entries(archive, NOW)[0].id
    for text in ("They were locked in.", "They were not locked in.", "They were locked in."):
        record_article(archive, a_read(entry_id, 1, text=text), live(archive))
    assert (count(archive, Revision), count(archive, Hit)) == (3, 1)


def test_a_lead_never_follows_a_text_that_we_have(archive: Archive) -> None:
    apply(archive)
    poll(archive, add_source(archive), an_entry(1))
    read = a_read(claim_entries(archive, NOW)[0].id, 1)
    record_article(archive, read, live(archive))
    record_article(archive, as_lead(read), live(archive))
    assert list_articles(archive)[0].extraction == "text"


def test_one_story_in_three_feeds_is_read_once(archive: Archive) -> None:
    apply(archive)
    for number in range(3):
        source = add_source(archive, f"https://paper.example/feed-{number}.xml")
        poll(archive, source, an_entry(1))
    taken = claim_entries(archive, NOW)
    assert len(taken) == 1
    record_article(archive, a_read(taken[0].id, 1), live(archive))
    assert claim_entries(archive, NOW) == []
    assert (count_articles(archive), count(archive, EntryRow)) == (1, 3)


def test_an_article_put_off_waits_in_every_feed_that_names_it(archive: Archive) -> None:
    for number in range(2):
        poll(archive, add_source(archive, f"https://paper.example/feed-{number}.xml"), an_entry(1))
    entry = claim_entries(archive, NOW)[0]
    later = NOW + timedelta(hours=1)
    record_deferred(archive, DeferredEntry(entry.id, "pending", "timeout", later))
    assert claim_entries(archive, NOW) == []
    assert len(claim_entries(archive, later)) == 1


def test_what_a_database_refuses_in_text_is_dropped_before_it_gets_there(archive: Archive) -> None:
    entry = replace(an_entry(1), title="NUL \0 and half a pair \ud83d", summary="\0")
    assert poll(archive, add_source(archive), entry).new == 1


def test_a_removed_source_leaves_its_articles(archive: Archive) -> None:
    apply(archive)
    source = add_source(archive)
    poll(archive, source, an_entry(1))
    record_article(archive, a_read(claim_entries(archive, NOW)[0].id, 1), live(archive))
    remove_source(archive, source.id)
    assert list_sources(archive) == []
    assert (count_articles(archive), len(list_hits(archive)), count(archive, EntryRow)) == (1, 1, 0)


def test_adding_a_source_again_changes_nothing(archive: Archive) -> None:
    first = add_source(archive)
    assert add_source(archive, FEED) == first


def test_nothing_is_kept_of_a_source_that_was_removed_while_it_was_visited(archive: Archive) -> None:
    apply(archive)
    source = add_source(archive)
    poll(archive, source, an_entry(1))
    entry = claim_entries(archive, NOW)[0]
    remove_source(archive, source.id)
    poll(archive, source, an_entry(2))
    assert record_article(archive, a_read(entry.id, 1), live(archive)) == []
    assert (count(archive, EntryRow), count_articles(archive)) == (0, 0)


def test_sources_take_turns_so_that_one_that_floods_keeps_no_other_waiting(archive: Archive) -> None:
    flood = add_source(archive, "https://flood.example/feed.xml")
    quiet = add_source(archive, "https://quiet.example/feed.xml")
    poll(archive, flood, *(an_entry(number, url=f"https://flood.example/{number}") for number in range(50)))
    poll(archive, quiet, an_entry(1, url="https://quiet.example/1"))
    taken = claim_entries(archive, NOW, limit=4)
    assert "https://quiet.example/1" in [pending.entry.url for pending in taken]
    assert len(taken) == 4
