"""`monitor watchlists show|history|diff|export|revert|retire|restore`: a watchlist's past, and how to change course."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.output import Json, emit, say, show
from monitor.cli.state import opened
from monitor.cli.watchlists import By, Why, app
from monitor.errors import UsageError
from monitor.model.versions import WatchlistEvent
from monitor.operations import histories as operations
from monitor.operations.conflicts import signed
from monitor.operations.watchlists import read_watchlist_file
from monitor.text.counting import counted

Name = Annotated[str, typer.Argument(help="The watchlist's short name.")]
Version = Annotated[int | None, typer.Option("--version", metavar="N", help="An older version; default: the newest.")]


@app.command("show")
def show_document(context: typer.Context, name: Name, version: Version = None, as_json: Json = False) -> None:
    """Show a watchlist's document as it was applied. Example: `monitor watchlists show my-list --version 2`"""
    found = operations.find_version(opened(context), name, version)
    if as_json:
        emit(found)
        return
    say(f"{found.name}, version {found.number} {signed(found)}")
    show(found.document.rstrip("\n"))


@app.command()
def history(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """Show who changed a watchlist, when, why and what. Example: `monitor watchlists history my-list`"""
    found = operations.watchlist_history(opened(context), name)
    happened: list[tuple[datetime, operations.HistoryEntry | WatchlistEvent]] = [
        *((entry.version.applied_at, entry) for entry in found.entries),
        *((event.at, event) for event in found.events),
    ]
    for _at, one in sorted(happened, key=lambda pair: pair[0]):
        if isinstance(one, WatchlistEvent):
            _show_event(name, one, as_json=as_json)
        elif as_json:
            emit(_entry_record(one))
        else:
            _show_entry(one)
    if not as_json and len(found.entries) > 1:
        say(f"Two of them side by side: monitor watchlists diff {name} 1 {len(found.entries)}")


def _show_entry(entry: operations.HistoryEntry) -> None:
    version, changes = entry.version, entry.changes
    show(f"version {version.number}  {signed(version)}", style="bold")
    if version.number == 1:
        show(f"  {counted(len(changes.added), 'claim')}")
        return
    for words in changes.words:
        show(f"  {words}")


def _entry_record(entry: operations.HistoryEntry) -> dict[str, object]:
    version, changes = entry.version, entry.changes
    return {
        "watchlist": version.name,
        "version": version.number,
        "applied_at": version.applied_at,
        "applied_by": version.applied_by,
        "why": version.why,
        "origin": version.origin,
        "added": changes.added,
        "changed": changes.changed,
        "removed": changes.removed,
        "renamed": changes.renamed,
    }


def _show_event(name: str, event: WatchlistEvent, *, as_json: bool) -> None:
    if as_json:
        emit({"watchlist": name, "event": event.kind, "at": event.at, "by": event.by, "why": event.why})
        return
    why = f": {event.why}" if event.why else ""
    show(f"{event.kind}  by {event.by}, {event.at:%Y-%m-%d %H:%M} UTC{why}", style="bold")


@app.command()
def diff(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME|FILE", help="The watchlist's short name, or a file of it.")],
    before: Annotated[str, typer.Argument(metavar="[A]", help="A version's number or a file.")] = "",
    after: Annotated[str, typer.Argument(metavar="[B]", help="A version's number or a file; default: live.")] = "",
    as_json: Json = False,
) -> None:
    """Show what differs between two versions, or a file and what is live, claim by claim and line by line.

    Example: `monitor watchlists diff my-list 1 2`, or `monitor watchlists diff my-list.yaml` before applying it.
    """
    if "." in name or "/" in name:  # no list's name holds either
        name, before, after = read_watchlist_file(Path(name))[0].watchlist.name, before or name, name if before else ""
    compared = operations.diff_watchlist(opened(context), name, before, after)
    changes = compared.comparison
    if as_json:
        emit({"watchlist": name, "before": compared.before, "after": compared.after, "changes": changes})
        return
    if not changes.unified:
        show(f"{compared.before} and {compared.after} are the same.")
        return
    show(f"From {compared.before} to {compared.after}: {changes.counts}", style="bold")
    for words in changes.words:
        show(f"  {words}")
    for line in changes.unified.splitlines():
        show(line, style={"+": "green", "-": "red", "@": "cyan"}.get(line[:1], ""))


@app.command()
def export(
    context: typer.Context,
    name: Name,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file, or a folder for NAME.yaml; default: stdout.")
    ] = None,
    version: Version = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Also over a file that differs.")] = False,
) -> None:
    """Write a watchlist's document, byte for byte as it was applied. Example: `monitor watchlists export my-list -o .`

    Monitor remembers which version the file holds: an edit of it that is applied later begins from there.
    """
    monitor = opened(context)
    if output is None:
        found = operations.find_version(monitor, name, version)
        sys.stdout.buffer.write(found.document.encode())
        sys.stdout.buffer.flush()
        return
    path, found = operations.export_watchlist(monitor, name, output, number=version, overwrite=overwrite)
    say(f"{path} holds version {found.number} of {found.name}. Edit it, then: monitor watchlists diff {path}")


@app.command()
def revert(context: typer.Context, name: Name, number: int, why: Why = "", by: By = "") -> None:
    """Make an old version live again, as a new one. Example: `monitor watchlists revert my-list 2 --why "too broad"`"""
    monitor = opened(context)
    applied = operations.revert_watchlist(monitor, name, number, why=why, by=by)
    if applied.is_new:
        show(f"{name}: version {applied.number} is live; it holds what version {number} held")
    else:
        show(f"{name}: version {applied.number} holds the same already; nothing changed")


@app.command()
def retire(context: typer.Context, name: Name, why: Why = "", by: By = "") -> None:
    """Stop watching for a list; its hits stay. Example: `monitor watchlists retire my-list --why "closed"`"""
    changed = operations.set_retired(opened(context), name, "retired", why=why, by=by)
    state = "is retired: nothing of it is watched for from now on" if changed else "was retired already"
    show(f"{name} {state}. To bring it back: monitor watchlists restore {name}")


@app.command()
def restore(context: typer.Context, name: Name, why: Why = "", by: By = "") -> None:
    """Watch again for a list that was retired. Example: `monitor watchlists restore my-list`"""
    if not operations.set_retired(opened(context), name, "restored", why=why, by=by):
        raise UsageError(f"{name} is not retired; `monitor watchlists list` shows what is")
    show(f"{name} is watched for again. What came in between is not looked through by itself.")
