"""Alembic's entry: runs the migrations on the connection that `monitor.store.migrate` hands over."""

from typing import Any, Literal

from alembic import context

from monitor.store.metadata import CleanText, ShortText, UtcDateTime
from monitor.store.schema import Base


def render_item(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write a column of a type of ours as a plain one, so that no migration hangs on today's code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, ShortText):
        return f"sa.String({item.length})"
    return "sa.Text()" if kind == "type" and isinstance(item, CleanText) else False


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Pass over the search index, which is no part of the archive's own tables: it is made from them."""
    return kind != "table" or not (name or "").startswith("search_")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=render_item,
    include_name=include_name,
)
context.run_migrations()
