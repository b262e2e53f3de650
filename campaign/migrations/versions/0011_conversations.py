"""Create the tables of what families write back: replies as they came, threads, what is said and done in them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reply",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=True),
        sa.Column("student_id", sa.BigInteger(), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False, comment="sms or email"),
        sa.Column("provider_id", sa.Text(), nullable=False, comment="the provider's own id of it"),
        sa.Column("from_address", sa.Text(), nullable=False),
        sa.Column("to_address", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False, comment="whole, as it came"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True, comment="why a person decides"),
        sa.Column(
            "candidates",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
            comment="[[contact, student], …]",
        ),
        sa.Column(
            "crisis",
            postgresql.ARRAY(sa.Text()),
            server_default="{}",
            nullable=False,
            comment="kinds of crisis words",
        ),
        sa.Column("danger_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "automatic",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="a machine wrote it",
        ),
        sa.Column("settled_by", sa.Text(), nullable=True, comment="as in the audit"),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "to_confirm",
            sa.Text(),
            nullable=True,
            comment="key of the one e-mail that says that a choice was heard",
        ),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_reply_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_reply_district_id")),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_reply_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
        sa.UniqueConstraint("channel", "provider_id", name=op.f("uq_reply_channel_provider_id")),
    )
    op.create_index(op.f("ix_reply_contact_id"), "reply", ["contact_id"], unique=False)
    op.create_index(
        "ix_reply_unplaced",
        "reply",
        ["district_id"],
        unique=False,
        postgresql_where=sa.text("state = 'unplaced'"),
    )
    op.create_index(
        "ix_reply_to_confirm",
        "reply",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("to_confirm IS NOT NULL AND confirmed_at IS NULL"),
    )
    op.create_table(
        "conversation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "role",
            sa.Text(),
            nullable=False,
            comment="whose turn: teacher, advisor, nurse, special_education …",
        ),
        sa.Column(
            "topic", sa.Text(), nullable=False, comment="the role that the words of the family point to"
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("routed_by", sa.Text(), nullable=False, comment="words, default, person or clock"),
        sa.Column(
            "channel", sa.Text(), nullable=False, comment="on which the family wrote last: sms, email or page"
        ),
        sa.Column(
            "language",
            sa.Text(),
            nullable=True,
            comment="as content/languages.toml names it; null = not known",
        ),
        sa.Column("escalations", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("family_wrote_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_conversation_account_id")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_conversation_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_conversation_district_id")),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_conversation_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("student_id", "contact_id", name=op.f("uq_conversation_student_id_contact_id")),
    )
    op.create_index(
        "ix_conversation_waiting",
        "conversation",
        ["district_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "conversation_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False, comment="in (the family) or out (the school)"),
        sa.Column("channel", sa.Text(), nullable=False, comment="sms, email or page"),
        sa.Column(
            "text",
            sa.Text(),
            nullable=True,
            comment="without quoted text and signature; null = words of a request, or of the program",
        ),
        sa.Column(
            "language",
            sa.Text(),
            nullable=True,
            comment="as content/languages.toml names it; null = not known",
        ),
        sa.Column("reply_id", sa.BigInteger(), nullable=True),
        sa.Column("family_request_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "other_address",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="not the contact's own",
        ),
        sa.Column(
            "automatic",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="a machine answered for the family",
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "said_by", sa.Text(), nullable=True, comment="the name the account had then; null = the program"
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "kept_days",
            sa.SmallInteger(),
            nullable=True,
            comment="after how many days its words were deleted",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_conversation_message_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_conversation_message_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_conversation_message_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["family_request_id"],
            ["family_request.id"],
            name=op.f("fk_conversation_message_family_request_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_conversation_message_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["reply_id"], ["reply.id"], name=op.f("fk_conversation_message_reply_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["student.id"],
            name=op.f("fk_conversation_message_student_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_message")),
        sa.UniqueConstraint("family_request_id", name=op.f("uq_conversation_message_family_request_id")),
        sa.UniqueConstraint("reply_id", name=op.f("uq_conversation_message_reply_id")),
    )
    op.create_index(
        op.f("ix_conversation_message_conversation_id"),
        "conversation_message",
        ["conversation_id"],
        unique=False,
    )
    op.create_table(
        "conversation_step",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="handed_over, escalated, answered, closed or reopened"
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "said_by", sa.Text(), nullable=True, comment="the name the account had then; null = the clock"
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("taken_back", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_conversation_step_account_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_conversation_step_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_conversation_step_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_conversation_step_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_step")),
    )
    op.create_index(
        op.f("ix_conversation_step_conversation_id"), "conversation_step", ["conversation_id"], unique=False
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
