"""Vectors of meaning, and which articles still wait to be compared."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "vectors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("text_sha256", sa.String(64), nullable=False),
        sa.Column("language", sa.String(20), nullable=False),
        sa.Column("is_background", sa.Boolean(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vectors")),
        sa.UniqueConstraint("model_id", "kind", "text_sha256", name=op.f("uq_vectors_model_id_kind_text_sha256")),
    )
    op.create_index(op.f("ix_vectors_made_at"), "vectors", ["made_at"])
    op.create_table(
        "meaning_pending",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("queued_at", _INSTANT, nullable=False),
        sa.Column("is_candidate", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["revisions.id"],
            ondelete="CASCADE",
            name=op.f("fk_meaning_pending_revision_id_revisions"),
        ),
        sa.PrimaryKeyConstraint("revision_id", name=op.f("pk_meaning_pending")),
    )
    op.create_index(op.f("ix_meaning_pending_queued_at"), "meaning_pending", ["queued_at"])


def downgrade() -> None:
    op.drop_table("meaning_pending")
    op.drop_table("vectors")
