"""Entries in the archive: which are still to be read, who has them in hand, and what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, update

from monitor.model.archiving import BY_HAND_URL, TEXT, DeferredEntry, EntryState, KeyedEntry, PendingEntry, SourceSpec
from monitor.model.entries import Entry
from monitor.store.archive import was_read
from monitor.store.engine import Archive, insert_new
from monitor.store.faults import retried
from monitor.store.rows import is_due, load_spec
from monitor.store.schema import ArticleRow, EntryRow, Revision, Source

LEASE = timedelta(minutes=15)
BATCH = 200


@retried
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
        taken = list(connection.scalars(due))
        connection.execute(update(EntryRow).where(EntryRow.id.in_(taken)).values(claimed_until=now + LEASE))
        rows = connection.execute(select(EntryRow.__table__).where(EntryRow.id.in_(taken))).all()
        sources = select(Source.__table__).where(Source.id.in_({row.source_id for row in rows}))
        specs = {row.id: load_spec(row) for row in connection.execute(sources)}
        return [_load_pending(row, specs) for row in rows]


@retried
def add_by_hand(archive: Archive, keyed: KeyedEntry, now: datetime) -> PendingEntry:
    """Put an entry into our own hands that an operator captures; one captured before is read anew."""
    of_hand = {"url": BY_HAND_URL, "title": "Added by hand", "kind": "page", "is_enabled": False, "tags": []}
    row = {
        "entry_key": keyed.entry_key,
        "guid": keyed.entry.guid,
        "url": keyed.entry.url,
        "url_key": keyed.url_key,
        "title": keyed.entry.title,
        "first_seen_at": now,
        "is_fresh": True,
        "state": "pending",
        "next_read_at": now,
        "claimed_until": now + LEASE,
    }
    with archive.writing() as connection:
        connection.execute(insert_new(Source), of_hand | {"added_at": now, "next_poll_at": now})
        source = connection.execute(select(Source.__table__).where(Source.url == BY_HAND_URL)).one()
        connection.execute(insert_new(EntryRow), row | {"source_id": source.id})
        again = {"state": "pending", "next_read_at": now, "claimed_until": now + LEASE, "attempts": 0, "reason": ""}
        this = (EntryRow.source_id == source.id) & (EntryRow.entry_key == keyed.entry_key)
        connection.execute(update(EntryRow).where(this).values(again))
        entry = connection.execute(select(EntryRow.__table__).where(this)).one()
        return _load_pending(entry, {source.id: load_spec(source)})


@retried
def outcome_of(archive: Archive, entry_id: int) -> tuple[EntryState, str, int | None, datetime]:
    """Return what became of an entry: its state, the reason, its article, if it has one, and when it is next tried."""
    with archive.reading() as connection:
        row = connection.execute(
            select(EntryRow.state, EntryRow.reason, EntryRow.article_id, EntryRow.next_read_at).where(
                EntryRow.id == entry_id
            )
        ).one()
    return row.state, row.reason, row.article_id, row.next_read_at


def _settle_known(connection: Connection) -> None:
    """Settle entries of articles that the archive has.

    Another source's entry is settled only by what was read of the article's own page: a lead, or a text that a listing
    carried, is what some stranger said of that address, perhaps before there was anything to read.
    """
    entries, articles, brought = EntryRow.__table__, ArticleRow.__table__, EntryRow.__table__.alias("brought")
    has_text = select(Revision.id).where(Revision.article_id == articles.c.id, Revision.extraction == TEXT).exists()
    by_same_source = (
        select(brought.c.id)
        .where(brought.c.article_id == articles.c.id, brought.c.source_id == entries.c.source_id)
        .correlate(articles, entries)
        .exists()
    )
    # A lead doesn't settle an entry that carries the text itself.
    says_as_much = and_(by_same_source, or_(entries.c.text == "", has_text))
    known = (
        select(articles.c.id)
        .where(articles.c.url_key == entries.c.url_key, or_(was_read(articles.c.id), says_as_much))
        .correlate(entries)
        .scalar_subquery()
    )
    waiting = and_(EntryRow.state == "pending", ~EntryRow.is_fresh)
    connection.execute(
        update(EntryRow)
        .where(waiting, known.is_not(None))
        .values(state="read", article_id=known, text="", claimed_until=None)
    )
    redirected = (
        select(func.max(brought.c.article_id))
        .where(brought.c.url_key == entries.c.url_key, brought.c.article_id.is_not(None))
        .where(or_(was_read(brought.c.article_id), brought.c.source_id == entries.c.source_id))
        .correlate(entries)
        .scalar_subquery()
    )
    connection.execute(
        update(EntryRow)
        .where(waiting, EntryRow.text == "", redirected.is_not(None))
        .values(state="read", article_id=redirected, text="", claimed_until=None)
    )


def _load_pending(entry: Row[Any], specs: Mapping[int, SourceSpec]) -> PendingEntry:
    source = specs[entry.source_id]
    return PendingEntry(
        id=entry.id,
        source=replace(source, title="") if source.url == BY_HAND_URL else source,  # its title names no outlet
        entry=Entry(
            guid=entry.guid,
            url=entry.url,
            title=entry.title,
            summary=entry.summary,
            author=entry.author,
            published_at=entry.published_at,
            text=entry.text,
            outlet=entry.outlet,
            language=entry.language,
            is_lead=entry.is_lead,
            is_dated_by_change=entry.is_dated_by_change,
        ),
        url_key=entry.url_key,
        attempts=entry.attempts,
        first_seen_at=entry.first_seen_at,
        is_backlog=entry.is_backlog,
        snapshot_id=entry.snapshot_id,
    )


@retried
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
                attempts=EntryRow.attempts + int(deferred.is_attempt),
                text=EntryRow.text if deferred.state == "pending" else "",
                claimed_until=None,
            )
        )


@retried
def release_entries(archive: Archive, ids: Sequence[int]) -> None:
    """Give entries back that were claimed and not settled, so that the next round takes them."""
    with archive.writing() as connection:
        connection.execute(update(EntryRow).where(EntryRow.id.in_(ids)).values(claimed_until=None))


@retried
def count_pending(archive: Archive, now: datetime) -> int:
    """Return how many entries are due to be read."""
    with archive.reading() as connection:
        due = select(func.count(EntryRow.id)).where(EntryRow.state == "pending", is_due(EntryRow.next_read_at, now))
        return connection.scalar(due) or 0
