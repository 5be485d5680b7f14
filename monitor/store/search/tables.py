"""The index's own tables. They are no part of the archive's: everything in them can be made anew from the articles."""

from sqlalchemy import Column, Integer, MetaData, Table, Text

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

FTS5 = (
    "CREATE VIRTUAL TABLE search_index USING fts5("
    "title, text, outlet, byline, facts, tokenize = \"ascii tokenchars '=:._-'\")"
)
"""SQLite's index, as the migrations make it."""
