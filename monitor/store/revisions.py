"""Versions of an article's text, in the order in which they were received.

In: what was read. Out: the revision that holds it. Never: an older text over a newer one.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from monitor.model.archiving import TEXT, LiveClaim, ReadArticle
from monitor.store.metadata import clean
from monitor.store.polls import insert_snapshot
from monitor.store.schema import Hit, Revision, Snapshot

MAX_QUICK_REVISIONS = 24
"""Beyond so many, a page that keeps changing gets one revision a day: a clock or a roll of headlines is no news."""


def keep_revision(
    connection: Connection, read: ReadArticle, article_id: int, claims: Mapping[str, LiveClaim]
) -> int | None:
    """Return the revision that holds what was read, a new one where it differs; None where it is not kept.

    It comes after those that were received before it, and before those received since: a visit may take its time while
    another brings a newer text. Equal to the one before or after it, it is that one. Its evidence is kept in any case.
    """
    title, text = clean(read.article.title), clean(read.article.text)
    text_sha256 = hashlib.sha256(f"{title}\0{text}".encode()).hexdigest()
    snapshot_id = insert_snapshot(connection, read.snapshot) if read.snapshot else read.snapshot_id
    standing = _standing(connection, article_id)
    later = _received_later(connection, read, standing)
    before = standing[len(later)] if len(later) < len(standing) else None
    is_lead, had_text = read.extraction != TEXT, before is not None and before.extraction == TEXT
    for beside in (before, *later[-1:]):
        if beside and beside.text_sha256 == text_sha256 and (is_lead or beside.extraction == TEXT):
            return int(beside.id)
    # A lead says less than a text that we have: it never follows one.
    if is_lead and had_text:
        return None
    is_quick = before and before.number >= MAX_QUICK_REVISIONS and before.made_at > read.at - timedelta(days=1)
    if is_quick and not _brings_a_hit(connection, read, article_id, claims):
        return None
    for row in later:  # the highest first, so that no two have one number at any moment
        connection.execute(update(Revision).where(Revision.id == row.id).values(number=row.number + 1))
    values = {
        "article_id": article_id,
        "number": before.number + 1 if before else 1,
        "title": title,
        "text": text,
        "text_sha256": text_sha256,
        "extraction": read.extraction,
        "made_at": read.at,
        "page_starts": list(read.article.page_starts),
        "snapshot_id": snapshot_id,
    }
    return connection.execute(insert(Revision).values(values).returning(Revision.id)).scalar_one()


def _standing(connection: Connection, article_id: int) -> Sequence[Row[Any]]:
    """Return the revisions of an article without their texts, the latest first, with when each was received."""
    received_at = func.coalesce(Snapshot.fetched_at, Revision.made_at).label("received_at")
    query: Select[*tuple[Any, ...]] = (
        select(Revision.id, Revision.number, Revision.text_sha256, Revision.extraction, Revision.made_at, received_at)
        .outerjoin(Snapshot, Snapshot.id == Revision.snapshot_id)
        .where(Revision.article_id == article_id)
        .order_by(Revision.number.desc())
    )
    return connection.execute(query).all()


def _received_later(connection: Connection, read: ReadArticle, standing: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """Return the revisions, the latest first, that were received after what was read now.

    One that seems to come from the future was received while the clock was wrong: it holds up no newer text.
    """
    received_at = read.snapshot.fetched_at if read.snapshot else None
    if received_at is None and read.snapshot_id is not None and standing:
        received_at = connection.scalar(select(Snapshot.fetched_at).where(Snapshot.id == read.snapshot_id))
    if received_at is None:
        return []
    return list(takewhile(lambda row: received_at < row.received_at <= read.at, standing))


def _brings_a_hit(connection: Connection, read: ReadArticle, article_id: int, claims: Mapping[str, LiveClaim]) -> bool:
    bears_on = {claims[assessment.claim_key].claim_id for assessment in read.assessments if assessment.is_hit}
    return bool(bears_on - set(connection.scalars(select(Hit.claim_id).where(Hit.article_id == article_id))))
