"""Which hits a subscription is still to be told of: in its digest, or at once.

What people judged not relevant is kept back and stays untold: when they take it back, the next digest tells it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Label, Select, or_, select

from monitor.model.archiving import StoredHit
from monitor.model.mailing import SubscriptionSpec
from monitor.store.hits import load_hit, select_hits
from monitor.store.judgements import judgements_of, settle
from monitor.store.schema import (
    ArticleRow,
    AssessmentRow,
    ClaimRow,
    ClaimTuningRow,
    DigestRow,
    Hit,
    OutboxRow,
    Told,
    WatchlistRow,
)


def untold_hits(connection: Connection, subscription: SubscriptionSpec) -> list[StoredHit]:
    """Return the hits that a subscription was told of in no digest, claim by claim, the best first.

    Those of its watchlists, first seen since it began to tell; where somebody set a claim's `digest_from`, those that
    reach it. Invented ones never leave by mail. What an alert told stays among them, with when.
    """
    query = (
        _hits_for(subscription, ("new",))
        .add_columns(_alerted_at(subscription.id))
        .outerjoin(ClaimTuningRow, ClaimTuningRow.claim_id == Hit.claim_id)
        .where(or_(ClaimTuningRow.digest_from.is_(None), AssessmentRow.score >= ClaimTuningRow.digest_from))
    )
    if subscription.delivery == "mail":
        query = query.where(~ArticleRow.is_sample)
    found = [(load_hit(row), row.alerted_at) for row in connection.execute(query)]
    hits = [replace(hit, line=replace(hit.line, alerted_at=at)) for hit, at in found]
    return _but_for_refused(connection, hits)


def alertable_hits(
    connection: Connection, subscription: SubscriptionSpec, lines: Mapping[int, float], since: datetime
) -> list[StoredHit]:
    """Return the hits that a subscription is to be told of at once: news first seen since, of which it was never told.

    `lines` are the claims that ask for alerts, by id, each with the score from which on.
    """
    query = _hits_for(subscription, ("new", "alert")).add_columns(Hit.claim_id)
    query = query.where(Hit.arrival == "news", ~ArticleRow.is_sample)
    query = query.where(Hit.claim_id.in_(lines), Hit.first_seen_at >= since)
    hits = [load_hit(row) for row in connection.execute(query) if row.score >= lines[row.claim_id]]
    return _but_for_refused(connection, hits)


def _but_for_refused(connection: Connection, hits: Sequence[StoredHit]) -> list[StoredHit]:
    """Leave out what was judged not relevant, by all who judged it taken together."""
    said = judgements_of(connection, [(hit.article_id, hit.identifier) for hit in hits])
    settled = {key: settle(judgements) for key, judgements in said.items()}
    refused = {key for key, judged in settled.items() if judged is not None and not judged.is_relevant}
    return [hit for hit in hits if (hit.article_id, hit.identifier) not in refused]


def _hits_for(subscription: SubscriptionSpec, events: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """Choose the hits that a subscription may be told of, and was not by any of these events."""
    here = (Told.subscription_id == subscription.id, Told.hit_id == Hit.id, Told.event.in_(events))
    told: ColumnElement[bool] = select(Told.id).where(*here).correlate(Hit).exists()
    query = (
        select_hits()
        .where(~told, ArticleRow.replaced_by_id.is_(None))
        .order_by(WatchlistRow.name, ClaimRow.position < 0, ClaimRow.position, AssessmentRow.score.desc(), Hit.id)
    )
    if subscription.watchlists:
        query = query.where(WatchlistRow.name.in_(subscription.watchlists))
    if subscription.tells_from is not None:
        query = query.where(Hit.first_seen_at >= subscription.tells_from)
    return query


def _alerted_at(subscription_id: int) -> Label[Any]:
    """Say when the alert was written that told a hit; one that never left has told nobody."""
    query = (
        select(DigestRow.composed_at)
        .join(Told, Told.digest_id == DigestRow.id)
        .join(OutboxRow, OutboxRow.digest_id == DigestRow.id)
        .where(Told.subscription_id == subscription_id, Told.hit_id == Hit.id, Told.event == "alert")
        .where(OutboxRow.state == "sent")
    )
    return query.correlate(Hit).scalar_subquery().label("alerted_at")
