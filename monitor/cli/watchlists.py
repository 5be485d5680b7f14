"""`monitor watchlists`: what is watched for."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.output import Json, emit, say, show
from monitor.cli.state import BAD_CONFIGURATION, FAILURE, opened
from monitor.errors import UsageError, WatchlistConflict, WatchlistError
from monitor.model.versions import WatchlistStanding
from monitor.model.watching import Watchlist, WatchlistReview
from monitor.operations import watchlists as operations
from monitor.operations.conflicts import signed
from monitor.operations.histories import all_watchlists
from monitor.operations.trials import try_watchlist
from monitor.text.counting import counted

MAX_UNCHECKED_SHOWN = 5

app = typer.Typer()
Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Watchlist documents (YAML).")]
Why = Annotated[str, typer.Option("--why", help="The reason, for the history.")]
By = Annotated[str, typer.Option("--by", help="Who does it; default: the account's name.")]


@app.command()
def check(files: Files, as_json: Json = False) -> None:
    """Check watchlist files without applying them. Example: `monitor watchlists check my-list.yaml`

    Shows what each looks for and what to look at again. Ends 3 where one is invalid, naming every fault with its place.
    """
    is_valid = True
    for path in files:
        try:
            found = operations.check_file(path)
        except WatchlistError as error:
            is_valid = False
            if as_json:
                emit({"file": str(path), "valid": False, "faults": error.faults})
            else:
                show(str(error), style="red")
            continue
        if as_json:
            emit({"file": str(path), "valid": True, "watchlist": found.name, **_record(found)})
        else:
            _show_review(path, found)
    if not is_valid:
        raise typer.Exit(BAD_CONFIGURATION)


def _record(found: WatchlistReview) -> dict[str, object]:
    names = ("claims", "languages", "names", "search_aids", "scripts", "glossed", "unchecked", "notes")
    return {name: getattr(found, name) for name in names}


def _show_review(path: Path, found: WatchlistReview) -> None:
    show(f"{path}: ok, {found.name} with {counted(found.claims, 'claim')}")
    languages = ", ".join(f"{language} {count}" for language, count in found.languages.items())
    show(f"  claims looked for in each language: {languages or 'none, by their meaning alone'}")
    if found.names:
        *others, last = found.scripts or ("",)
        written = f"{', '.join(others)} and {last}" if others else last
        scripts = f"; spellings in {written} letters" if last else ""
        show(f"  {counted(found.names, 'name')}{scripts}")
    if found.search_aids:
        show(f"  only to find with, never shown beside a claim: {', '.join(found.search_aids)}")
    if found.glossed:
        show(f"  {counted(found.glossed, 'term')} explained, {len(found.unchecked)} not yet checked by a reader")
        for term, gloss in found.unchecked[:MAX_UNCHECKED_SHOWN]:
            show(f"    {term}: {gloss}")
        if len(found.unchecked) > MAX_UNCHECKED_SHOWN:
            show(f"    … and {len(found.unchecked) - MAX_UNCHECKED_SHOWN} more; --json lists them all")
    for note in found.notes:
        place = f"{path}:{note.line}:{note.column}" if note.line else str(path)
        show(f"{place}: look again: {note.message}", style="yellow")


@app.command()
def apply(
    context: typer.Context,
    files: Files,
    why: Why = "",
    by: By = "",
    based_on: Annotated[
        int | None, typer.Option("--based-on", metavar="N", help="The version that the file was edited from.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Also where another version went live since.")] = False,
    as_json: Json = False,
) -> None:
    """Make files the live versions of their watchlists. Example: `monitor watchlists apply list.yaml --why "new name"`

    A bad file ends 3, one that was edited from a version no longer live ends 1 and shows both sides: the last good
    version stays live.
    """
    if based_on is not None and len(files) > 1:
        raise UsageError("--based-on takes one file: versions are counted for each watchlist")
    monitor = opened(context)
    for path in files:
        operations.read_watchlist_file(path)
    why = why or _asked_why()
    conflicts = 0
    for path in files:
        try:
            applied = operations.apply_file(monitor, path, why=why, by=by, based_on=based_on, replace=replace)
        except WatchlistConflict as error:
            conflicts += 1
            if as_json:
                emit({"file": str(path), "reason": error.reason, "message": str(error)})
            else:
                say(f"monitor: {error}", style="red")
            continue
        _show_applied(applied, as_json=as_json)
    if conflicts:
        raise typer.Exit(FAILURE)


def _asked_why() -> str:
    """Ask for the reason where somebody is there to give one; a script that says none is let through."""
    if not (sys.stdin and sys.stdin.isatty()):
        return ""
    return str(typer.prompt("Why (for the history; Enter for none)", default="", show_default=False, err=True))


def _show_applied(applied: operations.AppliedWatchlist, *, as_json: bool) -> None:
    if as_json:
        number, is_new = applied.number, applied.is_new
        emit({"watchlist": applied.name, "version": number, "is_new": is_new, "notes": applied.notes})
        return
    state = f"version {applied.number} is live" if applied.is_new else f"unchanged, version {applied.number} stays"
    show(f"{applied.name}: {state}, {counted(applied.claims, 'claim')}")
    for note in applied.notes:
        say(f"  look again: {note}", style="yellow")
    if applied.is_new and applied.number > 1:
        say(f"  what changed: monitor watchlists diff {applied.name}")


@app.command("list")
def list_all(context: typer.Context, as_json: Json = False) -> None:
    """List the watchlists, their claims and what was found for them. Example: `monitor watchlists list`"""
    monitor = opened(context)
    standings = {standing.name: standing for standing in all_watchlists(monitor)}
    live = operations.live(monitor)
    if as_json:
        _emit_all(standings, [watchlist for _stored, watchlist in live])
        return
    for _stored, watchlist in live:
        _show_standing(standings[watchlist.name], watchlist)
    for standing in standings.values():
        _show_retired(standing)
    for words in operations.unreadable(monitor):
        say(words, style="red")
    if not live:
        show("No watchlist is live; `monitor watchlists apply FILE` makes one, `monitor run` applies those that ship.")
    for example, path in operations.examples(monitor):
        say(f"An example that is not watched for: {example.title}. To take it: monitor watchlists apply {path}")


def _emit_all(standings: Mapping[str, WatchlistStanding], live: Sequence[Watchlist]) -> None:
    for watchlist in live:
        standing = standings[watchlist.name]
        for claim in watchlist.claims:
            record = {"claim": claim.key, "text": claim.text, "said_by": claim.said_by}
            emit({**_standing_record(standing), **record, "hits": standing.hits.get(claim.key, 0)})
    for standing in standings.values():
        if standing.retired:
            emit({**_standing_record(standing), "retired": standing.retired})


def _standing_record(standing: WatchlistStanding) -> dict[str, object]:
    version = standing.version
    return {
        "watchlist": standing.name,
        "version": version.number,
        "applied_at": version.applied_at,
        "applied_by": version.applied_by,
        "why": version.why,
    }


def _show_standing(standing: WatchlistStanding, watchlist: Watchlist) -> None:
    version, hits = standing.version, sum(standing.hits.values())
    show(f"{standing.name}: {standing.title}", style="bold")
    origin = f", from {version.origin}" if version.origin else ""
    show(f"  version {version.number} {signed(version)}{origin}")
    last = f", the last on {standing.last_hit_at:%Y-%m-%d}" if standing.last_hit_at else ""
    claims = counted(len(watchlist.claims), "claim")
    show(f"  {claims}, {counted(hits, 'hit') if hits else 'no hits'}{last}")
    for claim in watchlist.claims:
        hits = standing.hits.get(claim.key, 0)
        found = f", {counted(hits, 'hit')}" if hits else ""
        show(f"  {claim.key}: {claim.text} (said by {claim.said_by}{found})")


def _show_retired(standing: WatchlistStanding) -> None:
    if event := standing.retired:
        why = f": {event.why}" if event.why else ""
        show(f"{standing.name}: {standing.title} (retired)", style="bold")
        show(f"  by {event.by}, {event.at:%Y-%m-%d %H:%M} UTC{why}; {counted(sum(standing.hits.values()), 'hit')} kept")
        show(f"  to bring it back: monitor watchlists restore {standing.name}")


@app.command("try")
def try_it(
    file: Annotated[Path, typer.Argument(help="The watchlist document.")],
    articles: Annotated[Path, typer.Option(help='JSON Lines: {"id", "title", "text", "lang"?} each.')],
    as_json: Json = False,
) -> None:
    """Match a watchlist file against articles without the archive.

    Example: `monitor watchlists try my-list.yaml --articles articles.jsonl --json`
    """
    pairs = hits = 0
    for pair in try_watchlist(file, articles):
        assessment = pair.assessment
        pairs += 1
        hits += assessment.is_hit
        if as_json:
            emit(
                {
                    "article": pair.article_id,
                    "claim": assessment.claim_key,
                    "score": assessment.score,
                    "hit": assessment.is_hit,
                    "stance": assessment.stance,
                    "passages": assessment.passages,
                    "why": assessment.why,
                }
            )
        elif assessment.is_hit:
            show(f"{pair.article_id}  {assessment.claim_key}  {assessment.score:.2f}")
            for passage in assessment.passages:
                show(f"  > {' '.join(passage.text.split())}")
    say(f"{counted(pairs, 'pair')} with a term in common, {counted(hits, 'hit')}")
