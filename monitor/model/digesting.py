"""What a digest is made of and what it becomes."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from monitor.model.articles import Arrival
from monitor.model.mailing import Stopping
from monitor.model.matching import Passage, Stance, StanceCall, TermMatch

DigestKind = Literal["daily", "by_hand", "alert"]


@dataclass(frozen=True, slots=True)
class HitLine:
    """One hit as a reader is told of it. `is_lead`: the article's text could not be had whole, only what its
    source said of it, or its beginning.

    `is_teaser`: its beginning is known, the rest is for subscribers. `is_by_hand`: an operator set it under the claim.
    `arrival` tells news from what was there before or was published long ago. `call` tells how the stance was come to.
    `alerted_at`: when the alert was written that told its reader first. `is_meaning_pending`: its words were looked at,
    its meaning not yet.
    """

    hit_id: int
    headline: str
    outlet: str
    url: str
    language: str
    published_at: datetime | None
    first_seen_at: datetime
    score: float
    stance: Stance
    passages: tuple[Passage, ...]
    terms: tuple[TermMatch, ...] = ()
    is_lead: bool = False
    is_sample: bool = False
    arrival: Arrival = "news"
    is_teaser: bool = False
    is_by_hand: bool = False
    call: StanceCall | None = None
    alerted_at: datetime | None = None
    is_meaning_pending: bool = False


@dataclass(frozen=True, slots=True)
class ClaimSection:
    """The hits of one claim, with whose statement the claim is."""

    claim_key: str
    claim: str
    said_by: str
    hits: tuple[HitLine, ...]


@dataclass(frozen=True, slots=True)
class WatchlistSection:
    """One watchlist's claims that have something to tell, and how many have nothing."""

    title: str
    claims: tuple[ClaimSection, ...]
    quiet_claims: int


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """How one source did in the digest's period. `reason` is "" where its last poll was good."""

    title: str
    is_read: bool
    reason: str = ""
    detail: str = ""
    last_good_at: datetime | None = None
    is_sample: bool = False


@dataclass(frozen=True, slots=True)
class HealthNews:
    """A source that something is newly wrong with (`words` say what), or that is well again ("")."""

    title: str
    words: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the digest's silence is worth: which sources were read, what they brought, which were not and why.

    `health` is what has changed since the digest before: told once when it begins, and once when it is over.
    """

    sources: tuple[SourceCoverage, ...]
    new_articles: int
    unread_articles: int
    health: tuple[HealthNews, ...] = ()


@dataclass(frozen=True, slots=True)
class DigestInput:
    """All that a digest tells. `kind` "by_hand" is made on request and doesn't use up the day's digest.

    An "alert" tells some hits at once, with no word on coverage; `is_last_alert`: its date has no other.
    `rhythm` says when its reader gets one, `stopping` how to end that; both only where it goes out by mail.
    """

    subscription: str
    kind: DigestKind
    digest_on: date
    timezone: str
    composed_at: datetime
    since: datetime | None
    watchlists: tuple[WatchlistSection, ...]
    coverage: Coverage
    message_id: str
    sender: str = "Monitor <monitor@localhost>"
    recipient: str = "local reader <local@localhost>"
    rhythm: str = ""
    stopping: Stopping | None = None
    is_last_alert: bool = False


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest as composed: the exact bytes of the mail (RFC 5322, CRLF), its HTML page, and the hits it tells."""

    subject: str
    message: bytes
    html: str
    text: str
    hit_ids: tuple[int, ...] = field(default=())
