"""`monitor sources`: what is polled, how it is doing, and how to change it."""

import asyncio
from dataclasses import replace
from typing import Annotated, get_args

import typer
from rich.table import Table
from rich.text import Text

from monitor.cli.listing import checked_record, show_checked
from monitor.cli.output import Json, emit, out, plain, progress_bar, say, show
from monitor.cli.state import FAILURE, SOME_FAILED, opened
from monitor.errors import UsageError
from monitor.model.archiving import SourceKind, SourceSpec, StoredSource
from monitor.operations import sources as operations
from monitor.operations.discovery import check_sources
from monitor.text.counting import counted

app = typer.Typer()
Names = Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Numbers, titles or addresses.")]
Some = Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Numbers, titles or addresses.")]
KINDS = "feed, page, watch, sitemap, search, newsletter or channel."
Tag = Annotated[str, typer.Option("--tag", help="Only sources with this tag.")]


@app.command("list")
def list_all(context: typer.Context, tag: Tag = "", as_json: Json = False) -> None:
    """List the sources and how their last visit went. Example: `monitor sources list --tag ngo`"""
    found = operations.all_sources(opened(context), tag)
    if as_json:
        for source in found:
            emit(source_record(source))
        return
    if not found:
        with_tag = f" with the tag {tag!r}" if tag else ""
        show(f"No sources{with_tag} yet; `monitor sources add URL` adds one, `monitor run` loads the starter list.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("No.", "Source", "Kind", "Lang", "Last visit", "Next visit", "How it went"):
        table.add_column(name, overflow="fold")
    for source in found:
        last = f"{source.last_polled_at:%Y-%m-%d %H:%M}" if source.last_polled_at else "never"
        following = f"{source.next_poll_at:%Y-%m-%d %H:%M}" if source.spec.is_enabled else "disabled"
        title = Text.assemble(plain(source.spec.title), "\n", (plain(source.spec.url).plain, "dim"))
        spec = source.spec
        table.add_row(str(source.id), title, spec.kind, spec.language, last, following, plain(_how(source)))
    out.print(table)
    disabled = sum(not source.spec.is_enabled for source in found)
    say(f"{counted(len(found), 'source')}, {disabled} disabled. Times are UTC. Try one: monitor sources check NUMBER")


def _how(source: StoredSource) -> str:
    if source.last_reason:
        times = f" ({source.failures} times in a row)" if source.failures > 1 else ""
        return f"{source.last_reason}{times}: {source.last_detail}"
    return "ok" if source.last_polled_at else source.spec.note


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
        checked = asyncio.run(check_sources(monitor, [source.spec for source in found], progress))
    if not checked:
        say("No source is enabled; `monitor sources list` shows those that are not.")
    for result in checked:
        if as_json:
            emit(checked_record(result))
        else:
            show_checked(result, headlines=5 if len(checked) == 1 else 0)
    failed = sum(result.error is not None for result in checked)
    if failed:
        say(f"{failed} of {counted(len(checked), 'source')} could not be read", style="yellow")
        raise typer.Exit(FAILURE if failed == len(checked) else SOME_FAILED)


@app.command()
def health(context: typer.Context, names: Names = None, as_json: Json = False) -> None:
    """Show how sources are doing, those with trouble first, and what to do. Example: `monitor sources health`"""
    found = operations.source_health(opened(context), names or ())
    if as_json:
        for one in found:
            emit(_health_record(one))
        return
    ill = [one for one in found if one.words]
    for one in ill:
        _show_ill(one)
    unread = [one for one in found if not one.words and one.source.last_reason]
    if unread:
        show("\nFailed at the last visit, too lately to be called ill:", style="bold")
        for one in unread:
            show(f"  {one.source.spec.title}: {operations.reason_in_words(one.source.last_reason)}")
    if names:
        for one in found:
            if not one.words and not one.source.last_reason:
                show(f"{one.source.spec.title}: nothing is known to be wrong. {_brings(one)}")
    enabled = [one.source for one in found if one.source.spec.is_enabled]
    unvisited = sum(source.last_polled_at is None for source in enabled)
    say(
        f"{counted(len(found), 'source')}: {len(ill)} with trouble, {len(unread)} that failed lately, "
        f"{unvisited} never visited yet, {len(found) - len(enabled)} disabled"
    )


def _show_ill(one: operations.SourceHealth) -> None:
    source = one.source
    since = f" since {source.health_since:%Y-%m-%d}" if source.health_since else ""
    good = f"last read {source.last_good_at:%Y-%m-%d %H:%M} UTC" if source.last_good_at else "never read yet"
    if one.words:
        show(f"{source.spec.title} ({source.id}): {one.words.what.lower()}{since}; {good}", style="yellow")
        show(f"  {one.words.meaning} {_brings(one)}")
        if source.last_reason:
            show(f"  {source.last_reason}, {source.failures} times in a row: {source.last_detail}")
        if source.moved_to:
            show(f"  It says that it has moved to {source.moved_to}")
        show(f"  What to do: {one.words.remedy}")


def _brings(one: operations.SourceHealth) -> str:
    if not one.usual.per_day:
        return "What it usually brings is not known yet."
    return f"It usually brings {one.usual.per_day:.1f} a day; {one.new_last_week} in the last week."


@app.command()
def edit(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="SOURCE", help="Number, title or address.")],
    url: Annotated[str | None, typer.Option(help="Its new address.")] = None,
    title: Annotated[str | None, typer.Option(help="Its title.")] = None,
    kind: Annotated[str | None, typer.Option(help=KINDS)] = None,
    language: Annotated[str | None, typer.Option(help="Its language, such as en or km.")] = None,
    only: Annotated[str | None, typer.Option(help='A query that an entry must satisfy; "" for none.')] = None,
    links: Annotated[str | None, typer.Option(help="CSS selector or XPath of a page's links.")] = None,
    tags: Annotated[str | None, typer.Option(help="Its tags, with commas between.")] = None,
    interval: Annotated[str | None, typer.Option(help='Time between visits: 30m, 6h, 1d; "" = as it brings.')] = None,
    proxy: Annotated[str | None, typer.Option(help='Its own proxy, "direct" for none, "" for the setting\'s.')] = None,
    browser: Annotated[bool | None, typer.Option("--browser/--no-browser", help="Run the page's scripts.")] = None,
) -> None:
    """Change a source; it is due at once. Example: `monitor sources edit 7 --links "h2 a" --interval 2h`"""
    monitor = opened(context)
    found = operations.find_sources(monitor, [name])
    if len(found) > 1:
        raise UsageError(f"{len(found)} sources are called {name!r}; give the number that `monitor sources list` shows")
    given = {
        "url": url,
        "title": title,
        "kind": None if kind is None else read_kind(kind),
        "language": language,
        "only": only,
        "links": links,
        "tags": None if tags is None else split_tags(tags),
        "proxy_url": proxy,
        "needs_browser": browser,
    }
    changes: dict[str, object] = {key: value for key, value in given.items() if value is not None}
    if interval is not None:
        changes["interval_seconds"] = operations.read_interval(interval)
    if not changes:
        raise UsageError("say what to change; `monitor sources edit --help` lists what can be")
    spec: SourceSpec = replace(found[0].spec, **changes)  # type: ignore[arg-type]  # each value has its field's type
    operations.change_sources(monitor, [(found[0], spec)])
    show(f"Changed {spec.title}. Look at what it lists now: monitor sources check {found[0].id}")


def read_kind(kind: str) -> SourceKind:
    """Return a kind of sources. Raises UsageError naming those that there are."""
    for known in get_args(SourceKind):
        if kind == known:
            found: SourceKind = known
            return found
    raise UsageError(f"--kind {kind!r} is none; they are {', '.join(get_args(SourceKind))}")


def split_tags(tags: str) -> tuple[str, ...]:
    """Return the tags of an option: with commas between, each once."""
    return tuple(dict.fromkeys(tag.strip() for tag in tags.split(",") if tag.strip()))


@app.command()
def enable(context: typer.Context, names: Some) -> None:
    """Poll sources, from now on. Example: `monitor sources enable 24`"""
    for source in operations.enable_sources(opened(context), names, is_enabled=True):
        show(f"Enabled {source.spec.title}; it is due at once: monitor poll")


@app.command()
def disable(context: typer.Context, names: Some) -> None:
    """Poll sources no more; what they brought stays. Example: `monitor sources disable 24`"""
    for source in operations.enable_sources(opened(context), names, is_enabled=False):
        show(f"Disabled {source.spec.title}; what it brought stays in the archive.")


@app.command()
def remove(context: typer.Context, names: Some, as_json: Json = False) -> None:
    """Forget sources; the articles they brought stay. Example: `monitor sources remove 3`"""
    for source in operations.remove_sources(opened(context), names):
        if as_json:
            emit({"removed": source.spec.url, "title": source.spec.title})
        else:
            show(f"Removed {source.spec.title} ({source.spec.url}); what it brought stays in the archive.")


def source_record(source: StoredSource) -> dict[str, object]:
    """Return a source as it is printed with --json."""
    spec = source.spec
    return {
        "source": source.id,
        "title": spec.title,
        "url": spec.url,
        "kind": spec.kind,
        "language": spec.language,
        "tags": spec.tags,
        "only": spec.only,
        "links": spec.links,
        "proxy": spec.proxy_url,
        "needs_browser": spec.needs_browser,
        "interval_seconds": spec.interval_seconds,
        "is_enabled": spec.is_enabled,
        "is_sample": spec.is_sample,
        "pace_seconds": source.pace_seconds,
        "next_poll_at": source.next_poll_at,
        "last_polled_at": source.last_polled_at,
        "last_good_at": source.last_good_at,
        "failures": source.failures,
        "reason": source.last_reason,
        "detail": source.last_detail,
        "health": source.health,
        "health_since": source.health_since,
        "moved_to": source.moved_to,
    }


def _health_record(one: operations.SourceHealth) -> dict[str, object]:
    words = one.words
    return source_record(one.source) | {
        "what": words.what if words else "",
        "meaning": words.meaning if words else "",
        "remedy": words.remedy if words else "",
        "usual_per_day": one.usual.per_day,
        "usual_gap_hours": one.usual.gap_hours,
        "new_last_week": one.new_last_week,
    }
