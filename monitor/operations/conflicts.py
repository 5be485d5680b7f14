"""What an operator is told where a watchlist's file and the archive disagree: both sides, and what to type."""

import shlex

from monitor.model.versions import DocumentVersion
from monitor.text.counting import counted
from monitor.watchlist.comparison import Comparison, compare
from monitor.watchlist.importing import ImportDecision

MAX_DIFF_LINES = 60


def conflict_words(file: str, document: str, decision: ImportDecision) -> str:
    """Say why a file is not taken over, in a first line that stands alone; then both sides and what to type."""
    live, base = decision.live, decision.base
    if live is None:
        return f"{file}: nothing stands against it"
    name, typed = live.name, shlex.quote(file)
    stays = f"version {live.number} is live ({signed(live)}), and stays"
    if base is None:
        return "\n".join(
            [
                f"{file}: a conflict: nothing tells from which version of {name} this file was taken; {stays}.",
                *_side("What it would change:", compare(live.document, document, ("live", file))),
                "What to type:",
                f"  monitor watchlists apply {typed} --based-on {live.number}",
                f"      if it was taken from version {live.number}; monitor watchlists history {name} shows them all",
                *_ways_out(name, typed),
            ]
        )
    if decision.kind == "behind":
        return (
            f"{file}: this is version {base.number} of {name}, not edited since; {stays}.\n"
            f"To go back to what the file holds: monitor watchlists revert {name} {base.number}"
        )
    then = f"version {base.number}"
    return "\n".join(
        [
            f"{file}: a conflict: it was edited from {then} of {name}, but {stays}.",
            *_side(f"What changed in the file since {then}:", compare(base.document, document, (then, file))),
            *_side(f"What changed live since {then}:", compare(base.document, live.document, (then, "live"))),
            "What to type:",
            *_ways_out(name, typed),
        ]
    )


def rename_words(old: str, new: str, hits: int) -> str:
    """Point out a claim whose id was rewritten: it loses what was found for it."""
    found = f"its {hits} hit{'' if hits == 1 else 's'} stay" if hits else "what is found for it will stand"
    where = f"under {old}, and it begins anew" if hits else f"under {new} from now on"
    remedy = f"If that was not meant, write id: {old} again and apply."
    return f"{old} is now called {new}, with the same words: {found} {where}. {remedy}"


def signed(version: DocumentVersion) -> str:
    """Say who applied a version, when and why."""
    why = f": {version.why}" if version.why else ""
    return f"by {version.applied_by}, {version.applied_at:%Y-%m-%d %H:%M} UTC{why}"


def _ways_out(name: str, typed: str) -> list[str]:
    return [
        f"  monitor watchlists export {name} -o {name}-live.yaml",
        "      writes the live one to a file of its own: carry the edit over into it, and apply that",
        f"  monitor watchlists apply {typed} --replace",
        "      makes this file live as it stands; what changed live stays in the history",
    ]


def _side(title: str, comparison: Comparison) -> list[str]:
    lines = comparison.unified.splitlines()
    cut = [f"  … {counted(len(lines) - MAX_DIFF_LINES, 'more line')}"] if len(lines) > MAX_DIFF_LINES else []
    return [
        title,
        *(f"  {line}" for line in comparison.words),
        *(f"  | {line}" for line in lines[:MAX_DIFF_LINES]),
        *cut,
    ]
