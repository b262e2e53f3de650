"""Create the table of how far each family has come from the first message to the call list."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "household_cascade",
        sa.Column("occurrence_id", sa.BigInteger(), nullable=False),
        sa.Column("household", sa.Text(), nullable=False, comment="as its messages have it"),
        sa.Column("district_id", sa.BigInteger(), nullable=False, comment="of the occurrence"),
        sa.Column("rung", sa.SmallInteger(), nullable=False, comment="the last that is written down"),
        sa.Column(
            "look_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it is decided what comes next; null = it has ended",
        ),
        sa.Column("ended", sa.Text(), nullable=True, comment="reached, stopped, call_list or silent"),
        sa.Column("reason", sa.Text(), nullable=True, comment="why it ended, as reasons of messages"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["occurrence_id"],
            ["occurrence.id"],
            name=op.f("fk_household_cascade_occurrence_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("occurrence_id", "household", name=op.f("pk_household_cascade")),
    )
    op.create_index(
        "ix_household_cascade_due",
        "household_cascade",
        ["occurrence_id", "look_at"],
        unique=False,
        postgresql_where=sa.text("look_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("household_cascade")
