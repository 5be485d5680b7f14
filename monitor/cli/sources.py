"""`monitor sources`: what is polled."""

import asyncio
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from monitor.cli.output import Json, counted, emit, out, plain, progress_bar, say, show
from monitor.cli.state import FAILURE, SOME_FAILED, opened
from monitor.model.archiving import SourceSpec, StoredSource
from monitor.operations import sources as operations

app = typer.Typer(no_args_is_help=True, help="The feeds that are polled. Example: `monitor sources list`")
Names = Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Numbers, titles or addresses.")]


@app.command("list")
def list_all(context: typer.Context, as_json: Json = False) -> None:
    """List the sources and how their last visit went. Example: `monitor sources list --json`"""
    monitor = opened(context)
    found = operations.all_sources(monitor)
    if as_json:
        for source in found:
            emit(_record(source))
        return
    if not found:
        show("No sources yet; `monitor sources add URL` adds one, `monitor run` loads the starter list.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("No.", "Source", "Lang", "Last visit", "Next visit", "How it went"):
        table.add_column(name, overflow="fold")
    for source in found:
        last = f"{source.last_polled_at:%Y-%m-%d %H:%M}" if source.last_polled_at else "never"
        following = f"{source.next_poll_at:%Y-%m-%d %H:%M}" if source.spec.is_enabled else "disabled"
        title = Text.assemble(source.spec.title, "\n", (source.spec.url, "dim"))
        table.add_row(str(source.id), title, source.spec.language, last, following, plain(_how(source)))
    out.print(table)
    disabled = sum(not source.spec.is_enabled for source in found)
    say(f"{counted(len(found), 'source')}, {disabled} disabled. Times are UTC. Try one: monitor sources check NUMBER")


def _how(source: StoredSource) -> str:
    if source.last_reason:
        times = f" ({source.failures} times in a row)" if source.failures > 1 else ""
        return f"{source.last_reason}{times}: {source.last_detail}"
    return "ok" if source.last_polled_at else source.spec.note


@app.command()
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="The feed's address.")],
    title: Annotated[str, typer.Option(help="Its title; default: the feed's own.")] = "",
    language: Annotated[str, typer.Option(help="Its language, such as en or km.")] = "",
    only: Annotated[str, typer.Option(help="A query that an entry's title or summary must satisfy.")] = "",
    check_it: Annotated[bool, typer.Option("--check/--no-check", help="Read it once before adding it.")] = True,
    as_json: Json = False,
) -> None:
    """Add a feed. Example: `monitor sources add https://example.org/feed.xml --language en`"""
    spec = SourceSpec(url=url, title=title, language=language, only=only)
    added, feed = asyncio.run(operations.add_source(opened(context), spec, is_checked=check_it))
    if as_json:
        emit({"added": added.url, "title": added.title, "entries": len(feed.entries) if feed else None})
        return
    read = f", {counted(len(feed.entries), 'entry')} just now" if feed else ", not read yet"
    show(f"Added {added.title} ({added.url}){read}. It is due at once: monitor poll")


@app.command()
def check(context: typer.Context, names: Names = None, as_json: Json = False) -> None:
    """Read sources without keeping anything; default: all that are enabled. Example: `monitor sources check 3`

    Ends 4 where some could not be read, 1 where none could.
    """
    monitor = opened(context)
    if names:
        found = operations.find_sources(monitor, names)
    else:
        found = [source for source in operations.all_sources(monitor) if source.spec.is_enabled]
    with progress_bar() as progress:
        checked = asyncio.run(operations.check_sources(monitor, [source.spec for source in found], progress))
    if not checked:
        say("No source is enabled; `monitor sources list` shows those that are not.")
    for result in checked:
        if as_json:
            emit(
                {
                    "source": result.spec.url,
                    "title": result.spec.title,
                    "entries": len(result.feed.entries) if result.feed else None,
                    "reason": result.error.reason if result.error else "",
                    "detail": str(result.error or ""),
                }
            )
        elif result.error:
            show(f"{result.spec.title}: failed, {result.error.reason}: {result.error}", style="red")
        elif result.feed:
            show(f"{result.spec.title}: ok, {counted(len(result.feed.entries), 'entry')}")
    failed = sum(result.error is not None for result in checked)
    if failed:
        say(f"{failed} of {counted(len(checked), 'source')} could not be read", style="yellow")
        raise typer.Exit(FAILURE if failed == len(checked) else SOME_FAILED)


@app.command()
def remove(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Which.")],
    as_json: Json = False,
) -> None:
    """Forget sources; the articles they brought stay. Example: `monitor sources remove 3`"""
    for source in operations.remove_sources(opened(context), names):
        if as_json:
            emit({"removed": source.spec.url, "title": source.spec.title})
        else:
            show(f"Removed {source.spec.title} ({source.spec.url}); what it brought stays in the archive.")


def _record(source: StoredSource) -> dict[str, object]:
    spec = source.spec
    return {
        "source": source.id,
        "title": spec.title,
        "url": spec.url,
        "kind": spec.kind,
        "language": spec.language,
        "only": spec.only,
        "is_enabled": spec.is_enabled,
        "is_sample": spec.is_sample,
        "next_poll_at": source.next_poll_at,
        "last_polled_at": source.last_polled_at,
        "last_good_at": source.last_good_at,
        "failures": source.failures,
        "reason": source.last_reason,
        "detail": source.last_detail,
    }
