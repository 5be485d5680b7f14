"""Unit tests open no socket; loopback and crash tests use real servers."""

import os
from pathlib import Path

import pytest
from pytest_socket import disable_socket, enable_socket

UNIT = Path(__file__).parent / "unit"


def pytest_runtest_setup(item: pytest.Item) -> None:
    # Unix sockets stay: an event loop wakes itself by a pair of them.
    if UNIT in item.path.parents:
        disable_socket(allow_unix_socket=True)


def pytest_runtest_teardown() -> None:
    enable_socket()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MONITOR_")]:
        monkeypatch.delenv(name)
