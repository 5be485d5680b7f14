"""Alerts through a real server: at once and once, coalesced, and the digest stays complete."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.digest import alerting
from monitor.jobs.service import serve
from monitor.model.mailing import DeliveredDigest
from monitor.operations.alerts import preview_alert
from monitor.operations.digests import preview
from monitor.operations.opening import Monitor
from monitor.operations.rounds import Round, make_due_alerts, make_due_digests
from monitor.pipeline.stages import no_progress, watch
from monitor.store.watchlists import live_watchlists
from tests.loopback.jobs.test_service import Diary
from tests.loopback.maildesk import (
    Clock,
    ask_for_alerts,
    bring_hits,
    mail_monitor,
    mail_settings,
    mails_of,
    parsed,
    subscribe,
    text_of,
)
from tests.loopback.newsroom import LOCKED, monitor_for, newspaper
from tests.loopback.smtp import SmtpSink

pytestmark = pytest.mark.enable_socket


@pytest.fixture
async def sink() -> AsyncIterator[SmtpSink]:
    async with SmtpSink() as served:
        yield served


@pytest.fixture
def desk(tmp_path: Path, sink: SmtpSink) -> Monitor:
    ask_for_alerts(tmp_path)
    monitor = mail_monitor(tmp_path, Clock(), **mail_settings(sink.port))
    subscribe(monitor, 1)
    return monitor


def clock_of(monitor: Monitor) -> Clock:
    assert isinstance(monitor.now, Clock)
    return monitor.now


async def look(monitor: Monitor) -> list[DeliveredDigest]:
    return await make_due_alerts(monitor, watch(live_watchlists(monitor.archive)))


async def test_what_a_round_found_comes_in_one_mail_and_once(desk: Monitor, sink: SmtpSink) -> None:
    bring_hits(desk, 1, 2)
    assert [(made.alert, made.state) for made in await look(desk) if made.address] == [(1, "sent")]
    clock_of(desk).advance(hours=1)
    assert await look(desk) == []
    (mail,) = sink.accepted
    assert parsed(mail.message)["Subject"].startswith("Monitor alert: 2 hits on 1 claim, 22 November 2026")
    assert "Night 1" in text_of(mail.message)
    assert "Night 2" in text_of(mail.message)
    await make_due_digests(desk)  # that of the local reader, to files
    assert len(sink.accepted) == 1


async def test_what_comes_soon_after_waits_and_is_told_together(desk: Monitor, sink: SmtpSink) -> None:
    bring_hits(desk, 1)
    await look(desk)
    for number in (2, 3):
        clock_of(desk).advance(minutes=6)
        bring_hits(desk, number)
        await look(desk)
    assert len(sink.accepted) == 1
    clock_of(desk).advance(minutes=6)
    await look(desk)
    assert len(sink.accepted) == 2
    assert "2 hits on 1 claim" in parsed(sink.accepted[1].message)["Subject"]


async def test_while_the_server_is_down_alerts_gather_into_one(desk: Monitor, sink: SmtpSink) -> None:
    await sink.stop()
    for number in range(4):
        bring_hits(desk, number)
        await look(desk)
        clock_of(desk).advance(minutes=30)
    await sink.start()
    await look(desk)
    await make_due_digests(desk)
    await look(desk)
    assert [parsed(mail.message)["Subject"].split(",")[0] for mail in sink.accepted] == [
        "Monitor alert: 1 hit on 1 claim",
        "Monitor alert: 3 hits on 1 claim",
    ]


async def test_after_the_days_last_alert_the_digest_tells_the_rest(
    desk: Monitor, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerting, "MOST_A_DAY", 2)
    for number in range(4):
        bring_hits(desk, number)
        await look(desk)
        clock_of(desk).advance(minutes=16)
    alerts = [text_of(mail.message) for mail in sink.accepted]
    assert len(alerts) == 2
    assert ["last alert" in words for words in alerts] == [False, True]
    clock_of(desk).advance(hours=24)
    await make_due_digests(desk)
    digest = text_of(sink.accepted[-1].message)
    assert "4 hits on 1 claim" in digest
    assert digest.count("Told before, in the alert of") == 2


async def test_a_reader_without_alerts_and_one_who_is_paused_get_none(tmp_path: Path, sink: SmtpSink) -> None:
    ask_for_alerts(tmp_path)
    monitor = mail_monitor(tmp_path, Clock(), **mail_settings(sink.port))
    subscribe(monitor, 1, wants_alerts=False)
    bring_hits(monitor, 1)
    assert [made.name for made in await look(monitor)] == ["local-2026-11-22-alert-1"]
    assert sink.accepted == []
    assert list((tmp_path / "var" / "outbox").glob("*alert-1.eml"))


async def test_without_a_mail_server_alerts_by_mail_are_not_made_and_nothing_is_used_up(tmp_path: Path) -> None:
    ask_for_alerts(tmp_path)
    monitor = mail_monitor(tmp_path, Clock(), MONITOR_SAMPLE_NEWSROOM="false")
    subscribe(monitor, 1)
    bring_hits(monitor, 1)
    await look(monitor)
    assert [mail for mail in mails_of(monitor).values() if mail.delivery == "mail"] == []
    assert len(preview(monitor, "r0").hit_ids) == 1


async def test_an_alert_can_be_seen_before_it_goes(desk: Monitor, sink: SmtpSink) -> None:
    bring_hits(desk, 1)
    seen = preview_alert(desk, "r0")
    assert "Monitor alert: 1 hit" in seen.subject
    await look(desk)
    assert len(sink.accepted) == 1


@pytest.mark.slow
async def test_the_service_alerts_when_the_round_is_done_that_found_it(tmp_path: Path) -> None:
    clock = Clock()
    ask_for_alerts(tmp_path)
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        monitor = monitor_for(tmp_path, paper, clock, MONITOR_TICK_SECONDS="1")

        class News(Diary):
            def round_done(self, done: Round, *, is_first: bool) -> None:
                super().round_done(done, is_first=is_first)
                if len(self.done) == 2:
                    paper.publish("/2", "The workers of the pier were locked in again", LOCKED, "For the second night.")
                    clock.advance(hours=1)

            def digests_made(self, digests: list[DeliveredDigest], *, is_first: bool) -> None:
                super().digests_made(digests, is_first=is_first)
                if any(digest.alert for digest in digests):
                    os.kill(os.getpid(), signal.SIGTERM)

        diary = News(until=99)
        async with asyncio.timeout(60):
            with pytest.raises(asyncio.CancelledError):
                await serve(monitor, no_progress, diary)
    assert [digest.name for digest in diary.digests] == ["local-2026-11-22", "local-2026-11-22-alert-1"]
