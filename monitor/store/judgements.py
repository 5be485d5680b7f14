"""What people said of matches. A judgement is kept for good; the latest of each person counts."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, insert, select, update

from monitor.model.judging import JudgedArticle, Judgement
from monitor.model.matching import ALERT_FROM, DIGEST_FROM, ClaimTuning
from monitor.store.engine import Archive, insert_new
from monitor.store.faults import retried
from monitor.store.latest import LATEST_ASSESSMENT
from monitor.store.rows import load_why
from monitor.store.schema import (
    ArticleRow,
    AssessmentRow,
    ClaimRow,
    ClaimTuningRow,
    Hit,
    JudgementRow,
    QuestionRow,
    WatchlistRow,
)

Refit = Callable[[Sequence[JudgedArticle]], tuple[float, int]]
"""Gives a claim's intercept and how many judged articles it was learnt from."""

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class StoredTuning:
    """What was learnt and set for a claim; a threshold that nobody set is None."""

    intercept: float = 0.0
    fitted_on: int = 0
    digest_from: float | None = None
    alert_from: float | None = None

    @property
    def tuning(self) -> ClaimTuning:
        """What the matcher takes: thresholds that nobody set are those that ship."""
        digest_from = DIGEST_FROM if self.digest_from is None else self.digest_from
        alert_from = max(digest_from, ALERT_FROM) if self.alert_from is None else self.alert_from
        return ClaimTuning(self.intercept, digest_from, alert_from)


@retried
def record_judgement(archive: Archive, claim_id: int, judgement: Judgement, refit: Refit) -> bool:
    """Keep a judgement and the claim's new intercept in one transaction; say whether anything is new.

    The same word from the same person again is no new judgement, nor is one undone that nobody gave.
    """
    with archive.writing() as connection:
        latest = connection.execute(
            select(JudgementRow.verdict, JudgementRow.note)
            .where(JudgementRow.claim_id == claim_id, JudgementRow.article_id == judgement.article_id)
            .where(JudgementRow.by == judgement.by)
            .order_by(JudgementRow.id.desc())
            .limit(1)
        ).one_or_none()
        before, note = (latest.verdict, latest.note) if latest else ("undone", "")
        if before == judgement.verdict and (judgement.note in ("", note) or judgement.verdict == "undone"):
            return False
        asked = connection.execute(
            select(QuestionRow.offered, QuestionRow.probability).where(
                QuestionRow.claim_id == claim_id, QuestionRow.article_id == judgement.article_id
            )
        ).one_or_none()
        connection.execute(
            insert(JudgementRow).values(
                claim_id=claim_id,
                article_id=judgement.article_id,
                verdict=judgement.verdict,
                by=judgement.by,
                at=judgement.at,
                note=judgement.note,
                score=judgement.score,
                logit=judgement.logit,
                offered=asked.offered if asked else "",
                probability=asked.probability if asked else None,
            )
        )
        _refit(connection, claim_id, refit, judgement.at)
        return True


def _refit(connection: Connection, claim_id: int, refit: Refit, at: datetime) -> None:
    intercept, fitted_on = refit(_judged_articles(connection, claim_id))
    _put_tuning(connection, claim_id, {"intercept": intercept, "fitted_on": fitted_on}, at)


@retried
def record_thresholds(archive: Archive, claim_id: int, thresholds: dict[str, float | None], at: datetime) -> None:
    """Set thresholds of a claim: `digest_from`, `alert_from` or both, None for as shipped."""
    with archive.writing() as connection:
        _put_tuning(connection, claim_id, dict(thresholds), at)


def _put_tuning(connection: Connection, claim_id: int, values: dict[str, Any], at: datetime) -> None:
    start = {"claim_id": claim_id, "intercept": 0.0, "fitted_on": 0, "changed_at": at}
    connection.execute(insert_new(ClaimTuningRow), start)
    this = ClaimTuningRow.claim_id == claim_id
    connection.execute(update(ClaimTuningRow).where(this).values(values | {"changed_at": at}))


@retried
def claim_tunings(archive: Archive) -> dict[str, StoredTuning]:
    """Return what was learnt and set, by the claims' identifiers ("list/claim")."""
    query = (
        select(WatchlistRow.name, ClaimRow.key, ClaimTuningRow.__table__)
        .join(ClaimRow, ClaimRow.id == ClaimTuningRow.claim_id)
        .join(WatchlistRow, WatchlistRow.id == ClaimRow.watchlist_id)
    )
    with archive.reading() as connection:
        return {
            f"{row.name}/{row.key}": StoredTuning(row.intercept, row.fitted_on, row.digest_from, row.alert_from)
            for row in connection.execute(query)
        }


def live_tunings(archive: Archive) -> dict[str, ClaimTuning]:
    """Return what matching takes of it, by the claims' identifiers."""
    return {key: stored.tuning for key, stored in claim_tunings(archive).items()}


@retried
def list_judgements(archive: Archive, pairs: Iterable[tuple[int, str]]) -> dict[tuple[int, str], list[Judgement]]:
    """Return all judgements of some (article, "list/claim"), each's in the order of time."""
    with archive.reading() as connection:
        return judgements_of(connection, pairs)


def judgements_of(connection: Connection, pairs: Iterable[tuple[int, str]]) -> dict[tuple[int, str], list[Judgement]]:
    """Return what `list_judgements` does, as it stands within a transaction."""
    wanted = set(pairs)
    articles = sorted({article_id for article_id, _ in wanted})
    found: dict[tuple[int, str], list[Judgement]] = defaultdict(list)
    for start in range(0, len(articles), _AT_ONCE):
        some = JudgementRow.article_id.in_(articles[start : start + _AT_ONCE])
        for row in connection.execute(_judgements().where(some)):
            judgement = _load(row)
            if (key := (judgement.article_id, judgement.claim)) in wanted:
                found[key].append(judgement)
    return dict(found)


@retried
def judged_articles(archive: Archive, claim_id: int) -> list[JudgedArticle]:
    """Return the articles judged on a claim, each with what all who judged it come to."""
    with archive.reading() as connection:
        return _judged_articles(connection, claim_id)


def _judged_articles(connection: Connection, claim_id: int) -> list[JudgedArticle]:
    by_article: dict[int, list[Judgement]] = defaultdict(list)
    # What is said of an invented article may be tried out; it teaches nothing and is in no figure.
    real = _judgements().join(ArticleRow, ArticleRow.id == JudgementRow.article_id).where(~ArticleRow.is_sample)
    for row in connection.execute(real.where(JudgementRow.claim_id == claim_id)):
        by_article[row.article_id].append(_load(row))
    judged = [one for judgements in by_article.values() if (one := settle(judgements)) is not None]
    assessed = _assessed(connection, claim_id, [one.article_id for one in judged])
    return [
        replace(one, score=assessed[one.article_id].score, why=load_why(assessed[one.article_id].why))
        if one.article_id in assessed
        else one
        for one in judged
    ]


def _assessed(connection: Connection, claim_id: int, article_ids: Sequence[int]) -> dict[int, Row[Any]]:
    query: Select[*tuple[Any, ...]] = (
        select(Hit.article_id, AssessmentRow.score, AssessmentRow.why)
        .join(AssessmentRow, AssessmentRow.id == LATEST_ASSESSMENT)
        .where(Hit.claim_id == claim_id)
    )
    found: dict[int, Row[Any]] = {}
    for start in range(0, len(article_ids), _AT_ONCE):
        some = query.where(Hit.article_id.in_(article_ids[start : start + _AT_ONCE]))
        found |= {row.article_id: row for row in connection.execute(some)}
    return found


def settle(judgements: Sequence[Judgement]) -> JudgedArticle | None:
    """Return what judgements on one article and claim, in the order of time, come to: the latest of each person's.

    More say counts, at a tie who spoke last; None where nobody's word is left.
    """
    latest = {judgement.by: judgement for judgement in judgements}
    standing = sorted((one for one in latest.values() if one.verdict != "undone"), key=judgements.index)
    if not standing:
        return None
    tally = sum(1 if one.verdict == "relevant" else -1 for one in standing)
    last = standing[-1]
    is_relevant = tally > 0 if tally else last.verdict == "relevant"
    return JudgedArticle(last.article_id, is_relevant, last.offered, last.probability, last.logit)


def is_judged(claim_id: ColumnElement[int], article_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Say whether anybody has said anything of an article and a claim."""
    here = and_(JudgementRow.claim_id == claim_id, JudgementRow.article_id == article_id)
    return select(JudgementRow.id).where(here).correlate_except(JudgementRow).exists()


def _judgements() -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = (
        select(JudgementRow.__table__, WatchlistRow.name, ClaimRow.key)
        .join(ClaimRow, ClaimRow.id == JudgementRow.claim_id)
        .join(WatchlistRow, WatchlistRow.id == ClaimRow.watchlist_id)
        .order_by(JudgementRow.id)
    )
    return query


def _load(row: Row[Any]) -> Judgement:
    return Judgement(
        claim=f"{row.name}/{row.key}",
        article_id=row.article_id,
        verdict=row.verdict,
        by=row.by,
        at=row.at,
        note=row.note,
        score=row.score,
        logit=row.logit,
        offered=row.offered,
        probability=row.probability,
    )
