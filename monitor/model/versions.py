"""A watchlist's past and present in the archive: its versions, the files they came from, and what it has found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

WatchlistEventKind = Literal["retired", "restored"]


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """One version of a watchlist's document: who applied it, when, why ("" = not said) and from which file."""

    name: str
    number: int
    document: str
    applied_at: datetime
    applied_by: str
    why: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class WatchlistEvent:
    """A watchlist was retired, or brought back."""

    kind: WatchlistEventKind
    at: datetime
    by: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class WatchlistStanding:
    """A watchlist, live or retired, with what was found for it. `hits` counts by the claims' keys, old ones too."""

    title: str
    version: DocumentVersion
    retired: WatchlistEvent | None
    hits: dict[str, int]
    last_hit_at: datetime | None

    @property
    def name(self) -> str:
        """Its name."""
        return self.version.name


class Applied(NamedTuple):
    """The live version's number and whether it is new. `is_moved`: another version came first, nothing was changed."""

    number: int
    is_new: bool
    is_moved: bool = False
