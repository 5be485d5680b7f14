"""Between the model's values and the archive's columns."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, or_
from sqlalchemy.orm import InstrumentedAttribute

from monitor.model.archiving import SourceSpec, StoredSource
from monitor.model.matching import Passage, Why

LONGEST_PLAN = timedelta(hours=48)
"""Longer than any pause between two visits or two tries."""

_PASSAGES = TypeAdapter(tuple[Passage, ...])
_WHY = TypeAdapter(Why)


def dump_passages(passages: tuple[Passage, ...]) -> list[dict[str, Any]]:
    """Return passages as JSON values."""
    return [asdict(passage) for passage in passages]


def load_passages(value: object) -> tuple[Passage, ...]:
    """Return passages from their JSON values."""
    return _PASSAGES.validate_python(value)


def dump_why(why: Why) -> dict[str, Any]:
    """Return an explanation as JSON values."""
    return asdict(why)


def load_why(value: object) -> Why:
    """Return an explanation from its JSON values."""
    return _WHY.validate_python(value)


def clean(text: str) -> str:
    """Drop what a database refuses in text: NUL (PostgreSQL) and lone surrogates (every UTF-8 driver)."""
    return text.replace("\0", "").encode("utf-8", "replace").decode() if not text.isascii() or "\0" in text else text


def is_due(planned_at: InstrumentedAttribute[datetime], now: datetime) -> ColumnElement[bool]:
    """Say whether a plan is due: its time has come, or lies so far ahead that a wrong clock must have made it."""
    return or_(planned_at <= now, planned_at > now + LONGEST_PLAN)


def load_source(row: Row[Any]) -> StoredSource:
    """Return a source from its row."""
    return StoredSource(
        id=row.id,
        spec=SourceSpec(row.url, row.title, row.kind, row.language, row.only, row.note, row.is_enabled, row.is_sample),
        interval_seconds=row.interval_seconds,
        next_poll_at=row.next_poll_at,
        failures=row.failures,
        etag=row.etag,
        last_modified=row.last_modified,
        last_polled_at=row.last_polled_at,
        last_good_at=row.last_good_at,
        last_reason=row.last_reason,
        last_detail=row.last_detail,
    )
