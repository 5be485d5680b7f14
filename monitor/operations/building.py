"""Build what a round and a command work with, from an opened Monitor's settings.

It loads the web client, the matcher and the mail's way; a command that only reads the archive is without them.
"""

import mimetypes
import random
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import httpcore

from monitor.bundled import bundled_path
from monitor.digest.deliver import FilesCourier
from monitor.digest.smtp import SmtpCourier
from monitor.errors import ConfigurationError, StoreBroken
from monitor.extract.sandbox import ParserLimits, ParserPool
from monitor.fetch import FetchLimits, HttpClient, NewsroomTransport, resolve_host
from monitor.fetch.browser import Browser
from monitor.fetch.mailbox import Mailbox
from monitor.model.fetching import SAMPLE_HOST
from monitor.model.mailing import Delivery
from monitor.model.ports import Courier, Encoder, Progress
from monitor.operations.door import Door
from monitor.operations.judges import judge_of
from monitor.operations.opening import Monitor
from monitor.operations.pages import stop_url
from monitor.pipeline.mail import Letterhead
from monitor.pipeline.outbox import Post
from monitor.pipeline.stages import InStore, Stages, at_once, no_progress, watch
from monitor.settings import Settings
from monitor.sources.cadence import Pace
from monitor.store.judgements import live_tunings
from monitor.store.sample import has_sample
from monitor.store.watchlists import live_watchlists
from monitor.text.smtp_urls import read_smtp_url


@asynccontextmanager
async def stages_of(monitor: Monitor, progress: Progress | None, encoder: Encoder | None) -> AsyncIterator[Stages]:
    """Give what a round works with; parser processes and connections end with the block."""
    settings = monitor.settings
    limits = ParserLimits(
        workers=settings.parser_workers,
        parse_deadline_seconds=settings.parser_deadline_seconds,
        memory_bytes=settings.parser_memory_bytes,
    )
    async with door_of(monitor) as http, ParserPool(limits) as parsers, judge_of(settings) as judge:
        stages = Stages(
            archive=monitor.archive,
            snapshots=monitor.snapshots,
            http=http,
            parsers=parsers,
            watching=watch(live_watchlists(monitor.archive)).tuned(live_tunings(monitor.archive)),
            pace=pace_of(monitor.settings),
            now=monitor.now,
            jitter=random.random,
            concurrency=settings.fetch_concurrency * 2,
            progress=progress or no_progress,
            judge=judge,
            encoder=encoder,
        )
        try:
            yield stages
        finally:
            stages.close()


def pace_of(settings: Settings) -> Pace:
    """How often sources are visited, at first and at the most and least."""
    start = settings.poll_interval_seconds
    return Pace(start, min(start, settings.poll_fastest_seconds), max(start, settings.poll_slowest_seconds))


def door_of(monitor: Monitor) -> Door:
    """Return the one door out, for web pages, mailboxes and pages that need a browser."""
    settings, web = monitor.settings, http_of(monitor)
    deadline_seconds, max_body_bytes = settings.fetch_deadline_seconds, settings.max_body_bytes
    password = settings.imap_password
    mailbox = Mailbox(
        password.get_secret_value if password else None,
        deadline_seconds=deadline_seconds,
        max_body_bytes=max_body_bytes,
        clock=monitor.now,
        ssl_context=_trust(settings.ca_file),
    )
    browser = Browser(web, settings.browser_path, deadline_seconds, max_body_bytes)
    return Door(web, mailbox, browser, has_proxy=settings.proxy_url is not None)


def http_of(monitor: Monitor) -> HttpClient:
    """Return the web client; while the sample is in the archive, its newsroom stands behind its reserved host."""
    settings = monitor.settings
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
        monitor.now,
        resolve=monitor.resolve or resolve_host,
        mounts={SAMPLE_HOST: _newsroom()} if has_sample(monitor.archive) else {},
        ssl_context=_trust(settings.ca_file),
    )


def letterhead_of(monitor: Monitor) -> Letterhead | None:
    """What mail carries of ours, or None where no mail server is set."""
    if monitor.settings.smtp_url is None:
        return None
    return Letterhead(monitor.settings.mail_from, partial(stop_url, monitor.settings, monitor.now))


def post_of(monitor: Monitor, stored: InStore | None) -> Post:
    """Return what delivering works with; without a mail server, mail waits."""
    settings = monitor.settings
    couriers: dict[Delivery, Courier] = {"files": FilesCourier(monitor.outbox)}
    if settings.smtp_url is not None and letterhead_of(monitor) is not None:
        couriers["mail"] = smtp_of(monitor)
    return Post(monitor.archive, couriers, monitor.now, random.random, settings.resend_unknown, stored or at_once)


def smtp_of(monitor: Monitor) -> SmtpCourier:
    """Return the way to the mail server. Raises ConfigurationError where none is set."""
    settings, letterhead = monitor.settings, letterhead_of(monitor)
    if settings.smtp_url is None or letterhead is None:
        raise ConfigurationError("no mail server is set: MONITOR_SMTP_URL and MONITOR_MAIL_FROM; see docs/mail.md")
    server = read_smtp_url(settings.smtp_url.get_secret_value())
    return SmtpCourier(server, letterhead.address, lambda: _trust(settings.ca_file))


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
