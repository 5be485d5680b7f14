"""Unit tests open no socket; loopback and crash tests use real servers. The archive's run on both databases."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from pytest_socket import disable_socket, enable_socket

from monitor.operations import databases, opening
from monitor.store.engine import Archive, open_archive
from tests.databases import PostgresqlServer, copy_of, migrate_at_once, migrated_database, migrated_file
from tests.parsers import KeptParsers, kept_parsers

UNIT = Path(__file__).parent / "unit"
DATABASES = ("sqlite", "postgresql")

# Hypothesis fails a test that takes long; on a busy machine any does.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_collection_finish() -> None:
    # What was imported and collected stays to the end: no collection of garbage needs to look through it again.
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    # Unix sockets stay: an event loop wakes itself by a pair of them, and a database may stand behind one.
    if UNIT in item.path.parents:
        disable_socket(allow_unix_socket=True)


def pytest_runtest_teardown() -> None:
    enable_socket()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MONITOR_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _new_archives_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "migrate_if_behind", migrate_at_once)
    monkeypatch.setattr(databases, "migrate", migrate_at_once)


@pytest.fixture(scope="session", autouse=True)
def _kept_parsers() -> Iterator[KeptParsers]:
    with kept_parsers() as kept:
        yield kept


@pytest.fixture
def parsers_of_its_own(_kept_parsers: KeptParsers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's parser processes are started for it and end with it."""
    monkeypatch.setattr(_kept_parsers, "is_keeping", False)


@pytest.fixture(scope="session")
def postgresql() -> PostgresqlServer:
    """The server; the test is skipped where there is none, and fails for that in CI."""
    return PostgresqlServer.find()


@pytest.fixture(scope="session")
def _migrated_database(postgresql: PostgresqlServer) -> Iterator[str]:
    with migrated_database(postgresql) as name:
        yield name


@pytest.fixture(scope="session")
def _second_database(postgresql: PostgresqlServer) -> Iterator[str]:
    with migrated_database(postgresql) as name:
        yield name


@pytest.fixture(scope="session")
def _migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated_file(tmp_path_factory.mktemp("template"))


@pytest.fixture(params=DATABASES)
def archive_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated archive with nothing in it: the test runs once on each database."""
    if request.param == "sqlite":
        return copy_of(request.getfixturevalue("_migrated_file"), tmp_path)
    name: str = request.getfixturevalue("_migrated_database")
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    server.empty(name)
    return server.url_of(name)


@pytest.fixture(params=DATABASES)
def second_archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    """Another migrated archive with nothing in it, beside the one under test: on each database."""
    if request.param == "sqlite":
        folder = tmp_path / "second"
        folder.mkdir()
        url = copy_of(request.getfixturevalue("_migrated_file"), folder)
    else:
        name: str = request.getfixturevalue("_second_database")
        server: PostgresqlServer = request.getfixturevalue("postgresql")
        server.empty(name)
        url = server.url_of(name)
    archive = open_archive(url)
    yield archive
    archive.close()


@pytest.fixture
def archive(archive_url: str) -> Iterator[Archive]:
    """A migrated archive with nothing in it, once on each database."""
    archive = open_archive(archive_url)
    yield archive
    archive.close()


@pytest.fixture(params=DATABASES)
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without a table, for the test alone: once on each database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/monitor.db"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    with server.database() as name:
        yield server.url_of(name)
