"""Which revision of an article is its latest, and which assessment of a hit: what joins are on."""

from sqlalchemy import func, select

from monitor.store.schema import ArticleRow, AssessmentRow, Hit, Revision

IS_LATEST = (Revision.article_id == ArticleRow.id) & (
    Revision.number
    == select(func.max(Revision.number))
    .where(Revision.article_id == ArticleRow.id)
    .correlate(ArticleRow)
    .scalar_subquery()
)
"""Of one article in a statement, the revision with the highest number."""

LATEST_ASSESSMENT = (
    select(AssessmentRow.id)
    .join(Revision, Revision.id == AssessmentRow.revision_id)
    .where(AssessmentRow.hit_id == Hit.id)
    .order_by(Revision.number.desc(), AssessmentRow.id.desc())
    .limit(1)
    .correlate(Hit)
    .scalar_subquery()
)
"""Of one hit in a statement, the last assessment of the newest text: an older one may be judged after it."""
