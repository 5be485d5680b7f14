"""Which revision of an article is its latest: what a join of articles with their texts is on."""

from sqlalchemy import func, select

from monitor.store.schema import ArticleRow, Revision

IS_LATEST = (Revision.article_id == ArticleRow.id) & (
    Revision.number
    == select(func.max(Revision.number))
    .where(Revision.article_id == ArticleRow.id)
    .correlate(ArticleRow)
    .scalar_subquery()
)
"""Of one article in a statement, the revision with the highest number."""
