"""The articles that people are asked about: each once a claim, with why and with which probability."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, select

from monitor.model.archiving import LiveClaim
from monitor.model.judging import Question
from monitor.store.engine import Archive, insert_new
from monitor.store.faults import retried
from monitor.store.judgements import is_judged
from monitor.store.latest import IS_LATEST
from monitor.store.schema import ArticleRow, ClaimRow, Hit, QuestionRow, Revision, WatchlistRow


@retried
def below_the_line(archive: Archive, claim_id: int) -> list[int]:
    """Return the articles that are no hits of a claim, and of which nobody was asked or has said anything."""
    hit = exists().where(Hit.article_id == ArticleRow.id, Hit.claim_id == claim_id)
    asked = exists().where(QuestionRow.article_id == ArticleRow.id, QuestionRow.claim_id == claim_id)
    judged = is_judged(ClaimRow.id.expression, ArticleRow.id.expression)
    query = (
        select(ArticleRow.id)
        .join(ClaimRow, ClaimRow.id == claim_id)
        .where(~hit, ~asked, ~judged, ~ArticleRow.is_sample, ArticleRow.replaced_by_id.is_(None))
        .order_by(ArticleRow.id)
    )
    with archive.reading() as connection:
        return list(connection.scalars(query))


@retried
def record_questions(archive: Archive, claim: LiveClaim, questions: Sequence[Question], at: datetime) -> None:
    """Keep questions; one about an article that was asked about before is left alone."""
    rows = [
        {
            "claim_id": claim.claim_id,
            "article_id": question.article_id,
            "offered": question.offered,
            "asked_at": at,
            "score": question.score,
            "logit": question.logit,
            "probability": question.probability,
        }
        for question in questions
    ]
    if rows:
        with archive.writing() as connection:
            connection.execute(insert_new(QuestionRow), rows)


@retried
def list_questions(archive: Archive, claim_id: int, *, only_open: bool = True) -> list[Question]:
    """Return a claim's questions, those that nobody has answered yet or all, the first asked first."""
    query: Select[*tuple[Any, ...]] = (
        select(QuestionRow.__table__, WatchlistRow.name, ClaimRow.key, ArticleRow.canonical_url)
        .add_columns(Revision.title, Revision.text)
        .join(ClaimRow, ClaimRow.id == QuestionRow.claim_id)
        .join(WatchlistRow, WatchlistRow.id == ClaimRow.watchlist_id)
        .join(ArticleRow, ArticleRow.id == QuestionRow.article_id)
        .join(Revision, IS_LATEST)
        .where(QuestionRow.claim_id == claim_id)
        .order_by(QuestionRow.id)
    )
    if only_open:
        query = query.where(~is_judged(ClaimRow.id.expression, ArticleRow.id.expression))
    with archive.reading() as connection:
        return [
            Question(
                claim=f"{row.name}/{row.key}",
                article_id=row.article_id,
                headline=row.title,
                url=row.canonical_url,
                offered=row.offered,
                probability=row.probability,
                score=row.score,
                logit=row.logit,
                text=row.text,
            )
            for row in connection.execute(query)
        ]
