"""What people agreed to or stopped, which addresses must not be written to, and how well contacts can be reached."""

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from campaign.schema.base import identity, metadata, moment, reference

# Append-only. What holds is the newest event of a contact, channel and scope.
consent_event = Table(
    "consent_event",
    metadata,
    identity(),
    # Not a reference: the contact has its district, and everybody enrolled would lock that one row.
    Column("district_id", BigInteger, nullable=False, comment="of the contact"),
    reference("contact_id", "contact", index=True),
    Column("channel", Text, nullable=False, comment="email, sms, letter or call; all for how often"),
    Column(
        "scope",
        Text,
        nullable=False,
        comment="all, a campaign's slug, topic:<message>, student:<id> or frequency",
    ),
    Column("action", Text, nullable=False, comment="granted, revoked, unclear, limited or undone"),
    Column(
        "source",
        Text,
        nullable=False,
        comment="roster, family_page, one_click, staff, reply, import, provider",
    ),
    Column("words", Text, comment="the words the person saw or used"),
    Column("entered_by", Text, comment="name of the person of the school who wrote it down"),
    Column("actor", Text, comment="as in the audit; null = the program itself"),
    Column("weekly_limit", SmallInteger, comment="of limited: most messages in seven days"),
    reference("undoes", "consent_event", nullable=True),
    moment("at"),
    # Few say how often they want to hear from us, and that is asked of everybody before each message.
    Index("ix_consent_event_frequency", "contact_id", postgresql_where=text("scope = 'frequency'")),
)

# An address that must not be written to, in its normal form. A row stays when it is lifted.
suppression = Table(
    "suppression",
    metadata,
    identity(),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False, comment="e-mail in small letters, or E.164"),
    Column(
        "contact_id", BigInteger, nullable=False, server_default="0", comment="0 = whoever has the address"
    ),
    Column("reason", Text, nullable=False),
    Column("detail", Text, comment="what a provider or a person said"),
    Column("actor", Text, comment="as in the audit; null = the program itself"),
    moment("since"),
    moment("until", nullable=True),
    moment("lifted_at", nullable=True),
    Column("lifted_by", Text),
    Column("lifted_why", Text),
    Index(
        "uq_suppression_in_force",
        "channel",
        "address",
        "contact_id",
        unique=True,
        postgresql_where=text("lifted_at IS NULL"),
    ),
)

# One look at all contacts of a district; kept so that the next shows what got better.
contact_audit = Table(
    "contact_audit",
    metadata,
    identity(),
    reference("district_id", "district", index=True),
    Column("households", Integer, nullable=False),
    Column("reachable", Integer, nullable=False),
    Column("findings", JSONB, nullable=False, comment="kind of finding: how many"),
    Column("actor", Text, nullable=False),
    moment("at"),
)

# A named person lets a campaign begin although too few households are in reach.
launch_override = Table(
    "launch_override",
    metadata,
    identity(),
    reference("district_id", "district", index=True),
    Column("households", Integer, nullable=False, comment="as the person saw it"),
    Column("reachable", Integer, nullable=False),
    Column("said_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    moment("at"),
    moment("until"),
    moment("withdrawn_at", nullable=True),
)
