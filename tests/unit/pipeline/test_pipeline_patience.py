"""What could not be made is tried again later and later, and its reader's neighbours are not kept waiting."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.errors import InternalFault, StoreBusy
from monitor.model.mailing import SubscriptionSpec
from monitor.pipeline.mail import for_each_reader
from monitor.pipeline.patience import Patience

START = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
READERS = [SubscriptionSpec(name, "files", "07:00", "UTC") for name in ("a", "b")]


class Maker:
    """Fails for `a` as it is told, and remembers who was tried when."""

    def __init__(self) -> None:
        self.error: Exception | None = ValueError("no such zone")
        self.tried: list[tuple[str, timedelta]] = []

    def __call__(self, subscription: SubscriptionSpec, at: datetime) -> bool:
        self.tried.append((subscription.name, at - START))
        if subscription.name == "a" and self.error:
            raise self.error
        return True


def test_a_failed_try_waits_a_minute_then_twice_as_long_and_at_most_an_hour() -> None:
    maker, patience = Maker(), Patience()
    for half_minutes in range(2 * 60 * 5):
        now = START + half_minutes * timedelta(seconds=30)
        with pytest.raises(InternalFault, match="no such zone"):
            for_each_reader(READERS, maker, lambda at=now: at, patience)  # type: ignore[misc]
    minutes = [at.total_seconds() / 60 for name, at in maker.tried if name == "a"]
    assert minutes == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]
    assert len([name for name, _ in maker.tried if name == "b"]) == 600


def test_one_that_goes_well_again_is_forgotten() -> None:
    maker, patience = Maker(), Patience()
    with pytest.raises(InternalFault):
        for_each_reader(READERS, maker, lambda: START, patience)
    maker.error = None
    assert for_each_reader(READERS, maker, lambda: START + timedelta(minutes=1), patience) == 2
    maker.error = StoreBusy("locked")
    with pytest.raises(StoreBusy):
        for_each_reader(READERS, maker, lambda: START + timedelta(minutes=2), patience)
    assert patience.waits_for("a", START + timedelta(minutes=2.5))
    assert not patience.waits_for("a", START + timedelta(minutes=3))


def test_a_clock_set_back_does_not_lengthen_the_wait() -> None:
    patience = Patience()
    patience.keep("a", ValueError(), START)
    assert not patience.waits_for("a", START - timedelta(days=1))
