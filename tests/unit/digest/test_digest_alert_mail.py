"""An alert as its reader gets it, and what a digest says of a hit that one has told."""

from datetime import UTC, datetime

from monitor.digest.compose import compose_digest
from monitor.model.digesting import ClaimSection, Coverage, DigestInput
from monitor.model.mailing import Stopping
from tests.unit.digest.samples import a_claim, a_hit, an_input
from tests.unit.digest.test_digest_compose import both


def test_a_hit_says_that_an_alert_told_it_and_that_its_meaning_is_still_to_be_compared() -> None:
    hit = a_hit(1, alerted_at=datetime(2026, 11, 21, 22, 5, tzinfo=UTC), is_meaning_pending=True)
    for words in both(compose_digest(an_input(a_claim(hit)))):
        assert "Told before, in the alert of 22 November 2026, 05:05." in words
        assert "Found by its words; its meaning was not compared yet." in words


def an_alert(*claims: ClaimSection, **changes: object) -> DigestInput:
    changes = {"kind": "alert", "since": None, "coverage": Coverage((), 0, 0)} | changes
    return an_input(*claims, **changes)


def test_an_alert_tells_its_hits_and_nothing_on_coverage() -> None:
    alert = compose_digest(an_alert(a_claim(a_hit(1))))
    when, title = "22 November 2026, 06:00", "(From the raid to the garment floor)"
    assert alert.subject == f"Monitor alert: 1 hit on 1 claim, {when} {title}"
    assert alert.hit_ids == (1,)
    for words in both(alert):
        assert "Women held after raid 1" in words
        assert "Watched claim, as stated by VICE News and Al Jazeera" in words
        assert "the digest tells everything, this too" in words
        assert "last alert" not in words
        assert "No source" not in words
        assert "What was read".casefold() not in words.casefold()


def test_the_last_alert_of_a_day_says_so() -> None:
    for words in both(compose_digest(an_alert(a_claim(a_hit(1)), is_last_alert=True))):
        assert "This is the day’s last alert: what else comes is in the digest." in words


def test_an_alert_sorts_apart_from_digests_and_says_how_to_have_those_alone() -> None:
    stopping = Stopping("monitor@desk.example", "https://desk.example/stop/x")
    changes = {"sender": "m@desk.example", "recipient": "r@paper.example", "rhythm": "every day at 07:00"}
    alert = compose_digest(an_alert(a_claim(a_hit(1)), stopping=stopping, **changes))
    assert b"List-Id: <local.alert.desk.example>\r\n" in alert.message
    assert b"List-Unsubscribe: <https://desk.example/stop/x>, <mailto:" in alert.message
    for words in both(alert):
        assert "beside the digest every day at 07:00" in words
        assert "write “no alerts” to monitor@desk.example" in words.replace('"no alerts"', "“no alerts”")
        assert "Stop alerts and digests" in words or "To stop alerts and digests: https://desk.example/stop/x" in words


def test_no_word_of_an_article_stands_in_an_alerts_headers_and_victims_are_masked() -> None:
    hit = a_hit(1, headline="A girl aged 15 held =?utf-8?q?=0D=0ABcc:_evil=40x?=", outlet="Zeitung Zett")
    alert = compose_digest(an_alert(a_claim(hit)))
    head = alert.message.partition(b"\r\n\r\n")[0]
    assert b"held" not in head
    assert b"Zett" not in head
    assert b"Bcc" not in head
    assert "A girl aged [age] held" in alert.text
