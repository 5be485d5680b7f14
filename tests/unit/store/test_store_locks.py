"""One Monitor works on an archive at a time, on either database."""

from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import text

from monitor.errors import StoreBusy
from monitor.store.engine import Archive, open_archive
from monitor.store.locks import holder_of, try_lock, waiting_lock
from tests.databases import PostgresqlServer

HOLDERS = "FROM pg_stat_activity WHERE application_name LIKE 'monitor: %' AND datname = current_database()"


@pytest.fixture
def another(archive_url: str, archive: Archive) -> Any:
    """The same archive, opened by somebody else."""
    other = open_archive(archive_url)
    yield other
    other.close()


def test_a_lock_is_given_to_one_alone_and_is_free_again_afterwards(archive: Archive, another: Archive) -> None:
    with try_lock(archive, "run", "service") as lock, try_lock(another, "run", "poll") as second:
        assert (lock is not None, second) == (True, None)
    with try_lock(another, "run", "poll") as third:
        assert third is not None


def test_a_lock_given_back_is_free_before_the_server_notices_that_its_connection_is_closed(
    archive: Archive, another: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(ExitStack, "close", lambda _stack: None)
        with try_lock(archive, "run", "a migration") as lock:
            assert lock is not None
    with try_lock(another, "run", "a copy") as lock:
        assert lock is not None


def test_who_holds_a_lock_says_what_for(archive: Archive, another: Archive) -> None:
    with try_lock(archive, "run", "service"):
        assert holder_of(another, "run") == "service"


def test_the_lock_of_a_run_keeps_no_migration_lock_from_being_taken(archive: Archive, another: Archive) -> None:
    with try_lock(archive, "run", "service"), try_lock(another, "migrate", "a migration") as lock:
        assert lock is not None


def test_who_waits_in_vain_for_a_lock_is_told_who_has_it(archive: Archive, another: Archive) -> None:
    with (
        try_lock(archive, "migrate", "a migration"),
        pytest.raises(StoreBusy, match="a migration"),
        waiting_lock(another, "migrate", "another", seconds=0.2),
    ):
        pass


def test_a_lock_is_taken_again_where_its_connection_broke(archive: Archive, another: Archive) -> None:
    with try_lock(archive, "run", "service") as lock:
        assert lock
        if not archive.is_sqlite:
            with another.writing() as connection:
                connection.execute(text(f"SELECT pg_terminate_backend(pid) {HOLDERS}"))
        lock.keep()
        with try_lock(another, "run", "poll") as second:
            assert second is None


def test_a_service_that_lost_its_lock_to_another_is_told_so(
    postgresql: PostgresqlServer, archive: Archive, another: Archive
) -> None:
    if archive.is_sqlite:
        return  # nothing takes a file's lock away
    with try_lock(archive, "run", "service") as lock:
        assert lock
        with another.writing() as connection:
            connection.execute(text(f"SELECT pg_terminate_backend(pid) {HOLDERS}"))
        with try_lock(another, "run", "poll") as second:
            assert second is not None
            with pytest.raises(StoreBusy, match="took it over"):
                lock.keep()
        lock.keep()
