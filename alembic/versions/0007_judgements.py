"""What people say of matches, the articles they are asked about, and what a claim has learnt from it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def _pair(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("offered", sa.String(20), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("logit", sa.Double(), nullable=True),
        sa.Column("probability", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f(f"fk_{table}_claim_id_claims")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], ondelete="CASCADE", name=op.f(f"fk_{table}_article_id_articles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def upgrade() -> None:
    op.create_table(
        "judgements",
        *_pair("judgements"),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
    )
    op.create_index(op.f("ix_judgements_claim_id_article_id"), "judgements", ["claim_id", "article_id"])
    op.create_index(op.f("ix_judgements_article_id"), "judgements", ["article_id"])
    op.create_table(
        "questions",
        *_pair("questions"),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.UniqueConstraint("claim_id", "article_id", name=op.f("uq_questions_claim_id_article_id")),
    )
    op.create_index(op.f("ix_questions_article_id"), "questions", ["article_id"])
    op.create_table(
        "claim_tunings",
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("intercept", sa.Double(), nullable=False),
        sa.Column("fitted_on", sa.Integer(), nullable=False),
        sa.Column("digest_from", sa.Double(), nullable=True),
        sa.Column("alert_from", sa.Double(), nullable=True),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claims.id"], ondelete="CASCADE", name=op.f("fk_claim_tunings_claim_id_claims")
        ),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_claim_tunings")),
    )


def downgrade() -> None:
    for table in ("claim_tunings", "questions", "judgements"):
        op.drop_table(table)
