"""Which articles wait for their meaning to be compared, the vectors that were made, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, insert, select, update

from monitor.model.archiving import LiveClaim, PendingMeaning
from monitor.model.matching import BY_HAND, Assessment
from monitor.model.ports import TextKind
from monitor.store.background import loaded
from monitor.store.engine import Archive, insert_new
from monitor.store.faults import retried
from monitor.store.rows import dump_passages, dump_why
from monitor.store.schema import ArticleRow, AssessmentRow, Hit, MeaningPending, Revision, VectorRow

MAX_TRIES = 5
"""After so many failures of an encoder that encodes others, an article stays as its terms judged it."""

_FEW = 500
"""So many hashes are asked for in one statement."""

_IN_TURN = (
    *(ArticleRow.arrival != "news", MeaningPending.tries),
    *(MeaningPending.queued_at, MeaningPending.revision_id),
)

Vectors = NDArray[np.float32]


def queue_meaning(connection: Connection, revision_id: int, at: datetime, *, is_candidate: bool) -> None:
    """Have a revision compared by the next pass; one that is no candidate only lends passages to the background."""
    row = {"revision_id": revision_id, "queued_at": at, "is_candidate": is_candidate, "tries": 0}
    connection.execute(insert_new(MeaningPending), row)


@retried
def pending_meanings(archive: Archive, limit: int) -> list[PendingMeaning]:
    """Return what waits: news first, then what failed least, then the longest waiting."""
    first = (
        # Which come first is told without their texts: a backlog of 100,000 must not be read whole for eight of them.
        select(MeaningPending.revision_id)
        .join(Revision, Revision.id == MeaningPending.revision_id)
        .join(ArticleRow, ArticleRow.id == Revision.article_id)
        .order_by(*_IN_TURN)
        .limit(limit)
        .subquery()
    )
    query = (
        select(MeaningPending.revision_id, MeaningPending.is_candidate, Revision.title, Revision.text)
        .add_columns(Revision.page_starts, ArticleRow.id, ArticleRow.language, ArticleRow.canonical_url)
        .join(first, first.c.revision_id == MeaningPending.revision_id)
        .join(Revision, Revision.id == MeaningPending.revision_id)
        .join(ArticleRow, ArticleRow.id == Revision.article_id)
        .order_by(*_IN_TURN)
    )
    with archive.reading() as connection:
        return [
            PendingMeaning(
                revision_id=row.revision_id,
                article_id=row.id,
                title=row.title,
                text=row.text,
                language=row.language,
                url=row.canonical_url,
                page_starts=tuple(row.page_starts),
                is_candidate=row.is_candidate,
            )
            for row in connection.execute(query)
        ]


@retried
def count_pending_meanings(archive: Archive) -> int:
    """Return how many articles wait to be compared."""
    query = select(func.count()).select_from(MeaningPending).where(MeaningPending.is_candidate)
    with archive.reading() as connection:
        return connection.scalar(query) or 0


@retried
def put_off_meaning(archive: Archive, revision_id: int) -> None:
    """Note a failure and let the others go first; after the last try the revision stays as its terms judged it."""
    with archive.writing() as connection:
        this = MeaningPending.revision_id == revision_id
        connection.execute(update(MeaningPending).where(this).values(tries=MeaningPending.tries + 1))
        given_up = delete(MeaningPending).where(this, MeaningPending.tries >= MAX_TRIES)
        if connection.execute(given_up).rowcount:
            _say_judged_on_terms(connection, revision_id)


@retried
def settle_on_terms(archive: Archive, limit: int = _FEW) -> int:
    """Let what waits stay as its terms judged it, some at a time, for nothing will compare it; return how many."""
    with archive.writing() as connection:
        query = select(MeaningPending.revision_id).order_by(MeaningPending.revision_id).limit(limit)
        ids = list(connection.scalars(query))
        for revision_id in ids:
            _say_judged_on_terms(connection, revision_id)
        connection.execute(delete(MeaningPending).where(MeaningPending.revision_id.in_(ids)))
    return len(ids)


def _say_judged_on_terms(connection: Connection, revision_id: int) -> None:
    """Of what still stands there as pending (the claim may have changed meanwhile), say that it waits no more."""
    article_id = select(Revision.article_id).where(Revision.id == revision_id).scalar_subquery()
    rows = (
        select(AssessmentRow.id, AssessmentRow.why)
        .join(Hit, Hit.id == AssessmentRow.hit_id)
        .where(Hit.article_id == article_id, AssessmentRow.revision_id == revision_id)
    )
    for row in connection.execute(rows).all():
        if row.why.get("meaning") == "pending":
            this = AssessmentRow.id == row.id
            connection.execute(update(AssessmentRow).where(this).values(why=row.why | {"meaning": "none"}))


@retried
def record_meaning(
    archive: Archive,
    pending: PendingMeaning,
    assessments: Sequence[Assessment],
    claims: Mapping[str, LiveClaim],
    at: datetime,
) -> list[int]:
    """Keep what the comparison brought, in one transaction; return the ids of the hits that are new.

    What stood there as pending is completed; what an operator set by hand stays.
    """
    new: list[int] = []
    with archive.writing() as connection:
        arrival = connection.scalar(select(ArticleRow.arrival).where(ArticleRow.id == pending.article_id))
        for assessment in assessments if arrival is not None else ():
            claim = claims[assessment.claim_key]
            hit: dict[str, object] = {"article_id": pending.article_id, "claim_id": claim.claim_id}
            hit |= {"first_seen_at": at, "arrival": arrival}
            inserted = connection.execute(insert_new(Hit).returning(Hit.id), hit).scalar_one_or_none()
            if inserted is not None:
                new.append(inserted)
            here = select(Hit.id).where(Hit.article_id == pending.article_id, Hit.claim_id == claim.claim_id)
            hit_id = inserted or connection.execute(here).scalar_one()
            _complete(connection, hit_id, claim.claim_revision_id, pending.revision_id, assessment, at)
        _say_judged_on_terms(connection, pending.revision_id)
        connection.execute(delete(MeaningPending).where(MeaningPending.revision_id == pending.revision_id))
    return new


def _complete(
    connection: Connection, hit_id: int, claim_revision_id: int, revision_id: int, assessment: Assessment, at: datetime
) -> None:
    values: dict[str, object] = {
        "assessed_at": at,
        "score": assessment.score,
        "is_hit": assessment.is_hit,
        "stance": assessment.stance,
        "passages": dump_passages(assessment.passages),
        "why": dump_why(assessment.why),
    }
    this = (
        (AssessmentRow.hit_id == hit_id)
        & (AssessmentRow.claim_revision_id == claim_revision_id)
        & (AssessmentRow.revision_id == revision_id)
    )
    known = connection.execute(select(AssessmentRow.id, AssessmentRow.why).where(this)).one_or_none()
    if known is None:
        row = {"hit_id": hit_id, "claim_revision_id": claim_revision_id, "revision_id": revision_id}
        connection.execute(insert(AssessmentRow), row | values)
    elif known.why.get("matcher") != BY_HAND:
        connection.execute(update(AssessmentRow).where(AssessmentRow.id == known.id).values(values))


@retried
def load_vectors(archive: Archive, model_id: str, kind: TextKind, hashes: Sequence[str]) -> dict[str, Vectors]:
    """Return the vectors that are kept of some texts, by the texts' SHA-256."""
    found: dict[str, Vectors] = {}
    with archive.reading() as connection:
        for start in range(0, len(hashes), _FEW):
            query = select(VectorRow.text_sha256, VectorRow.vector).where(
                VectorRow.model_id == model_id,
                VectorRow.kind == kind,
                VectorRow.text_sha256.in_(hashes[start : start + _FEW]),
            )
            found |= {row.text_sha256: loaded(row.vector) for row in connection.execute(query)}
    return found


@dataclass(frozen=True, slots=True)
class MadeOf:
    """What vectors were made of and by whom; those of the texts named in `background` (SHA-256) are its passages."""

    model_id: str
    kind: TextKind
    language: str = ""
    background: frozenset[str] = frozenset()


@retried
def store_vectors(archive: Archive, made_of: MadeOf, vectors: Mapping[str, Vectors], at: datetime) -> None:
    """Keep the vectors of texts by their SHA-256."""
    rows = [
        {
            "model_id": made_of.model_id,
            "kind": made_of.kind,
            "text_sha256": text_sha256,
            "language": made_of.language,
            "is_background": text_sha256 in made_of.background,
            "vector": vector.astype("<f2").tobytes(),
            "made_at": at,
        }
        for text_sha256, vector in vectors.items()
    ]
    if rows:
        with archive.writing() as connection:
            connection.execute(insert_new(VectorRow), rows)


@retried
def drop_old_vectors(archive: Archive, before: datetime) -> int:
    """Drop vectors of passages that were made long ago; they can be made again. Return how many."""
    query = delete(VectorRow).where(VectorRow.made_at < before, VectorRow.kind == "passage")
    with archive.writing() as connection:
        return connection.execute(query).rowcount
