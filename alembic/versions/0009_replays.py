"""How far each claim revision was held against what the archive had before it.

Claims that are there already count as done: what they would find in older articles was never asked for.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claim_replays",
        sa.Column("claim_revision_id", sa.Integer(), nullable=False),
        sa.Column("below", sa.Integer(), nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_revision_id"],
            ["claim_revisions.id"],
            ondelete="CASCADE",
            name=op.f("fk_claim_replays_claim_revision_id_claim_revisions"),
        ),
        sa.PrimaryKeyConstraint("claim_revision_id", name=op.f("pk_claim_replays")),
    )
    replays = sa.table("claim_replays", sa.column("claim_revision_id"), sa.column("below"), sa.column("is_done"))
    revisions = sa.table("claim_revisions", sa.column("id", sa.Integer))
    known = sa.select(revisions.c.id, sa.literal(0, sa.Integer), sa.literal(True, sa.Boolean))
    op.execute(replays.insert().from_select(["claim_revision_id", "below", "is_done"], known))


def downgrade() -> None:
    op.drop_table("claim_replays")
