"""Sources of every kind with their pace and health, full text in entries, how an article arrived, pages of a report."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def _text(name: str, length: int | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.String(length) if length else sa.Text(), nullable=False, server_default="")


def _number(name: str, kind: type[sa.types.TypeEngine[float]] = sa.Integer) -> sa.Column[object]:
    return sa.Column(name, kind(), nullable=False, server_default="0")


def _flag(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _list(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False, server_default="[]")


def _of_sources() -> tuple[sa.Column[object], ...]:
    return (
        _list("tags"),
        _text("links"),
        _text("proxy_url"),
        _flag("needs_browser"),
        _text("body_sha256", 64),
        sa.Column("full_read_at", _INSTANT, nullable=True),
        sa.Column("pace_seconds", sa.Integer(), nullable=True),
        _number("strikes", sa.Double),
        _text("moved_to"),
        _number("moves"),
        _text("health", 40),
        sa.Column("health_since", _INSTANT, nullable=True),
    )


def _of_entries() -> tuple[sa.Column[object], ...]:
    return (
        _text("text"),
        _text("outlet"),
        _text("language", 20),
        _flag("is_lead"),
        _flag("is_backlog"),
        _flag("is_fresh"),
        _flag("is_dated_by_change"),
        sa.Column("snapshot_id", sa.Integer(), nullable=True),
    )


def upgrade() -> None:
    op.create_table(
        "health_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("health", sa.String(length=40), nullable=False),
        sa.Column("before", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_health_events_source_id_sources"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_events")),
    )
    op.create_index(op.f("ix_health_events_source_id"), "health_events", ["source_id"])
    with op.batch_alter_table("sources") as batch:
        for column in _of_sources():
            batch.add_column(column)
    with op.batch_alter_table("polls") as batch:
        batch.add_column(_number("entries_older"))
        batch.add_column(_flag("is_backlog"))
    # The polls of old are dropped by and by; the entries that they found stay.
    with op.batch_alter_table("entries") as batch:
        for column in _of_entries():
            batch.add_column(column)
        batch.alter_column("poll_id", existing_type=sa.Integer(), nullable=True)
        batch.drop_constraint("fk_entries_poll_id_polls", type_="foreignkey")
        batch.create_foreign_key("fk_entries_poll_id_polls", "polls", ["poll_id"], ["id"], ondelete="SET NULL")
        batch.create_foreign_key("fk_entries_snapshot_id_snapshots", "snapshots", ["snapshot_id"], ["id"])
        batch.create_index("ix_entries_poll_id", ["poll_id"])
        batch.create_index("ix_entries_snapshot_id", ["snapshot_id"])
        batch.create_index("ix_entries_source_id_first_seen_at", ["source_id", "first_seen_at"])
    with op.batch_alter_table("articles") as batch:
        batch.add_column(sa.Column("arrival", sa.String(20), nullable=False, server_default="news"))
        batch.add_column(_text("title_key"))
        batch.add_column(sa.Column("replaced_by_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            "fk_articles_replaced_by_id_articles", "articles", ["replaced_by_id"], ["id"], ondelete="SET NULL"
        )
        batch.create_index("ix_articles_title_key", ["title_key"])
        batch.create_index("ix_articles_replaced_by_id", ["replaced_by_id"])
    with op.batch_alter_table("revisions") as batch:
        batch.add_column(_list("page_starts"))
        batch.create_index("ix_revisions_snapshot_id", ["snapshot_id"])
    with op.batch_alter_table("hits") as batch:
        batch.add_column(sa.Column("arrival", sa.String(20), nullable=False, server_default="news"))
    with op.batch_alter_table("digests") as batch:
        batch.add_column(_number("last_health_event_id"))


def downgrade() -> None:
    with op.batch_alter_table("digests") as batch:
        batch.drop_column("last_health_event_id")
    with op.batch_alter_table("hits") as batch:
        batch.drop_column("arrival")
    with op.batch_alter_table("revisions") as batch:
        batch.drop_index("ix_revisions_snapshot_id")
        batch.drop_column("page_starts")
    with op.batch_alter_table("articles") as batch:
        batch.drop_index("ix_articles_title_key")
        batch.drop_index("ix_articles_replaced_by_id")
        batch.drop_constraint("fk_articles_replaced_by_id_articles", type_="foreignkey")
        for name in ("replaced_by_id", "title_key", "arrival"):
            batch.drop_column(name)
    # What the older version can't hold goes: entries whose poll was dropped.
    op.execute("DELETE FROM entries WHERE poll_id IS NULL")
    with op.batch_alter_table("entries") as batch:
        for name in ("poll_id", "snapshot_id", "source_id_first_seen_at"):
            batch.drop_index(f"ix_entries_{name}")
        batch.drop_constraint("fk_entries_snapshot_id_snapshots", type_="foreignkey")
        batch.drop_constraint("fk_entries_poll_id_polls", type_="foreignkey")
        batch.create_foreign_key("fk_entries_poll_id_polls", "polls", ["poll_id"], ["id"], ondelete="CASCADE")
        batch.alter_column("poll_id", existing_type=sa.Integer(), nullable=False)
        for column in _of_entries():
            batch.drop_column(column.name)
    with op.batch_alter_table("polls") as batch:
        batch.drop_column("entries_older")
        batch.drop_column("is_backlog")
    with op.batch_alter_table("sources") as batch:
        for column in _of_sources():
            batch.drop_column(column.name)
    op.drop_table("health_events")
