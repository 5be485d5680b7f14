"""What is watched for: watchlists and the claims in them."""

from dataclasses import dataclass, field
from datetime import date

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
    ISO 3166 code of the country that the claim speaks of, or "".
    """

    key: str
    text: str
    said_by: str
    expression: Expression
    exclusion: Expression | None
    fingerprint: str
    glosses: tuple[tuple[str, str], ...] = ()
    where: str = ""


@dataclass(frozen=True, slots=True)
class Watchlist:
    """A watchlist document, read and checked."""

    name: str
    title: str
    why: str
    story: StoryRef
    claims: tuple[Claim, ...] = field(default=())
