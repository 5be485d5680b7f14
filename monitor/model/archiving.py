"""What the pipeline hands to the archive and gets from it."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from monitor.model.articles import Article
from monitor.model.digesting import HitLine
from monitor.model.entries import Entry
from monitor.model.matching import Assessment, Why

PollOutcome = Literal["new", "unchanged", "failed"]
EntryState = Literal["pending", "read", "lead", "filtered"]
TEXT = "text"


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A source as an operator or the starter list names it. `only` is a query that an entry must satisfy."""

    url: str
    title: str
    kind: str = "feed"
    language: str = ""
    only: str = ""
    note: str = ""
    is_enabled: bool = True
    is_sample: bool = False


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A source as it stands in the archive. `interval_seconds` is its own, or None where it follows the setting."""

    id: int
    spec: SourceSpec
    interval_seconds: int | None
    next_poll_at: datetime
    failures: int
    etag: str | None = None
    last_modified: str | None = None
    last_polled_at: datetime | None = None
    last_good_at: datetime | None = None
    last_reason: str = ""
    last_detail: str = ""


@dataclass(frozen=True, slots=True)
class KeyedEntry:
    """An entry with its identities: `entry_key` within its source, `url_key` of the article it points to."""

    entry: Entry
    entry_key: str
    url_key: str


@dataclass(frozen=True, slots=True)
class Polled:
    """One visit to a source and what follows from it. `new` is filled in by the archive: entries it did not have."""

    source: StoredSource
    at: datetime
    outcome: PollOutcome
    next_poll_at: datetime
    entries: tuple[KeyedEntry, ...] = ()
    rejected: int = 0
    etag: str | None = None
    last_modified: str | None = None
    reason: str = ""
    detail: str = ""
    new: int = 0

    @property
    def is_good(self) -> bool:
        """Say whether the source could be read."""
        return self.outcome != "failed"


@dataclass(frozen=True, slots=True)
class PendingEntry:
    """An entry whose article is still to be read."""

    id: int
    source: SourceSpec
    entry: Entry
    url_key: str
    attempts: int


@dataclass(frozen=True, slots=True)
class SnapshotRecord:
    """Where the evidence of one response stands: a WARC record under `blob_key`, and the hash of the body in it."""

    url: str
    fetched_at: datetime
    status: int
    body_sha256: str
    body_bytes: int
    blob_key: str


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """One entry's article as read. Where `extraction` isn't "text" it is the reason, and the article is a lead."""

    entry_id: int
    url_key: str
    article: Article
    extraction: str
    at: datetime
    snapshot: SnapshotRecord | None = None
    assessments: tuple[Assessment, ...] = ()
    is_sample: bool = False


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
    """A hit with all that is told of it; `watchlist`/`claim_key` name the claim, `line` is what a digest shows."""

    watchlist: str
    watchlist_title: str
    claim_key: str
    claim: str
    said_by: str
    article_id: int
    line: HitLine
    why: Why


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
    text: str = ""
    snapshot: SnapshotRecord | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionSpec:
    """Who gets digests and when: `send_at` is local time ("07:00") in `timezone`. `id` is 0 before it is stored."""

    name: str
    delivery: Literal["files"]
    send_at: str
    timezone: str
    id: int = 0


@dataclass(frozen=True, slots=True)
class OwedMail:
    """One row of the outbox that is to be delivered."""

    id: int
    name: str
    message: bytes
    html: str
    attempts: int


@dataclass(frozen=True, slots=True)
class DeliveredDigest:
    """A digest as delivered to files."""

    name: str
    message_path: Path
    html_path: Path
