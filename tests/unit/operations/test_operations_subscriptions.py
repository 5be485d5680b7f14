"""Who gets digests: what is refused, and whose digest hangs on nobody else's."""

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.errors import MonitorError, UsageError
from monitor.model.mailing import SubscriptionSpec
from monitor.operations.digests import BY_HAND, by_hand_files
from monitor.operations.opening import Monitor, open_monitor
from monitor.operations.rounds import make_due_digests
from monitor.operations.subscriptions import add
from monitor.settings import load_settings
from monitor.store.outbox import list_mail
from monitor.store.subscriptions import add_subscription

DESK = SubscriptionSpec("desk", "files", "07:00", "Asia/Phnom_Penh")


@pytest.fixture
def monitor(tmp_path: Path) -> Monitor:
    return open_monitor(load_settings({"MONITOR_DATA_DIR": str(tmp_path)})[0])


@pytest.mark.parametrize(
    ("since", "words"),
    [("0001-01-01", "is no date"), ("2026-02-30", "is no date"), ("9999-12-31", "still to come")],
)
def test_a_day_since_which_nothing_can_be_told_is_refused(monitor: Monitor, since: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        add(monitor, DESK, since)


async def test_a_digest_that_cannot_be_made_keeps_no_other_from_its_reader(monitor: Monitor) -> None:
    """A time zone of an older system may be gone after a move to another."""
    add_subscription(monitor.archive, replace(DESK, name="first", timezone="Gone/Nowhere"), monitor.now())
    add(monitor, DESK)
    with pytest.raises(MonitorError, match="Gone/Nowhere"):
        await make_due_digests(monitor)
    assert [(mail.subscription, mail.state) for mail in list_mail(monitor.archive)] == [("desk", "sent")]
    assert len(list(monitor.outbox.glob("desk-*.eml"))) == 1


def test_digests_made_by_hand_are_told_from_those_of_a_reader_with_such_a_name(tmp_path: Path) -> None:
    for name in (f"desk-2026-11-22{BY_HAND}.eml", f"desk-2026-11-22{BY_HAND}.html", f"a{BY_HAND}.b-2026-11-22.eml"):
        (tmp_path / name).write_text("")
    assert [path.name for path in by_hand_files(tmp_path)] == [
        f"desk-2026-11-22{BY_HAND}.eml",
        f"desk-2026-11-22{BY_HAND}.html",
    ]
    assert by_hand_files(tmp_path / "none") == []
