"""What a hit's latest assessment was made of."""

from typing import Any

from sqlalchemy import Select, func, select

from monitor.model.explaining import AssessedHit
from monitor.model.matching import Assessment, MatchInput
from monitor.store.engine import Archive
from monitor.store.faults import retried
from monitor.store.latest import LATEST_ASSESSMENT
from monitor.store.rows import load_passages, load_why
from monitor.store.schema import (
    ArticleRow,
    AssessmentRow,
    ClaimRevision,
    ClaimRow,
    Hit,
    Revision,
    WatchlistRow,
    WatchlistVersion,
)


@retried
def find_assessed(archive: Archive, hit_id: int) -> AssessedHit:
    """Return the latest assessment of a hit with the claim and the article that it judged."""
    query: Select[*tuple[Any, ...]] = (
        select(AssessmentRow.__table__, WatchlistRow.name, ClaimRow.key, ClaimRevision.claim_id, ClaimRevision.number)
        .add_columns(ClaimRevision.fingerprint, ClaimRevision.text.label("claim_text"))
        .add_columns(WatchlistVersion.number.label("version"), WatchlistVersion.document)
        .add_columns(Revision.article_id, Revision.number.label("revision"), Revision.title, Revision.text)
        .add_columns(ArticleRow.language, ArticleRow.canonical_url)
        .join(ClaimRevision, ClaimRevision.id == AssessmentRow.claim_revision_id)
        .join(ClaimRow, ClaimRow.id == ClaimRevision.claim_id)
        .join(WatchlistRow, WatchlistRow.id == ClaimRow.watchlist_id)
        .join(WatchlistVersion, WatchlistVersion.id == ClaimRevision.version_id)
        .join(Revision, Revision.id == AssessmentRow.revision_id)
        .join(ArticleRow, ArticleRow.id == Revision.article_id)
        .join(Hit, Hit.id == AssessmentRow.hit_id)
        .where(Hit.id == hit_id, AssessmentRow.id == LATEST_ASSESSMENT)
    )
    with archive.reading() as connection:
        row = connection.execute(query).one()
        newest = select(func.max(Revision.number)).where(Revision.article_id == row.article_id)
        live = (
            select(ClaimRevision.fingerprint)
            .where(ClaimRevision.claim_id == row.claim_id)
            .order_by(ClaimRevision.number.desc())
            .limit(1)
        )
        latest_revision, live_fingerprint = connection.scalar(newest), connection.scalar(live)
    return AssessedHit(
        assessment=Assessment(
            f"{row.name}/{row.key}",
            row.score,
            row.is_hit,
            row.stance,
            load_passages(row.passages),
            load_why(row.why),
        ),
        at=row.assessed_at,
        claim_text=row.claim_text,
        claim_revision=row.number,
        fingerprint=row.fingerprint,
        live_fingerprint=live_fingerprint or "",
        version=row.version,
        document=row.document,
        given=MatchInput(row.title, row.text, row.language, row.canonical_url),
        article_revision=row.revision,
        latest_revision=latest_revision or row.revision,
    )
