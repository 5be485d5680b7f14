"""Watchlists in the archive: a new version of a document, and what is live with its claims' ids and revisions."""

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from monitor.model.archiving import LiveClaim, LiveWatchlist
from monitor.model.versions import Applied
from monitor.model.watching import Claim, Watchlist
from monitor.store.engine import Archive, insert_new
from monitor.store.faults import retried
from monitor.store.schema import ClaimRevision, ClaimRow, WatchlistFile, WatchlistRow, WatchlistVersion
from monitor.text.plain import unix_lines


@retried
def apply_watchlist(
    archive: Archive,
    watchlist: Watchlist,
    document: str,
    *,
    now: datetime,
    by: str,
    origin: str,
    why: str = "",
    expected: int | None = None,
) -> Applied:
    """Make a document the live version of its watchlist, and remember that the file `origin` ("" = none) holds it.

    `expected` is the live version's number as the caller has seen it, 0 where none is: where another came in between,
    nothing changes and the answer is `is_moved`; None takes whatever stands. A document equal to the live one but for
    its line ends makes no version. Claims that are no longer in it keep their hits and stop judging.
    """
    sha256 = document_sha256(document)
    with archive.writing() as connection:
        connection.execute(insert_new(WatchlistRow), {"name": watchlist.name, "title": watchlist.title})
        watchlist_id = connection.execute(
            select(WatchlistRow.id).where(WatchlistRow.name == watchlist.name)
        ).scalar_one()
        latest = connection.execute(_latest_version(watchlist_id)).one_or_none()
        standing = latest.number if latest else 0
        if latest and latest.document_sha256 == sha256:
            _remember_file(connection, watchlist_id, origin, standing)
            return Applied(standing, is_new=False)
        if expected is not None and expected != standing:
            return Applied(standing, is_new=False, is_moved=True)
        number = standing + 1
        values = {"document": document, "document_sha256": sha256, "applied_at": now, "applied_by": by, "why": why}
        version_id = connection.execute(
            insert(WatchlistVersion)
            .values(watchlist_id=watchlist_id, number=number, origin=origin, **values)
            .returning(WatchlistVersion.id)
        ).scalar_one()
        _remember_file(connection, watchlist_id, origin, number)
        _retitle(connection, watchlist_id, watchlist.title)
        for position, claim in enumerate(watchlist.claims):
            _keep_claim(connection, watchlist_id, version_id, position, claim)
        return Applied(number, is_new=True)


def document_sha256(document: str) -> str:
    """Return what tells two documents apart: the hash of their text, however its lines end (64 hex digits)."""
    return hashlib.sha256(unix_lines(document).encode()).hexdigest()


def _latest_version(watchlist_id: int) -> Select[int, str]:
    return (
        select(WatchlistVersion.number, WatchlistVersion.document_sha256)
        .where(WatchlistVersion.watchlist_id == watchlist_id)
        .order_by(WatchlistVersion.number.desc())
        .limit(1)
    )


@retried
def remember_file(archive: Archive, name: str, file: str, number: int) -> None:
    """Remember that a file holds that version of a watchlist, as an export has written it."""
    with archive.writing() as connection:
        watchlist_id = connection.execute(select(WatchlistRow.id).where(WatchlistRow.name == name)).scalar_one()
        _remember_file(connection, watchlist_id, file, number)


def _remember_file(connection: Connection, watchlist_id: int, file: str, number: int) -> None:
    if not file:
        return
    connection.execute(insert_new(WatchlistFile), {"watchlist_id": watchlist_id, "file": file, "number": number})
    here = (WatchlistFile.watchlist_id == watchlist_id, WatchlistFile.file == file)
    connection.execute(update(WatchlistFile).where(*here).values(number=number))


def _retitle(connection: Connection, watchlist_id: int, title: str) -> None:
    """Give the list its title, and set all its claims aside: those that still stand in it come back one by one."""
    connection.execute(update(WatchlistRow).where(WatchlistRow.id == watchlist_id).values(title=title))
    connection.execute(update(ClaimRow).where(ClaimRow.watchlist_id == watchlist_id).values(position=-1))


def _keep_claim(connection: Connection, watchlist_id: int, version_id: int, position: int, claim: Claim) -> None:
    now_reads = {"position": position, "text": claim.text, "said_by": claim.said_by}
    connection.execute(insert_new(ClaimRow), {"watchlist_id": watchlist_id, "key": claim.key, **now_reads})
    here = (ClaimRow.watchlist_id == watchlist_id, ClaimRow.key == claim.key)
    connection.execute(update(ClaimRow).where(*here).values(now_reads))
    claim_id = connection.execute(select(ClaimRow.id).where(*here)).scalar_one()
    latest = connection.execute(_latest_revision(claim_id)).one_or_none()
    if latest and latest.fingerprint == claim.fingerprint:
        return
    connection.execute(
        insert(ClaimRevision).values(
            claim_id=claim_id,
            number=latest.number + 1 if latest else 1,
            fingerprint=claim.fingerprint,
            text=claim.text,
            version_id=version_id,
        )
    )


def _latest_revision(claim_id: int) -> Select[int, int, str]:
    return (
        select(ClaimRevision.id, ClaimRevision.number, ClaimRevision.fingerprint)
        .where(ClaimRevision.claim_id == claim_id)
        .order_by(ClaimRevision.number.desc())
        .limit(1)
    )


@retried
def live_watchlists(archive: Archive) -> list[LiveWatchlist]:
    """Return each watchlist's live document with the ids of its claims, in its order; those retired are left out."""
    with archive.reading() as connection:
        return [
            LiveWatchlist(
                name=row.name,
                title=row.title,
                number=row.number,
                document=row.document,
                origin=row.origin,
                applied_at=row.applied_at,
                claims=_live_claims(connection, row.watchlist_id, row.name),
            )
            for row in connection.execute(_newest_versions()).all()
        ]


def _newest_versions() -> Select[*tuple[Any, ...]]:
    newest = (
        select(func.max(WatchlistVersion.number))
        .where(WatchlistVersion.watchlist_id == WatchlistRow.id)
        .correlate(WatchlistRow)
        .scalar_subquery()
    )
    query: Select[*tuple[Any, ...]] = (
        select(WatchlistRow.name, WatchlistRow.title, WatchlistVersion.__table__)
        .join(WatchlistVersion, WatchlistVersion.watchlist_id == WatchlistRow.id)
        .where(WatchlistVersion.number == newest, WatchlistRow.retired_at.is_(None))
        .order_by(WatchlistRow.name)
    )
    return query


def _live_claims(connection: Connection, watchlist_id: int, name: str) -> tuple[LiveClaim, ...]:
    rows = connection.execute(
        select(ClaimRow.id, ClaimRow.key)
        .where(ClaimRow.watchlist_id == watchlist_id, ClaimRow.position >= 0)
        .order_by(ClaimRow.position)
    ).all()
    claims = []
    for row in rows:
        revision = connection.execute(_latest_revision(row.id)).one()
        claims.append(LiveClaim(f"{name}/{row.key}", row.id, revision.id, revision.fingerprint))
    return tuple(claims)
