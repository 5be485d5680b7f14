"""`monitor hits judge` and `explain`: what people say of hits, and why each is one."""

from typing import Annotated

import typer

from monitor.cli.archive import hits
from monitor.cli.found import hit_record, show_hit
from monitor.cli.output import Json, emit, say, show
from monitor.cli.state import opened

By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who judges; default: the account's name.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why, for whoever looks at it later.")]


@hits.command("judge")
def judge(
    context: typer.Context,
    hit_id: Annotated[int, typer.Argument(metavar="HIT", help="The hit's number.")],
    verdict: Annotated[str, typer.Argument(metavar="relevant|not-relevant|undo", help="Does it bear on the claim?")],
    by: By = "",
    note: Note = "",
    as_json: Json = False,
) -> None:
    """Say whether a hit bears on its claim; the claim learns from it. Example: `monitor hits judge 3 not-relevant`

    The latest word of each person counts. `undo` takes yours back.
    """
    from monitor.cli.claims import learnt  # noqa: PLC0415 (loads all of matching, which a list of hits is without)
    from monitor.operations.claims import claim_standings  # noqa: PLC0415 (the same)
    from monitor.operations.judging import judge_hit  # noqa: PLC0415 (the same)

    monitor = opened(context)
    hit, is_new = judge_hit(monitor, hit_id, verdict, by=by, note=note)
    if as_json:
        emit(hit_record(hit) | {"is_new": is_new})
        return
    show_hit(hit)
    if not is_new:
        say("\nNothing new: that had been said before." if verdict != "undo" else "\nNothing of yours to take back.")
        return
    if hit.line.is_sample:
        say("\nKept. The article is one of the first run's invented ones, so the claim learns nothing from it.")
        return
    standing = next((one for one in claim_standings(monitor) if one.identifier == hit.identifier), None)
    if standing is None:
        say(f"\nKept. {hit.identifier} is no longer watched for, so nothing else changes.")
        return
    say(f"\nKept. {standing.identifier}: {learnt(standing)}. From the next article on its scores take that in.")


@hits.command("explain")
def explain(
    context: typer.Context,
    hit_id: Annotated[int, typer.Argument(metavar="HIT", help="The hit's number.")],
    as_json: Json = False,
) -> None:
    """Say why a hit is one, and judge it once more. Example: `monitor hits explain 3`

    The stored text is held against the claim as it stood then: the same must come out, or what differs is said.
    """
    from monitor.operations.explaining import explain_hit  # noqa: PLC0415 (the same)

    found = explain_hit(opened(context), hit_id)
    recomputed = found.recomputed
    if as_json:
        why = {"why": found.hit.why, "assessed_at": found.assessed.at, "sentences": found.sentences}
        emit(hit_record(found.hit) | why | {"recomputed": recomputed, "is_same": not recomputed.differences})
        return
    show_hit(found.hit)
    show()
    for sentence in found.sentences:
        show(f"  {sentence}")
    show()
    if not recomputed.differences:
        show("  Judged once more, the same comes out.", style="green")
        return
    known = recomputed.assessment is not None
    show("  Judged once more, it differs:" if known else "  It can't be judged once more:", style="yellow")
    for difference in recomputed.differences:
        show(f"    {difference}")
