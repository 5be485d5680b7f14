"""Mail that is owed: in one hand at a time, and never without somebody who will see to it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, event

from monitor.model.digesting import Digest
from monitor.model.mailing import MailRecord, Outcome, OwedMail, SubscriptionSpec
from monitor.store.digests import write_digest
from monitor.store.engine import Archive
from monitor.store.outbox import (
    LEASE,
    claim_mail,
    close_mail,
    list_mail,
    mark_handed_over,
    recover_mail,
    requeue_mail,
    settle_mail,
)
from monitor.store.subscriptions import (
    add_subscription,
    change_subscription,
    find_by_ticket,
    list_subscriptions,
    pause_subscription,
    put_subscription,
    remove_subscription,
    resume_subscription,
)
from tests.unit.store.archives import NOW

SPEC = SubscriptionSpec("desk", "mail", "07:00", "UTC", "desk@paper.example")


def subscribe(archive: Archive, *names: str) -> None:
    for name in names:
        add_subscription(archive, replace(SPEC, name=name, address=f"{name}@paper.example"), NOW)


def owe(archive: Archive, day: int = 22) -> None:
    for one in list_subscriptions(archive):
        digest = Digest("subject", f"bytes for {one.name}".encode(), "<p>", "text")
        write_digest(archive, one, date(2026, 11, day), NOW, f"{one.name}-{day}", lambda *_, made=digest: made)


def claim(archive: Archive, later: timedelta = timedelta(0), *, resends_unknown: bool = True) -> OwedMail | None:
    return claim_mail(archive, NOW + later, ("mail", "files"), resends_unknown=resends_unknown)


def taken(archive: Archive) -> OwedMail:
    mail = claim(archive)
    assert mail
    return mail


def only(archive: Archive) -> MailRecord:
    (mail,) = list_mail(archive)
    return mail


@pytest.fixture
def owing(archive: Archive) -> Archive:
    subscribe(archive, "desk")
    owe(archive)
    return archive


def test_a_mail_is_in_one_hand_at_a_time_and_as_it_was_composed(owing: Archive) -> None:
    mail = taken(owing)
    assert (mail.name, mail.address, mail.message) == ("desk-22", "desk@paper.example", b"bytes for desk")
    assert (only(owing).state, only(owing).attempts) == ("sending", 1)
    assert claim(owing) is None


def test_each_mail_is_taken_once_oldest_first(archive: Archive) -> None:
    subscribe(archive, "a", "b", "c")
    owe(archive)
    assert [taken(archive).name for _ in range(3)] == ["a-22", "b-22", "c-22"]
    assert claim(archive) is None


def test_a_mail_that_was_sent_is_done_with_and_the_servers_words_are_kept(owing: Archive) -> None:
    assert settle_mail(owing, taken(owing), Outcome("sent", words="250 queued as 7"), NOW)
    assert (only(owing).state, only(owing).words, only(owing).sent_at) == ("sent", "250 queued as 7", NOW)
    assert claim(owing, timedelta(days=30)) is None


def test_a_mail_that_was_put_off_is_due_at_its_time(owing: Archive) -> None:
    later = Outcome("queued", "mail_put_off", "450 later", NOW + timedelta(hours=1))
    settle_mail(owing, taken(owing), later, NOW)
    assert claim(owing, timedelta(minutes=59)) is None
    assert claim(owing, timedelta(minutes=61)) is not None
    assert only(owing).attempts == 2


def test_where_the_server_is_down_every_mail_for_it_waits_and_no_attempt_is_used_up(archive: Archive) -> None:
    subscribe(archive, "a", "b")
    put_subscription(archive, replace(SPEC, name="local", delivery="files", address=""), NOW)
    owe(archive)
    down = Outcome("queued", "mail_server_down", "refused", NOW + timedelta(minutes=4), False, True)
    settle_mail(archive, taken(archive), down, NOW)
    assert taken(archive).delivery == "files"
    assert claim(archive) is None
    assert {mail.attempts for mail in list_mail(archive) if mail.delivery == "mail"} == {0}
    assert claim(archive, timedelta(minutes=4)) is not None


@pytest.mark.parametrize(
    ("prepare", "state", "doubts"),
    [(lambda _archive, _mail: None, "queued", 0), (mark_handed_over, "unknown", 1)],
    ids=["before its text went out it is owed as before", "after that nobody knows"],
)
def test_a_mail_whose_sender_is_no_more(
    owing: Archive, prepare: Callable[[Archive, OwedMail], object], state: str, doubts: int
) -> None:
    prepare(owing, taken(owing))
    assert recover_mail(owing, NOW + LEASE - timedelta(seconds=1)) == 0
    assert recover_mail(owing, NOW + LEASE) == 1
    assert (only(owing).state, only(owing).doubts) == (state, doubts)
    assert claim(owing, LEASE) is not None


def test_one_that_is_alone_waits_for_no_lease(owing: Archive) -> None:
    mark_handed_over(owing, taken(owing))
    assert recover_mail(owing, NOW, is_alone=True) == 1
    assert only(owing).state == "unknown"


def test_a_lease_that_a_wrong_clock_made_holds_nothing_back(owing: Archive) -> None:
    claim(owing, timedelta(days=4000))
    assert recover_mail(owing, NOW) == 1


def test_files_that_were_perhaps_written_are_written_again_without_doubt(archive: Archive) -> None:
    put_subscription(archive, replace(SPEC, name="local", delivery="files", address=""), NOW)
    owe(archive)
    mark_handed_over(archive, taken(archive))
    recover_mail(archive, NOW, is_alone=True)
    assert (only(archive).state, only(archive).doubts) == ("queued", 0)


def test_an_unknown_mail_is_taken_once_more_and_then_waits(owing: Archive) -> None:
    for doubts in (1, 2):
        mail = claim(owing, timedelta(hours=doubts))
        assert mail
        mark_handed_over(owing, mail)
        settle_mail(owing, mail, Outcome("unknown", "mail_unknown", "no answer", NOW), NOW)
        assert only(owing).doubts == doubts
    assert claim(owing, timedelta(days=1)) is None


def test_an_unknown_mail_waits_at_once_where_it_is_not_to_be_sent_again(owing: Archive) -> None:
    settle_mail(owing, taken(owing), Outcome("unknown", "mail_unknown", "no answer", NOW), NOW)
    assert claim(owing, timedelta(days=1), resends_unknown=False) is None


def test_who_has_lost_the_lease_may_neither_send_nor_say_what_became_of_it(owing: Archive) -> None:
    first = taken(owing)
    recover_mail(owing, NOW + LEASE)
    second = claim(owing, LEASE)
    assert second
    assert not mark_handed_over(owing, first)
    assert not settle_mail(owing, first, Outcome("sent"), NOW)
    assert mark_handed_over(owing, second)
    assert settle_mail(owing, second, Outcome("sent"), NOW)
    assert only(owing).state == "sent"


def test_an_operator_sends_dead_and_unknown_mail_again_or_closes_it(archive: Archive) -> None:
    subscribe(archive, "a", "b", "c")
    owe(archive)
    outcomes = (Outcome("dead", "mail_refused", "550"), Outcome("unknown", "mail_unknown", "?"), Outcome("sent"))
    for mail, outcome in [(taken(archive), outcome) for outcome in outcomes]:
        settle_mail(archive, mail, outcome, NOW)
    ids = [mail.id for mail in list_mail(archive)]
    assert requeue_mail(archive, ids, NOW) == 2
    assert taken(archive).attempts == 1
    assert close_mail(archive, ids) == 1
    assert sorted(mail.state for mail in list_mail(archive)) == ["sending", "sent", "settled"]


def test_a_paused_subscription_keeps_its_mail_waiting_and_a_removed_one_leaves_nothing(owing: Archive) -> None:
    (desk,) = list_subscriptions(owing)
    assert pause_subscription(owing, desk.id, "reader", NOW)
    assert not pause_subscription(owing, desk.id, "operator", NOW)
    assert list_subscriptions(owing)[0].paused_by == "reader"
    assert claim(owing) is None
    assert resume_subscription(owing, desk.id)
    assert claim(owing) is not None
    remove_subscription(owing, desk.id)
    assert (list_subscriptions(owing), list_mail(owing)) == ([], [])


def test_a_mail_goes_to_the_address_as_it_is_when_it_goes(owing: Archive) -> None:
    (desk,) = list_subscriptions(owing)
    change_subscription(owing, replace(desk, address="right@paper.example"))
    assert taken(owing).address == "right@paper.example"


def test_each_subscription_is_found_by_a_ticket_of_its_own(archive: Archive) -> None:
    subscribe(archive, "a", "b")
    assert not add_subscription(archive, replace(SPEC, name="a"), NOW)
    first, second = list_subscriptions(archive)
    assert first.ticket != second.ticket
    assert find_by_ticket(archive, second.ticket) == second
    assert find_by_ticket(archive, "") is None


def test_what_the_outbox_says_survives_a_loss_of_power_however_the_server_is_set(owing: Archive) -> None:
    seen: list[object] = []
    ask = "PRAGMA synchronous" if owing.is_sqlite else "SHOW synchronous_commit"

    def look(connection: Connection) -> None:
        seen.append(connection.exec_driver_sql(ask).scalar())

    event.listen(owing.engine, "commit", look)
    mail = taken(owing)
    mark_handed_over(owing, mail)
    settle_mail(owing, mail, Outcome("sent"), NOW)
    event.remove(owing.engine, "commit", look)
    assert [value for value in seen if value not in (2, "on")] == []  # 2: FULL
    assert len(seen) >= 3
