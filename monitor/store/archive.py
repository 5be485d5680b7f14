"""Articles: which entries are still to be read, and what reading one brought."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, func, insert, or_, select, update

from monitor.model.archiving import TEXT, DeferredEntry, LiveClaim, PendingEntry, ReadArticle, SourceSpec
from monitor.model.entries import Entry
from monitor.store.engine import Archive, insert_new
from monitor.store.rows import clean, dump_passages, dump_why, is_due
from monitor.store.schema import ArticleRow, AssessmentRow, EntryRow, Hit, Revision, Snapshot, Source

LEASE = timedelta(minutes=15)
BATCH = 200


def claim_entries(archive: Archive, now: datetime, *, limit: int = BATCH) -> list[PendingEntry]:
    """Take a lease on entries whose article is to be read and return them: sources in turn, each one's newest first.

    An entry of an article that the archive has already (by another source, or under another address that led to it)
    is settled at once: it needs no fetching and makes no hit. Of several for one article, one is taken.
    """
    with archive.writing() as connection:
        _settle_known(connection)
        one_each = (
            select(func.min(EntryRow.id))
            .where(EntryRow.state == "pending", is_due(EntryRow.next_read_at, now))
            .where(or_(EntryRow.claimed_until.is_(None), EntryRow.claimed_until <= now))
            .group_by(EntryRow.url_key)
        )
        newest_first = (EntryRow.published_at.desc().nulls_last(), EntryRow.id)
        turn = func.row_number().over(partition_by=EntryRow.source_id, order_by=newest_first)
        due = select(EntryRow.id).where(EntryRow.id.in_(one_each)).order_by(turn, *newest_first).limit(limit)
        ids = list(connection.scalars(due))
        connection.execute(update(EntryRow).where(EntryRow.id.in_(ids)).values(claimed_until=now + LEASE))
        rows = connection.execute(
            select(EntryRow.__table__, Source.__table__)
            .join(Source, Source.id == EntryRow.source_id)
            .where(EntryRow.id.in_(ids))
        )
        return [_load_pending(row) for row in rows]


def _settle_known(connection: Connection) -> None:
    known = select(ArticleRow.id).where(ArticleRow.url_key == EntryRow.url_key).scalar_subquery()
    waiting = EntryRow.state == "pending"
    connection.execute(
        update(EntryRow).where(waiting, known.is_not(None)).values(state="read", article_id=known, claimed_until=None)
    )
    sibling = EntryRow.__table__.alias("sibling")
    redirected = (
        select(func.max(sibling.c.article_id))
        .where(sibling.c.url_key == EntryRow.url_key, sibling.c.article_id.is_not(None))
        .scalar_subquery()
    )
    connection.execute(
        update(EntryRow)
        .where(waiting, redirected.is_not(None))
        .values(state="read", article_id=redirected, claimed_until=None)
    )


def _load_pending(row: Row[tuple[object, ...]]) -> PendingEntry:
    entry, source = EntryRow.__table__.c, Source.__table__.c
    found = row._mapping  # noqa: SLF001 (SQLAlchemy's public name for a row by column)
    return PendingEntry(
        id=found[entry.id],
        source=SourceSpec(
            url=found[source.url],
            title=found[source.title],
            language=found[source.language],
            only=found[source.only],
            is_sample=found[source.is_sample],
        ),
        entry=Entry(
            guid=found[entry.guid],
            url=found[entry.url],
            title=found[entry.title],
            summary=found[entry.summary],
            author=found[entry.author],
            published_at=found[entry.published_at],
        ),
        url_key=found[entry.url_key],
        attempts=found[entry.attempts],
    )


def record_deferred(archive: Archive, deferred: DeferredEntry) -> None:
    """Keep that an entry gave no article this time, why, and when it is tried again.

    Entries of other sources that wait for the same article wait with it, so that its host is asked once.
    """
    same = select(EntryRow.url_key).where(EntryRow.id == deferred.entry_id).scalar_subquery()
    concerned: ColumnElement[bool] = EntryRow.id == deferred.entry_id
    if deferred.state == "pending":
        concerned = (EntryRow.url_key == same) & (EntryRow.state == "pending")
    with archive.writing() as connection:
        connection.execute(
            update(EntryRow)
            .where(concerned)
            .values(
                state=deferred.state,
                reason=deferred.reason,
                next_read_at=deferred.next_read_at,
                attempts=EntryRow.attempts + deferred.is_attempt,
                claimed_until=None,
            )
        )


def release_entries(archive: Archive, ids: Sequence[int]) -> None:
    """Give entries back that were claimed and not settled, so that the next round takes them."""
    with archive.writing() as connection:
        connection.execute(update(EntryRow).where(EntryRow.id.in_(ids)).values(claimed_until=None))


def record_article(archive: Archive, read: ReadArticle, claims: Mapping[str, LiveClaim]) -> list[int]:
    """Keep one article with its revision, evidence, hits and assessments in one transaction.

    Return the ids of the hits that are new. A text equal to the latest revision's makes no revision. Of an entry whose
    source was removed meanwhile nothing is kept.
    """
    with archive.writing() as connection:
        if connection.scalar(select(EntryRow.id).where(EntryRow.id == read.entry_id)) is None:
            return []
        article_id = _article_id(connection, read)
        revision_id = _revision_id(connection, read, article_id)
        new = _record_hits(connection, read, article_id, revision_id, claims)
        is_text = read.extraction == TEXT
        connection.execute(
            update(EntryRow)
            .where(EntryRow.id == read.entry_id)
            .values(
                state="read" if is_text else "lead",
                reason="" if is_text else read.extraction,
                article_id=article_id,
                attempts=EntryRow.attempts + 1,
                claimed_until=None,
            )
        )
    return new


def _article_id(connection: Connection, read: ReadArticle) -> int:
    article = read.article
    connection.execute(
        insert_new(ArticleRow),
        {
            "url_key": read.url_key,
            "canonical_url": article.canonical_url,
            "outlet": clean(article.outlet),
            "byline": clean(article.byline),
            "language": article.language,
            "published_at": article.published_at,
            "first_seen_at": read.at,
            "is_sample": read.is_sample,
        },
    )
    return connection.execute(select(ArticleRow.id).where(ArticleRow.url_key == read.url_key)).scalar_one()


def _revision_id(connection: Connection, read: ReadArticle, article_id: int) -> int:
    title, text = clean(read.article.title), clean(read.article.text)
    text_sha256 = hashlib.sha256(f"{title}\0{text}".encode()).hexdigest()
    latest = connection.execute(
        select(Revision.id, Revision.number, Revision.text_sha256, Revision.extraction)
        .where(Revision.article_id == article_id)
        .order_by(Revision.number.desc())
        .limit(1)
    ).one_or_none()
    # A lead says less than a text that we have: it never follows one.
    if latest and (latest.text_sha256 == text_sha256 or (latest.extraction == TEXT and read.extraction != TEXT)):
        return int(latest.id)
    values = {
        "article_id": article_id,
        "number": latest.number + 1 if latest else 1,
        "title": title,
        "text": text,
        "text_sha256": text_sha256,
        "extraction": read.extraction,
        "made_at": read.at,
        "snapshot_id": _snapshot_id(connection, read),
    }
    return connection.execute(insert(Revision).values(values).returning(Revision.id)).scalar_one()


def _snapshot_id(connection: Connection, read: ReadArticle) -> int | None:
    if read.snapshot is None:
        return None
    record = read.snapshot
    values = {
        "url": record.url,
        "fetched_at": record.fetched_at,
        "status": record.status,
        "body_sha256": record.body_sha256,
        "body_bytes": record.body_bytes,
        "blob_key": record.blob_key,
    }
    return connection.execute(insert(Snapshot).values(values).returning(Snapshot.id)).scalar_one()


def _record_hits(
    connection: Connection, read: ReadArticle, article_id: int, revision_id: int, claims: Mapping[str, LiveClaim]
) -> list[int]:
    new: list[int] = []
    for assessment in read.assessments:
        claim = claims[assessment.claim_key]
        if not assessment.is_hit:
            continue
        hit = {"article_id": article_id, "claim_id": claim.claim_id, "first_seen_at": read.at}
        inserted = connection.execute(insert_new(Hit).returning(Hit.id), hit).scalar_one_or_none()
        if inserted is not None:
            new.append(inserted)
        here = select(Hit.id).where(Hit.article_id == article_id, Hit.claim_id == claim.claim_id)
        connection.execute(
            insert_new(AssessmentRow),
            {
                "hit_id": inserted or connection.execute(here).scalar_one(),
                "claim_revision_id": claim.claim_revision_id,
                "revision_id": revision_id,
                "assessed_at": read.at,
                "score": assessment.score,
                "is_hit": assessment.is_hit,
                "stance": assessment.stance,
                "passages": dump_passages(assessment.passages),
                "why": dump_why(assessment.why),
            },
        )
    return new


def count_articles(archive: Archive) -> int:
    """Return how many articles the archive holds."""
    with archive.reading() as connection:
        return connection.scalar(select(func.count(ArticleRow.id))) or 0


def count_pending(archive: Archive, now: datetime) -> int:
    """Return how many entries are due to be read."""
    with archive.reading() as connection:
        due = select(func.count(EntryRow.id)).where(EntryRow.state == "pending", is_due(EntryRow.next_read_at, now))
        return connection.scalar(due) or 0
