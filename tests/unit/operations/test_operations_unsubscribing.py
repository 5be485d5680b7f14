"""A reader's link stops one subscription, on both databases; whoever makes one up changes nothing."""

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.digest.unsubscribe import make_token
from monitor.model.mailing import SubscriptionSpec
from monitor.operations.opening import Monitor, open_monitor
from monitor.operations.pages import stop_url
from monitor.operations.signing import new_signing_key, signing_keys
from monitor.operations.subscriptions import (
    add,
    find_subscription,
    pause,
    remove,
    resume,
    subscription_of,
    unsubscribe,
)
from monitor.settings import load_settings
from tests.unit.operations.test_operations_signing import Clock


class Desk:
    """A Monitor with two readers, and the links in their mails."""

    def __init__(self, folder: Path, database_url: str, public_url: str = "https://desk.example/monitor") -> None:
        self.clock = Clock()
        environ = {
            "MONITOR_DATA_DIR": str(folder / "var"),
            "MONITOR_DATABASE_URL": database_url,
            "MONITOR_PUBLIC_URL": public_url,
        }
        self.monitor: Monitor = open_monitor(load_settings(environ)[0], now=self.clock)
        for name in ("a", "b"):
            add(self.monitor, SubscriptionSpec(name, "mail", "07:00", "UTC", address=f"{name}@paper.example"))

    def url(self, name: str) -> str:
        ticket = find_subscription(self.monitor, name).ticket
        return stop_url(self.monitor.settings, self.monitor.now, ticket)

    def token(self, name: str) -> str:
        return self.url(name).removeprefix("https://desk.example/monitor/unsubscribe/")

    def paused(self) -> list[str]:
        return [find_subscription(self.monitor, name).paused_by for name in ("a", "b")]


@pytest.fixture
def desk(tmp_path: Path, archive_url: str) -> Desk:
    return Desk(tmp_path, archive_url)


def test_a_link_stops_its_own_subscription_and_no_other_however_often(desk: Desk) -> None:
    token = desk.token("a")
    for _ in range(3):
        stopped = unsubscribe(desk.monitor, token)
        assert stopped is not None
        assert stopped.name == "a"
        assert desk.paused() == ["reader", ""]


def test_looking_at_a_link_changes_nothing(desk: Desk) -> None:
    seen = subscription_of(desk.monitor, desk.token("b"))
    assert seen is not None
    assert seen.address == "b@paper.example"
    assert desk.paused() == ["", ""]


def test_what_we_have_not_signed_stops_nothing(desk: Desk) -> None:
    ticket, token = find_subscription(desk.monitor, "a").ticket, desk.token("a")
    forged = make_token(ticket, ("k" * 40,))
    for bad in ("", ticket, forged, token[:-1], token + "A", token.upper(), "x" * 5000, "é", token + "\n"):
        assert unsubscribe(desk.monitor, bad) is None
    assert desk.paused() == ["", ""]


def test_the_link_of_a_removed_subscription_stops_nothing_not_even_its_namesake(desk: Desk) -> None:
    token = desk.token("a")
    remove(desk.monitor, ["a"])
    add(desk.monitor, SubscriptionSpec("a", "mail", "07:00", "UTC", address="a@paper.example"))
    assert unsubscribe(desk.monitor, token) is None
    assert desk.paused() == ["", ""]


def test_a_link_outlives_a_new_key_by_thirty_days(desk: Desk) -> None:
    token = desk.token("a")
    new_signing_key(desk.monitor.settings, desk.clock())
    desk.clock.at += timedelta(days=29)
    assert subscription_of(desk.monitor, token) is not None
    desk.clock.at += timedelta(days=2)
    assert unsubscribe(desk.monitor, token) is None
    assert len(signing_keys(desk.monitor.settings, desk.clock())) == 1


def test_a_reader_s_stop_outlasts_the_operator_s_pause_and_the_operator_alone_takes_it_back(desk: Desk) -> None:
    pause(desk.monitor, ["a"])
    unsubscribe(desk.monitor, desk.token("a"))
    assert desk.paused() == ["reader", ""]
    assert pause(desk.monitor, ["a"]) == []
    assert desk.paused() == ["reader", ""]
    assert resume(desk.monitor, ["a"]) == ["a"]
    assert desk.paused() == ["", ""]


@pytest.mark.parametrize("public_url", ["", "http://desk.example/monitor"])
def test_without_https_there_is_no_link(tmp_path: Path, public_url: str) -> None:
    assert Desk(tmp_path, f"sqlite:///{tmp_path}/m.db", public_url).url("a") == ""
