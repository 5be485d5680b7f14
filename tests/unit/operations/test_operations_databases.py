"""An archive as a whole: examined, backed up, restored into either database, copied to either."""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import inspect, text

from monitor.bundled import bundled_path
from monitor.errors import StoreBroken, StoreBusy, UsageError
from monitor.model.archiving import LiveClaim, SnapshotRecord
from monitor.model.fetching import Fetched
from monitor.model.mailing import SubscriptionSpec
from monitor.operations.databases import back_up, check, copy, restore, upgrade
from monitor.operations.indexing import complete_index, make_index_anew
from monitor.operations.opening import Monitor, open_monitor
from monitor.settings import Settings, load_settings
from monitor.store.archive import record_article
from monitor.store.contents import sum_tables
from monitor.store.engine import Archive, open_archive
from monitor.store.entries import claim_entries
from monitor.store.migrate import migrate
from monitor.store.subscriptions import put_subscription
from tests.unit.store.archives import NOW, a_read, add_source, an_entry, apply, claims_of, poll

ARTICLES = 5


def quietly(_what: str, _done: int, _total: int) -> None:
    pass


def settings_at(folder: Path, url: str = "") -> Settings:
    environ = {"MONITOR_DATA_DIR": str(folder)}
    return load_settings(environ | ({"MONITOR_DATABASE_URL": url} if url else {}))[0]


@pytest.fixture
def monitor(tmp_path: Path) -> Monitor:
    """A Monitor with some articles, their evidence, and a key that signs its links."""
    return filled(open_monitor(settings_at(tmp_path / "var")))


@pytest.fixture
def either(tmp_path: Path, archive_url: str) -> Monitor:
    """The same, on each database."""
    return filled(open_monitor(settings_at(tmp_path / "var", archive_url)))


def filled(monitor: Monitor) -> Monitor:
    archive = monitor.archive
    apply(archive)
    poll(archive, add_source(archive), *(an_entry(number) for number in range(ARTICLES)))
    claims = cast("dict[str, LiveClaim]", claims_of(archive))
    for number, entry in enumerate(claim_entries(archive, NOW)):
        record_article(archive, replace(a_read(entry.id, number), snapshot=keep(monitor, number)), claims)
    put_subscription(archive, SubscriptionSpec("local", "files", "07:00", "UTC"), NOW)
    (monitor.settings.data_dir / "secret-keys").write_text("sekrit")
    return monitor


def keep(monitor: Monitor, number: int) -> SnapshotRecord:
    url, body = f"https://paper.example/{number}", b"<p>They were locked in." + bytes([number])
    return monitor.snapshots.keep(
        Fetched(url, url, 200, (("Content-Type", "text/html"),), body, body, hashlib.sha256(body).hexdigest(), NOW)
    )


def levels(monitor: Monitor) -> dict[str, str]:
    return {finding.what: finding.level for finding in check(monitor, quietly)[0]}


def test_a_backup_is_restored_whole_into_either_database(
    either: Monitor, second_archive: Archive, tmp_path: Path
) -> None:
    made = back_up(either, tmp_path / "monday", quietly)
    url = second_archive.engine.url.render_as_string(hide_password=False)
    restored = restore(settings_at(tmp_path / "new", url), tmp_path / "monday", quietly)
    assert (restored.tables, restored.evidence, restored.faults) == (made.tables, ARTICLES, ())
    again = open_monitor(settings_at(tmp_path / "new", url))
    assert list(made.tables) == sum_tables(either.archive, quietly) == sum_tables(again.archive, quietly)
    assert levels(again) == {"database": "ok", "rows": "ok", "search index": "warning", "evidence": "ok"}
    assert (tmp_path / "new" / "secret-keys").read_text() == "sekrit"


def test_a_backup_is_for_its_owner_alone_and_holds_nothing_that_is_not_finished(
    monitor: Monitor, tmp_path: Path
) -> None:
    back_up(monitor, tmp_path / "monday", quietly)
    assert [path for path in (tmp_path / "monday").rglob("*") if path.stat().st_mode & 0o077] == []
    assert (tmp_path / "monday").stat().st_mode & 0o077 == 0
    names = {path.name for path in (tmp_path / "monday").iterdir()}
    assert names == {"archive.db", "manifest.json", "snapshots", "secret-keys"}


def test_no_backup_is_overwritten(monitor: Monitor, tmp_path: Path) -> None:
    (tmp_path / "monday").mkdir()
    (tmp_path / "monday" / "mine").write_text("mine")
    with pytest.raises(UsageError, match="there already"):
        back_up(monitor, tmp_path / "monday", quietly)
    assert (tmp_path / "monday" / "mine").read_text() == "mine"


def test_a_backup_where_none_can_be_made_names_the_place_and_the_remedy(monitor: Monitor, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be made: File name too long; name a folder of yours"):
        back_up(monitor, tmp_path / ("a" * 300), quietly)


def test_a_backup_that_fails_leaves_nothing_and_one_that_was_killed_is_cleared_away_by_the_next(
    monitor: Monitor, tmp_path: Path
) -> None:
    def stop(what: str, _done: int, _total: int) -> None:
        if what == "evidence":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(monitor, tmp_path / "monday", stop)
    assert list(tmp_path.glob("monday*")) == []
    killed = tmp_path / "monday.part-1"
    killed.mkdir()
    (killed / ".lock").touch()
    with pytest.raises(UsageError, match="no whole backup"):
        restore(settings_at(tmp_path / "new"), killed, quietly)
    assert back_up(monitor, tmp_path / "monday", quietly).place == str(tmp_path / "monday")
    assert [path.name for path in tmp_path.glob("monday*")] == ["monday"]


def test_two_backups_to_one_name_have_a_folder_each_and_the_first_that_is_whole_gets_the_name(
    monitor: Monitor, tmp_path: Path
) -> None:
    def back_up_meanwhile(what: str, _done: int, _total: int) -> None:
        if what == "evidence" and not (tmp_path / "monday").exists():
            back_up(monitor, tmp_path / "monday", quietly)

    with pytest.raises(UsageError, match="there already"):
        back_up(monitor, tmp_path / "monday", back_up_meanwhile)
    assert [path.name for path in tmp_path.glob("monday*")] == ["monday"]
    assert restore(settings_at(tmp_path / "new"), tmp_path / "monday", quietly).evidence == ARTICLES


def test_a_copy_leaves_a_database_of_something_else_alone_until_it_is_told_to_share(
    monitor: Monitor, new_url: str, tmp_path: Path
) -> None:
    other = open_archive(new_url)
    with other.writing() as connection:
        connection.execute(text("CREATE TABLE customers (mine INTEGER)"))
    with pytest.raises(UsageError, match=r"tables of something else \(customers\).*createdb"):
        copy(monitor, new_url, quietly)
    with other.reading() as connection:
        assert inspect(connection).get_table_names() == ["customers"]
    upgrade(settings_at(tmp_path / "sharing", new_url), quietly)
    assert copy(monitor, new_url, quietly).tables == tuple(sum_tables(monitor.archive, quietly))
    other.close()


def test_a_restore_that_ended_early_is_refused_to_work_with_and_finished_by_a_second(
    monitor: Monitor, tmp_path: Path
) -> None:
    made = back_up(monitor, tmp_path / "monday", quietly)

    def stop(what: str, _done: int, _total: int) -> None:
        if what == "rows":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(settings_at(tmp_path / "new"), tmp_path / "monday", stop)
    with pytest.raises(StoreBroken, match="unfinished copy"):
        open_monitor(settings_at(tmp_path / "new"))
    assert restore(settings_at(tmp_path / "new"), tmp_path / "monday", quietly).tables == made.tables
    open_monitor(settings_at(tmp_path / "new"))


def test_nothing_is_restored_over_an_archive(monitor: Monitor, tmp_path: Path) -> None:
    back_up(monitor, tmp_path / "monday", quietly)
    before = sum_tables(monitor.archive, quietly)
    with pytest.raises(UsageError, match="none is overwritten"):
        restore(monitor.settings, tmp_path / "monday", quietly)
    assert sum_tables(monitor.archive, quietly) == before


def change_a_row(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE articles SET outlet = 'another'")


@pytest.mark.parametrize(
    "tamper",
    [
        change_a_row,
        lambda database: database.write_bytes(b""),  # SQLite takes it for an archive with nothing in it
        lambda database: database.write_bytes(database.read_bytes()[:40_000]),
        lambda database: database.write_bytes(database.read_bytes()[:20_000] + b"\xff" * 80_000),
    ],
    ids=["a row", "cut to nothing", "cut short", "overwritten"],
)
def test_a_backup_that_was_tampered_with_is_refused(
    monitor: Monitor, tmp_path: Path, tamper: Callable[[Path], object]
) -> None:
    back_up(monitor, tmp_path / "monday", quietly)
    tamper(tmp_path / "monday" / "archive.db")
    with pytest.raises(StoreBroken, match="not what was written"):
        restore(settings_at(tmp_path / "new"), tmp_path / "monday", quietly)
    assert sorted(path.name for path in (tmp_path / "new").glob(".restoring*")) == []


@pytest.mark.parametrize("manifest", [b"[" * 100_000, b"{}", b"\xff", b'{"made_at": 1, "tables": []}'])
def test_a_manifest_that_is_none_makes_no_backup(monitor: Monitor, tmp_path: Path, manifest: bytes) -> None:
    back_up(monitor, tmp_path / "monday", quietly)
    (tmp_path / "monday" / "manifest.json").write_bytes(manifest)
    with pytest.raises(UsageError, match="no whole backup"):
        restore(settings_at(tmp_path / "new"), tmp_path / "monday", quietly)


def test_a_backup_of_another_brings_nothing_from_outside_its_folder_and_puts_nothing_there(
    monitor: Monitor, tmp_path: Path
) -> None:
    """Who made the backup also made its sums, so they tell nothing of where its evidence leads to."""
    kept = next(monitor.snapshots.folder.rglob("*.warc.gz"))
    out = tmp_path / "out.warc.gz"
    out.write_bytes(kept.read_bytes())
    with monitor.archive.writing() as connection:
        connection.execute(text("UPDATE snapshots SET blob_key = '../../in.warc.gz' WHERE id = 1"))
        connection.execute(text("UPDATE snapshots SET blob_key = :out WHERE id = 2"), {"out": str(out)})
    (tmp_path / "in.warc.gz").write_bytes(kept.read_bytes())
    made = back_up(monitor, tmp_path / "backups" / "monday", quietly)
    restored = restore(settings_at(tmp_path / "far" / "new"), tmp_path / "backups" / "monday", quietly)
    assert [fault for _, fault in restored.faults] == [fault for _, fault in made.faults] == ["missing", "missing"]
    assert sorted(path.name for path in (tmp_path / "far").rglob("*in.warc.gz")) == []


def test_evidence_that_is_missing_or_altered_is_named_and_keeps_no_backup_from_being_made(
    monitor: Monitor, tmp_path: Path
) -> None:
    gone, cut, other, *_ = sorted(monitor.snapshots.folder.rglob("*.warc.gz"))
    other.write_bytes(gone.read_bytes())
    cut.write_bytes(cut.read_bytes()[:40])
    gone.unlink()
    assert levels(monitor)["evidence"] == "fault"
    made = back_up(monitor, tmp_path / "monday", quietly)
    assert sorted(fault for _, fault in made.faults) == ["altered", "missing", "unreadable"]


def test_a_copy_refuses_to_begin_while_a_service_works(monitor: Monitor, second_archive: Archive) -> None:
    url = second_archive.engine.url.render_as_string(hide_password=False)
    with monitor.alone("service"), pytest.raises(StoreBusy, match="stop it first"):
        copy(monitor, url, quietly)
    assert copy(monitor, url, quietly).tables == tuple(sum_tables(monitor.archive, quietly))


def test_a_copy_goes_to_another_place_that_lasts(either: Monitor) -> None:
    with pytest.raises(UsageError, match="the archive itself"):
        copy(either, either.archive.engine.url.render_as_string(hide_password=False), quietly)
    for nowhere in ("sqlite://", "sqlite:///:memory:"):
        with pytest.raises(UsageError, match="names no file"):
            copy(either, nowhere, quietly)


def test_a_backup_of_an_older_version_is_brought_up_to_date(
    monitor: Monitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(monitor, tmp_path / "monday", quietly)
    old = open_archive(tmp_path / "monday" / "archive.db")
    migrate(old, bundled_path("alembic"), to="0002")
    old.close()
    manifest = json.loads((tmp_path / "monday" / "manifest.json").read_text())
    sha256 = hashlib.sha256((tmp_path / "monday" / "archive.db").read_bytes()).hexdigest()
    (tmp_path / "monday" / "manifest.json").write_text(json.dumps(manifest | {"revision": "0002", "sha256": sha256}))
    assert restore(settings_at(tmp_path / "new"), tmp_path / "monday", quietly).rows > 0
    assert levels(open_monitor(settings_at(tmp_path / "new")))["database"] == "ok"


def test_upgrade_says_from_where_to_where(tmp_path: Path, new_url: str) -> None:
    settings = settings_at(tmp_path / "var", new_url)
    before, after, _ = upgrade(settings, quietly)
    assert (before, upgrade(settings, quietly)) == (None, (after, after, 0))


def test_upgrade_takes_an_older_archive_into_the_search_index(either: Monitor) -> None:
    with either.archive.writing() as connection:
        connection.execute(text("DELETE FROM search_entries"))
        connection.execute(text("DELETE FROM search_state"))
    assert levels(either)["search index"] == "warning"
    assert upgrade(either.settings, quietly)[2] == ARTICLES
    assert levels(either)["search index"] == "ok"


def test_a_check_finds_what_a_search_cannot_and_names_the_remedy(either: Monitor) -> None:
    complete_index(either.archive)
    with either.archive.writing() as connection:
        connection.execute(
            text(f"DELETE FROM search_index WHERE {'rowid' if either.archive.is_sqlite else 'article_id'} < 3")
        )
    (found,) = (finding for finding in check(either, quietly)[0] if finding.what == "search index")
    assert (found.level, found.words) == (
        "fault",
        "2 articles can't be found by a search; `monitor db reindex` makes the index anew",
    )
    assert make_index_anew(either.archive) == ARTICLES
    assert levels(either)["search index"] == "ok"


def test_a_damaged_page_is_found(monitor: Monitor) -> None:
    path = Path(str(monitor.archive.engine.url.database))
    with monitor.archive.connected() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    monitor.archive.close()
    content = bytearray(path.read_bytes())
    for page in range(2, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(content)
    try:
        assert levels(monitor) == {"database": "fault"}
    except StoreBroken as error:
        assert "damaged" in str(error)  # noqa: PT017 (which of the two depends on which page is read first)
