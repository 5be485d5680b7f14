"""`monitor subscriptions` and `monitor digests`, typed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.loopback.maildesk import SENDER
from tests.loopback.newsroom import Terminal, newspaper
from tests.loopback.smtp import SmtpSink

pytestmark = pytest.mark.enable_socket
SECRET = "pa55-canary"


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    async with newspaper() as paper:
        terminal = Terminal(tmp_path, paper)
        (tmp_path / "watchlists").mkdir()
        yield terminal


async def test_a_subscription_is_added_changed_paused_and_removed(terminal: Terminal) -> None:
    added = await terminal.types(
        "subscriptions", "add", "desk", "--to", "desk@paper.example", "--zone", "Asia/Phnom_Penh"
    )
    assert added.code == 0, added.err
    assert "desk: every watchlist, daily at 07:00 Asia/Phnom_Penh, to desk@paper.example" in added.out
    assert "set MONITOR_SMTP_URL" in " ".join(added.err.split())
    changed = await terminal.types("subscriptions", "edit", "desk", "--at", "06:30", "--weekly", "mon", "--json")
    assert (changed.records[0]["send_at"], changed.records[0]["weekday"]) == ("06:30", "monday")
    assert changed.records[0]["wants_alerts"] is True
    without = await terminal.types("subscriptions", "edit", "desk", "--no-alerts")
    assert "Mondays at 06:30 Asia/Phnom_Penh, no alerts" in without.out
    refused = await terminal.types("digests", "preview", "desk", "--alert")
    assert refused.code == 2
    assert "desk gets no alerts; `monitor subscriptions edit desk --alerts` changes that" in refused.err
    assert (await terminal.types("subscriptions", "pause", "desk")).code == 0
    listed = await terminal.types("subscriptions", "list", "--json")
    assert [(one["name"], one["paused_by"], one["next_digest_at"]) for one in listed.records] == [
        ("desk", "operator", None)
    ]
    assert "Going on: desk" in (await terminal.types("subscriptions", "resume", "desk")).out
    assert (await terminal.types("subscriptions", "remove", "desk")).code == 0
    assert "Nobody gets digests yet" in (await terminal.types("subscriptions", "list")).out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "Night Desk"), "can't name a subscription"),
        (("add", "../desk"), "can't name a subscription"),
        (("add", "desk", "--to", "a@b.example, c@d.example"), "is not one mail address"),
        (("add", "desk", "--at", "7am"), "is no time of day"),
        (("add", "desk", "--zone", "Asia/Nowhere"), "no time zone"),
        (("add", "desk", "--weekly", "someday"), "is no day of the week"),
        (("add", "desk", "--watchlist", "unknown"), "no live watchlist is called unknown"),
        (("add", "desk", "--since", "yesterday"), "is no date"),
        (("edit", "nobody"), "no subscription 'nobody'"),
        (("remove", "nobody"), "no subscription 'nobody'"),
    ],
)
async def test_what_can_t_be_done_is_said_with_the_remedy(
    terminal: Terminal, arguments: tuple[str, ...], words: str
) -> None:
    ended = await terminal.types("subscriptions", *arguments)
    assert ended.code == 2
    assert words in " ".join(ended.err.split())


async def test_a_digest_is_sent_by_hand_and_the_password_is_never_said(terminal: Terminal) -> None:
    async with SmtpSink() as sink:
        mail = {"MONITOR_SMTP_URL": f"smtp://127.0.0.1:{sink.port}", "MONITOR_MAIL_FROM": SENDER}
        await terminal.types("subscriptions", "add", "desk", "--to", "desk@paper.example", **mail)
        sent = await terminal.types("digests", "send", "desk", **mail)
        assert sent.code == 0, sent.err
        assert "Sent to desk@paper.example: 250 2.0.0 queued as 1" in sent.out
        assert "No digest yet" in (await terminal.types("digests", "list", **mail)).out
        locked = {"MONITOR_SMTP_URL": f"smtp://me:{SECRET}@localhost:{sink.port}", "MONITOR_MAIL_FROM": SENDER}
        said = [
            await terminal.types(*arguments, **locked)
            for arguments in (("config", "show"), ("config", "show", "--json"), ("digests", "send", "desk"))
        ]
        assert [ended.code for ended in said] == [0, 0, 1]
        assert [ended for ended in said if SECRET in ended.out + ended.err] == []
