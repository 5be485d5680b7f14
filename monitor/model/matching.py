"""What matching says about one article and one claim."""

from dataclasses import dataclass, field
from typing import Literal

Stance = Literal["supports", "disputes", "reports", "unclear"]
MATCHER = "terms-1"
MEANING_MATCHER = "meaning-1"
"""In its place, where the passages were compared with the claim by an encoder, too."""

BY_HAND = "by hand"
"""In the matcher's place, where an operator set an article under a claim."""


@dataclass(frozen=True, slots=True)
class MatchInput:
    """One article revision to be judged. Offsets count code points into `text`, or into `title` where said so.

    `url` and `language` are what `site:` and `lang:` ask for.
    """

    title: str
    text: str
    language: str = ""
    url: str = ""


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


Meaning = Literal["none", "pending", "compared"]
"""Whether passages were compared with the claim by an encoder: there is none, not yet, or yes."""

DIGEST_FROM = 0.35
ALERT_FROM = 0.8


@dataclass(frozen=True, slots=True)
class ClaimTuning:
    """What was learnt or set for one claim, known by its identifier "list/claim".

    `intercept` is added to the logit of the score; from the probability `digest_from` on a hit is told in a digest,
    from `alert_from` on it is told at once where the claim asks for alerts.
    """

    intercept: float = 0.0
    digest_from: float = DIGEST_FROM
    alert_from: float = ALERT_FROM


@dataclass(frozen=True, slots=True)
class Feature:
    """A named number that speaks for or against a hit: it adds `value` × `weight` to the logit of the score."""

    name: str
    value: float
    weight: float


@dataclass(frozen=True, slots=True)
class StanceCall:
    """On which side of a claim an article stands, and what tells.

    `confidence` is the probability of the side that is most likely, also where it is too low to tell it; None where a
    list of cues or an outside judge decided, for which nothing was measured. `passage_index` is the passage that
    decided, `cues` the words in it, `denials` the passages in which somebody denies the claim, whatever the stance.
    `judge` names the outside judge that settled it, whose quote is then the one cue.
    """

    stance: Stance = "unclear"
    confidence: float | None = None
    passage_index: int | None = None
    cues: tuple[str, ...] = ()
    denials: tuple[int, ...] = ()
    judge: str = ""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What an outside judge was asked of a hit, what it answered, and whether that was taken.

    `asked` is the question as sent, `answered` the answer's text as it came, cut where it was too long. `outcome` is
    "taken", or why the answer was discarded. `relevant`, `stance` and `quote` are what was taken: the quote stands
    word for word in the passage `passage_index`.
    """

    judge: str
    asked: str
    answered: str
    outcome: str
    relevant: bool | None = None
    stance: Stance = "unclear"
    quote: str = ""
    passage_index: int | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """Why an assessment came out as it did; enough to explain and to recompute it.

    The logit of the score is `base` + `tuning.intercept` + the sum of the features' contributions. `percentile` tells
    how much of the background (0..100) is farther from the claim in meaning than this article, None where no encoder
    compared them; `model_id` names the encoder, `coefficients` the file of weights by its SHA-256. `claim_revision` is
    the claim's fingerprint then. `stance` tells how the assessment's stance was come to,
    `opinion` what an outside judge said, where one was asked.
    """

    terms: tuple[TermMatch, ...] = ()
    excluded_by: tuple[TermMatch, ...] = ()
    parts: tuple[tuple[str, float], ...] = ()
    matcher: str = MATCHER
    features: tuple[Feature, ...] = ()
    base: float = 0.0
    tuning: ClaimTuning = ClaimTuning()
    meaning: Meaning = "none"
    percentile: float | None = None
    model_id: str = ""
    coefficients: str = ""
    claim_revision: str = ""
    stance: StanceCall | None = None
    opinion: Opinion | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """How one claim judges one article. `score` is the probability that it bears on the claim.

    `is_hit` says that it is kept as a hit: the claim's expression holds, or the score reaches the claim's threshold.
    """

    claim_key: str
    score: float
    is_hit: bool
    stance: Stance = "unclear"
    passages: tuple[Passage, ...] = field(default=())
    why: Why = field(default=Why())
