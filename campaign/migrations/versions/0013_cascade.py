"""Create the tables of the next way to reach somebody: how far each family came, print runs, calls."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _cascade()
    _letters()
    _calls()


def _cascade() -> None:
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
        sa.Column(
            "ended", sa.Text(), nullable=True, comment="reached, stopped, call_list, silent or no_phone"
        ),
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


def _letters() -> None:
    op.create_table(
        "letter_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=False, comment="kind of window envelope"),
        sa.Column("actor", sa.Text(), nullable=False, comment="as in the audit"),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "finished_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="since when all its files are there",
        ),
        sa.Column(
            "outcome",
            sa.Text(),
            nullable=True,
            comment="posted or thrown_away; null = nobody has said it yet",
        ),
        sa.Column("posted_on", sa.Date(), nullable=True),
        sa.Column("said_by", sa.Text(), nullable=True, comment="name of whoever said what became of it"),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_letter_run_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_run")),
        sa.UniqueConstraint("number", name=op.f("uq_letter_run_number")),
    )
    op.create_index(op.f("ix_letter_run_district_id"), "letter_run", ["district_id"], unique=False)
    op.create_table(
        "letter_envelope",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("letter_run_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("fencing", sa.BigInteger(), nullable=False, comment="of the message when the run took it"),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("student_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("fallback_from", sa.Text(), nullable=True, comment="as in the message"),
        sa.Column(
            "reports",
            postgresql.JSONB(),
            nullable=False,
            comment="student: number and version of the report in the envelope",
        ),
        sa.Column(
            "stopped", sa.Boolean(), nullable=False, comment="the contact wants no electronic messages"
        ),
        sa.Column("follows", sa.Boolean(), nullable=False, comment="a message went before"),
        sa.Column("route", sa.Text(), nullable=False, comment="mail or by_student"),
        sa.Column(
            "position",
            sa.Integer(),
            nullable=False,
            comment="in the run: by school, homeroom, language, name",
        ),
        sa.Column("part", sa.SmallInteger(), nullable=False, comment="file of the run it belongs to"),
        sa.Column("first_page", sa.Integer(), nullable=True, comment="in that file, from 1"),
        sa.Column(
            "pages",
            sa.Integer(),
            nullable=True,
            comment="of the envelope, the address sheet with its back included",
        ),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), server_default="in_run", nullable=False),
        sa.Column("said_by", sa.Text(), nullable=True, comment="name of whoever said what became of it"),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_letter_envelope_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_letter_envelope_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["letter_run_id"],
            ["letter_run.id"],
            name=op.f("fk_letter_envelope_letter_run_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_letter_envelope_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_envelope")),
        sa.UniqueConstraint(
            "letter_run_id", "position", name=op.f("uq_letter_envelope_letter_run_id_position")
        ),
    )
    op.create_index(
        "uq_letter_envelope_in_hand",
        "letter_envelope",
        ["message_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('in_run', 'posted')"),
    )


def _calls() -> None:
    op.create_table(
        "call_try",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False, comment="campaign.calling.calls.Outcome"),
        sa.Column(
            "note",
            sa.Text(),
            nullable=True,
            comment="what the family asked for, in the words of whoever called",
        ),
        sa.Column("said_by", sa.Text(), nullable=False, comment="the name the account had then"),
        sa.Column("actor", sa.Text(), nullable=False, comment="as in the audit"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.Text(), nullable=False, comment="state of the message before"),
        sa.Column(
            "consent_events",
            postgresql.ARRAY(sa.BigInteger()),
            nullable=False,
            comment="what it wrote down about consent",
        ),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_call_try_district_id")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_call_try_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_try")),
    )
    op.create_index(op.f("ix_call_try_message_id"), "call_try", ["message_id"], unique=False)


def downgrade() -> None:
    op.drop_table("household_cascade")
