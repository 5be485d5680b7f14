"""The index's own tables. They are no part of the archive's: everything in them can be made anew from the articles."""

from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as insert_on_conflict

INDEX = MetaData()

entries = Table(
    "search_entries",
    INDEX,
    Column("article_id", Integer, primary_key=True, autoincrement=False),
    Column("analysis", Integer, nullable=False),
)
"""Which articles are in the index, and by which analysis of text (`monitor.text.tokens.ANALYSIS`)."""

words = Table("search_words", INDEX, Column("word", Text, primary_key=True), Column("stem", Text, nullable=False))
"""Every token of the index that begins with three ASCII letters: all that have inflections, and some more.

Words are added and never taken away: what is known stays known."""

state = Table("search_state", INDEX, Column("name", Text, primary_key=True), Column("value", Integer, nullable=False))
"""`COMPLETE` holds the analysis by which all articles were once seen to be in the index."""

COMPLETE = "complete"

REBUILT_TO = "rebuilt to"
"""While the index is made anew: the number of the last article that was."""

MERGED = "merged"
"""The number of the last article when SQLite's index was last in one piece."""

_STATE = select(state.c.value).where(state.c.name == bindparam("wanted"))


def state_of(connection: Connection, name: str) -> int | None:
    """Return what the index keeps under a name."""
    return connection.scalar(_STATE, {"wanted": name})


def keep_state(connection: Connection, name: str, value: int | None) -> None:
    """Keep a number under a name, or nothing."""
    if value is None:
        connection.execute(delete(state).where(state.c.name == name))
        return
    put = insert_on_conflict(state).values(name=name, value=value)
    connection.execute(put.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


FTS5 = (
    "CREATE VIRTUAL TABLE search_index USING fts5("
    "title, text, outlet, byline, facts, tokenize = \"ascii tokenchars '=:._-'\")"
)
"""SQLite's index, as the migrations make it."""
