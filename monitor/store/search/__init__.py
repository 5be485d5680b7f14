"""The search index: what is looked for in all articles, in SQLite (FTS5) and in PostgreSQL (tsvector) alike."""
