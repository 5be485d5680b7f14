"""A worker that was stopped for longer than its lease and goes on: what it writes late does no harm."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import text

from monitor.model.archiving import LiveClaim, Polled, StoredSource
from monitor.model.mailing import Outcome, OwedMail, SubscriptionSpec
from monitor.sources.identity import key_entries
from monitor.store.archive import record_article
from monitor.store.catalogue import LEASE, claim_sources, list_sources
from monitor.store.digests import write_digest
from monitor.store.engine import Archive
from monitor.store.entries import claim_entries
from monitor.store.outbox import claim_mail, list_mail, mark_handed_over, recover_mail, settle_mail
from monitor.store.polls import record_polls
from monitor.store.subscriptions import add_subscription, list_subscriptions
from tests.unit.store.archives import NOW, a_read, add_source, an_entry, apply, claims_of, poll, settled
from tests.unit.store.test_store_digests import Composer

LATER = NOW + 2 * LEASE


def visit(archive: Archive, source: StoredSource, at: datetime, *numbers: int, reason: str = "") -> None:
    outcome = "failed" if reason else "new"
    found = key_entries([an_entry(number) for number in numbers])
    polled = Polled(source, at, outcome, source, found, reason=reason)  # type: ignore[arg-type]
    record_polls(archive, [(polled, settled)])


def count(archive: Archive, table: str) -> int:
    with archive.reading() as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def test_a_late_visit_brings_its_entries_and_leaves_the_source_as_a_later_one_found_it(archive: Archive) -> None:
    add_source(archive)
    (stopped,) = claim_sources(archive, NOW)
    (other,) = claim_sources(archive, LATER)
    visit(archive, other, LATER, 1, 2)
    after = list_sources(archive)[0]
    (in_hand,) = claim_sources(archive, LATER + timedelta(hours=1))
    visit(archive, stopped, NOW, 2, 3, reason="")
    assert list_sources(archive)[0] == after
    assert count(archive, "entries") == 3
    assert claim_sources(archive, LATER + timedelta(hours=1)) == [], "who has it in hand now keeps it"
    visit(archive, in_hand, LATER + timedelta(hours=1), 4)
    assert list_sources(archive)[0].last_polled_at == LATER + timedelta(hours=1)


def test_a_late_failure_doesn_t_make_a_source_ill_that_was_read_since(archive: Archive) -> None:
    add_source(archive)
    (stopped,) = claim_sources(archive, NOW)
    (other,) = claim_sources(archive, LATER)
    visit(archive, other, LATER, 1)
    visit(archive, stopped, NOW, reason="timeout")
    source = list_sources(archive)[0]
    assert (source.failures, source.last_reason, source.last_good_at) == (0, "", LATER)


def test_a_visit_counts_whatever_the_clock_did_meanwhile(archive: Archive) -> None:
    poll(archive, add_source(archive), an_entry(1), at=NOW + timedelta(days=1))
    source = list_sources(archive)[0]
    visit(archive, source, NOW, 2)
    assert list_sources(archive)[0].last_polled_at == NOW


def test_an_article_read_by_two_is_one_with_one_revision_and_one_hit(archive: Archive) -> None:
    apply(archive)
    claims = cast("dict[str, LiveClaim]", claims_of(archive))
    poll(archive, add_source(archive), an_entry(1))
    (stopped,) = claim_entries(archive, NOW)
    (other,) = claim_entries(archive, LATER)
    assert stopped.id == other.id
    assert len(record_article(archive, replace(a_read(other.id, 1), at=LATER), claims)) == 1
    assert record_article(archive, a_read(stopped.id, 1), claims) == []
    assert {
        table: count(archive, table) for table in ("articles", "revisions", "hits", "assessments")
    } == dict.fromkeys(("articles", "revisions", "hits", "assessments"), 1)
    assert claim_entries(archive, LATER) == []


def owed(archive: Archive, at: datetime) -> OwedMail:
    found = claim_mail(archive, at, ["mail"], resends_unknown=True)
    assert found
    return found


def test_a_mail_whose_lease_another_took_is_neither_sent_nor_settled_by_the_first(archive: Archive) -> None:
    add_subscription(archive, SubscriptionSpec("desk", "mail", "07:00", "UTC", "desk@paper.example"), NOW)
    (reader,) = list_subscriptions(archive)
    assert write_digest(archive, reader, NOW.date(), NOW, "desk-1", Composer())
    stopped = owed(archive, NOW)
    assert recover_mail(archive, LATER) == 1
    other = owed(archive, LATER)
    assert not mark_handed_over(archive, stopped)
    assert mark_handed_over(archive, other)
    assert not settle_mail(archive, stopped, Outcome("dead", "mail_refused", "too late"), LATER)
    assert settle_mail(archive, other, Outcome("sent", words="250"), LATER)
    assert [(mail.state, mail.words) for mail in list_mail(archive)] == [("sent", "250")]
