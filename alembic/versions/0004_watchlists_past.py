"""Why a version was applied, which version a file held, and watchlists that are retired."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("watchlists") as batch:
        batch.add_column(sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("watchlist_versions") as batch:
        batch.add_column(sa.Column("why", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "watchlist_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("watchlist_id", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(length=500), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["watchlist_id"],
            ["watchlists.id"],
            name=op.f("fk_watchlist_files_watchlist_id_watchlists"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watchlist_files")),
        sa.UniqueConstraint("watchlist_id", "file", name=op.f("uq_watchlist_files_watchlist_id_file")),
    )
    op.create_table(
        "watchlist_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("watchlist_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["watchlist_id"],
            ["watchlists.id"],
            name=op.f("fk_watchlist_events_watchlist_id_watchlists"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watchlist_events")),
    )
    op.create_index(op.f("ix_watchlist_events_watchlist_id"), "watchlist_events", ["watchlist_id"])
    # A file that was applied before is known by the path that its version kept, so that an edit of it is no stranger.
    op.execute(
        "INSERT INTO watchlist_files (watchlist_id, file, number) SELECT watchlist_id, origin, max(number) "
        "FROM watchlist_versions WHERE origin <> '' AND length(origin) <= 500 GROUP BY watchlist_id, origin"
    )


def downgrade() -> None:
    op.drop_table("watchlist_events")
    op.drop_table("watchlist_files")
    with op.batch_alter_table("watchlist_versions") as batch:
        batch.drop_column("why")
    with op.batch_alter_table("watchlists") as batch:
        batch.drop_column("retired_at")
