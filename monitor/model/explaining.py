"""Why a hit is one, and whether judging it again says the same."""

from dataclasses import dataclass
from datetime import datetime

from monitor.model.archiving import StoredHit
from monitor.model.matching import Assessment, MatchInput


@dataclass(frozen=True, slots=True)
class AssessedHit:
    """The latest assessment of a hit with what it was made of: the claim's and the article's revision.

    `document` is the version of the watchlist in which that revision of the claim first stood. `latest_revision` is
    the article's newest, `live_fingerprint` that of the claim as it stands now.
    """

    assessment: Assessment
    at: datetime
    claim_text: str
    claim_revision: int
    fingerprint: str
    live_fingerprint: str
    version: int
    document: str
    given: MatchInput
    article_revision: int
    latest_revision: int


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What judging once more came to. `differences` say in words what isn't the same; none: all is.

    `assessment` is None where it could not be judged again; then a difference says why.
    """

    assessment: Assessment | None
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """A hit, why it is one in sentences, and what judging it once more said."""

    hit: StoredHit
    assessed: AssessedHit
    sentences: tuple[str, ...]
    recomputed: Recomputed
