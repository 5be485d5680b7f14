"""The archive's tables. Their unique keys are the identities that make every repeat harmless (docs/architecture.md)."""

from monitor.store.metadata import Base
from monitor.store.schema.articles import ArticleRow, Revision, Snapshot
from monitor.store.schema.hits import AssessmentRow, Hit
from monitor.store.schema.judgements import ClaimReplay, ClaimTuningRow, JudgementRow, QuestionRow
from monitor.store.schema.mail import DigestRow, OutboxRow, Subscription, Told
from monitor.store.schema.meaning import MeaningPending, VectorRow
from monitor.store.schema.sources import EntryRow, HealthEventRow, Poll, Source
from monitor.store.schema.watchlists import (
    ClaimRevision,
    ClaimRow,
    WatchlistEventRow,
    WatchlistFile,
    WatchlistRow,
    WatchlistVersion,
)

__all__ = [
    "ArticleRow",
    "AssessmentRow",
    "Base",
    "ClaimReplay",
    "ClaimRevision",
    "ClaimRow",
    "ClaimTuningRow",
    "DigestRow",
    "EntryRow",
    "HealthEventRow",
    "Hit",
    "JudgementRow",
    "MeaningPending",
    "OutboxRow",
    "Poll",
    "QuestionRow",
    "Revision",
    "Snapshot",
    "Source",
    "Subscription",
    "Told",
    "VectorRow",
    "WatchlistEventRow",
    "WatchlistFile",
    "WatchlistRow",
    "WatchlistVersion",
]
