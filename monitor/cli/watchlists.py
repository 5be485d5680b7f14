"""`monitor watchlists`: what is watched for."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.output import Json, counted, emit, say, show
from monitor.cli.state import BAD_CONFIGURATION, opened
from monitor.errors import WatchlistError
from monitor.operations import watchlists as operations

app = typer.Typer(no_args_is_help=True, help="What is watched for. Example: `monitor watchlists list`")
Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Watchlist documents (YAML).")]


@app.command()
def check(files: Files, as_json: Json = False) -> None:
    """Check watchlist files without applying them. Example: `monitor watchlists check my-list.yaml`

    Ends 3 where one is invalid, naming every fault with its line and column.
    """
    is_valid = True
    for path in files:
        try:
            watchlist, _document = operations.read_watchlist_file(path)
        except WatchlistError as error:
            is_valid = False
            if as_json:
                emit({"file": str(path), "valid": False, "faults": error.faults})
            else:
                show(str(error), style="red")
            continue
        if as_json:
            emit({"file": str(path), "valid": True, "watchlist": watchlist.name, "claims": len(watchlist.claims)})
        else:
            show(f"{path}: ok, {watchlist.name} with {counted(len(watchlist.claims), 'claim')}")
    if not is_valid:
        raise typer.Exit(BAD_CONFIGURATION)


@app.command()
def apply(context: typer.Context, files: Files, as_json: Json = False) -> None:
    """Make files the live versions of their watchlists. Example: `monitor watchlists apply my-list.yaml`

    A bad file ends 3 and changes nothing: the last good version stays live.
    """
    monitor = opened(context)
    for path in files:
        operations.read_watchlist_file(path)
    for path in files:
        applied = operations.apply_file(monitor, path)
        if as_json:
            emit({"watchlist": applied.name, "version": applied.number, "is_new": applied.is_new})
            continue
        state = f"version {applied.number} is live" if applied.is_new else f"unchanged, version {applied.number} stays"
        show(f"{applied.name}: {state}, {counted(applied.claims, 'claim')}")


@app.command("list")
def list_all(context: typer.Context, as_json: Json = False) -> None:
    """List the live watchlists and their claims. Example: `monitor watchlists list`"""
    live = operations.live(opened(context))
    for stored, watchlist in live:
        if as_json:
            for claim in watchlist.claims:
                emit(
                    {
                        "watchlist": watchlist.name,
                        "version": stored.number,
                        "claim": claim.key,
                        "text": claim.text,
                        "said_by": claim.said_by,
                    }
                )
            continue
        show(f"{watchlist.name}: {watchlist.title}", style="bold")
        show(f"  version {stored.number} of {stored.applied_at:%Y-%m-%d %H:%M} UTC, from {stored.origin}")
        for claim in watchlist.claims:
            show(f"  {claim.key}: {claim.text} (said by {claim.said_by})")
    if not live and not as_json:
        show("No watchlist is live; `monitor watchlists apply FILE` makes one, `monitor run` applies those that ship.")


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
    for pair in operations.try_watchlist(file, articles):
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
