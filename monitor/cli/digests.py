"""`monitor digests`: what would be told now, what is owed, and what became of it."""

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from monitor.cli.output import Json, emit, out, plain, say, show
from monitor.cli.state import opened
from monitor.errors import UsageError
from monitor.model.mailing import MailRecord
from monitor.operations import digests as operations
from monitor.operations.alerts import preview_alert
from monitor.operations.rounds import SUBSCRIPTION
from monitor.text.counting import counted

app = typer.Typer()
Numbers = Annotated[list[int], typer.Argument(metavar="NUMBER...", help="As `monitor digests list` shows them.")]
Whose = Annotated[str, typer.Argument(help="Whose digest.")]
STYLES = {"sent": "green", "dead": "red", "unknown": "red", "queued": "yellow", "sending": "yellow", "settled": "dim"}


class Form(StrEnum):
    """The forms of a digest."""

    TEXT = "text"
    HTML = "html"
    EML = "eml"


@app.command()
def preview(
    context: typer.Context,
    subscription: Whose = SUBSCRIPTION,
    form: Annotated[
        Form, typer.Option("--format", help="As text, as the HTML page, or as the mail's bytes.")
    ] = Form.TEXT,
    output: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it there instead.")] = None,
    alert: Annotated[bool, typer.Option("--alert", help="The alert of what waits to be told at once.")] = False,
    as_json: Json = False,
) -> None:
    """Show the digest of what is untold now; nothing is told by it. Example: `monitor digests preview --format html`"""
    monitor = opened(context)
    digest = preview_alert(monitor, subscription) if alert else operations.preview(monitor, subscription)
    if as_json:
        emit({"subject": digest.subject, "hits": digest.hit_ids, "text": digest.text})
        return
    forms = {Form.TEXT: digest.text.encode(), Form.HTML: digest.html.encode(), Form.EML: digest.message}
    if output is None:
        sys.stdout.buffer.write(forms[form])
        sys.stdout.flush()
        return
    try:
        output.write_bytes(forms[form])
    except OSError as error:
        raise UsageError(f"{output} can't be written: {error.strerror}") from error
    say(f"{digest.subject}: {counted(len(digest.hit_ids), 'hit')}, written to {output}")


@app.command()
def send(
    context: typer.Context,
    subscription: Whose = SUBSCRIPTION,
    to: Annotated[str, typer.Option("--to", metavar="ADDRESS", help="Another address, to see how it looks.")] = "",
    as_json: Json = False,
) -> None:
    """Send a digest of what is untold now, by hand; the day's own still tells all of it.

    Example: `monitor digests send desk --to me@example.org`
    """
    digest, delivered = asyncio.run(operations.send_by_hand(opened(context), subscription, to))
    if as_json:
        emit({"digest": delivered, "subject": digest.subject, "hits": len(digest.hit_ids)})
        return
    show(f"{digest.subject}: {counted(len(digest.hit_ids), 'hit')}")
    where = delivered.address or str(delivered.message_path)
    show(f"Sent to {where}{f': {delivered.words}' if delivered.words else ''}")
    say("By hand: nothing is used up, the day's own digest will tell these hits too.")


@app.command("list")
def list_all(
    context: typer.Context,
    only_open: Annotated[bool, typer.Option("--open", help="Only those that have not come to their end.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List the digests and alerts that were made and what became of each. Example: `monitor digests list --open`"""
    monitor = opened(context)
    found = operations.outbox(monitor, limit=limit, only_open=only_open)
    if as_json:
        for mail in found:
            emit(mail)
        return
    if not found:
        what = "No digest is on its way or needs you" if only_open else "No digest yet: `monitor run` makes the first"
        show(f"{what}; `monitor digests preview` shows what one would tell now.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("No.", "For", "Of", "To", "Hits", "State", "What happened"):
        table.add_column(name, overflow="fold")
    for mail in found:
        state = Text(mail.state, STYLES[mail.state])
        to = mail.address or "files"
        day = f"{mail.digest_on:%Y-%m-%d}{f', alert {mail.alert}' if mail.alert else ''}"
        table.add_row(str(mail.id), mail.subscription, day, plain(to), str(mail.hits), state, plain(_happened(mail)))
    out.print(table)
    care = operations.mails_needing_care(monitor)
    if care:
        say(
            f"{counted(len(care), 'mail')} waiting for you: `monitor digests resend NUMBER` sends the same bytes "
            "again, `monitor digests settle NUMBER` closes it.",
            style="yellow",
        )
    say("Times are UTC.")


def _happened(mail: MailRecord) -> str:
    again = " (sent again: the first may have arrived too)" if mail.doubts and mail.state == "sent" else ""
    if mail.sent_at and mail.state == "sent":
        return f"{mail.sent_at:%Y-%m-%d %H:%M}{again} {mail.words}".rstrip()
    tries = f"{mail.attempts} tried; " if mail.attempts else ""
    following = f"; next try {mail.next_attempt_at:%Y-%m-%d %H:%M}" if mail.state == "queued" else ""
    return f"{tries}{mail.words}{following}"


@app.command()
def resend(context: typer.Context, numbers: Numbers, as_json: Json = False) -> None:
    """Send again what is dead or unknown: the same bytes. Example: `monitor digests resend 12`

    It goes to the subscription's address as it is now, so mend that first: `monitor subscriptions edit`.
    """
    done = operations.resend(opened(context), numbers)
    if as_json:
        emit({"queued": done})
        return
    show(f"{counted(done, 'mail')} queued: `monitor run` sends at its next look; `monitor digests list` shows that")


@app.command()
def settle(context: typer.Context, numbers: Numbers, as_json: Json = False) -> None:
    """Close mails that arrived after all, or that nobody needs any more. Example: `monitor digests settle 12`"""
    done = operations.settle(opened(context), numbers)
    if as_json:
        emit({"settled": done})
        return
    show(f"{counted(done, 'mail')} closed.")
