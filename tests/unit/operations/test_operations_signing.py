"""The key that signs links in mail: made once, for its owner's eyes alone, and those before it for thirty days."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.errors import ConfigurationError
from monitor.operations import signing
from monitor.operations.opening import Monitor, open_monitor
from monitor.settings import load_settings

GIVEN, NEXT = "g" * 40, "n" * 40


class Clock:
    at = datetime(2026, 11, 22, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


def monitor_in(folder: Path, clock: Clock, key: str = "") -> Monitor:
    environ = {"MONITOR_DATA_DIR": str(folder / "var")} | ({"MONITOR_SECRET_KEY": key} if key else {})
    return open_monitor(load_settings(environ)[0], now=clock)


def signing_keys(monitor: Monitor) -> tuple[str, ...]:
    return signing.signing_keys(monitor.settings, monitor.now())


def new_signing_key(monitor: Monitor) -> None:
    signing.new_signing_key(monitor.settings, monitor.now())


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path, clock: Clock) -> None:
    monitor = monitor_in(tmp_path, clock)
    keys = signing_keys(monitor)
    assert len(keys[0]) == 64
    assert signing_keys(monitor_in(tmp_path, clock)) == keys
    assert (tmp_path / "var" / "secret-keys").stat().st_mode & 0o777 == 0o600


def test_processes_that_start_together_have_one_key(tmp_path: Path, clock: Clock) -> None:
    monitor = monitor_in(tmp_path, clock)
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: signing_keys(monitor), range(16)))) == 1


def test_an_old_key_is_good_for_thirty_days_after_the_new_one(tmp_path: Path, clock: Clock) -> None:
    monitor = monitor_in(tmp_path, clock)
    (old,) = signing_keys(monitor)
    clock.at += timedelta(days=400)
    new_signing_key(monitor)
    keys = signing_keys(monitor)
    assert (len(keys), keys[0]) == (2, old)
    clock.at += timedelta(days=29)
    assert old in signing_keys(monitor)
    clock.at += timedelta(days=2)
    assert signing_keys(monitor) == keys[1:]


def test_a_key_that_the_operator_changes_is_a_new_key(tmp_path: Path, clock: Clock) -> None:
    assert signing_keys(monitor_in(tmp_path, clock, GIVEN)) == (GIVEN,)
    assert signing_keys(monitor_in(tmp_path, clock, NEXT)) == (GIVEN, NEXT)
    with pytest.raises(ConfigurationError, match="MONITOR_SECRET_KEY gives the key"):
        new_signing_key(monitor_in(tmp_path, clock, NEXT))


def test_a_file_that_others_may_read_or_that_is_none_of_ours_is_refused(tmp_path: Path, clock: Clock) -> None:
    monitor = monitor_in(tmp_path, clock)
    signing_keys(monitor)
    path = tmp_path / "var" / "secret-keys"
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        signing_keys(monitor)
    path.chmod(0o600)
    path.write_text("something else\n")
    with pytest.raises(ConfigurationError, match="can't be read"):
        signing_keys(monitor)
