"""`monitor run` and `monitor poll`."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from monitor.cli.output import Json, ProgressBar, emit, progress_bar, say, show
from monitor.cli.report import emit_round, show_hits, show_prepared, show_round
from monitor.cli.state import INTERRUPTED, SOME_FAILED, opened
from monitor.errors import MonitorError
from monitor.jobs.service import poll_once, serve
from monitor.model.mailing import DeliveredDigest
from monitor.operations.digests import mails_needing_care, next_digests, write_by_hand
from monitor.operations.opening import Monitor
from monitor.operations.rounds import SUBSCRIPTION, Round, prepare
from monitor.operations.sources import find_sources
from monitor.text.counting import counted


def run(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Do one round, write a digest by hand, and end.")] = False,
    as_json: Json = False,
) -> None:
    """Poll what is due, match it, write the digest, and stay up. Example: `monitor run --once`

    A digest written by --once doesn't use up the day's. Ends 4 where some sources could not be read.
    """
    try:
        monitor = opened(context)
        show_prepared(monitor, prepare(monitor))
        if once:
            _run_once(monitor, as_json=as_json)
            return
        with progress_bar() as progress:
            reporter = _Reporter(monitor, progress, as_json=as_json)
            asyncio.run(serve(monitor, progress, reporter, _pages(monitor, reporter)))
    except (asyncio.CancelledError, KeyboardInterrupt):
        say("Stopped. Nothing is lost: what was in hand is taken up at the next start.")
        if once:
            raise typer.Exit(INTERRUPTED) from None


def _pages(monitor: Monitor, reporter: "_Reporter") -> AbstractAsyncContextManager[None] | None:
    """Return what serves readers' pages, where they can reach any."""
    if not monitor.settings.serves_pages:
        return None
    from monitor.web.server import serving  # noqa: PLC0415 (keeps `--help` quick)

    return serving(monitor, reporter.page_failed)


def poll(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Numbers, titles or addresses; default: all due.")
    ] = None,
    all_enabled: Annotated[bool, typer.Option("--all", help="Every enabled source, due or not.")] = False,
    as_json: Json = False,
) -> None:
    """Visit sources now and read what they bring; no digest. Example: `monitor poll --all`

    Ends 4 where some sources could not be read.
    """
    monitor = opened(context)
    ids = [source.id for source in find_sources(monitor, names)] if names else None
    done = _poll(monitor, ids, all_enabled=all_enabled)
    if as_json:
        emit_round(done)
    else:
        show_round(monitor, done)
        show_hits(monitor, done)
    _end(done)


def _run_once(monitor: Monitor, *, as_json: bool) -> None:
    done = _poll(monitor, None, all_enabled=False)
    if as_json:
        emit_round(done)
    else:
        show_round(monitor, done)
        show_hits(monitor, done)
    digest, paths = write_by_hand(monitor, SUBSCRIPTION)
    if as_json:
        emit({"digest": paths, "subject": digest.subject, "hits": len(digest.hit_ids)})
    else:
        _show_digest(paths, "an extra copy: the day's own digest will still tell these hits")
    _end(done)


def _poll(monitor: Monitor, ids: list[int] | None, *, all_enabled: bool) -> Round:
    try:
        with progress_bar() as progress:
            return asyncio.run(poll_once(monitor, progress, ids=ids, all_enabled=all_enabled))
    except (asyncio.CancelledError, KeyboardInterrupt):
        say("Stopped before the end. Nothing is lost: the next round takes up what is left.")
        raise typer.Exit(INTERRUPTED) from None


def _end(done: Round) -> None:
    if done.failed:
        raise typer.Exit(SOME_FAILED)


def _show_digest(digest: DeliveredDigest, note: str = "") -> None:
    what = "Alert" if digest.alert else "Digest"
    if digest.state != "sent":
        again = f"next try {digest.next_attempt_at:%H:%M} UTC; " if digest.next_attempt_at else ""
        show(f"{what} {digest.name} is {digest.state}: {digest.words}; {again}more: monitor digests list", "yellow")
        return
    if digest.address:
        show(f"{what} {digest.name}: sent to {digest.address}")
        return
    show(f"{what}: {digest.message_path}{f' ({note})' if note else ''}")
    show(f"{' ' * len(what)}  {digest.html_path}")


class _Reporter:
    """Shows what the service does: the first round in full, later ones where something happened."""

    def __init__(self, monitor: Monitor, bar: ProgressBar, *, as_json: bool) -> None:
        self._monitor = monitor
        self._bar = bar
        self._as_json = as_json

    def round_done(self, done: Round, *, is_first: bool) -> None:
        """Show one round."""
        self._bar.clear()
        if self._as_json:
            emit_round(done)
            return
        if not is_first and (done.polled or done.hits):
            show(f"\n{self._monitor.now().astimezone(ZoneInfo(self._monitor.settings.timezone)):%Y-%m-%d %H:%M %Z}")
        if is_first or done.polled:
            show_round(self._monitor, done)
        if is_first or done.hits:
            show_hits(self._monitor, done)

    def digests_made(self, digests: list[DeliveredDigest], *, is_first: bool) -> None:
        """Say where digests went, or why not; at the start what waits for the operator, and when the next is due."""
        for digest in digests:
            if self._as_json:
                emit({"digest": digest})
            else:
                _show_digest(digest)
        if is_first and not self._as_json:
            self._show_care()
            self._show_next(bool(digests))

    def round_failed(self, error: MonitorError) -> None:
        """Say why a round ended early."""
        self._bar.clear()
        say(
            f"monitor: {error}\nThat is tried again and again; this is said once, and when it goes well again.",
            style="red",
        )

    def going_on(self) -> None:
        """Say that what had failed goes well again."""
        self._bar.clear()
        say(f"{self._monitor.now():%Y-%m-%d %H:%M} UTC: going on, what had failed goes well again.", style="green")

    def page_failed(self, words: str) -> None:
        """Say why readers' pages, or one of them, can't be shown."""
        self._bar.clear()
        say(f"monitor: {words}", style="yellow")

    def _show_care(self) -> None:
        care = mails_needing_care(self._monitor)
        if care:
            say(
                f"{counted(len(care), 'mail')} refused, or of unknown arrival: monitor digests list --open", style="red"
            )

    def _show_next(self, has_digest: bool) -> None:
        for following in next_digests(self._monitor):
            when = f"{following.at:%Y-%m-%d %H:%M} {following.at.tzname()}"
            whose = "" if following.subscription == SUBSCRIPTION else f" of {following.subscription}"
            show(f"{'Next digest' if has_digest else 'No digest is due; the next one'}{whose}: {when}")
        say("Staying up; Ctrl-C ends it. Look around from another terminal: monitor hits list, monitor digests preview")
