"""`monitor claims`: what the claims have learnt from judgements, what they miss, and words to add."""

import random
from typing import Annotated

import typer

from monitor.cli.judging import By, Note
from monitor.cli.output import Json, emit, say, show
from monitor.cli.state import opened
from monitor.errors import UsageError
from monitor.model.judging import ClaimStanding, Question, Share
from monitor.operations.claims import claim_standings, tune_claim, untune_claim
from monitor.operations.proposing import propose_for
from monitor.operations.questions import answer, ask, ask_across, missed, missed_in_words
from monitor.text.counting import counted

app = typer.Typer()

Claim = Annotated[str, typer.Argument(metavar="CLAIM", help="CLAIM, or LIST/CLAIM.")]


@app.command("list")
def list_claims(context: typer.Context, as_json: Json = False) -> None:
    """List the claims with what was judged of them. Example: `monitor claims list`"""
    standings = claim_standings(opened(context))
    for standing in standings:
        if as_json:
            emit(standing)
        else:
            _show_standing(standing)
    if not as_json and not standings:
        show("No claims are watched for: `monitor watchlists apply FILE` makes a watchlist live.")
    elif not as_json and not any(one.relevant + one.not_relevant for one in standings):
        say("Nothing was judged yet: monitor hits list; then monitor hits judge HIT relevant|not-relevant")


@app.command()
def tune(
    context: typer.Context,
    claim: Claim,
    digest_from: Annotated[
        float | None, typer.Option("--digest-from", metavar="P", help="Told in a digest from this probability on.")
    ] = None,
    alert_from: Annotated[
        float | None, typer.Option("--alert-from", metavar="P", help="Alerted from this probability on.")
    ] = None,
    as_shipped: Annotated[bool, typer.Option("--as-shipped", help="Take back what was set.")] = False,
    as_json: Json = False,
) -> None:
    """Set from which probability a claim's hits are told. Example: `monitor claims tune CLAIM --digest-from 0.6`

    Hits below stay in the archive; `monitor hits list` shows them.
    """
    monitor = opened(context)
    if as_shipped and (digest_from is not None or alert_from is not None):
        raise UsageError("--as-shipped takes back what the other options set: give either")
    if as_shipped:
        standing = untune_claim(monitor, claim)
    else:
        standing = tune_claim(monitor, claim, digest_from=digest_from, alert_from=alert_from)
    if as_json:
        emit(standing)
    else:
        _show_standing(standing)


@app.command()
def questions(
    context: typer.Context,
    claim: Annotated[str, typer.Argument(metavar="[CLAIM]", help="CLAIM, or LIST/CLAIM; default: all of them.")] = "",
    watchlist: Annotated[str, typer.Option("--list", metavar="LIST", help="All claims of one watchlist.")] = "",
    as_json: Json = False,
) -> None:
    """Ask about articles that are no hits. Example: `monitor claims questions sewing`

    Some are the nearest to being hits, to learn from; some are drawn at random, to measure what is missed. Without a
    claim, those that teach most are asked, whichever claims they are about.
    """
    monitor, chance = opened(context), random.SystemRandom()
    if claim and watchlist:
        raise UsageError("a claim is of one watchlist: give either CLAIM or --list")
    asked = ask(monitor, claim, chance) if claim else ask_across(monitor, chance, watchlist)
    known = [missed(monitor, name) for name in ([claim] if claim else [])]
    if as_json:
        for line in (*asked, *known):
            emit(line)
        return
    for question in asked:
        _show_question(question)
    if asked:
        name = claim or asked[0].claim
        say(f"\nDoes it bear on the claim? monitor claims answer {name} {asked[0].article_id} relevant|not-relevant")
    else:
        say("Nothing to ask: every article in the archive is a hit of the claim or was asked about.")
    for one in known:
        say(missed_in_words(one))


def _show_question(question: Question) -> None:
    kind = "nearest to the line" if question.offered == "nearest" else "drawn at random"
    show(f"Article {question.article_id} ({kind}, {question.claim}): {question.headline}", style="bold")
    show(f"  {question.url}")
    show(f"  {' '.join(question.text.split())[:300]}")


@app.command("answer")
def answer_question(
    context: typer.Context,
    claim: Claim,
    article_id: Annotated[int, typer.Argument(metavar="ARTICLE", help="The article's number.")],
    verdict: Annotated[str, typer.Argument(metavar="relevant|not-relevant|undo", help="Does it bear on the claim?")],
    by: By = "",
    note: Note = "",
    as_json: Json = False,
) -> None:
    """Say whether an article bears on a claim. Example: `monitor claims answer sewing 12 not-relevant`

    It makes no hit; `monitor articles add URL --claim CLAIM` sets an article under a claim.
    """
    monitor = opened(context)
    judgement, is_new = answer(monitor, claim, article_id, verdict, by=by, note=note)
    if as_json:
        emit({"judgement": judgement, "is_new": is_new})
    else:
        show("Kept." if is_new else "Nothing new: that had been said before.")
        say(missed_in_words(missed(monitor, claim)))


@app.command("propose")
def propose_terms(context: typer.Context, claim: Claim, as_json: Json = False) -> None:
    """Propose words from what was judged. Example: `monitor claims propose sewing`

    Nothing is changed. Names are never proposed.
    """
    found = propose_for(opened(context), claim)
    for one in found.proposals:
        if as_json:
            emit(one)
            continue
        where = "add to its terms" if one.kind == "addition" else "add to its not:"
        show(f'"{one.term}": {where}?', style="bold")
        counts = f"{one.relevant} of {found.relevant} relevant, {one.rejected} of {found.rejected} rejected"
        show(f"  in {counts}, {one.others} of {counted(found.others, 'other article')}")
        show(f"  > {one.example}")
    if not as_json and found.proposals:
        say("\nBefore you take one over: monitor watchlists backtest FILE shows what it would gain and lose.")
    elif not as_json:
        judged = f"{counted(found.relevant, 'relevant article')} and {found.rejected} rejected"
        say(f"Nothing to propose from {judged}: no word stands in two of one kind and tells it from the other.")


def _show_standing(standing: ClaimStanding) -> None:
    show(standing.identifier, style="bold")
    show(f"  {standing.text} (a statement by {standing.said_by})")
    tuning, marks = standing.tuning, standing.is_set
    told = f"told in a digest from {tuning.digest_from:g}{' (set)' * ('digest_from' in marks)}"
    alerted = f"alerted from {tuning.alert_from:g}{' (set)' * ('alert_from' in marks)}"
    asks = "" if standing.is_alerted else ", were its list to say notify: alert"
    show(f"  {counted(standing.hits, 'hit')}; {told}, {alerted}{asks}")
    show(f"  {learnt(standing)}")


def learnt(standing: ClaimStanding) -> str:
    """Say what was judged of a claim and what it has learnt from that."""
    judged = standing.relevant + standing.not_relevant
    if standing.precision is None and not standing.fitted_on:
        return "nothing judged yet"
    precision = (
        f"precision {in_percent(standing.precision)}, from {counted(judged, 'judged hit')}"
        if standing.precision
        else "no hit judged that was not asked about"
    )
    return f"{precision}; its own intercept {standing.tuning.intercept:+.2f}, from {standing.fitted_on} judged"


def in_percent(share: Share) -> str:
    """Write a share with its interval."""
    return f"{share.value:.0%} ({share.low:.0%} to {share.high:.0%})"
