"""The archive's own background of meanings: vectors of ordinary sentences, and the articles that they come from."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, update

from monitor.model.matching import MatchInput
from monitor.model.ports import TextKind
from monitor.store.engine import Archive
from monitor.store.faults import retried
from monitor.store.schema import ArticleRow, Revision, VectorRow

Vectors = NDArray[np.float32]


@retried
def load_background(
    archive: Archive, model_id: str, language: str | None, limit: int, kind: TextKind = "passage"
) -> Vectors | None:
    """Return the newest vectors of a background, of one language or (None) of all; None where there is none."""
    query = (
        select(VectorRow.vector)
        .where(VectorRow.model_id == model_id, VectorRow.kind == kind, VectorRow.is_background)
        .order_by(VectorRow.id.desc())
        .limit(limit)
    )
    if language is not None:
        query = query.where(VectorRow.language == language)
    with archive.reading() as connection:
        found = [loaded(row.vector) for row in connection.execute(query)]
    return np.stack(found) if found else None


@retried
def mark_background(archive: Archive, model_id: str, language: str, hashes: Sequence[str]) -> None:
    """Have the vectors of some texts (SHA-256), of both kinds, stand in a language's background."""
    these = (VectorRow.model_id == model_id) & VectorRow.text_sha256.in_(hashes)
    with archive.writing() as connection:
        connection.execute(update(VectorRow).where(these).values(is_background=True, language=language))


@retried
def newest_texts(archive: Archive, limit: int) -> list[MatchInput]:
    """Return the newest articles with a text of their own, as they were first read; no samples."""
    query = (
        select(Revision.title, Revision.text, ArticleRow.language, ArticleRow.canonical_url)
        .join(ArticleRow, ArticleRow.id == Revision.article_id)
        .where(Revision.number == 1, Revision.extraction == "text", ~ArticleRow.is_sample)
        .order_by(ArticleRow.id.desc())
        .limit(limit)
    )
    with archive.reading() as connection:
        return [MatchInput(row.title, row.text, row.language, row.canonical_url) for row in connection.execute(query)]


@retried
def latest_model(archive: Archive) -> str | None:
    """Return the encoder that made the newest vector, None where there is none."""
    with archive.reading() as connection:
        return connection.scalar(select(VectorRow.model_id).order_by(VectorRow.id.desc()).limit(1))


def loaded(raw: bytes) -> Vectors:
    """Return a vector as it is worked with."""
    return np.frombuffer(raw, "<f2").astype(np.float32)
