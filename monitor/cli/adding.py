"""`monitor sources add`, `add-search`, `import` and `export`: how sources come in, and go out."""

import asyncio
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from monitor.cli import sources
from monitor.cli.listing import checked_record, show_checked
from monitor.cli.output import Json, emit, say, show
from monitor.cli.sources import KINDS, Tag, read_kind, split_tags
from monitor.cli.state import FAILURE, opened
from monitor.model.archiving import SourceSpec
from monitor.operations.catalogues import export_sources, import_sources, wanted_sources
from monitor.operations.discovery import CheckedSource, add_source, discover, search_source
from monitor.operations.opening import Monitor
from monitor.operations.sources import check_spec, read_interval
from monitor.text.counting import counted

Title = Annotated[str, typer.Option(help="Its title; default: its own.")]
Language = Annotated[str, typer.Option(help="Its language, such as en or km.")]
Only = Annotated[str, typer.Option(help="A query that an entry's title or summary must satisfy.")]
Tags = Annotated[str, typer.Option(help="Tags for it, with commas between.")]


@sources.app.command()
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="A feed's address, or a site's: its feeds are found.")],
    title: Title = "",
    kind: Annotated[str, typer.Option(help=f"{KINDS} Default: found out.")] = "",
    language: Language = "",
    only: Only = "",
    links: Annotated[str, typer.Option(help="CSS selector or XPath of a page's links.")] = "",
    tags: Tags = "",
    interval: Annotated[str, typer.Option(help="Time between visits: 30m, 6h, 1d; default: as it brings.")] = "",
    proxy: Annotated[str, typer.Option(help='Its own proxy, or "direct" for none.')] = "",
    browser: Annotated[bool, typer.Option("--browser", help="Run the page's scripts (needs Chromium).")] = False,
    check_it: Annotated[bool, typer.Option("--check/--no-check", help="Read it once before adding it.")] = True,
    as_json: Json = False,
) -> None:
    """Add a source, after showing what would be read. Example: `monitor sources add https://example.org/`

    An address that several things can be followed at is not added: they are listed, each with the command to add it.
    """
    monitor = opened(context)
    spec = check_spec(
        SourceSpec(
            url=url,
            title=title,
            kind=read_kind(kind or "feed"),
            language=language,
            only=only,
            links=links,
            tags=split_tags(tags),
            interval_seconds=read_interval(interval),
            proxy_url=proxy,
            needs_browser=browser,
        )
    )
    if not check_it:
        _report(monitor, CheckedSource(spec, None), as_json=as_json)
        return
    found = asyncio.run(discover(monitor, spec, is_kind_given=bool(kind)))
    _add_one(monitor, found, title, as_json=as_json)


def _add_one(monitor: Monitor, found: list[CheckedSource], title: str, *, as_json: bool) -> None:
    readable = [result for result in found if result.listing and result.listing.entries]
    if len(found) == 1 and found[0].error:
        raise found[0].error
    if len(readable) == 1 or len(found) == 1:
        _report(monitor, (readable or found)[0], as_json=as_json)
        return
    for result in found:
        if as_json:
            emit(checked_record(result) | {"added": False})
            continue
        show_checked(result, headlines=3)
        if not result.error:
            # To be typed into a shell, and a page may offer an address that is a command to it.
            show(f"  {_command(result.spec, title)}", style="bold")
    say(f"{counted(len(readable), 'source')} can be read there; nothing was added: choose one", style="yellow")
    raise typer.Exit(FAILURE)


def _command(spec: SourceSpec, title: str) -> str:
    """Return what adds a source as it was asked for."""
    options = {
        "--kind": spec.kind if spec.kind != "feed" else "",
        "--title": title,
        "--language": spec.language,
        "--only": spec.only,
        "--tags": ",".join(spec.tags),
        "--interval": f"{spec.interval_seconds}s" if spec.interval_seconds else "",
        "--proxy": spec.proxy_url,
    }
    words = ["monitor", "sources", "add", spec.url, *(part for pair in options.items() if pair[1] for part in pair)]
    return shlex.join([*words, *(["--browser"] if spec.needs_browser else [])])


def _report(monitor: Monitor, result: CheckedSource, *, as_json: bool) -> None:
    added, listing = add_source(monitor, result.spec, result.listing), result.listing
    if as_json:
        record = checked_record(result) | {"added": added.url, "title": added.title}
        emit(record)
        return
    if listing:
        show_checked(result, headlines=5)
    read = "" if listing else ", not read yet"
    show(f"Added {added.title} ({added.url}), a {added.kind}{read}. It is due at once: monitor poll")


@sources.app.command("add-search")
def add_search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="What to search for, in the engine's own words.")],
    engine: Annotated[Literal["google-news", "gdelt"], typer.Option(help="Who searches.")] = "google-news",
    title: Title = "",
    language: Language = "en",
    country: Annotated[str, typer.Option(help="The edition's country, such as US or KH.")] = "US",
    only: Only = "",
    tags: Tags = "",
) -> None:
    """Follow a search. Example: `monitor sources add-search "site:example.org garment"`

    Google News gives leads: headline, outlet and date. The article itself takes the lead's place when another source
    brings it.
    """
    spec = search_source(query, engine, language=language, country=country, title=title)
    monitor = opened(context)
    added = add_source(monitor, check_spec(replace(spec, only=only, tags=split_tags(tags))))
    show(f"Added {added.title} ({added.url}). It is due at once: monitor poll")


@sources.app.command("import")
def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="YAML as the starter list's, or OPML from a feed reader.")],
    tags: Tags = "",
    as_json: Json = False,
) -> None:
    """Add the sources of a file; those that are there already stay as they are.

    Example: `monitor sources import feeds.opml`

    Ends 1 where some rows can't be used; the others are added.
    """
    done = import_sources(opened(context), file, split_tags(tags))
    if as_json:
        emit({"named": done.named, "new": done.new, "refused": done.refused, "own_ways": done.own_ways})
    else:
        for refusal in done.refused:
            say(refusal, style="yellow")
        if done.own_ways:
            names = ", ".join(done.own_ways[:10])
            say(f"With a proxy or a browser of their own, as the file says: {names}", style="yellow")
        known = done.named - done.new - len(done.refused)
        known_words = f", {known} known already" if known > 0 else ""
        show(f"{counted(done.new, 'source')} added{known_words}, {len(done.refused)} refused. Next: monitor poll")
    if done.refused:
        raise typer.Exit(FAILURE)


@sources.app.command()
def wanted(as_json: Json = False) -> None:
    """List what the starter list wants followed and has no sure address for. Example: `monitor sources wanted`"""
    for row in wanted_sources():
        if as_json:
            emit({"title": row.title, "why": row.why, "note": row.note})
        else:
            show(f"{row.title}: {row.why} {row.note}".strip())


@sources.app.command("export")
def export_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to: .yaml holds everything, .opml what feed readers know.")],
    tag: Tag = "",
) -> None:
    """Write the sources to a file. Example: `monitor sources export sources.opml`"""
    show(f"{counted(export_sources(opened(context), file, tag), 'source')} written to {file}")
