"""The sample newsroom in the archive: whether it may enter, and how every trace of it goes."""

from dataclasses import dataclass

from sqlalchemy import delete, func, or_, select

from monitor.store.engine import Archive
from monitor.store.faults import retried
from monitor.store.schema import (
    ArticleRow,
    DigestRow,
    EntryRow,
    Hit,
    OutboxRow,
    Revision,
    Snapshot,
    Source,
    Subscription,
    Told,
)
from monitor.store.search.writing import forget_articles


@dataclass(frozen=True, slots=True)
class SampleTraces:
    """What stands on disk of the sample: snapshots by key, outbox files by name."""

    blob_keys: tuple[str, ...]
    outbox_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RemovedSample:
    """How much was removed."""

    sources: int
    articles: int
    hits: int
    digests: int


@retried
def has_begun(archive: Archive) -> bool:
    """Say whether this archive was ever prepared for a run: what a first run brings comes once."""
    with archive.reading() as connection:
        tables = (Subscription, Source, ArticleRow)
        return any(connection.scalar(select(func.count()).select_from(table)) for table in tables)


@retried
def has_sample(archive: Archive) -> bool:
    """Say whether anything of the sample newsroom is in the archive."""
    with archive.reading() as connection:
        found = (select(table.id).where(table.is_sample).limit(1) for table in (Source, ArticleRow))
        return any(connection.scalar(query) is not None for query in found)


_SAMPLES = select(ArticleRow.id).where(ArticleRow.is_sample)
_DIGESTS = select(Told.digest_id).join(Hit, Hit.id == Told.hit_id).where(Hit.article_id.in_(_SAMPLES))


@retried
def sample_traces(archive: Archive) -> SampleTraces:
    """Return which files hold something of the sample."""
    revisions = select(Revision.snapshot_id).where(Revision.article_id.in_(_SAMPLES))
    with archive.reading() as connection:
        keys = connection.scalars(select(Snapshot.blob_key).where(Snapshot.id.in_(revisions))).all()
        names = connection.scalars(select(OutboxRow.name).where(OutboxRow.digest_id.in_(_DIGESTS))).all()
    return SampleTraces(tuple(keys), tuple(names))


@retried
def known_blobs(archive: Archive) -> set[str]:
    """Return the keys of all snapshots that a row names."""
    with archive.reading() as connection:
        return set(connection.scalars(select(Snapshot.blob_key)))


@retried
def remove_sample(archive: Archive) -> RemovedSample:
    """Delete the sample sources with all that came of them, in one transaction.

    A digest that told a sample hit goes as a whole: its other hits are untold again, so the next digest tells them.
    """
    with archive.writing() as connection:
        revisions = select(Revision.snapshot_id).where(Revision.article_id.in_(_SAMPLES))
        snapshots = list(connection.scalars(select(Snapshot.id).where(Snapshot.id.in_(revisions))))
        digests = connection.execute(delete(DigestRow).where(DigestRow.id.in_(_DIGESTS))).rowcount
        hits = connection.execute(delete(Hit).where(Hit.article_id.in_(_SAMPLES))).rowcount
        sources = select(Source.id).where(Source.is_sample)
        connection.execute(
            delete(EntryRow).where(or_(EntryRow.source_id.in_(sources), EntryRow.article_id.in_(_SAMPLES)))
        )
        forget_articles(connection, connection.scalars(_SAMPLES).all())
        articles = connection.execute(delete(ArticleRow).where(ArticleRow.is_sample)).rowcount
        removed_sources = connection.execute(delete(Source).where(Source.is_sample)).rowcount
        connection.execute(delete(Snapshot).where(Snapshot.id.in_(snapshots)))
    return RemovedSample(removed_sources, articles, hits, digests)
