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

from monitor.text.plain import drop_controls

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")]


def _speak_to_nobody() -> None:
    """Go on when the reader of our output has gone away (`| head`): nothing is wrong, and nothing more can be said."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        _speak_to_nobody()


_is_terminal = bool(sys.stdout and sys.stdout.isatty())
# A terminal wraps between words; a file or pipe has no width, and nothing that is written there is cut.
out = _Console(highlight=False, soft_wrap=not _is_terminal, width=None if _is_terminal else 10_000)
err = Console(stderr=True, highlight=False, soft_wrap=not (sys.stderr and sys.stderr.isatty()))

# What a terminal obeys or no encoding carries; the lower controls json escapes itself.
_UNPRINTABLE = re.compile(r"[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_WORDS = {
    "sources": "Visiting sources",
    "articles": "Reading articles",
    "rows": "Copying rows",
    "evidence": "Examining evidence",
    "index": "Indexing articles",
    "candidates": "Searching candidates",
    "replay": "Looking in the archive",
    "backtest": "Holding articles against claims",
}


def emit(value: object) -> None:
    """Print one JSON object on a line of its own, at once: who reads a running service waits for it."""
    is_utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    line = json.dumps(to_jsonable_python(value), ensure_ascii=not is_utf8)
    try:
        sys.stdout.write(_UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", line) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _speak_to_nobody()


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


class ProgressBar:
    """Shows how far a long work is: a bar on a terminal, nothing in a log file."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show one step."""
        if not err.is_terminal:
            return
        if self._bar is None:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, console=err, transient=True)
            self._bar.start()
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(_WORDS.get(what, what), total=total)
        self._bar.update(self._tasks[what], completed=done, total=total)

    def clear(self) -> None:
        """Take the bar off the screen, before anything else is said; the next step shows a new one."""
        if self._bar is not None:
            self._bar.stop()
        self._bar, self._tasks = None, {}


@contextmanager
def progress_bar() -> Iterator[ProgressBar]:
    """Give a progress bar that is gone at the end, however it ends."""
    bar = ProgressBar()
    try:
        yield bar
    finally:
        bar.clear()
