"""What the pipeline hands to the archive and gets from it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from monitor.model.articles import Arrival, Article
from monitor.model.digesting import HitLine
from monitor.model.entries import Entry
from monitor.model.judging import Judgement
from monitor.model.matching import Assessment, Why

PollOutcome = Literal["new", "unchanged", "failed"]
SourceKind = Literal["feed", "page", "watch", "sitemap", "search", "newsletter", "channel"]
"""A feed; a page whose links are followed; a page whose own text is watched; a sitemap; a search; a mailbox folder; a
public channel."""

EntryState = Literal["pending", "read", "lead", "filtered"]
TEXT = "text"
"""The extraction state of an article whose text is there; any other is the reason why it isn't."""

BY_HAND_URL = "monitor:by-hand"
"""In the place of a source's URL: under it stand the entries that an operator captured. Never polled, never listed."""

PAYWALL = "paywall"
"""The page shows the beginning and asks for payment or a login for the rest: a lead, with what it shows."""

OPAQUE_LINK = "opaque_link"
"""A search's redirect that can't be followed politely: a lead of headline, outlet and date."""


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A source as an operator or the starter list names it. `only` is a query that an entry must satisfy.

    `links` selects a page's links: CSS, or XPath where it has a "/"; "" finds headlines by itself. `interval_seconds`
    fixes the time between two visits; None lets what the source brings decide. `proxy_url` is its own way out ("" = as
    the settings say, "direct" = none) and never holds a password.
    """

    url: str
    title: str
    kind: SourceKind = "feed"
    language: str = ""
    only: str = ""
    note: str = ""
    is_enabled: bool = True
    is_sample: bool = False
    tags: tuple[str, ...] = ()
    interval_seconds: int | None = None
    links: str = ""
    proxy_url: str = ""
    needs_browser: bool = False


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A source as it stands in the archive.

    `pace_seconds` is the time between two visits that what it brings has led to, None before its first poll.
    `failures` counts visits in a row that failed, `strikes` weighs them by kind. `etag` is whatever makes the next
    visit conditional: an HTTP validator, or the last message seen of a mailbox. `body_sha256` is the last document's
    hash, `full_read_at` when it was last read without conditions. `moved_to` is where it says it has moved for good,
    `moves` how often in a row it said so. `health` is the slug of what is wrong ("" = well) since `health_since`.
    """

    id: int
    spec: SourceSpec
    next_poll_at: datetime
    pace_seconds: int | None = None
    failures: int = 0
    strikes: float = 0.0
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str = ""
    full_read_at: datetime | None = None
    moved_to: str = ""
    moves: int = 0
    last_polled_at: datetime | None = None
    last_good_at: datetime | None = None
    last_reason: str = ""
    last_detail: str = ""
    health: str = ""
    health_since: datetime | None = None
    added_at: datetime | None = None

    @property
    def is_first(self) -> bool:
        """Say whether it was never read: what it lists is its backlog, not news. The sample shows how news looks."""
        return self.last_good_at is None and not self.spec.is_sample


@dataclass(frozen=True, slots=True)
class KeyedEntry:
    """An entry with its identities: `entry_key` within its source, `url_key` of the article it points to."""

    entry: Entry
    entry_key: str
    url_key: str


@dataclass(frozen=True, slots=True)
class Polled:
    """One visit to a source and what follows from it.

    `new` (entries that the archive did not have) and `after` (the source as it then stands) are filled in when it is
    kept; before, `after` is the source as it was. `snapshot` is the evidence of a document whose entries
    carry their text.
    """

    source: StoredSource
    at: datetime
    outcome: PollOutcome
    after: StoredSource
    entries: tuple[KeyedEntry, ...] = ()
    rejected: int = 0
    older: int = 0
    reason: str = ""
    detail: str = ""
    new: int = 0
    snapshot: "SnapshotRecord | None" = None

    @property
    def is_good(self) -> bool:
        """Say whether the source could be read."""
        return self.outcome != "failed"


@dataclass(frozen=True, slots=True)
class PollDay:
    """What a source's visits of one day (UTC) came to."""

    day: date
    polls: int
    good: int
    new: int


@dataclass(frozen=True, slots=True)
class HealthEvent:
    """A source fell ill or is well again. `health` is what it fell ill with, "" where it is well again."""

    source: SourceSpec
    at: datetime
    health: str
    before: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PendingEntry:
    """An entry whose article is still to be read. `is_backlog`: its source listed it at the first poll.

    `snapshot_id` is the evidence of the document that carried its text.
    """

    id: int
    source: SourceSpec
    entry: Entry
    url_key: str
    attempts: int
    first_seen_at: datetime
    is_backlog: bool = False
    snapshot_id: int | None = None


@dataclass(frozen=True, slots=True)
class SnapshotRecord:
    """Where the evidence of one response stands: a WARC record under `blob_key`, and the hash of the body in it."""

    url: str
    fetched_at: datetime
    status: int
    body_sha256: str
    body_bytes: int
    blob_key: str


AwaitsMeaning = Literal["", "candidate", "background"]
"""Whether an article's passages are to be encoded: to be compared with the claims, or to be what others are held
against."""


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """One entry's article as read. Where `extraction` isn't "text" it is the reason, and the article is a lead.

    `snapshot_id` names evidence that the archive has already: the document that carried the text.
    """

    entry_id: int
    url_key: str
    article: Article
    extraction: str
    at: datetime
    arrival: Arrival = "news"
    snapshot: SnapshotRecord | None = None
    snapshot_id: int | None = None
    assessments: tuple[Assessment, ...] = ()
    is_sample: bool = False
    awaits_meaning: AwaitsMeaning = ""


@dataclass(frozen=True, slots=True)
class PendingMeaning:
    """An article's revision whose meaning waits to be compared; no candidate only lends passages to the background."""

    revision_id: int
    article_id: int
    title: str
    text: str
    language: str
    url: str
    page_starts: tuple[int, ...] = ()
    is_candidate: bool = True


@dataclass(frozen=True, slots=True)
class DeferredEntry:
    """An entry that gave no article this time: tried again at `next_read_at`, or settled in `state`.

    `is_attempt` is False where nothing was asked, because its host had failed others just before.
    """

    entry_id: int
    state: EntryState
    reason: str
    next_read_at: datetime
    is_attempt: bool = True


@dataclass(frozen=True, slots=True)
class LiveClaim:
    """The ids under which a live claim's assessments are kept; `identifier` is "list/claim"."""

    identifier: str
    claim_id: int
    claim_revision_id: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class LiveWatchlist:
    """A watchlist's live document and the ids of its claims."""

    name: str
    title: str
    number: int
    document: str
    origin: str
    applied_at: datetime
    claims: tuple[LiveClaim, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class StoredHit:
    """A hit with all that is told of it; `watchlist`/`claim_key` name the claim, `line` is what a digest shows.

    `judgements` are all that people said of it, in the order of time.
    """

    watchlist: str
    watchlist_title: str
    claim_key: str
    claim: str
    said_by: str
    article_id: int
    line: HitLine
    why: Why
    judgements: tuple[Judgement, ...] = ()

    @property
    def identifier(self) -> str:
        """The claim, as "list/claim"."""
        return f"{self.watchlist}/{self.claim_key}"


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article's latest revision with where its evidence stands."""

    id: int
    canonical_url: str
    title: str
    outlet: str
    byline: str
    language: str
    published_at: datetime | None
    first_seen_at: datetime
    extraction: str
    revision: int
    is_sample: bool
    arrival: Arrival = "news"
    text: str = ""
    snapshot: SnapshotRecord | None = None
