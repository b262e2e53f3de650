"""Create the ledger of consent, the suppressed addresses and the looks at contacts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005a"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consent_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False, comment="of the contact"),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "channel", sa.Text(), nullable=False, comment="email, sms, letter or call; all for how often"
        ),
        sa.Column(
            "scope",
            sa.Text(),
            nullable=False,
            comment="all, a campaign's slug, topic:<message>, student:<id> or frequency",
        ),
        sa.Column(
            "action", sa.Text(), nullable=False, comment="granted, revoked, unclear, limited or undone"
        ),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="roster, family_page, one_click, staff, reply, import, provider",
        ),
        sa.Column("words", sa.Text(), nullable=True, comment="the words the person saw or used"),
        sa.Column(
            "entered_by",
            sa.Text(),
            nullable=True,
            comment="name of the person of the school who wrote it down",
        ),
        sa.Column("actor", sa.Text(), nullable=True, comment="as in the audit; null = the program itself"),
        sa.Column(
            "weekly_limit",
            sa.SmallInteger(),
            nullable=True,
            comment="of limited: most messages in seven days",
        ),
        sa.Column("undoes", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_consent_event_contact_id")),
        sa.ForeignKeyConstraint(["undoes"], ["consent_event.id"], name=op.f("fk_consent_event_undoes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_event")),
    )
    op.create_index(op.f("ix_consent_event_contact_id"), "consent_event", ["contact_id"], unique=False)
    op.create_index(
        "ix_consent_event_frequency",
        "consent_event",
        ["contact_id"],
        postgresql_where=sa.text("scope = 'frequency'"),
    )
    _create_suppression()
    _create_looks()


def _create_suppression() -> None:
    op.create_table(
        "suppression",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False, comment="e-mail in small letters, or E.164"),
        sa.Column(
            "contact_id",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="0 = whoever has the address",
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True, comment="what a provider or a person said"),
        sa.Column("actor", sa.Text(), nullable=True, comment="as in the audit; null = the program itself"),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lifted_why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppression")),
    )
    op.create_index(
        "uq_suppression_in_force",
        "suppression",
        ["channel", "address", "contact_id"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )


def _create_looks() -> None:
    op.create_table(
        "contact_audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("reachable", sa.Integer(), nullable=False),
        sa.Column(
            "findings",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="kind of finding: how many",
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_contact_audit_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_audit")),
    )
    op.create_index(op.f("ix_contact_audit_district_id"), "contact_audit", ["district_id"], unique=False)
    op.create_table(
        "launch_override",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False, comment="as the person saw it"),
        sa.Column("reachable", sa.Integer(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_launch_override_district_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_launch_override")),
    )
    op.create_index(op.f("ix_launch_override_district_id"), "launch_override", ["district_id"], unique=False)


def downgrade() -> None:
    for table in ("launch_override", "contact_audit", "suppression", "consent_event"):
        op.drop_table(table)
