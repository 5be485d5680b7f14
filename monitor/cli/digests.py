"""`monitor digests`: what would be told now."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.output import Json, counted, emit, say
from monitor.cli.state import opened
from monitor.errors import UsageError
from monitor.operations.digests import preview as make_preview
from monitor.operations.rounds import SUBSCRIPTION

app = typer.Typer(no_args_is_help=True, help="What readers are told. Example: `monitor digests preview`")


class Form(StrEnum):
    """The forms of a digest."""

    TEXT = "text"
    HTML = "html"
    EML = "eml"


@app.callback()
def group() -> None:
    """Keep `preview` a command of its own while it is the only one."""


@app.command()
def preview(
    context: typer.Context,
    subscription: Annotated[str, typer.Argument(help="Whose digest.")] = SUBSCRIPTION,
    form: Annotated[
        Form, typer.Option("--format", help="As text, as the HTML page, or as the mail's bytes.")
    ] = Form.TEXT,
    output: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it there instead.")] = None,
    as_json: Json = False,
) -> None:
    """Show the digest of what is untold now; nothing is told by it. Example: `monitor digests preview --format html`"""
    digest = make_preview(opened(context), subscription)
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
