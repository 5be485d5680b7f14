"""What is watched for: watchlists and the claims in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from monitor.errors import Fault
from monitor.model.query import Expression

SEARCH_AID = "search aid"
"""The gloss of a name that only helps to find: nobody is accused by it, so it never shows beside a claim."""


@dataclass(frozen=True, slots=True)
class StoryRef:
    """The published story whose claims are watched."""

    title: str = ""
    outlet: str = ""
    url: str = ""
    published_on: date | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement that somebody said and that is followed.

    `key` is unique in its list. `expression` is the query over all languages (their OR), `exclusion` what must not
    stand in the article. `glosses` maps a Khmer term as written to its English gloss,
    and a name that only helps to find to SEARCH_AID. `fingerprint` (hex SHA-256)
    changes only with text, terms, exclusions, names or `where`: it identifies the claim's revision. `where` is the
    ISO 3166 code of the country that the claim speaks of, or "". `is_alerted`: its best hits are told at once.
    """

    key: str
    text: str
    said_by: str
    expression: Expression
    exclusion: Expression | None
    fingerprint: str
    glosses: tuple[tuple[str, str], ...] = ()
    where: str = ""
    is_alerted: bool = False


@dataclass(frozen=True, slots=True)
class Watchlist:
    """A watchlist document, read and checked."""

    name: str
    title: str
    why: str
    story: StoryRef
    claims: tuple[Claim, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class WatchlistReview:
    """A summary of a document: counts, what nobody has checked yet, and what may not do what it is meant to.

    `languages` counts the claims looked for in each. `unchecked` are the terms (term, gloss) that no reader of their
    language has looked at. `notes` are told with their places; none of them keeps the document from being applied.
    """

    name: str
    claims: int
    languages: Mapping[str, int]
    names: int
    search_aids: tuple[str, ...]
    scripts: tuple[str, ...]
    glossed: int
    unchecked: tuple[tuple[str, str], ...]
    notes: tuple[Fault, ...]
