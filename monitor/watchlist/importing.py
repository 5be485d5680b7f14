"""What is to become of a file that holds a watchlist, decided purely. In: the file, what is live. Out: ImportDecision.

The archive is the truth and a file an import: an edit is taken over where it began from what is live. Where both have
moved on, the live one stays and a person decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from monitor.model.versions import DocumentVersion
from monitor.text.plain import unix_lines

ImportDecisionKind = Literal["new", "unchanged", "behind", "conflict", "stranger"]
"""A new version; what is live already; an old version, not edited since; edited here and live; of unknown beginning."""


@dataclass(frozen=True, slots=True)
class ImportDecision:
    """What is to become of a file. `base` is the version that it was edited from, as far as that is known."""

    kind: ImportDecisionKind
    live: DocumentVersion | None = None
    base: DocumentVersion | None = None


def decide_import(document: str, versions: Sequence[DocumentVersion], base_number: int | None) -> ImportDecision:
    """Decide on a file's document. `versions` are those of its watchlist, the first first; none = it is new.

    `base_number` is the version that the file held when it was last applied or written, or that the operator names;
    None where neither is known. Then an equal version tells; and where there is only one, nobody else can have changed
    anything.
    """
    if not versions:
        return ImportDecision("new")
    live = versions[-1]
    if _same(document, live.document):
        return ImportDecision("unchanged", live, live)
    base = next((version for version in versions if version.number == base_number), None)
    base = base or next((version for version in reversed(versions) if _same(document, version.document)), None)
    if base is None and len(versions) == 1:
        base = live
    if base is None:
        return ImportDecision("stranger", live)
    if base is live:
        return ImportDecision("new", live, base)
    return ImportDecision("behind" if _same(document, base.document) else "conflict", live, base)


def _same(one: str, other: str) -> bool:
    return unix_lines(one) == unix_lines(other)
