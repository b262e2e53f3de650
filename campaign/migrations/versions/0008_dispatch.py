"""Create the tables of delivery's limits: what a provider may be asked, and how it fares."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "tokens", sa.Float(), nullable=True, comment="left of the bucket; empty where there is no limit"
        ),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waits_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "reason", sa.Text(), nullable=True, comment="what the provider said last when it took nothing"
        ),
        sa.Column(
            "breaker",
            sa.Text(),
            server_default="closed",
            nullable=False,
            comment="closed, open or half_open",
        ),
        sa.Column("breaker_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("breaker_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breaker_times", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("good", sa.Integer(), server_default="0", nullable=False),
        sa.Column("bad", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "weight",
            sa.SmallInteger(),
            nullable=True,
            comment="percent of its channel; empty while it is as the settings say",
        ),
        sa.Column("weighed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "day", sa.Date(), nullable=True, comment="on which day_used was counted, in the zone of its limit"
        ),
        sa.Column(
            "day_used",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="parts of text messages",
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_provider")),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
