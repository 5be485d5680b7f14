"""The newest of a language's background are found without looking through all vectors."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_vectors_background",
        "vectors",
        ["model_id", "language", "id"],
        sqlite_where=sa.text("is_background = 1"),
        postgresql_where=sa.text("is_background"),
    )


def downgrade() -> None:
    op.drop_index("ix_vectors_background", "vectors")
