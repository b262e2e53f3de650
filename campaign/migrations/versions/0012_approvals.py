"""Create the tables of campaigns in the making and their approvals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "definition",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="as in a campaign file; null = removed",
        ),
        sa.Column("note", sa.Text(), nullable=False, comment="what was done, as a sentence"),
        sa.Column("actor", sa.Text(), nullable=False, comment="as in the audit"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_version_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_campaign_version_district_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_version")),
    )
    op.create_index(
        op.f("ix_campaign_version_campaign_id"), "campaign_version", ["campaign_id"], unique=False
    )
    op.create_index(
        op.f("ix_campaign_version_district_id"), "campaign_version", ["district_id"], unique=False
    )
    op.create_table(
        "campaign_content",
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False, comment="SHA-256 of the document"),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_content_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_campaign_content_district_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "content_hash", name=op.f("pk_campaign_content")),
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_approval_account_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_approval_campaign_id")),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_approval_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index(
        op.f("ix_approval_campaign_id_content_hash"),
        "approval",
        ["campaign_id", "content_hash"],
        unique=False,
    )
    op.create_index(op.f("ix_approval_district_id"), "approval", ["district_id"], unique=False)
    op.create_table(
        "cancellation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False, comment="as in the audit"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_cancellation_campaign_id")),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_cancellation_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cancellation")),
    )
    op.create_index(op.f("ix_cancellation_campaign_id"), "cancellation", ["campaign_id"], unique=False)
    op.create_table(
        "sending_pause",
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False, comment="as in the audit"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_sending_pause_district_id")),
        sa.PrimaryKeyConstraint("district_id", name=op.f("pk_sending_pause")),
    )
    op.create_table(
        "test_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False, comment="what a provider may see"),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False, comment="accepted, rejected, retry_at or ambiguous"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_test_message_account_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_test_message_campaign_id")),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_test_message_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_message")),
        sa.UniqueConstraint("public_id", name=op.f("uq_test_message_public_id")),
    )
    op.create_index(op.f("ix_test_message_campaign_id"), "test_message", ["campaign_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
