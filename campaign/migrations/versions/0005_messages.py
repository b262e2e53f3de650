"""Create the message ledger."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="campaign.school_year.calendar.DayKind",
        ),
        sa.Column("title", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_calendar_day_district_id")),
        sa.PrimaryKeyConstraint("district_id", "day", "kind", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_campaign_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("district_id", "slug", name=op.f("uq_campaign_district_id_slug")),
    )
    op.create_table(
        "campaign_revision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_revision_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_campaign_revision_district_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_revision")),
        sa.UniqueConstraint(
            "campaign_id", "content_hash", name=op.f("uq_campaign_revision_campaign_id_content_hash")
        ),
    )
    op.create_table(
        "belief_answer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("wave", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False, comment="above, at, below, not_sure or skipped"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_belief_answer_contact_id")),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_belief_answer_district_id")),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_belief_answer_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_belief_answer")),
        sa.UniqueConstraint(
            "student_id",
            "contact_id",
            "subject",
            "wave",
            name=op.f("uq_belief_answer_student_id_contact_id_subject_wave"),
        ),
    )
    op.create_table(
        "occurrence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("campaign_revision_id", sa.BigInteger(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "withdrawn_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="since when the calendar no longer has its day",
        ),
        sa.Column("followed_at", sa.DateTime(timezone=True), comment="since when silence is watched"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_occurrence_campaign_id")),
        sa.ForeignKeyConstraint(
            ["campaign_revision_id"],
            ["campaign_revision.id"],
            name=op.f("fk_occurrence_campaign_revision_id"),
        ),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_occurrence_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrence")),
        sa.UniqueConstraint("campaign_id", "step", "day", name=op.f("uq_occurrence_campaign_id_step_day")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False, comment="what a provider may see"),
        sa.Column("district_id", sa.BigInteger(), nullable=False, comment="of the occurrence"),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False, comment="of the occurrence"),
        sa.Column("occurrence_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("student_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("household", sa.Text(), nullable=False, comment="key under which the cap counts"),
        sa.Column("channel", sa.Text(), nullable=False, comment="email, sms, letter or call"),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column(
            "fallback_from",
            sa.Text(),
            nullable=True,
            comment="BCP 47; what the contact reads, where English goes out; und = ask",
        ),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=False),
        sa.Column("template_hash", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False, comment="campaign, step, day, contact, channel"),
        sa.Column(
            "rung", sa.SmallInteger(), server_default="0", nullable=False, comment="0 = the step's own"
        ),
        sa.Column("follows_id", sa.BigInteger(), nullable=True, comment="the message that was not enough"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "reason", sa.Text(), nullable=True, comment="why withheld, dropped, failed or to be looked at"
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fencing", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("provider_message_id", sa.Text(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_message_contact_id")),
        sa.ForeignKeyConstraint(
            ["follows_id"], ["message.id"], name=op.f("fk_message_follows_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"], name=op.f("fk_message_occurrence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_message_dedupe_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_message_public_id")),
        postgresql_with={"fillfactor": "45"},
    )
    op.create_index(op.f("ix_message_contact_id"), "message", ["contact_id"], unique=False)
    op.create_index(op.f("ix_message_household"), "message", ["household"], unique=False)
    op.create_index("ix_message_occurrence", "message", ["occurrence_id", "contact_id"], unique=False)
    op.create_index(
        "ix_message_follows", "message", ["follows_id"], postgresql_where=sa.text("follows_id IS NOT NULL")
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False, comment="of the message"),
        sa.Column("fencing", sa.BigInteger(), nullable=False),
        sa.Column(
            "outcome",
            sa.Text(),
            nullable=False,
            comment="dispatching, accepted, rejected, retry_at or ambiguous",
        ),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "id", name=op.f("pk_attempt")),
    )
    op.create_table(
        "provider_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="in one vocabulary for all providers"),
        sa.Column(
            "sending",
            sa.Text(),
            nullable=False,
            comment="the provider's own id of the e-mail or text message",
        ),
        sa.Column(
            "cause", sa.Text(), nullable=True, comment="why it did not arrive, or must not be sent any more"
        ),
        sa.Column(
            "detail",
            sa.Text(),
            nullable=True,
            comment="a status or error code, never a sentence: those repeat the address",
        ),
        sa.Column(
            "fencing", sa.BigInteger(), nullable=False, comment="of the message when the event came in"
        ),
        sa.Column("waits", sa.Boolean(), nullable=False, comment="has not been weighed yet"),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_provider_event_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_event")),
        sa.UniqueConstraint("provider", "event_id", name=op.f("uq_provider_event_provider_event_id")),
    )
    op.create_index(op.f("ix_provider_event_message_id"), "provider_event", ["message_id"], unique=False)
    op.create_index(
        "ix_provider_event_waits",
        "provider_event",
        ["message_id"],
        unique=False,
        postgresql_where=sa.text("waits"),
    )
    op.create_table(
        "wording",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False, comment="as content/languages.toml names it"),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True, comment="null = as it is shipped"),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="draft or human_reviewed; that it is stale is worked out",
        ),
        sa.Column(
            "source_hash", sa.Text(), nullable=False, comment="SHA-256 of the English it was written for"
        ),
        sa.Column(
            "source", sa.Text(), nullable=False, comment="that English, to show what has changed since"
        ),
        sa.Column("note", sa.Text(), nullable=True, comment="why, or from where"),
        sa.Column("actor", sa.Text(), nullable=False, comment="as in the audit"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_wording_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wording")),
    )
    op.create_index(
        op.f("ix_wording_district_id_language_unit_key"),
        "wording",
        ["district_id", "language", "unit", "key"],
        unique=False,
    )
    op.create_table(
        "draft_permission",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column(
            "drafts", sa.Boolean(), nullable=False, comment="texts that nobody has reviewed may go out"
        ),
        sa.Column(
            "stale", sa.Boolean(), nullable=False, comment="also those whose English has changed since"
        ),
        sa.Column("said_by", sa.Text(), nullable=False, comment="name of the person who answers for it"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False, comment="as in the audit"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_draft_permission_district_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_permission")),
    )
    op.create_index(
        op.f("ix_draft_permission_district_id"), "draft_permission", ["district_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("draft_permission")
    op.drop_table("wording")
    op.drop_table("provider_event")
    op.drop_table("attempt")
    op.drop_table("message")
    op.drop_table("occurrence")
    op.drop_table("belief_answer")
    op.drop_table("campaign_revision")
    op.drop_table("campaign")
    op.drop_table("calendar_day")
