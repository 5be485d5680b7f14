"""Migrations: one history for both databases, there and back, and what keeps them from doing harm."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from monitor.bundled import bundled_path
from monitor.errors import ConfigurationError, StoreBroken, StoreBusy
from monitor.store.engine import Archive, open_archive
from monitor.store.head import is_at_head
from monitor.store.locks import try_lock
from monitor.store.migrate import current_revision, differences, migrate
from tests.unit.store.archives import add_source, an_entry, poll

SCRIPTS = bundled_path("alembic")


@pytest.fixture
def archive(new_url: str) -> Iterator[Archive]:
    """An archive in a database of the test's own, whose tables it may change."""
    archive = open_archive(new_url)
    migrate(archive, SCRIPTS)
    yield archive
    archive.close()


def test_the_migrations_make_exactly_the_tables_of_the_code(archive: Archive) -> None:
    assert differences(archive, SCRIPTS) == []


def test_a_database_of_something_else_is_left_as_it_is(new_url: str) -> None:
    other = open_archive(new_url)
    with other.writing() as connection:
        connection.execute(text("CREATE TABLE articles (mine INTEGER)"))
    with pytest.raises(ConfigurationError, match=r"Monitor didn't make \(articles\).*Name an empty database"):
        migrate(other, SCRIPTS)
    with other.reading() as connection:
        assert inspect(connection).get_table_names() == ["articles"]
    other.close()


def test_migrations_go_up_down_and_up_again(archive: Archive) -> None:
    head = current_revision(archive)
    assert migrate(archive, SCRIPTS, to="base")
    assert current_revision(archive) is None
    assert migrate(archive, SCRIPTS)
    assert current_revision(archive) == head
    assert differences(archive, SCRIPTS) == []


def test_a_second_start_migrates_nothing(archive: Archive) -> None:
    assert migrate(archive, SCRIPTS) is False


def scripts_with_one_more(archive: Archive, folder: Path, upgrade: str) -> Path:
    scripts = folder / "alembic"
    shutil.copytree(SCRIPTS, scripts)
    (scripts / "versions" / "9999_rebuild.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = '9999', "
        f"{current_revision(archive)!r}\ndef upgrade():\n{upgrade}\ndef downgrade():\n    pass\n"
    )
    return scripts


def test_a_migration_that_rebuilds_a_table_keeps_every_row_that_points_to_it(archive: Archive, tmp_path: Path) -> None:
    # SQLite rebuilds by copy and drop; with foreign keys acting, the drop deletes what points to the table.
    poll(archive, add_source(archive), an_entry(1))
    rebuild = (
        "    with op.batch_alter_table('sources', recreate='auto') as batch:\n"
        "        batch.alter_column('title', existing_type=sa.Text(), nullable=True)"
    )
    assert migrate(archive, scripts_with_one_more(archive, tmp_path, rebuild))
    with archive.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM entries")).scalar() == 1
        if archive.is_sqlite:
            assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_an_archive_of_a_newer_monitor_is_left_alone(archive: Archive) -> None:
    with archive.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreBroken, match="newer Monitor"):
        migrate(archive, SCRIPTS)


def test_tables_do_not_change_under_a_running_monitor(archive: Archive, tmp_path: Path) -> None:
    scripts = scripts_with_one_more(archive, tmp_path, "    pass")
    with try_lock(archive, "run", "service"), pytest.raises(StoreBusy, match="stop that one first"):
        migrate(archive, scripts)
    assert migrate(archive, scripts)


def test_the_newest_script_by_its_name_is_alembics_head(archive: Archive, tmp_path: Path) -> None:
    assert is_at_head(archive, SCRIPTS)
    assert not is_at_head(archive, scripts_with_one_more(archive, tmp_path, "    pass"))


def test_a_database_with_no_tables_is_not_at_the_head(new_url: str) -> None:
    empty = open_archive(new_url)
    assert not is_at_head(empty, SCRIPTS)
    empty.close()
