"""When an alert may be made: not too soon after the last, not too many a day, never of what has grown old."""

from datetime import UTC, date, datetime, timedelta

from monitor.digest.alerting import FLOOR, FRESH, MOST_A_DAY, choose_alert
from monitor.model.mailing import MadeAlert

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
ZONE = "UTC"


def made(number: int, *, ago: timedelta = timedelta(hours=2), on: date = TODAY, is_owed: bool = False) -> MadeAlert:
    return MadeAlert(on, number, NOON - ago, is_owed)


def test_the_first_alert_of_a_day_tells_what_came_in_the_last_day() -> None:
    slot = choose_alert(NOON, ZONE, [])
    assert slot is not None
    assert (slot.on, slot.number, slot.since, slot.is_last) == (TODAY, 1, NOON - FRESH, False)


def test_alerts_are_counted_by_the_readers_own_date() -> None:
    slot = choose_alert(datetime(2026, 11, 22, 18, tzinfo=UTC), "Asia/Phnom_Penh", [made(3)])
    assert slot is not None
    assert (slot.on, slot.number) == (date(2026, 11, 23), 1)


def test_the_next_alert_waits_until_the_floor_is_past() -> None:
    assert choose_alert(NOON, ZONE, [made(1, ago=FLOOR - timedelta(seconds=1))]) is None
    slot = choose_alert(NOON, ZONE, [made(1, ago=FLOOR)])
    assert slot is not None
    assert slot.number == 2


def test_while_one_is_on_its_way_no_other_is_made_however_long_that_takes() -> None:
    assert choose_alert(NOON, ZONE, [made(1, ago=timedelta(hours=30), on=date(2026, 11, 21), is_owed=True)]) is None


def test_the_last_of_a_day_is_known_as_that_and_none_follows() -> None:
    last = choose_alert(NOON, ZONE, [made(number) for number in range(1, MOST_A_DAY)])
    assert last is not None
    assert last.is_last
    assert choose_alert(NOON, ZONE, [made(number) for number in range(1, MOST_A_DAY + 1)]) is None


def test_what_came_after_a_days_last_alert_is_left_to_the_digest_after_midnight_too() -> None:
    yesterday = [made(MOST_A_DAY, on=date(2026, 11, 21), ago=timedelta(hours=16))]
    slot = choose_alert(NOON, ZONE, yesterday)
    assert slot is not None
    assert (slot.number, slot.since) == (1, datetime(2026, 11, 22, tzinfo=UTC))


def test_an_alert_made_while_the_clock_was_ahead_holds_up_no_other() -> None:
    slot = choose_alert(NOON, ZONE, [made(1, ago=timedelta(hours=-3), on=date(2026, 11, 23))])
    assert slot is not None
    assert slot.number == 1
