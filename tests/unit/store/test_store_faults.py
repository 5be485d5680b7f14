"""What a database's faults are called, what is tried again, and that no password is told."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import JSON, String, Text, select, text
from sqlalchemy.engine import URL, make_url

from monitor.bundled import bundled_path
from monitor.errors import ConfigurationError, MonitorError, StoreBroken, StoreBusy, TransactionLost
from monitor.model.archiving import SourceSpec
from monitor.store import faults
from monitor.store.catalogue import add_sources
from monitor.store.engine import Archive, open_archive
from monitor.store.faults import name_of, retried
from monitor.store.metadata import Base, CleanText
from monitor.store.migrate import migrate
from monitor.store.schema import Source
from tests.databases import END_OTHERS, PostgresqlServer
from tests.unit.store.archives import FEED, NOW, add_source, an_entry, poll

SECRET = "a-secret-nobody-shows"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "PAUSES_SECONDS", (0.0,) * 5)


def unlock(server: PostgresqlServer, **changed: object) -> str:
    url = make_url(server.url).set(username="nobody_of_ours", password=SECRET)
    return url.set(**changed).render_as_string(hide_password=False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "kind", "remedy"),
    [
        ({"host": "127.0.0.1", "port": 1}, StoreBusy, "see that it runs"),
        ({"query": {"host": "/nowhere"}}, StoreBusy, "see that it runs"),
        ({}, ConfigurationError, "check user and password"),
    ],
)
def test_a_server_that_cannot_be_used_is_named_with_what_to_do_and_without_the_password(
    postgresql: PostgresqlServer, changed: dict[str, object], kind: type[MonitorError], remedy: str
) -> None:
    archive = open_archive(unlock(postgresql, **changed))
    with pytest.raises(kind, match=remedy) as told, archive.reading():
        pass
    assert SECRET not in str(told.value)
    assert "PostgreSQL" in str(told.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_usual_form_of_an_address_opens_the_archive(postgresql: PostgresqlServer, scheme: str) -> None:
    archive = open_archive(make_url(postgresql.url).set(drivername=scheme).render_as_string(hide_password=False))
    with archive.reading() as connection:
        assert connection.scalar(text("SHOW timezone")) == "UTC"
    archive.close()


def test_a_database_that_cannot_hold_every_script_is_refused(postgresql: PostgresqlServer) -> None:
    with postgresql.database(encoding="LATIN1") as name:
        archive = open_archive(postgresql.url_of(name))
        with pytest.raises(ConfigurationError, match="LATIN1"):
            migrate(archive, bundled_path("alembic"))
        archive.close()


def test_a_name_for_the_operator_holds_no_secret() -> None:
    url = URL.create("postgresql", "monitor", SECRET, "db.example", 5433, "news", {"sslpassword": SECRET})
    assert name_of(url) == "PostgreSQL news at db.example:5433"


def test_a_database_that_is_not_there_is_named_with_how_to_make_it(postgresql: PostgresqlServer) -> None:
    archive = open_archive(postgresql.url_of("not_there"))
    with pytest.raises(ConfigurationError, match="createdb"), archive.reading():
        pass


def test_nobody_writes_while_reading(archive: Archive) -> None:
    if archive.is_sqlite:
        return
    with pytest.raises(StoreBroken, match="takes no writing"), archive.reading() as connection:
        connection.execute(text("DELETE FROM told"))


def ends_itself(archive: Archive) -> None:
    with archive.writing() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def is_given_up(code: str) -> Callable[[Archive], None]:
    def work(archive: Archive) -> None:
        with archive.writing() as connection:
            connection.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END $$"))

    return work


@pytest.mark.parametrize("work", [ends_itself, is_given_up("40001"), is_given_up("40P01")])
def test_a_transaction_that_the_server_gave_up_is_repeated(archive: Archive, work: Callable[[Archive], None]) -> None:
    if archive.is_sqlite:
        return
    tries = 0

    @retried
    def third_time_lucky(archive: Archive) -> int:
        nonlocal tries
        tries += 1
        if tries < 3:
            work(archive)
        with archive.writing() as connection:
            return int(connection.scalar(text("SELECT 42")) or 0)

    assert third_time_lucky(archive) == 42
    assert tries == 3


def test_what_fails_every_time_is_raised_in_the_end(archive: Archive) -> None:
    if not archive.is_sqlite:
        with pytest.raises(TransactionLost, match="try again"):
            retried(ends_itself)(archive)


def test_a_writer_that_another_keeps_waiting_for_long_is_told_so(
    archive_url: str, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.store.engine.BUSY_SECONDS", 0.1)
    quick = open_archive(archive_url)
    with archive.writing(), pytest.raises(StoreBusy), quick.writing():
        pass
    quick.close()


def test_a_connection_that_died_in_the_pool_is_replaced(archive: Archive) -> None:
    source = add_source(archive)
    if not archive.is_sqlite:
        with archive.writing() as connection:
            connection.execute(text(END_OTHERS))
    assert poll(archive, source, an_entry(1)).new == 1


def test_backends_killed_again_and_again_lose_nothing(archive: Archive, postgresql: PostgresqlServer) -> None:
    if archive.is_sqlite:
        return
    database = archive.engine.url.database or ""
    source, is_over, killed = add_source(archive), threading.Event(), 0

    def kill() -> None:
        nonlocal killed
        while not is_over.wait(0.2):
            killed += len(postgresql.run(END_OTHERS, database))

    killer = threading.Thread(target=kill)
    killer.start()
    step = 0
    try:
        while killed < 3 or step < 20:
            step += 1
            assert poll(archive, source, an_entry(step)).new in (0, 1)  # 0: killed in COMMIT, and repeated
    finally:
        is_over.set()
        killer.join()
    with archive.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM entries")) == step


def test_every_column_of_text_takes_whatever_a_stranger_wrote() -> None:
    bare = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, String | Text) and not isinstance(column.type, JSON)
    ]
    assert bare == [], "a column of text is Mapped[str], or mapped_column(ShortText(LENGTH))"
    assert any(isinstance(column.type, CleanText) for column in Base.metadata.tables["entries"].columns)


def test_a_text_that_no_database_takes_is_found_as_it_is_kept(archive: Archive) -> None:
    odd = "A title\0 of half a pair \ud83d"
    add_sources(archive, [SourceSpec(FEED, odd)], NOW)
    with archive.reading() as connection:
        assert connection.scalar(text("SELECT title FROM sources")) == "A title of half a pair ?"
        kept = connection.scalars(select(Source.title).where(Source.title == odd)).all()
    assert kept == ["A title of half a pair ?"]
