"""Digests by a real mail server: nothing lost, nothing twice, whatever the server does."""

import asyncio
import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.model.mailing import DeliveredDigest
from monitor.operations.digests import mails_needing_care, resend, send_by_hand, settle
from monitor.operations.opening import Monitor
from monitor.operations.rounds import make_due_digests
from monitor.operations.subscriptions import change, pause, remove, resume
from monitor.store.sample import has_sample
from tests.loopback.maildesk import bring_hits, mail_monitor, mail_settings, mails_of, parsed, subscribe, text_of
from tests.loopback.newsroom import Clock
from tests.loopback.smtp import ACCEPT_THEN_DROP, DROP, SmtpSink

pytestmark = pytest.mark.enable_socket


class Post:
    """A desk whose digests fall due, and the server they go to."""

    def __init__(self, folder: Path, sink: SmtpSink) -> None:
        self.clock = Clock()
        self.sink = sink
        self.monitor: Monitor = mail_monitor(folder, self.clock, **mail_settings(sink.port))

    async def tick(self, **later: float) -> list[DeliveredDigest]:
        """Move the clock, then do what is due."""
        self.clock.advance(**later)
        return [tried for tried in await make_due_digests(self.monitor) if tried.delivery == "mail"]

    async def until_seven(self) -> list[DeliveredDigest]:
        """Move the clock to the next seven o'clock UTC, then do what is due."""
        now = self.clock.at
        seven = now.replace(hour=7, minute=0, second=0)
        return await self.tick(seconds=((seven if seven > now else seven + timedelta(days=1)) - now).total_seconds())

    def received(self) -> Counter[str]:
        """Count the mails that each address got."""
        return Counter(mail.recipients[0] for mail in self.sink.accepted)

    def states(self) -> Counter[str]:
        """Count the mails of the outbox by state."""
        return Counter(mail.state for mail in mails_of(self.monitor).values() if mail.delivery == "mail")


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    async with SmtpSink() as sink:
        yield Post(tmp_path, sink)


async def test_each_subscriber_has_one_mail_a_day_of_the_bytes_composed_with_every_hit(post: Post) -> None:
    subscribe(post.monitor, 3)
    bring_hits(post.monitor, 1, 2)
    first = await post.until_seven()
    assert [tried.state for tried in first] == ["sent"] * 3
    bring_hits(post.monitor, 3)
    assert await post.tick(hours=5) == []
    await post.until_seven()
    assert post.received() == {f"r{n}@paper.example": 2 for n in range(3)}
    with closing(sqlite3.connect(post.monitor.settings.data_dir / "monitor.db")) as archive:
        composed = [m for (m,) in archive.execute("SELECT message FROM outbox WHERE name LIKE 'r%' ORDER BY id")]
    assert [mail.message for mail in post.sink.accepted] == composed
    told = [re.findall(r"paper\.example/(\d+)", text_of(mail.message)) for mail in post.sink.accepted]
    assert [sorted(numbers) for numbers in told] == [["1", "2"]] * 3 + [["3"]] * 3


async def test_a_mail_says_whom_it_reaches_how_it_ends_and_nothing_of_a_feed_in_its_headers(post: Post) -> None:
    subscribe(post.monitor, 1)
    bring_hits(post.monitor, 1)
    await post.until_seven()
    mail = parsed(post.sink.accepted[0].message)
    assert mail["From"] == "Monitor of the desk <monitor@desk.example>"
    assert mail["To"] == "r0@paper.example"
    assert mail["Subject"].startswith("Monitor: 1 hit on 1 claim, 22 November 2026 (The harbour list)")
    assert mail["List-Id"] == "<r0.digest.desk.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] == "<mailto:monitor@desk.example?subject=unsubscribe%20r0>"
    assert mail["List-Unsubscribe-Post"] is None
    assert re.fullmatch(r"<[0-9a-f]{32}@desk\.example>", mail["Message-ID"])
    assert "Night" not in str(mail.items())
    text = text_of(post.sink.accepted[0].message)
    assert "as stated by The Sample Gazette" in text
    assert "Read the one source" in text
    assert 'Sent to r0@paper.example, every day at 07:00, as the subscription "r0".' in text
    assert 'write "stop" to monitor@desk.example' in text


async def test_no_news_is_mailed_as_no_news(post: Post) -> None:
    subscribe(post.monitor, 1)
    await post.until_seven()
    assert "NOTHING WAS READ" in text_of(post.sink.accepted[0].message)
    bring_hits(post.monitor, 1)
    await post.until_seven()
    await post.until_seven()
    assert "NO NEWS" in text_of(post.sink.accepted[2].message)
    assert parsed(post.sink.accepted[2].message)["Subject"].startswith("Monitor: no hits, 24 November 2026")


async def test_a_server_that_is_down_for_hours_loses_nothing_and_has_all_within_five_minutes(post: Post) -> None:
    subscribe(post.monitor, 5)
    bring_hits(post.monitor, 1)
    await post.sink.stop()
    tried = await post.until_seven()
    assert [(one.state, one.reason) for one in tried] == [("queued", "mail_server_down")]
    for _ in range(20):
        assert len(await post.tick(minutes=4.2)) == 1  # one look at the server, not one for each mail
    await post.sink.start()
    for _ in range(10):
        await post.tick(seconds=30)
    assert post.received() == {f"r{n}@paper.example": 1 for n in range(5)}
    assert post.states() == {"sent": 5}
    assert {mail.attempts for mail in mails_of(post.monitor).values()} == {1}


@pytest.mark.parametrize("verb", ["RCPT", "END"])
async def test_a_mail_that_is_put_off_again_and_again_is_given_up_after_twelve_tries_over_days_and_shown(
    post: Post, verb: str
) -> None:
    subscribe(post.monitor, 1)
    await post.until_seven()
    post.sink.accepted.clear()
    post.sink.script[verb] = ["451 not now"] * 99
    began = post.clock.at
    await post.until_seven()
    tries = 1
    while post.states()["queued"]:
        (waiting,) = (mail for mail in mails_of(post.monitor).values() if mail.state == "queued")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("monitor.operations.rounds.write_due_digests", lambda *_: 0)
            assert await post.tick(seconds=(waiting.next_attempt_at - post.clock.at).total_seconds() - 1) == []
            tries += len(await post.tick(seconds=2))
    (dead,) = mails_needing_care(post.monitor)
    assert (dead.state, dead.attempts, dead.reason) == ("dead", 12, "mail_put_off")
    assert tries == 12
    assert "given up after 12 tries" in dead.words
    assert timedelta(days=3) < post.clock.at - began < timedelta(days=7)
    assert post.sink.accepted == []


@pytest.mark.slow
async def test_a_bad_address_among_two_hundred_is_shown_and_the_others_have_theirs_once(post: Post) -> None:
    subscribe(post.monitor, 200)
    bring_hits(post.monitor, 1)
    post.sink.accepts = lambda address: "550 no such user" if address.startswith("r77@") else ""
    await post.until_seven()
    assert post.received() == {f"r{n}@paper.example": 1 for n in range(200) if n != 77}
    (dead,) = mails_needing_care(post.monitor)
    assert (dead.subscription, dead.state, dead.reason) == ("r77", "dead", "mail_refused")
    assert post.sink.connections == 1


async def test_a_dead_mail_goes_out_with_the_same_bytes_once_its_address_is_mended(post: Post) -> None:
    (spec,) = subscribe(post.monitor, 1)
    bring_hits(post.monitor, 1)
    post.sink.accepts = lambda address: "550 no such user" if address.startswith("r0@") else ""
    await post.until_seven()
    (dead,) = mails_needing_care(post.monitor)
    change(post.monitor, replace(spec, address="right@paper.example"))
    assert resend(post.monitor, [dead.id]) == 1
    await post.tick(seconds=30)
    assert post.received() == {"right@paper.example": 1}
    assert "paper.example/1" in text_of(post.sink.accepted[0].message)
    assert mails_needing_care(post.monitor) == []


@pytest.mark.parametrize("reply", [DROP, ACCEPT_THEN_DROP])
async def test_a_mail_whose_answer_never_came_is_sent_once_more_with_the_same_bytes_and_flagged(
    post: Post, reply: str
) -> None:
    subscribe(post.monitor, 2)
    bring_hits(post.monitor, 1)
    post.sink.script["END"] = [reply]
    tried = await post.until_seven()
    assert [one.state for one in tried] == ["unknown", "sent"]
    assert mails_needing_care(post.monitor) == []
    await post.tick(minutes=6)
    doubled = 2 if reply == ACCEPT_THEN_DROP else 1
    assert post.received() == {"r0@paper.example": doubled, "r1@paper.example": 1}
    to_first = [mail.message for mail in post.sink.accepted if mail.recipients == ("r0@paper.example",)]
    assert len(set(to_first)) == 1
    mail = mails_of(post.monitor)["r0-2026-11-22"]
    assert (mail.state, mail.doubts) == ("sent", 1)


async def test_a_mail_that_is_unknown_a_second_time_waits_for_the_operator(post: Post) -> None:
    subscribe(post.monitor, 1)
    post.sink.script["END"] = [DROP, DROP]
    await post.until_seven()
    await post.tick(minutes=6)
    await post.tick(hours=6)
    (mail,) = mails_needing_care(post.monitor)
    assert (mail.state, mail.doubts) == ("unknown", 2)
    resend(post.monitor, [mail.id])
    await post.tick(seconds=30)
    assert mails_needing_care(post.monitor) == []
    assert post.received() == {"r0@paper.example": 1}


async def test_without_resending_an_unknown_mail_waits_at_once_and_can_be_settled(tmp_path: Path) -> None:
    async with SmtpSink() as sink:
        post = Post(tmp_path, sink)
        post.monitor = mail_monitor(tmp_path, post.clock, MONITOR_RESEND_UNKNOWN="false", **mail_settings(sink.port))
        subscribe(post.monitor, 1)
        sink.script["END"] = [ACCEPT_THEN_DROP]
        await post.until_seven()
        await post.tick(hours=6)
        assert len(sink.accepted) == 1
        (mail,) = mails_needing_care(post.monitor)
        assert settle(post.monitor, [mail.id]) == 1
        assert mails_needing_care(post.monitor) == []


async def test_three_days_down_are_one_mail_with_all_their_hits(post: Post) -> None:
    subscribe(post.monitor, 1)
    await post.until_seven()
    for number in (1, 2, 3):
        post.clock.advance(hours=24)
        bring_hits(post.monitor, number)
    await post.tick(hours=1)
    await post.tick(minutes=1)
    assert post.received() == {"r0@paper.example": 2}
    assert sorted(re.findall(r"paper\.example/(\d)", text_of(post.sink.accepted[1].message))) == ["1", "2", "3"]


async def test_mail_goes_the_same_way_from_either_database(tmp_path: Path, archive_url: str) -> None:
    async with SmtpSink() as sink:
        post = Post(tmp_path, sink)
        settings = {"MONITOR_DATABASE_URL": archive_url} | mail_settings(sink.port)
        post.monitor = mail_monitor(tmp_path, post.clock, **settings)
        subscribe(post.monitor, 3)
        bring_hits(post.monitor, 1)
        sink.script["RCPT"] = ["451 not now"]
        sink.script["END"] = [ACCEPT_THEN_DROP]
        await post.until_seven()
        assert post.states() == {"queued": 1, "unknown": 1, "sent": 1}
        await post.tick(minutes=7)
        assert post.states() == {"sent": 3}
        assert post.received() == {"r0@paper.example": 1, "r1@paper.example": 2, "r2@paper.example": 1}


async def test_a_paused_subscription_gets_nothing_and_all_of_it_when_it_goes_on(post: Post) -> None:
    subscribe(post.monitor, 1)
    pause(post.monitor, ["r0"])
    bring_hits(post.monitor, 1)
    await post.until_seven()
    await post.until_seven()
    assert post.sink.accepted == []
    resume(post.monitor, ["r0"])
    await post.until_seven()
    assert "paper.example/1" in text_of(post.sink.accepted[0].message)
    remove(post.monitor, ["r0"])
    await post.until_seven()
    assert len(post.sink.accepted) == 1


async def test_without_a_server_a_subscription_by_mail_waits_and_nothing_of_it_is_used_up(
    tmp_path: Path, post: Post
) -> None:
    subscribe(post.monitor, 1)
    bring_hits(post.monitor, 1)
    with_server, post.monitor = post.monitor, mail_monitor(tmp_path, post.clock)
    assert await post.until_seven() == []
    assert await post.until_seven() == []
    post.monitor = with_server
    assert [tried.state for tried in await post.tick(hours=1)] == ["sent"]
    assert "paper.example/1" in text_of(post.sink.accepted[0].message)


async def test_a_subscriber_is_told_what_is_found_from_then_on_and_of_its_watchlists(post: Post) -> None:
    bring_hits(post.monitor, 1)
    post.clock.advance(minutes=5)
    subscribe(post.monitor, 1, watchlists=("harbour",))
    bring_hits(post.monitor, 2)
    await post.until_seven()
    assert re.findall(r"paper\.example/(\d)", text_of(post.sink.accepted[0].message)) == ["2"]


async def test_a_digest_by_hand_reaches_another_address_and_uses_nothing_up(post: Post) -> None:
    subscribe(post.monitor, 1)
    bring_hits(post.monitor, 1)
    _digest, delivered = await send_by_hand(post.monitor, "r0", "me@paper.example")
    assert (delivered.address, delivered.words) == ("me@paper.example", "250 2.0.0 queued as 1")
    await post.until_seven()
    assert post.received() == {"me@paper.example": 1, "r0@paper.example": 1}
    assert "paper.example/1" in text_of(post.sink.accepted[1].message)


async def test_the_sample_enters_no_archive_that_mails(tmp_path: Path) -> None:
    async with SmtpSink() as sink:
        clock = Clock()
        monitor = mail_monitor(tmp_path, clock, MONITOR_SAMPLE_NEWSROOM="true", **mail_settings(sink.port))
        assert not has_sample(monitor.archive)


async def test_a_mail_under_way_is_seen_through_when_the_service_is_ended(post: Post) -> None:
    subscribe(post.monitor, 3)
    post.sink.text_seconds = 0.5
    post.clock.advance(hours=24)
    work = asyncio.create_task(make_due_digests(post.monitor))
    while not post.sink.accepted:
        await asyncio.sleep(0.01)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert post.states() == {"sent": 1, "queued": 2}
    post.sink.text_seconds = 0
    await post.tick(seconds=30)
    assert post.received() == {f"r{n}@paper.example": 1 for n in range(3)}


async def test_a_clock_that_was_years_ahead_holds_no_mail_back(post: Post) -> None:
    subscribe(post.monitor, 1)
    post.clock.advance(days=365 * 20)
    post.sink.script["RCPT"] = ["451 not now"]
    assert [tried.state for tried in await post.tick()] == ["queued"]
    post.clock.advance(days=-365 * 20)
    await post.tick(hours=24)
    assert post.received()["r0@paper.example"] >= 1
    assert post.states()["queued"] == 0
