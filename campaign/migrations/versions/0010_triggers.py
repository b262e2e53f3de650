"""Create the tables of what steps hang on beside days of the calendar."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "student_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False, comment="campaign.school_year.student_events.EventKind"),
        sa.Column("source", sa.Text(), nullable=False, comment="the fact, such as math:2027 or report:2"),
        sa.Column("amount", sa.Double(), nullable=True, comment="days missed, for an absence"),
        sa.Column("on_day", sa.Date(), nullable=False, comment="in the district's zone"),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_student_event_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_student_event_district_id")),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_student_event_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student_event")),
        sa.UniqueConstraint(
            "student_id", "kind", "source", name=op.f("uq_student_event_student_id_kind_source")
        ),
    )
    op.create_index(
        op.f("ix_student_event_district_id_kind_happened_at"),
        "student_event",
        ["district_id", "kind", "happened_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_student_event_district_id_kind_noticed_at"),
        "student_event",
        ["district_id", "kind", "noticed_at"],
        unique=False,
    )
    op.create_table(
        "event_watch",
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "looked_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when its events were looked through last",
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_event_watch_campaign_id")),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_event_watch_district_id")),
        sa.PrimaryKeyConstraint("campaign_id", "step", "kind", name=op.f("pk_event_watch")),
    )
    op.create_table(
        "event_cursor",
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_event_cursor_district_id")),
        sa.PrimaryKeyConstraint("district_id", "kind", name=op.f("pk_event_cursor")),
    )
    op.create_table(
        "event_step",
        sa.Column("student_event_id", sa.BigInteger(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True, comment="of the step; null = not known yet"),
        sa.Column(
            "too_late",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="its send-by had passed",
        ),
        sa.Column("occurrence_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_event_step_campaign_id")),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_event_step_district_id")),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrence.id"], name=op.f("fk_event_step_occurrence_id")
        ),
        sa.ForeignKeyConstraint(
            ["student_event_id"],
            ["student_event.id"],
            name=op.f("fk_event_step_student_event_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("student_event_id", "campaign_id", "step", name=op.f("pk_event_step")),
    )
    op.create_index(
        "ix_event_step_waiting",
        "event_step",
        ["campaign_id", "step"],
        unique=False,
        postgresql_where=sa.text("occurrence_id IS NULL AND NOT too_late"),
    )
    op.create_index(op.f("ix_event_step_occurrence_id"), "event_step", ["occurrence_id"], unique=False)
    op.create_table(
        "calendar_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False, comment="what was done, as a sentence"),
        sa.Column(
            "before",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="[[day, kind, title], …]",
        ),
        sa.Column("actor", sa.Text(), nullable=False, comment="as in the audit"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_calendar_change_district_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_change")),
    )
    op.create_index(op.f("ix_calendar_change_district_id"), "calendar_change", ["district_id"], unique=False)

    # What the newest facts are found by.
    op.create_index("ix_comparison_computed_at", "comparison", ["computed_at"], postgresql_using="brin")
    op.create_index(
        "ix_report_corrects", "report", ["district_id", "created_at"], postgresql_where=sa.text("corrects")
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
