"""Open the archive and build what a round works with, from the settings. Nothing else builds anything."""

import mimetypes
import os
import random
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpcore

from monitor.bundled import bundled_path
from monitor.digest.deliver import FilesCourier
from monitor.digest.smtp import SmtpCourier
from monitor.errors import ConfigurationError, StoreBroken, StoreBusy
from monitor.fetch import FetchLimits, HttpClient, NewsroomTransport, resolve_host
from monitor.fetch.browser import Browser
from monitor.fetch.mailbox import Mailbox
from monitor.model.fetching import SAMPLE_HOST
from monitor.model.mailing import Delivery
from monitor.model.ports import Clock, Courier, Encoder, Lock, Progress, Resolver
from monitor.operations.door import Door
from monitor.operations.judges import judge_of
from monitor.operations.pages import stop_url
from monitor.pipeline.mail import Letterhead
from monitor.pipeline.outbox import Post
from monitor.pipeline.stages import InStore, Stages, at_once, no_progress, watch
from monitor.settings import Settings
from monitor.sources.cadence import Pace
from monitor.store.blobs import SnapshotStore
from monitor.store.catalogue import release_leases
from monitor.store.engine import Archive, open_archive
from monitor.store.judgements import live_tunings
from monitor.store.locks import holder_of, try_lock
from monitor.store.migrate import migrate
from monitor.store.outbox import recover_mail
from monitor.store.sample import has_sample
from monitor.store.transfer import is_unfinished
from monitor.store.watchlists import live_watchlists
from monitor.text.smtp_urls import read_smtp_url

SERVICE = "service"
"""What a service writes into its lock: it won't end by itself."""


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Monitor:
    """An opened Monitor: its settings, its archive and its folders. `resolve` and `now` can be given by tests."""

    settings: Settings
    archive: Archive
    snapshots: SnapshotStore
    outbox: Path
    now: Clock
    resolve: Resolver

    @asynccontextmanager
    async def stages(self, progress: Progress = no_progress, encoder: Encoder | None = None) -> AsyncIterator[Stages]:
        """Give what a round works with; parser processes and connections end with the block."""
        from monitor.extract.sandbox import ParserLimits, ParserPool  # noqa: PLC0415 (keeps `--help` quick)

        settings = self.settings
        limits = ParserLimits(
            workers=settings.parser_workers,
            parse_deadline_seconds=settings.parser_deadline_seconds,
            memory_bytes=settings.parser_memory_bytes,
        )
        async with self.door() as http, ParserPool(limits) as parsers, judge_of(settings) as judge:
            stages = Stages(
                archive=self.archive,
                snapshots=self.snapshots,
                http=http,
                parsers=parsers,
                watching=watch(live_watchlists(self.archive)).tuned(live_tunings(self.archive)),
                pace=self.pace,
                now=self.now,
                jitter=random.random,
                concurrency=settings.fetch_concurrency * 2,
                progress=progress,
                judge=judge,
                encoder=encoder,
            )
            try:
                yield stages
            finally:
                stages.close()

    @property
    def pace(self) -> Pace:
        """How often sources are visited, at first and at the most and least."""
        settings = self.settings
        start = settings.poll_interval_seconds
        return Pace(start, min(start, settings.poll_fastest_seconds), max(start, settings.poll_slowest_seconds))

    def door(self) -> Door:
        """Return the one door out, for web pages, mailboxes and pages that need a browser."""
        settings, web = self.settings, self.http()
        deadline_seconds, max_body_bytes = settings.fetch_deadline_seconds, settings.max_body_bytes
        password = settings.imap_password
        mailbox = Mailbox(
            password.get_secret_value if password else None,
            deadline_seconds=deadline_seconds,
            max_body_bytes=max_body_bytes,
            clock=self.now,
            ssl_context=_trust(settings.ca_file),
        )
        browser = Browser(web, settings.browser_path, deadline_seconds, max_body_bytes)
        return Door(web, mailbox, browser, has_proxy=settings.proxy_url is not None)

    def http(self) -> HttpClient:
        """Return the web client; while the sample is in the archive, its newsroom stands behind its reserved host."""
        settings = self.settings
        limits = FetchLimits(
            fetch_deadline_seconds=settings.fetch_deadline_seconds,
            max_body_bytes=settings.max_body_bytes,
            max_redirects=settings.max_redirects,
            host_delay_seconds=settings.host_delay_seconds,
            max_connections=settings.fetch_concurrency,
            allowed_networks=settings.allowed_networks,
            allowed_ports=settings.allowed_ports,
            user_agent=settings.user_agent,
            proxy_url=settings.proxy_url.get_secret_value() if settings.proxy_url else None,
        )
        return HttpClient(
            limits,
            self.now,
            resolve=self.resolve,
            mounts={SAMPLE_HOST: _newsroom()} if has_sample(self.archive) else {},
            ssl_context=_trust(settings.ca_file),
        )

    @property
    def letterhead(self) -> Letterhead | None:
        """What mail carries of ours, or None where no mail server is set."""
        if self.settings.smtp_url is None:
            return None
        return Letterhead(self.settings.mail_from, partial(stop_url, self.settings, self.now))

    def post(self, stored: InStore = at_once) -> Post:
        """Return what delivering works with; without a mail server, mail waits."""
        settings = self.settings
        couriers: dict[Delivery, Courier] = {"files": FilesCourier(self.outbox)}
        if settings.smtp_url is not None and self.letterhead is not None:
            couriers["mail"] = self.smtp()
        return Post(self.archive, couriers, self.now, random.random, settings.resend_unknown, stored)

    def smtp(self) -> SmtpCourier:
        """Return the way to the mail server. Raises ConfigurationError where none is set."""
        settings, letterhead = self.settings, self.letterhead
        if settings.smtp_url is None or letterhead is None:
            raise ConfigurationError("no mail server is set: MONITOR_SMTP_URL and MONITOR_MAIL_FROM; see docs/mail.md")
        server = read_smtp_url(settings.smtp_url.get_secret_value())
        return SmtpCourier(server, letterhead.address, lambda: _trust(settings.ca_file))

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


def open_monitor(settings: Settings, *, now: Clock = utc_now, resolve: Resolver = resolve_host) -> Monitor:
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
    migrate(archive, bundled_path("alembic"))
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


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    context = httpcore.default_ssl_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:
            raise ConfigurationError(f"ca_file {ca_file} is no readable PEM file of certificates: {error}") from error
    return context


def _newsroom() -> NewsroomTransport:
    folder = bundled_path("seeds") / "newsroom"
    if not folder.is_dir():
        raise StoreBroken(f"the sample newsroom is missing at {folder}; install Monitor anew")
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return NewsroomTransport(
        {f"/{path.relative_to(folder).as_posix()}": (_content_type(path), path.read_bytes()) for path in files}
    )


def _content_type(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"
