"""What people say of matches, and what is learnt from it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from monitor.model.matching import ClaimTuning, Why

Verdict = Literal["relevant", "not_relevant", "undone"]
"""An article bears on a claim, or doesn't; or what the same person said of it before no longer counts."""

Offered = Literal["", "nearest", "random"]
"""Why an article was put before somebody: it wasn't; it is nearest the line, to learn; or it was drawn, to measure."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One person's word on whether an article bears on a claim ("list/claim").

    `score` is what the matcher said then, `logit` the same without the claim's own intercept; None where the matcher
    said nothing. `probability` is that with which a drawn article was offered.
    """

    claim: str
    article_id: int
    verdict: Verdict
    by: str
    at: datetime
    note: str = ""
    score: float | None = None
    logit: float | None = None
    offered: Offered = ""
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """An article that is offered for a judgement on a claim, and why; see Judgement."""

    claim: str
    article_id: int
    headline: str
    url: str
    offered: Offered
    probability: float | None = None
    score: float | None = None
    logit: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class JudgedArticle:
    """What all who judged an article on a claim come to.

    `score` and `why` are the latest assessment's where it is one of the claim's hits; `logit` is what the matcher said
    when it was judged. `offered` is "" where somebody judged it of their own accord.
    """

    article_id: int
    is_relevant: bool
    offered: Offered = ""
    probability: float | None = None
    logit: float | None = None
    score: float | None = None
    why: Why | None = None

    @property
    def is_hit(self) -> bool:
        """Say whether it is one of the claim's hits."""
        return self.why is not None


@dataclass(frozen=True, slots=True)
class Share:
    """A share of a whole with the interval (95 %) it lies in."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Missed:
    """What a claim misses: the share of the articles below its line that bear on it, by those drawn at random.

    None while too few of these were answered. `below` counts the articles there that nobody was asked about.
    """

    answers: int
    below: int
    share: Share | None = None


ProposalKind = Literal["addition", "exclusion"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A word or two that could be added to a claim's terms or its `not:`.

    `relevant`, `rejected` and `others` count the articles in which it stands; `z` is how far it leans, in standard
    deviations; `example` is a sentence that has it.
    """

    term: str
    kind: ProposalKind
    relevant: int
    rejected: int
    others: int
    z: float
    example: str


@dataclass(frozen=True, slots=True)
class ClaimStanding:
    """A claim with what was found and said of it. `precision` is None where no hit was judged.

    `fitted_on` counts the judgements that the intercept was learnt from; `is_set` names the thresholds somebody set.
    `is_alerted`: its list asks for alerts.
    """

    identifier: str
    text: str
    said_by: str
    hits: int
    relevant: int
    not_relevant: int
    precision: Share | None
    tuning: ClaimTuning = field(default_factory=ClaimTuning)
    fitted_on: int = 0
    is_set: tuple[str, ...] = ()
    is_alerted: bool = False
