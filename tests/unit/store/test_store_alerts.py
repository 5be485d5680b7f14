"""What a subscription is told at once, and what the digest says of it afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy import text

from monitor.model.archiving import LiveClaim, StoredHit
from monitor.model.articles import Arrival
from monitor.model.digesting import Digest
from monitor.model.judging import Judgement, Verdict
from monitor.model.mailing import AlertSlot, Delivery, MadeAlert, Outcome, SubscriptionSpec
from monitor.store.archive import record_article
from monitor.store.digests import last_digest, preview_digest, waiting_hits, write_alert, write_digest
from monitor.store.engine import Archive
from monitor.store.entries import claim_entries
from monitor.store.judgements import record_judgement
from monitor.store.outbox import claim_mail, list_mail, settle_mail
from monitor.store.subscriptions import add_subscription, list_subscriptions
from monitor.store.watchlists import live_watchlists
from tests.unit.store.archives import NOW, a_read, add_source, an_entry, apply, claims_of, poll
from tests.unit.store.test_store_digests import Composer

TODAY = NOW.date()
A_DAY = timedelta(days=1)


@pytest.fixture
def archive(archive: Archive) -> Archive:
    apply(archive)
    add_subscription(archive, SubscriptionSpec("desk", "mail", "07:00", "UTC", "desk@paper.example"), NOW)
    return archive


def bring_hit(archive: Archive, number: int, *, score: float = 0.9, arrival: Arrival = "news") -> None:
    source = add_source(archive)
    poll(archive, source, an_entry(number))
    claims = cast("Mapping[str, LiveClaim]", claims_of(archive))
    for entry in claim_entries(archive, NOW):
        read = a_read(entry.id, number)
        assessed = tuple(replace(one, score=score) for one in read.assessments)
        record_article(archive, replace(read, arrival=arrival, assessments=assessed), claims)


def reader(archive: Archive) -> SubscriptionSpec:
    return list_subscriptions(archive)[0]


def lines(archive: Archive, line: float = 0.8) -> dict[int, float]:
    return {claim.claim_id: line for live in live_watchlists(archive) for claim in live.claims}


def choose(made: Sequence[MadeAlert]) -> AlertSlot | None:
    return AlertSlot(TODAY, 1 + len(made), NOW - A_DAY, is_last=False)


def compose(hits: list[StoredHit], slot: AlertSlot) -> Digest:
    return Digest("s", b"bytes", "", "", tuple(hit.line.hit_id for hit in hits))


def alert(archive: Archive, **changes: object) -> bool:
    spec = replace(reader(archive), **changes)  # type: ignore[arg-type]
    return write_alert(archive, spec, NOW, lines(archive), choose, compose)


def judge(archive: Archive, article_id: int, verdict: Verdict) -> None:
    judgement = Judgement("list/locked", article_id, verdict, "anna", NOW)
    claims = cast("Mapping[str, LiveClaim]", claims_of(archive))
    assert record_judgement(archive, claims["list/locked"].claim_id, judgement, lambda _judged: (0.0, 0))


def send_all(archive: Archive) -> None:
    deliveries: list[Delivery] = ["mail"]
    while mail := claim_mail(archive, NOW, deliveries, resends_unknown=True):
        assert settle_mail(archive, mail, Outcome("sent"), NOW)


def test_a_hit_that_reaches_the_line_is_alerted_once(archive: Archive) -> None:
    bring_hit(archive, 1)
    bring_hit(archive, 2, score=0.79)
    assert alert(archive)
    assert not alert(archive)
    (mail,) = list_mail(archive)
    assert (mail.name, mail.alert, mail.hits) == (f"desk-{TODAY}-alert-1", 1, 1)


@pytest.mark.parametrize("arrival", ["backlog", "older", "archive", "by_hand"])
def test_what_is_no_news_is_never_alerted(archive: Archive, arrival: Arrival) -> None:
    bring_hit(archive, 1, arrival=arrival)
    assert not alert(archive)


def test_a_claim_that_asks_for_none_gets_none(archive: Archive) -> None:
    bring_hit(archive, 1)
    assert not write_alert(archive, reader(archive), NOW, {}, choose, compose)


def test_what_was_judged_not_relevant_before_its_alert_is_never_alerted(archive: Archive) -> None:
    bring_hit(archive, 1)
    bring_hit(archive, 2)
    judge(archive, 1, "not_relevant")
    waiting = waiting_hits(archive, reader(archive), lines(archive), NOW - A_DAY)
    assert [hit.line.hit_id for hit in waiting] == [2]
    judge(archive, 2, "not_relevant")
    assert not alert(archive)
    judge(archive, 2, "undone")
    judge(archive, 1, "relevant")
    assert alert(archive)
    (mail,) = list_mail(archive)
    assert mail.hits == 2


def test_an_invented_article_is_never_alerted(archive: Archive) -> None:
    bring_hit(archive, 1)
    with archive.writing() as connection:
        connection.execute(text("UPDATE articles SET is_sample = true"))
    assert not alert(archive)


def test_what_a_digest_has_told_or_was_seen_too_long_ago_is_not_alerted(archive: Archive) -> None:
    bring_hit(archive, 1)
    assert write_digest(archive, reader(archive), TODAY, NOW, "desk-1", Composer())
    bring_hit(archive, 2)
    assert waiting_hits(archive, reader(archive), lines(archive), NOW + A_DAY) == []
    assert [hit.line.hit_id for hit in waiting_hits(archive, reader(archive), lines(archive), NOW)] == [2]


def test_only_the_watchlists_of_a_subscription_are_alerted_and_only_since_it_tells(archive: Archive) -> None:
    bring_hit(archive, 1)
    assert not alert(archive, watchlists=("other",))
    assert not alert(archive, tells_from=NOW + timedelta(hours=1))
    assert alert(archive, watchlists=("list",))


def test_the_digest_stays_complete_and_says_what_an_alert_that_left_has_told(archive: Archive) -> None:
    bring_hit(archive, 1)
    assert alert(archive)
    bring_hit(archive, 2)

    def told() -> list[tuple[int, bool]]:
        hits: list[StoredHit] = []

        def keep(found: list[StoredHit], *_more: object) -> Digest:
            hits.extend(found)
            return Digest("", b"", "", "")

        preview_digest(archive, reader(archive), NOW, keep)
        return [(hit.line.hit_id, hit.line.alerted_at == NOW) for hit in hits]

    assert told() == [(1, False), (2, False)], "an alert that is still owed has told nobody"
    send_all(archive)
    assert told() == [(1, True), (2, False)]
    assert write_digest(archive, reader(archive), TODAY, NOW, "desk-1", Composer())
    assert told() == []


def test_an_alert_is_no_digest_of_its_date(archive: Archive) -> None:
    bring_hit(archive, 1)
    assert alert(archive)
    assert last_digest(archive, reader(archive).id, NOW) is None
    assert write_digest(archive, reader(archive), TODAY, NOW, "desk-1", Composer())
    assert sorted(mail.alert for mail in list_mail(archive)) == [0, 1]


def test_one_that_is_still_owed_is_known_when_the_next_is_chosen(archive: Archive) -> None:
    bring_hit(archive, 1)
    assert alert(archive)
    seen: list[MadeAlert] = []

    def look(made: Sequence[MadeAlert]) -> AlertSlot | None:
        seen.extend(made)
        return None

    assert not write_alert(archive, reader(archive), NOW, lines(archive), look, compose)
    send_all(archive)
    assert not write_alert(archive, reader(archive), NOW, lines(archive), look, compose)
    assert [one.is_owed for one in seen] == [True, False]
