"""The search index: tokens of the latest text of every article, and the words that have inflections.

It is made anew from the articles whenever it must be, so nothing in it needs keeping. Articles that were there before
are taken in by a running service, by the next search or by `monitor db reindex`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "search_entries",
        sa.Column("article_id", sa.Integer(), sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("analysis", sa.Integer(), nullable=False),
    )
    op.create_table(
        "search_words",
        sa.Column("word", sa.Text(), primary_key=True),
        sa.Column("stem", sa.Text(), nullable=False, index=True),
    )
    op.create_table(
        "search_state",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("value", sa.Integer(), nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        # Our tokens are words already: only spaces separate them, and what an index adds to words of ours is in none.
        op.execute(
            "CREATE VIRTUAL TABLE search_index USING fts5("
            "title, text, outlet, byline, facts, tokenize = \"ascii tokenchars '=:._-'\")"
        )
        return
    op.execute(
        "CREATE TABLE search_index (article_id integer PRIMARY KEY "
        "REFERENCES articles (id) ON DELETE CASCADE, vector tsvector NOT NULL)"
    )
    # What was added last is searched one by one until it is merged: little of it, so that a search stays quick.
    op.execute(
        "CREATE INDEX ix_search_index_vector ON search_index USING gin (vector) WITH (gin_pending_list_limit = 256)"
    )


def downgrade() -> None:
    for table in ("search_index", "search_state", "search_words", "search_entries"):
        op.execute(f"DROP TABLE {table}")
