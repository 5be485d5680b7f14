"""How the command line speaks: results on stdout, everything else on stderr, one JSON object a line with --json."""

import io
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic_core import to_jsonable_python
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from monitor.model.ports import Progress as ProgressPort
from monitor.text.plain import drop_controls

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")]

# A file or pipe has no width: nothing that is written there is cut.
out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout and sys.stdout.isatty() else 10_000)
err = Console(stderr=True, highlight=False, soft_wrap=True)

# What a terminal obeys or no encoding carries; the lower controls json escapes itself.
_UNPRINTABLE = re.compile(r"[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_WORDS = {"sources": "Visiting sources", "articles": "Reading articles"}


def emit(value: object) -> None:
    """Print one JSON object on a line of its own, at once: who reads a running service waits for it."""
    is_utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    line = json.dumps(to_jsonable_python(value), ensure_ascii=not is_utf8)
    sys.stdout.write(_UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", line) + "\n")
    sys.stdout.flush()


def speak_safely() -> None:
    """Let no command end for a character that its output can't take, or for an output that is closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 (open for as long as we run)
            setattr(sys, name, nowhere)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def show(text: str | Text = "", style: str = "") -> None:
    """Print a line of the result. The text may come from a feed: nothing in it is markup."""
    out.print(text if isinstance(text, Text) else plain(text), style=style or None)


def say(text: str, style: str = "") -> None:
    """Print a line for the person at the terminal."""
    err.print(plain(text), style=style or None)


def plain(text: str) -> Text:
    """Return a text as a terminal may show it: nothing in it is markup, and nothing that it would obey."""
    return Text(drop_controls(text))


@contextmanager
def progress_bar() -> Iterator[ProgressPort]:
    """Show how far a long work is: a bar on a terminal, nothing in a log file."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        tasks: dict[str, TaskID] = {}

        def advance(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(_WORDS.get(what, what), total=total)
            bar.update(tasks[what], completed=done, total=total, visible=done < total)

        yield advance


def counted(count: int, noun: str) -> str:
    """Return "1 source", "2 sources", "1 entry", "2 entries"."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{count:,} {noun if count == 1 else plural}"
