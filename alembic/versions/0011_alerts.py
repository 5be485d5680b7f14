"""Alerts: the mail of a moment beside the digest of a date, kept where digests are; each subscription may do without."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("subscriptions") as batch_op:
        batch_op.add_column(sa.Column("wants_alerts", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("digests") as batch_op:
        batch_op.add_column(sa.Column("alert", sa.Integer(), nullable=False, server_default="0"))
        batch_op.drop_constraint("uq_digests_subscription_id_digest_on", type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_digests_subscription_id_digest_on_alert"), ["subscription_id", "digest_on", "alert"]
        )


def downgrade() -> None:
    # What an alert told, the digest tells all the same. By hand: foreign keys don't act while tables are rebuilt.
    op.execute("DELETE FROM told WHERE digest_id IN (SELECT id FROM digests WHERE alert > 0)")
    op.execute("DELETE FROM outbox WHERE digest_id IN (SELECT id FROM digests WHERE alert > 0)")
    op.execute("DELETE FROM digests WHERE alert > 0")
    with op.batch_alter_table("digests") as batch_op:
        batch_op.drop_constraint("uq_digests_subscription_id_digest_on_alert", type_="unique")
        batch_op.drop_column("alert")
        batch_op.create_unique_constraint(
            batch_op.f("uq_digests_subscription_id_digest_on"), ["subscription_id", "digest_on"]
        )
    with op.batch_alter_table("subscriptions") as batch_op:
        batch_op.drop_column("wants_alerts")
