"""Create the tables of what providers tell us."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("occurrence_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "channel",
            sa.Text(),
            nullable=False,
            comment="as the message has it, to be counted without reading messages",
        ),
        sa.Column("status", sa.Text(), nullable=False, comment="as the kinds of provider_event"),
        sa.Column("cause", sa.Text(), nullable=True, comment="why not further"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_delivery_district_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_delivery_message_id")),
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"], name=op.f("fk_delivery_occurrence_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_delivery")),
    )
    op.create_index(
        "ix_delivery_not_arrived",
        "delivery",
        ["district_id", "at"],
        unique=False,
        postgresql_where=sa.text("cause IS NOT NULL"),
    )
    op.create_table(
        "sent_text",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "fencing", sa.BigInteger(), nullable=False, comment="of the message when it was handed over"
        ),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column(
            "to_sha256", sa.Text(), nullable=False, comment="of the address, which may be another one by now"
        ),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_sent_text_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_sent_text")),
    )
    op.create_table(
        "event_count",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "outcome",
            sa.Text(),
            nullable=False,
            comment="taken, again, forged, stale, unreadable, others, …",
        ),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", "day", "outcome", name=op.f("pk_event_count")),
    )


def downgrade() -> None:
    op.drop_table("event_count")
    op.drop_table("sent_text")
    op.drop_table("delivery")
