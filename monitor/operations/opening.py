"""Open the archive, and give what a round works with. Nothing else builds anything.

What is built stands in `building`, which is loaded when it is asked for: most commands only read the archive.
"""
# ruff: noqa: PLC0415 (what is built is loaded by the commands that need it)

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from monitor.bundled import bundled_path
from monitor.errors import ConfigurationError, StoreBroken, StoreBusy
from monitor.store.blobs import SnapshotStore
from monitor.store.catalogue import release_leases
from monitor.store.engine import Archive, open_archive
from monitor.store.head import migrate_if_behind
from monitor.store.locks import holder_of, try_lock
from monitor.store.outbox import recover_mail
from monitor.store.transfer import is_unfinished

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from monitor.digest.smtp import SmtpCourier
    from monitor.fetch import HttpClient
    from monitor.model.ports import Clock, Encoder, Lock, Progress, Resolver
    from monitor.operations.door import Door
    from monitor.pipeline.mail import Letterhead
    from monitor.pipeline.outbox import Post
    from monitor.pipeline.stages import InStore, Stages
    from monitor.settings import Settings

SERVICE = "service"
"""What a service writes into its lock: it won't end by itself."""


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Monitor:
    """An opened Monitor: its settings, its archive and its folders. `resolve` and `now` can be given by tests.

    Without `resolve`, the system's resolver is asked.
    """

    settings: Settings
    archive: Archive
    snapshots: SnapshotStore
    outbox: Path
    now: Clock
    resolve: Resolver | None = None

    def stages(
        self, progress: Progress | None = None, encoder: Encoder | None = None
    ) -> AbstractAsyncContextManager[Stages]:
        """Give what a round works with; parser processes and connections end with the block."""
        from monitor.operations.building import stages_of

        return stages_of(self, progress, encoder)

    def door(self) -> Door:
        """Return the one door out, for web pages, mailboxes and pages that need a browser."""
        from monitor.operations.building import door_of

        return door_of(self)

    def http(self) -> HttpClient:
        """Return the web client; while the sample is in the archive, its newsroom stands behind its reserved host."""
        from monitor.operations.building import http_of

        return http_of(self)

    @property
    def letterhead(self) -> Letterhead | None:
        """What mail carries of ours, or None where no mail server is set."""
        from monitor.operations.building import letterhead_of

        return letterhead_of(self)

    def post(self, stored: InStore | None = None) -> Post:
        """Return what delivering works with; without a mail server, mail waits."""
        from monitor.operations.building import post_of

        return post_of(self, stored)

    def smtp(self) -> SmtpCourier:
        """Return the way to the mail server. Raises ConfigurationError where none is set."""
        from monitor.operations.building import smtp_of

        return smtp_of(self)

    @contextmanager
    def alone(self, purpose: str) -> Iterator[Lock | None]:
        """Give a lock on this archive, or None where another process works on it; none can begin to in the block.

        The lone one frees what a killed one had in hand, so that nothing waits for a lease of the dead.
        """
        with try_lock(self.archive, "run", purpose) as lock:
            if lock is not None:
                release_leases(self.archive)
                recover_mail(self.archive, self.now(), is_alone=True)
            yield lock

    def is_served(self) -> bool:
        """Say whether the last to work on this archive was a service, which doesn't end by itself."""
        return holder_of(self.archive, "run") == SERVICE


def open_monitor(settings: Settings, *, now: Clock = utc_now, resolve: Resolver | None = None) -> Monitor:
    """Open the archive, making its folder (0700) and bringing its tables up to date."""
    archive = open_database(settings)
    if origin := is_unfinished(archive):
        archive.close()
        raise StoreBroken(
            f"this archive is an unfinished copy of {origin}; type the same `monitor db copy` or `restore` again to "
            "finish it, or name another database"
        )
    data_dir = settings.data_dir
    return Monitor(settings, archive, SnapshotStore(data_dir / "snapshots"), data_dir / "outbox", now, resolve)


def open_database(settings: Settings) -> Archive:
    """Open the archive's database alone, with its tables up to date, whether or not a copy into it is finished."""
    try:
        _make_private(settings.data_dir)
    except OSError as error:
        raise ConfigurationError(
            f"data_dir {settings.data_dir} can't be made or owned: {error.strerror}; "
            "set MONITOR_DATA_DIR to a folder of yours"
        ) from error
    os.umask(0o077)
    archive = open_archive(settings.archive_place)
    migrate_if_behind(archive, bundled_path("alembic"))
    return archive


def _make_private(folder: Path) -> None:
    """Make a folder for its owner's eyes alone; one with other things in it (/tmp, a home) keeps its mode."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if all(path.name.startswith(".") for path in folder.iterdir()):
        folder.chmod(0o700)


def require_alone(lock: Lock | None) -> Lock:
    """Refuse to run beside another. Raises StoreBusy."""
    if lock is None:
        raise StoreBusy("another `monitor run` works on this archive; stop it first (Ctrl-C), then type this again")
    return lock
