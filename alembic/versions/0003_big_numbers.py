"""Entries are numbered beyond 2^31: on PostgreSQL every repeat of an insert uses a number up."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _number_entries("bigint")


def downgrade() -> None:
    _number_entries("integer")


def _number_entries(kind: str) -> None:
    # SQLite's numbers have 64 bits as they are.
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE entries ALTER COLUMN id TYPE {kind}")
        op.execute(f"ALTER SEQUENCE entries_id_seq AS {kind}")
