"""Create what stands beside threads: flags of danger, translations, looks, files, routes and protocols."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011b"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversation_flag",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_message_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False, comment="the words that raised it"),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "told_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when those of the district's protocol were written to",
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("cleared_by", sa.Text(), nullable=True, comment="the name the account had then"),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_conversation_flag_account_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_conversation_flag_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_message_id"],
            ["conversation_message.id"],
            name=op.f("fk_conversation_flag_conversation_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_conversation_flag_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_conversation_flag_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_flag")),
        sa.UniqueConstraint(
            "conversation_message_id", "kind", name=op.f("uq_conversation_flag_conversation_message_id_kind")
        ),
    )
    op.create_index(
        op.f("ix_conversation_flag_conversation_id"), "conversation_flag", ["conversation_id"], unique=False
    )
    op.create_table(
        "conversation_translation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("conversation_message_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("source_language", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="the words it was made from"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("translator", sa.Text(), nullable=True, comment="the service; null = a person"),
        sa.Column("warnings", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("said_by", sa.Text(), nullable=True, comment="the name the account had then"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_conversation_translation_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_message_id"],
            ["conversation_message.id"],
            name=op.f("fk_conversation_translation_conversation_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_conversation_translation_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["student.id"],
            name=op.f("fk_conversation_translation_student_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_translation")),
    )
    op.create_index(
        op.f("ix_conversation_translation_conversation_message_id"),
        "conversation_translation",
        ["conversation_message_id"],
        unique=False,
    )
    op.create_table(
        "conversation_look",
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "message_id", sa.BigInteger(), nullable=False, comment="the newest conversation_message seen"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_conversation_look_account_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_conversation_look_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", "account_id", name=op.f("pk_conversation_look")),
    )
    op.create_table(
        "conversation_attachment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=True),
        sa.Column("student_id", sa.BigInteger(), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("reply_id", sa.BigInteger(), nullable=True),
        sa.Column("conversation_message_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False, comment="as the sender called it, made safe"),
        sa.Column("media_type", sa.Text(), nullable=True, comment="by its content; null = none that we take"),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("stored", sa.Text(), nullable=True),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="clean, not_scanned, too_large, other_kind, infected or forgotten",
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_message_id"],
            ["conversation_message.id"],
            name=op.f("fk_conversation_attachment_conversation_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_conversation_attachment_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["reply_id"], ["reply.id"], name=op.f("fk_conversation_attachment_reply_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["student.id"],
            name=op.f("fk_conversation_attachment_student_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_attachment")),
        sa.UniqueConstraint("stored", name=op.f("uq_conversation_attachment_stored")),
    )
    op.create_index(
        op.f("ix_conversation_attachment_reply_id"), "conversation_attachment", ["reply_id"], unique=False
    )
    op.create_index(
        op.f("ix_conversation_attachment_conversation_message_id"),
        "conversation_attachment",
        ["conversation_message_id"],
        unique=False,
    )
    op.create_table(
        "caption",
        sa.Column("conversation_attachment_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False, comment="WebVTT"),
        sa.ForeignKeyConstraint(
            ["conversation_attachment_id"],
            ["conversation_attachment.id"],
            name=op.f("fk_caption_conversation_attachment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_attachment_id", "language", name=op.f("pk_caption")),
    )
    op.create_table(
        "conversation_route",
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column(
            "words",
            postgresql.ARRAY(sa.Text()),
            server_default="{}",
            nullable=False,
            comment="besides those that ship",
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "next_role",
            sa.Text(),
            nullable=True,
            comment="who has it when the clock runs out; null = as shipped",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_conversation_route_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_conversation_route_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_conversation_route_school_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("school_id", "role", name=op.f("pk_conversation_route")),
    )
    op.create_table(
        "crisis_protocol",
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "account_ids",
            postgresql.ARRAY(sa.BigInteger()),
            server_default="{}",
            nullable=False,
            comment="who is told",
        ),
        sa.Column("actor", sa.Text(), nullable=False, comment="as in the audit"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_crisis_protocol_district_id")
        ),
        sa.PrimaryKeyConstraint("district_id", name=op.f("pk_crisis_protocol")),
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
