"""`monitor watchlists backtest`: what a changed watchlist would have found."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.claims import in_percent
from monitor.cli.days import read_day
from monitor.cli.output import Json, emit, progress_bar, say, show
from monitor.cli.state import opened
from monitor.cli.watchlists import app
from monitor.model.backtesting import Backtest, BacktestFigures, BacktestHit, ClaimBacktest
from monitor.operations.backtest import backtest_file
from monitor.text.counting import counted

_CHANGES = {"new": "new claim", "changed": "changed", "gone": "no longer in the list"}


@app.command()
def backtest(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The changed document.")],
    since: Annotated[
        date | None, typer.Option("--since", parser=read_day, metavar="DAY", help="Only articles from this day on.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what a changed watchlist would have found. Example: `monitor watchlists backtest my-list.yaml`

    Both versions of each changed claim are held against the archive, by their terms; hits and judged articles that the
    terms miss by their meaning, too, where it is kept; a claim whose text is new also the newest articles. Nothing is
    changed.
    """
    monitor = opened(context)
    with progress_bar() as progress:
        found = backtest_file(monitor, file, since=since, progress=progress)
    if as_json:
        emit(found)
        return
    for claim in found.claims:
        _show_claim(claim)
    if not found.claims:
        show(f"{found.watchlist}: no claim's text, terms, exclusions or names differ from the live ones.")
        return
    _say_what_was_looked_at(found)
    say(f"To make it live: monitor watchlists apply {file}")


def _say_what_was_looked_at(found: Backtest) -> None:
    looked_at = f"{counted(found.articles, 'article')} in the archive, {found.looked_at:,} of them held against claims"
    weeks = counted(round(found.weeks), "week")
    say(f"\n{looked_at}; hits a week are those of the last {weeks}. What a replay finds is never news.")
    if found.compared:
        say(f"{counted(found.compared, 'known article')} that the terms miss compared in meaning, from kept vectors.")
    if found.on_terms_alone:
        say(f"Judged on terms alone, meaning not compared: {counted(found.on_terms_alone, 'known article')} of theirs.")
    if found.newest:
        missed = f"{found.by_meaning:,} of the newest {counted(found.newest, 'article')}"
        say(f"Claims with a new text: {missed} that their terms miss compared in meaning, from kept vectors.")
    if found.why_terms_alone:
        say(f"Claims with a new text: what meaning would find isn't told, for {found.why_terms_alone}.", style="yellow")


def _show_claim(claim: ClaimBacktest) -> None:
    show(f"{claim.key}: {_CHANGES[claim.change]}", style="bold")
    show(f"  hits {claim.before.hits} → {claim.after.hits}: {claim.gained} gained, {claim.lost} lost")
    show(f"  a week {claim.before.a_week:.1f} → {claim.after.a_week:.1f}")
    if claim.judged:
        show(f"  on {counted(claim.judged, 'judged article')}, before: {_measured(claim.before)}")
        show(f"  on {counted(claim.judged, 'judged article')}, after:  {_measured(claim.after)}")
    else:
        show("  nothing was judged, so nothing is known of precision and recall: monitor hits judge HIT …")
    for sign, hits, count in (("+", claim.gained_hits, claim.gained), ("-", claim.lost_hits, claim.lost)):
        for hit in hits:
            _show_hit(sign, hit)
        if count > len(hits) > 0:
            show(f"  {sign} … and {count - len(hits)} more")


def _measured(figures: BacktestFigures) -> str:
    precision = in_percent(figures.precision) if figures.precision else "unknown"
    recall = in_percent(figures.recall) if figures.recall else "unknown"
    return f"precision {precision}, recall {recall}"


def _show_hit(sign: str, hit: BacktestHit) -> None:
    style = "green" if sign == "+" else "red"
    show(f"  {sign} {hit.title} ({hit.outlet}; monitor articles show {hit.article_id})", style)
    for passage in hit.passages:
        show(f"      > {' '.join(passage.text.split())}")
