"""Articles in the archive: what reading one brought, with its revision, evidence and hits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, select, update

from monitor.model.archiving import OPAQUE_LINK, TEXT, LiveClaim, ReadArticle
from monitor.model.articles import Arrival
from monitor.model.matching import Assessment
from monitor.store.engine import Archive, insert_new
from monitor.store.faults import retried
from monitor.store.meaning import queue_meaning
from monitor.store.revisions import keep_revision
from monitor.store.rows import dump_passages, dump_why
from monitor.store.schema import ArticleRow, AssessmentRow, EntryRow, Hit, Revision
from monitor.store.search.writing import committed, index_article
from monitor.text.names import is_same_outlet, title_key
from monitor.text.urls import is_message_url

SAME_STORY = timedelta(days=30)
"""So far apart may a search's lead and the article itself be found."""


@retried
def record_article(archive: Archive, read: ReadArticle, claims: Mapping[str, LiveClaim]) -> list[int]:
    """Keep one article with its revision, evidence, hits and assessments in one transaction.

    Return the ids of the hits that are new; what makes a revision, `keep_revision` says. Of an entry whose source was
    removed meanwhile nothing is kept.
    """
    with archive.writing() as connection:
        if connection.scalar(select(EntryRow.id).where(EntryRow.id == read.entry_id)) is None:
            return []
        known_id = _known_by_title(connection, read, claims) if read.extraction == OPAQUE_LINK else None
        if known_id is not None:
            _settle(connection, read.entry_id, known_id, "")
            return []
        article_id = _article_id(connection, read)
        revision_id = keep_revision(connection, read, article_id, claims)
        judged = JudgedRevision(article_id, revision_id or 0, read.at, read.arrival, read.assessments)
        new = record_hits(connection, judged, claims) if revision_id else []
        if revision_id and read.awaits_meaning:
            is_candidate = read.awaits_meaning == "candidate"
            queue_meaning(connection, revision_id, read.at, is_candidate=is_candidate)
        if read.extraction == TEXT:
            _replace_leads(connection, read, article_id)
        _settle(connection, read.entry_id, article_id, "" if read.extraction == TEXT else read.extraction)
        words = index_article(connection, archive, article_id)
    committed(archive, words)
    return new


def was_read(article_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Say whether the archive has an article's text from its own page.

    A lead isn't that, nor the text that a listing carried: whoever writes a listing may name any address in it.
    """
    carried = select(EntryRow.id).where(
        EntryRow.article_id == Revision.article_id, EntryRow.snapshot_id == Revision.snapshot_id
    )
    read = select(Revision.id).where(
        Revision.article_id == article_id,
        Revision.extraction == TEXT,
        ~carried.correlate(Revision.__table__).exists(),
    )
    return read.correlate_except(Revision.__table__).exists()


def _settle(connection: Connection, entry_id: int, article_id: int, reason: str) -> None:
    connection.execute(
        update(EntryRow)
        .where(EntryRow.id == entry_id)
        .values(
            state="lead" if reason else "read",
            reason=reason,
            article_id=article_id,
            attempts=EntryRow.attempts + 1,
            claimed_until=None,
            text="",  # the revision has it now
        )
    )


def _article_id(connection: Connection, read: ReadArticle) -> int:
    article = read.article
    said: dict[str, object] = {
        "canonical_url": article.canonical_url,
        "outlet": article.outlet,
        "byline": article.byline,
        "language": article.language,
        "published_at": article.published_at,
        "arrival": read.arrival,
        "title_key": title_key(article.title),
    }
    new = said | {"url_key": read.url_key, "first_seen_at": read.at, "is_sample": read.is_sample}
    inserted = connection.execute(insert_new(ArticleRow).returning(ArticleRow.id), new).scalar_one_or_none()
    if inserted is not None:
        return inserted
    this = ArticleRow.url_key == read.url_key
    if read.extraction == TEXT and read.snapshot is not None:
        # What a page says of itself takes the place of what some listing said of it.
        connection.execute(update(ArticleRow).where(this, ~was_read(ArticleRow.__table__.c.id)).values(said))
    return connection.execute(select(ArticleRow.id).where(this)).scalar_one()


def _known_by_title(connection: Connection, read: ReadArticle, claims: Mapping[str, LiveClaim]) -> int | None:
    """Return the article that a search's lead names by headline and outlet, or an earlier lead to it.

    Only where it bears on all that the lead bears on: any page may call itself by an outlet's name, and a lead that
    such a page hid would be a report missed.
    """
    wanted = {claims[assessment.claim_key].claim_id for assessment in read.assessments if assessment.is_hit}
    for row in _same_title(connection, read):
        if is_same_outlet(read.article.outlet, row.outlet, row.canonical_url):
            hits = set(connection.scalars(select(Hit.claim_id).where(Hit.article_id == row.id)))
            if wanted <= hits:
                return int(row.id)
    return None


def _replace_leads(connection: Connection, read: ReadArticle, article_id: int) -> None:
    """Put an article in the place of the leads that searches gave to it: they are told no more.

    A lead that bears on a claim that the article doesn't bear on stays, and so does every lead before a mail: anybody
    may send one, under any name.
    """
    if is_message_url(read.article.canonical_url):
        return
    of_article = set(connection.scalars(select(Hit.claim_id).where(Hit.article_id == article_id)))
    replaced = [
        row.id
        for row in _same_title(connection, read, extraction=OPAQUE_LINK)
        if row.id != article_id
        and is_same_outlet(row.outlet, read.article.outlet, read.article.canonical_url)
        and of_article.issuperset(connection.scalars(select(Hit.claim_id).where(Hit.article_id == row.id)))
    ]
    if replaced:
        connection.execute(update(ArticleRow).where(ArticleRow.id.in_(replaced)).values(replaced_by_id=article_id))


def _same_title(connection: Connection, read: ReadArticle, extraction: str = "") -> list[Row[tuple[int, str, str]]]:
    key = title_key(read.article.title)
    if not key:
        return []
    query = (
        select(ArticleRow.id, ArticleRow.outlet, ArticleRow.canonical_url)
        .where(ArticleRow.title_key == key, ArticleRow.first_seen_at > read.at - SAME_STORY)
        .where(ArticleRow.replaced_by_id.is_(None))
        .order_by(ArticleRow.id)
    )
    if extraction:
        of_kind = select(Revision.article_id).where(Revision.extraction == extraction)
        query = query.where(ArticleRow.id.in_(of_kind))
    return list(connection.execute(query))


@dataclass(frozen=True, slots=True)
class JudgedRevision:
    """A revision of an article with the assessments that it got; `arrival` is that of the hits they make."""

    article_id: int
    revision_id: int
    at: datetime
    arrival: Arrival
    assessments: tuple[Assessment, ...]


def record_hits(connection: Connection, judged: JudgedRevision, claims: Mapping[str, LiveClaim]) -> list[int]:
    """Keep the hits among some assessments; return the ids of those that are new."""
    new: list[int] = []
    for assessment in judged.assessments:
        claim = claims[assessment.claim_key]
        if not assessment.is_hit:
            continue
        hit = {
            "article_id": judged.article_id,
            "claim_id": claim.claim_id,
            "first_seen_at": judged.at,
            "arrival": judged.arrival,
        }
        inserted = connection.execute(insert_new(Hit).returning(Hit.id), hit).scalar_one_or_none()
        if inserted is not None:
            new.append(inserted)
        here = select(Hit.id).where(Hit.article_id == judged.article_id, Hit.claim_id == claim.claim_id)
        connection.execute(
            insert_new(AssessmentRow),
            {
                "hit_id": inserted or connection.execute(here).scalar_one(),
                "claim_revision_id": claim.claim_revision_id,
                "revision_id": judged.revision_id,
                "assessed_at": judged.at,
                "score": assessment.score,
                "is_hit": assessment.is_hit,
                "stance": assessment.stance,
                "passages": dump_passages(assessment.passages),
                "why": dump_why(assessment.why),
            },
        )
    return new
