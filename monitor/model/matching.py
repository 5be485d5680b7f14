"""What matching says about one article and one claim."""

from dataclasses import dataclass, field
from typing import Literal

Stance = Literal["supports", "disputes", "reports", "unclear"]
MATCHER = "terms-1"
BY_HAND = "by hand"
"""In the matcher's place, where an operator set an article under a claim."""


@dataclass(frozen=True, slots=True)
class MatchInput:
    """One article revision to be judged. Offsets count code points into `text`, or into `title` where said so."""

    title: str
    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """Sentences that bear on the claim: `text` is exactly `source[start:end]` of the field named by `where`.

    `page` is where it begins in a paged document, from 1; 0 elsewhere.
    """

    text: str
    start: int
    end: int
    where: Literal["text", "title"] = "text"
    page: int = 0


@dataclass(frozen=True, slots=True)
class TermMatch:
    """A term of the claim's query and where it stands: spans are (start, end) in the field `where`."""

    term: str
    where: Literal["text", "title"]
    spans: tuple[tuple[int, int], ...]
    gloss: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """Why an assessment came out as it did; enough to explain and to recompute it."""

    terms: tuple[TermMatch, ...] = ()
    excluded_by: tuple[TermMatch, ...] = ()
    parts: tuple[tuple[str, float], ...] = ()
    matcher: str = MATCHER


@dataclass(frozen=True, slots=True)
class Assessment:
    """How one claim judges one article. `score` is 0..1; `is_hit` says that it bears on the claim."""

    claim_key: str
    score: float
    is_hit: bool
    stance: Stance = "unclear"
    passages: tuple[Passage, ...] = field(default=())
    why: Why = field(default=Why())
