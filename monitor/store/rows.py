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
"""Longer than any pause between two tries at an article."""

LONGEST_POLL_PLAN = timedelta(days=32)
"""Longer than any pause between two visits to a source."""

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


def is_due(
    planned_at: InstrumentedAttribute[datetime], now: datetime, longest: timedelta = LONGEST_PLAN
) -> ColumnElement[bool]:
    """Say whether a plan is due: its time has come, or lies so far ahead that a wrong clock must have made it."""
    return or_(planned_at <= now, planned_at > now + longest)


def load_spec(row: Row[Any]) -> SourceSpec:
    """Return what an operator says of a source from its row."""
    return SourceSpec(
        url=row.url,
        title=row.title,
        kind=row.kind,
        language=row.language,
        only=row.only,
        note=row.note,
        is_enabled=row.is_enabled,
        is_sample=row.is_sample,
        tags=tuple(row.tags),
        interval_seconds=row.interval_seconds,
        links=row.links,
        proxy_url=row.proxy_url,
        needs_browser=row.needs_browser,
    )


def dump_spec(spec: SourceSpec) -> dict[str, object]:
    """Return the columns that hold what an operator says of a source."""
    return {
        "url": spec.url,
        "title": spec.title,
        "kind": spec.kind,
        "language": spec.language,
        "only": spec.only,
        "note": spec.note,
        "is_enabled": spec.is_enabled,
        "is_sample": spec.is_sample,
        "tags": list(spec.tags),
        "interval_seconds": spec.interval_seconds,
        "links": spec.links,
        "proxy_url": spec.proxy_url,
        "needs_browser": spec.needs_browser,
    }


STANDING = (
    *("next_poll_at", "pace_seconds", "failures", "strikes", "etag", "last_modified", "body_sha256", "full_read_at"),
    *("moved_to", "moves", "last_polled_at", "last_good_at", "last_reason", "last_detail"),
)
"""The columns of a source that a visit changes."""


def load_source(row: Row[Any]) -> StoredSource:
    """Return a source from its row."""
    standing = {name: getattr(row, name) for name in STANDING}
    return StoredSource(
        id=row.id,
        spec=load_spec(row),
        health=row.health,
        health_since=row.health_since,
        added_at=row.added_at,
        **standing,
    )


def dump_standing(source: StoredSource) -> dict[str, object]:
    """Return the columns that a visit changes, with their values."""
    return {name: getattr(source, name) for name in STANDING}
