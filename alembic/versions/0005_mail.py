"""Mail by a server: whom a subscription reaches and with what, and how far each mail of the outbox has come."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_SUBSCRIPTIONS = sa.table("subscriptions", sa.column("id", sa.Integer), sa.column("ticket", sa.String))
_OUTBOX = sa.table("outbox", sa.column("state", sa.String), sa.column("lease", sa.String))


def _text(name: str, length: int | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.String(length) if length else sa.Text(), nullable=False, server_default="")


def upgrade() -> None:
    with op.batch_alter_table("subscriptions") as batch_op:
        batch_op.add_column(_text("address"))
        batch_op.add_column(sa.Column("watchlists", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("weekday", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("tells_from", _INSTANT, nullable=True))
        batch_op.add_column(_text("paused_by", 20))
        batch_op.add_column(sa.Column("paused_at", _INSTANT, nullable=True))
        batch_op.add_column(_text("ticket", 40))
    connection = op.get_bind()
    for (subscription_id,) in connection.execute(sa.select(_SUBSCRIPTIONS.c.id)).all():
        ticket = sa.update(_SUBSCRIPTIONS).where(_SUBSCRIPTIONS.c.id == subscription_id)
        connection.execute(ticket.values(ticket=secrets.token_hex(16)))
    with op.batch_alter_table("subscriptions") as batch_op:
        batch_op.create_unique_constraint(batch_op.f("uq_subscriptions_ticket"), ["ticket"])
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.add_column(sa.Column("doubts", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(
            sa.Column("next_attempt_at", _INSTANT, nullable=False, server_default="2026-01-01 00:00:00.000000")
        )
        batch_op.add_column(sa.Column("lease", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("leased_until", _INSTANT, nullable=True))
        batch_op.add_column(sa.Column("is_handed_over", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(_text("receipt"))
        batch_op.add_column(_text("last_reason", 40))
    connection.execute(sa.update(_OUTBOX).where(_OUTBOX.c.state == "delivered").values(state="sent"))


def downgrade() -> None:
    connection = op.get_bind()
    connection.execute(sa.update(_OUTBOX).where(_OUTBOX.c.state.in_(["sent", "settled"])).values(state="delivered"))
    connection.execute(sa.update(_OUTBOX).where(_OUTBOX.c.state != "delivered").values(state="queued"))
    with op.batch_alter_table("outbox") as batch_op:
        for name in (
            *("last_reason", "receipt", "is_handed_over", "leased_until", "lease"),
            *("next_attempt_at", "doubts"),
        ):
            batch_op.drop_column(name)
    with op.batch_alter_table("subscriptions") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_subscriptions_ticket"), type_="unique")
        for name in ("ticket", "paused_at", "paused_by", "tells_from", "weekday", "watchlists", "address"):
            batch_op.drop_column(name)
