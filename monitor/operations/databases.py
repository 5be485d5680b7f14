"""The archive as a whole: brought up to date, examined, backed up, restored, moved to another database.

Backup, restore and copy are one thing: `monitor.store.transfer` between two archives, and the evidence beside it.
"""

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor import __version__
from monitor.bundled import bundled_path
from monitor.errors import StoreBroken, StoreBusy, UsageError
from monitor.files import replace_file
from monitor.model.ports import Progress
from monitor.operations.doctor import Finding
from monitor.operations.indexing import complete_index, examine_index
from monitor.operations.opening import Monitor, open_database, require_alone
from monitor.operations.unfinished import becoming
from monitor.settings import Settings
from monitor.store.blobs import SnapshotStore
from monitor.store.contents import TableSum, sum_tables
from monitor.store.engine import Archive, open_archive
from monitor.store.faults import name_of
from monitor.store.integrity import count_evidence, evidence, thorough_check
from monitor.store.locks import try_lock
from monitor.store.migrate import current_revision, differences, foreign_tables, migrate
from monitor.store.transfer import copy_rows, is_unfinished
from monitor.text.counting import counted

_DATABASE, _SNAPSHOTS, _MANIFEST = "archive.db", "snapshots", "manifest.json"
_BESIDE = ("secret-keys",)
"""Files of the data folder without which a restored archive would not be the same to its readers."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a backup, a restore or a copy came to: each table's sum, and the evidence, with what is wrong with it."""

    place: str
    tables: tuple[TableSum, ...]
    evidence: int = 0
    faults: tuple[tuple[str, str], ...] = ()

    @property
    def rows(self) -> int:
        """How many rows all tables have."""
        return sum(table.rows for table in self.tables)


def upgrade(settings: Settings, progress: Progress) -> tuple[str | None, str | None, int]:
    """Bring the archive's tables and its search index up to date.

    Return the revision before and after, and how many articles were put into the index.
    """
    before = None
    if settings.database_url or (settings.data_dir / "monitor.db").exists():
        archive = open_archive(settings.archive_place)
        before = current_revision(archive)
        archive.close()
    archive = open_database(settings)
    try:
        # What a copy brings later would not be in an index that is complete already.
        indexed = 0 if is_unfinished(archive) else complete_index(archive, progress)
        return before, current_revision(archive), indexed
    finally:
        archive.close()


def check(monitor: Monitor, progress: Progress) -> tuple[list[Finding], list[TableSum]]:
    """Examine the database, read every row, and compare every piece of evidence with its hash."""
    archive = monitor.archive
    fault = thorough_check(archive)
    if fault:
        return [Finding("database", "fault", f"damaged: {fault}; restore it from a backup")], []
    findings = [Finding("database", "ok", f"{name_of(archive.engine.url)}, revision {current_revision(archive)}")]
    if differences(archive, bundled_path("alembic")):
        findings.append(Finding("tables", "fault", "they differ from what this version needs; restore from a backup"))
    sums = sum_tables(archive, progress)
    rows = counted(sum(table.rows for table in sums), "row")
    findings.append(Finding("rows", "ok", f"{rows} in {len(sums)} tables, all readable"))
    findings.append(examine_index(archive))
    number, faults = _examine_evidence(archive, monitor.snapshots, progress)
    if faults:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in Counter(kind for _, kind in faults).most_common())
        named = "; ".join(f"{kind}: {key}" for key, kind in faults[:5])
        words = f"of {counted(number, 'piece')} {kinds} ({named}); take them from a backup"
        findings.append(Finding("evidence", "fault", words))
    else:
        findings.append(Finding("evidence", "ok", f"{counted(number, 'piece')}, each as it was received"))
    return findings, sums


def back_up(monitor: Monitor, destination: Path, progress: Progress) -> Moved:
    """Write a backup folder while the service may go on: one consistent state, its evidence, and their sums.

    It takes its name only once it is whole. Raises UsageError where something of that name is there.
    """
    with becoming(destination) as part:
        made = _back_up(monitor, part, progress)
    return replace(made, place=str(destination))


def _back_up(monitor: Monitor, part: Path, progress: Progress) -> Moved:
    target = open_archive(part / _DATABASE)
    migrate(target, bundled_path("alembic"))
    tables = copy_rows(monitor.archive, target, name_of(monitor.archive.engine.url), progress)
    faults = _copy_evidence(target, monitor.snapshots, SnapshotStore(part / _SNAPSHOTS), progress)
    number, revision = count_evidence(target), current_revision(target)
    _fold(target)
    for name in _BESIDE:
        if (monitor.settings.data_dir / name).is_file():
            replace_file(part / name, (monitor.settings.data_dir / name).read_bytes())
    manifest = {
        "sha256": _sha256(part / _DATABASE),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "monitor": __version__,
        "revision": revision,
        "tables": [asdict(table) for table in tables],
        "evidence": number,
        "evidence_faults": faults,
    }
    replace_file(part / _MANIFEST, json.dumps(manifest, indent=2).encode())
    return Moved(str(part), tuple(tables), number, tuple(faults))


def restore(settings: Settings, folder: Path, progress: Progress) -> Moved:
    """Put a backup into the settings' archive, which must be empty; what arrives is compared with the backup's sums.

    One that was killed is finished by a second call. Raises UsageError for no whole backup or a target in use.
    """
    manifest = _read_manifest(folder)
    target = open_database(settings)
    try:
        done = _restore(target, settings.data_dir, folder, manifest, progress)
    finally:
        target.close()
    for name in _BESIDE:
        if (folder / name).is_file() and not (settings.data_dir / name).exists():
            replace_file(settings.data_dir / name, (folder / name).read_bytes())
    return done


def _restore(target: Archive, data_dir: Path, folder: Path, manifest: dict[str, Any], progress: Progress) -> Moved:
    with _held(target), _opened_copy(folder, manifest, data_dir / ".restoring.db") as source:
        migrate(source, bundled_path("alembic"))
        kept = SnapshotStore(data_dir / _SNAPSHOTS)
        faults = _copy_evidence(source, SnapshotStore(folder / _SNAPSHOTS), kept, progress)
        tables = copy_rows(source, target, f"the backup {folder} of {manifest['made_at']}", progress)
        return Moved(name_of(target.engine.url), tuple(tables), count_evidence(source), tuple(faults))


def copy(monitor: Monitor, url: str, progress: Progress) -> Moved:
    """Copy the archive's database to another address, which must be empty; nobody may work on either meanwhile.

    The evidence stays where it is. Raises StoreBusy, UsageError or StoreBroken.
    """
    target = open_archive(url)
    if target.is_sqlite and target.engine.url.database in (None, "", ":memory:"):
        raise UsageError(f"{url!r} names no file: write it as sqlite:////PATH/archive.db")
    if name_of(target.engine.url) == name_of(monitor.archive.engine.url):
        raise UsageError("that is the archive itself; name an empty database to copy to")
    try:
        if others := foreign_tables(target):
            raise UsageError(
                f"{name_of(target.engine.url)} holds tables of something else ({', '.join(others[:3])}); nothing was "
                "changed. Make a database of its own (createdb NAME --encoding UTF8); or where both are to share that "
                "one, make Monitor's tables there first: MONITOR_DATABASE_URL=… monitor db upgrade"
            )
        migrate(target, bundled_path("alembic"))
        with monitor.alone("copy") as lock, _held(target):
            require_alone(lock)
            tables = copy_rows(monitor.archive, target, name_of(monitor.archive.engine.url), progress)
        return Moved(name_of(target.engine.url), tuple(tables))
    finally:
        target.close()


@contextmanager
def _held(target: Archive) -> Iterator[None]:
    with try_lock(target, "run", "copy") as lock:
        if lock is None:
            raise StoreBusy("another Monitor works on the target; stop it first")
        yield


def _examine_evidence(
    archive: Archive, snapshots: SnapshotStore, progress: Progress
) -> tuple[int, list[tuple[str, str]]]:
    total, faults, number = count_evidence(archive), [], 0
    for number, (blob_key, body_sha256) in enumerate(evidence(archive), start=1):
        if fault := snapshots.fault(blob_key, body_sha256):
            faults.append((blob_key, fault))
        progress("evidence", number, max(total, number))
    return number, faults


def _copy_evidence(
    archive: Archive, source: SnapshotStore, target: SnapshotStore, progress: Progress
) -> list[tuple[str, str]]:
    """Bring over the evidence that an archive's rows name; return what is wrong with it there."""
    total, faults = count_evidence(archive), []
    for number, (blob_key, body_sha256) in enumerate(evidence(archive), start=1):
        source.copy_to(target, blob_key)
        if fault := target.fault(blob_key, body_sha256):
            faults.append((blob_key, fault))
        progress("evidence", number, max(total, number))
    return faults


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        manifest = None
    if not isinstance(manifest, dict) or not {"made_at", "sha256"} <= manifest.keys():
        raise UsageError(
            f"{folder} is no whole backup: its {_MANIFEST} is missing or can't be read. Give the folder that "
            "`monitor db backup` made (one with .part- in its name was not finished)"
        )
    return manifest


@contextmanager
def _opened_copy(folder: Path, manifest: dict[str, Any], work: Path) -> Iterator[Archive]:
    """Open a copy of a backup's database: the backup itself may be on a read-only disk, and stays as it is.

    What isn't byte for byte what was backed up is not opened: cut to nothing, it would pass for an empty archive.
    """
    _remove_database(work)
    try:
        try:
            shutil.copyfile(folder / _DATABASE, work)
        except OSError as error:
            raise StoreBroken(f"can't copy {folder / _DATABASE} to {work}: {error.strerror}") from error
        if _sha256(work) != manifest["sha256"]:
            raise StoreBroken(f"the backup {folder} is not what was written into it; take another one")
        archive = open_archive(work)
        try:
            yield archive
        finally:
            archive.close()
    finally:
        _remove_database(work)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fold(archive: Archive) -> None:
    """Close an SQLite archive so that one file holds all of it, and reaches the disk."""
    path = Path(str(archive.engine.url.database))
    with archive.connected() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
    archive.close()
    for name in ("run", "migrate"):
        Path(f"{path}.{name}.lock").unlink(missing_ok=True)
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_database(path: Path) -> None:
    for name in (path.name, *(f"{path.name}{end}" for end in ("-wal", "-shm", ".run.lock", ".migrate.lock"))):
        path.with_name(name).unlink(missing_ok=True)
