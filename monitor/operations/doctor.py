"""Examine an installation: each finding says what is well or what to mend."""

import importlib
import os
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from importlib.util import find_spec
from typing import Literal
from urllib.parse import urlsplit

from monitor.bundled import bundled_path
from monitor.errors import MonitorError
from monitor.fetch.browser import find_chromium
from monitor.model.fetching import Fetched
from monitor.operations.digests import mails_needing_care, outbox
from monitor.operations.encoders import open_encoder, probe
from monitor.operations.opening import Monitor, open_monitor
from monitor.operations.pages import is_answered
from monitor.operations.watchlists import folder_troubles, live
from monitor.settings import Settings
from monitor.store.catalogue import list_sources
from monitor.store.integrity import quick_check
from monitor.store.migrate import current_revision, differences
from monitor.store.subscriptions import list_subscriptions
from monitor.text.counting import counted

MIN_FREE_BYTES = 500 * 2**20
_PAGE = b"<html><body><article><p>" + b"A page that Monitor made to see whether its parsers work. " * 8 + b"</article>"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined; `words` name the remedy where there is something to mend."""

    what: str
    level: Literal["ok", "warning", "fault"]
    words: str


async def examine(settings: Settings) -> list[Finding]:
    """Examine everything that a run needs; makes nothing, and never raises what it can tell."""
    findings = [_python(), _sqlite()]
    if not settings.data_dir.exists():
        return [
            *findings,
            Finding("archive", "warning", f"{settings.data_dir} is not there yet; `monitor run` makes it"),
        ]
    try:
        monitor = open_monitor(settings)
    except MonitorError as error:
        return [*findings, Finding("archive", "fault", str(error))]
    checks = (_folder, _archive, _watchlists, _sources, _extras, _contact, _encoder, _outbox)
    told = [_told(check, monitor) for check in checks]
    return [*findings, *told, await _mail_server(monitor), await _pages(settings), await _parsers(monitor)]


def _told(check: Callable[[Monitor], Finding], monitor: Monitor) -> Finding:
    try:
        return check(monitor)
    except MonitorError as error:
        return Finding(check.__name__.strip("_"), "fault", str(error))


def _python() -> Finding:
    version = sys.version.split()[0]
    message = EmailMessage(policy=SMTP)
    message["Subject"] = "=?utf-8?q?Hi=0D=0AX-Injected:_yes?="
    if b"\nX-Injected" in bytes(message):
        return Finding(
            "python",
            "fault",
            f"{version} lets encoded words write mail headers (CVE-2024-6923). Monitor's own headers are cleaned "
            "before, yet use a patched Python: Debian's python3.11, 3.11.10, 3.12.5, 3.13 or newer",
        )
    return Finding("python", "ok", version)


def _sqlite() -> Finding:
    return Finding("sqlite", "ok", sqlite3.sqlite_version)


def _folder(monitor: Monitor) -> Finding:
    folder = monitor.settings.data_dir
    mode = folder.stat().st_mode & 0o777
    free = shutil.disk_usage(folder).free
    if mode & 0o077:
        remedy = f"type chmod 700 {folder}, or set MONITOR_DATA_DIR to a folder of Monitor's own"
        return Finding("folder", "fault", f"{folder} is open to others ({mode:o}); {remedy}")
    if not os.access(folder, os.W_OK):
        return Finding("folder", "fault", f"{folder} can't be written; make it yours, or set MONITOR_DATA_DIR")
    if free < MIN_FREE_BYTES:
        return Finding("folder", "warning", f"{folder} has {free // 2**20} MiB left; make room")
    return Finding("folder", "ok", f"{folder}, {free // 2**30} GiB free")


def _archive(monitor: Monitor) -> Finding:
    fault = quick_check(monitor.archive)
    if fault:
        return Finding("archive", "fault", f"the database is damaged ({fault}); restore it from a backup")
    if differences(monitor.archive, bundled_path("alembic")):
        return Finding("archive", "fault", "its tables differ from what this version needs; restore it from a backup")
    return Finding("archive", "ok", f"whole, revision {current_revision(monitor.archive)}")


def _watchlists(monitor: Monitor) -> Finding:
    lists = live(monitor)
    claims = sum(len(watchlist.claims) for _stored, watchlist in lists)
    if troubles := folder_troubles(monitor):
        stands = f"{len(lists)} live with {counted(claims, 'claim')}, but not all that should be:"
        return Finding("watchlists", "warning", "\n".join([stands, *troubles]))
    if not lists:
        return Finding("watchlists", "warning", "none is live yet; `monitor run` applies those that ship")
    return Finding("watchlists", "ok", f"{len(lists)} live with {counted(claims, 'claim')}")


def _sources(monitor: Monitor) -> Finding:
    sources = [source for source in list_sources(monitor.archive) if source.spec.is_enabled]
    if not sources:
        return Finding(
            "sources", "warning", "none is enabled; `monitor sources add URL`, or `monitor run` on a first run"
        )
    real = [source for source in sources if not source.spec.is_sample]
    host = urlsplit(real[0].spec.url).hostname if real else None
    if host and not monitor.settings.proxy_url:
        try:
            socket.getaddrinfo(host, 443)
        except OSError as error:
            return Finding("sources", "warning", f"{host} can't be resolved ({error.strerror}): is there a network?")
    failing = sum(bool(source.last_reason) for source in sources)
    return Finding("sources", "ok", f"{len(sources)} enabled, {failing} failing; `monitor sources list` says how")


def _extras(monitor: Monitor) -> Finding:
    """Tell what sources need beyond the usual: mail for newsletters, a browser for pages made by scripts."""
    specs = [source.spec for source in list_sources(monitor.archive) if source.spec.is_enabled]
    lacking = []
    if any(spec.kind == "newsletter" for spec in specs):
        if find_spec("imap_tools") is None:
            lacking.append("newsletters need the mail extra: make extras, or pip install 'monitor-newswatch[imap]'")
        if monitor.settings.imap_password is None:
            lacking.append("newsletters need MONITOR_IMAP_PASSWORD, or MONITOR_IMAP_PASSWORD_FILE")
    if any(spec.needs_browser for spec in specs):
        if find_spec("playwright") is None:
            lacking.append("pages with scripts need the browser extra: make extras")
        find_chromium(monitor.settings.browser_path)
    if lacking:
        return Finding("extras", "fault", "; ".join(lacking))
    return Finding("extras", "ok", "all that the sources need is there")


def _encoder(monitor: Monitor) -> Finding:
    with open_encoder(monitor.settings) as opened:
        meanings = probe(opened)
        level: Literal["ok", "warning"] = "ok" if meanings.encoder else "warning"
        return Finding("encoder", level, meanings.detail)


def _contact(monitor: Monitor) -> Finding:
    if not monitor.settings.contact:
        return Finding("contact", "warning", "MONITOR_CONTACT is not set; sites that we visit can't reach you")
    return Finding("contact", "ok", monitor.settings.user_agent)


def _outbox(monitor: Monitor) -> Finding:
    care = mails_needing_care(monitor)
    if care:
        words = f"{len(care)} refused for good or of unknown arrival, the last: {care[0].words}; `monitor digests list`"
        return Finding("outbox", "fault", words)
    waiting = outbox(monitor, limit=1000, only_open=True)
    if waiting and waiting[-1].reason:
        return Finding("outbox", "warning", f"{len(waiting)} waiting, the oldest since: {waiting[-1].words}")
    return Finding("outbox", "ok", f"{len(waiting)} waiting" if waiting else "nothing is owed")


async def _mail_server(monitor: Monitor) -> Finding:
    mailed = [one for one in list_subscriptions(monitor.archive) if one.delivery == "mail" and not one.paused_by]
    if monitor.settings.smtp_url is None:
        words = "none is set; digests go to files"
        if mailed:
            waiting = f"{counted(len(mailed), 'subscription')} by mail must wait: set MONITOR_SMTP_URL"
            return Finding("mail server", "fault", waiting)
        return Finding("mail server", "ok", words)
    courier = monitor.smtp()
    try:
        await courier.greet()
    except MonitorError as error:
        return Finding("mail server", "fault", str(error))
    finally:
        await courier.close()
    return Finding("mail server", "ok", f"lets us in; {counted(len(mailed), 'subscription')} by mail")


async def _pages(settings: Settings) -> Finding:
    if not settings.public_url:
        return Finding("pages", "ok", "none: readers stop mails by writing back; MONITOR_PUBLIC_URL makes it one click")
    if not settings.serves_pages:
        words = "MONITOR_PUBLIC_URL is not https, so no mail carries a link that stops it; serve it over https"
        return Finding("pages", "warning", words)
    if not await is_answered(settings):
        words = f"nothing of ours answers on {settings.listen}: is `monitor run` up, and MONITOR_LISTEN free for it?"
        return Finding("pages", "warning", words)
    return Finding("pages", "ok", f"served on {settings.listen}; your proxy passes {settings.public_url}/ on to it")


async def _parsers(monitor: Monitor) -> Finding:
    try:
        importlib.import_module("lxml_html_clean")
        url = "https://newsroom.example/doctor"
        page = Fetched(url, url, 200, (("Content-Type", "text/html"),), _PAGE, _PAGE, "0" * 64, monitor.now())
        async with monitor.stages() as stages:
            await stages.parsers.extract_article(page)
    except (ImportError, MonitorError) as error:
        return Finding("parsers", "fault", f"{error}; install Monitor anew, or raise MONITOR_PARSER_MEMORY_BYTES")
    return Finding("parsers", "ok", f"{monitor.settings.parser_workers} processes read a page")
