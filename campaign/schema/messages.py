"""The message ledger: what is to be said to whom, and what became of it."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from campaign.schema.base import identity, metadata, moment, reference

calendar_day = Table(
    "calendar_day",
    metadata,
    reference("district_id", "district", primary_key=True),
    Column("day", Date, primary_key=True),
    Column(
        "kind",
        Text,
        primary_key=True,
        comment="campaign.school_year.calendar.DayKind",
    ),
    Column("title", Text),
)

campaign = Table(
    "campaign",
    metadata,
    identity(),
    reference("district_id", "district"),
    Column("slug", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("paused", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("district_id", "slug"),
)

campaign_revision = Table(
    "campaign_revision",
    metadata,
    identity(),
    reference("campaign_id", "campaign"),
    reference("district_id", "district"),
    Column("content_hash", Text, nullable=False),
    Column("definition", JSONB, nullable=False),
    moment("created_at"),
    UniqueConstraint("campaign_id", "content_hash"),
)

# One step of a campaign on one resolved day; local_time is the recipient's.
occurrence = Table(
    "occurrence",
    metadata,
    identity(),
    reference("campaign_revision_id", "campaign_revision"),
    reference("campaign_id", "campaign"),
    reference("district_id", "district"),
    Column("step", Text, nullable=False),
    Column("day", Date, nullable=False),
    moment("due_at"),
    moment("expires_at"),
    moment("planned_at", nullable=True),
    moment("withdrawn_at", nullable=True, comment="since when the calendar no longer has its day"),
    moment("followed_at", nullable=True, comment="since when silence is watched"),
    UniqueConstraint("campaign_id", "step", "day"),
)

# The occurrence alone is a foreign key: its own keys hold district and campaign, too.
# state: planned, withheld, claimed, dispatching, accepted, rejected, retry_at, ambiguous, failed, dropped.
message = Table(
    "message",
    metadata,
    identity(),
    Column("public_id", Text, nullable=False, unique=True, comment="what a provider may see"),
    Column("district_id", BigInteger, nullable=False, comment="of the occurrence"),
    Column("campaign_id", BigInteger, nullable=False, comment="of the occurrence"),
    reference("occurrence_id", "occurrence"),
    Column("step", Text, nullable=False),
    reference("contact_id", "contact", index=True),
    Column("student_ids", ARRAY(BigInteger), nullable=False),
    Column("household", Text, nullable=False, index=True, comment="key under which the cap counts"),
    Column("channel", Text, nullable=False, comment="email, sms, letter or call"),
    Column("language", Text, nullable=False),
    Column(
        "fallback_from",
        Text,
        comment="BCP 47; what the contact reads, where English goes out; und = ask",
    ),
    Column("template", Text, nullable=False),
    Column("template_version", Integer, nullable=False),
    Column("template_hash", Text, nullable=False),
    Column("dedupe_key", Text, nullable=False, unique=True, comment="campaign, step, day, contact, channel"),
    Column("rung", SmallInteger, nullable=False, server_default="0", comment="0 = the step's own"),
    Column(
        "follows_id",
        BigInteger,
        ForeignKey("message.id", ondelete="SET NULL"),
        comment="the message that was not enough",
    ),
    Column("state", Text, nullable=False),
    Column("reason", Text, comment="why withheld, dropped, failed or to be looked at"),
    moment("due_at"),
    moment("expires_at"),
    moment("not_before", nullable=True),
    Column("lease_owner", Text),
    moment("lease_until", nullable=True),
    Column("fencing", BigInteger, nullable=False, server_default="0"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("provider", Text),
    Column("provider_message_id", Text),
    moment("planned_at"),
    moment("finished_at", nullable=True),
    # No index names a column that sending changes, so that PostgreSQL can write a claim, a hand-over and an outcome
    # beside the row and leave all indexes as they are; hence the room in each page, and the list of what is open.
    Index("ix_message_occurrence", "occurrence_id", "contact_id"),
    Index("ix_message_follows", "follows_id", postgresql_where=text("follows_id IS NOT NULL")),
    postgresql_with={"fillfactor": "45"},
)

# Messages that are not finished, as triggers of `message` list them, whatever statement changes it: so what is due is
# found among few rows.
open_message = Table(
    "open_message",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("campaign_id", BigInteger, nullable=False),
    Column("district_id", BigInteger, nullable=False),
    Column("channel", Text, nullable=False),
    moment("due_at"),
    Index("ix_open_message_due", "campaign_id", "due_at", "message_id"),
    # What people carry: few among all that is open, and counted on the first page of staff.
    Index(
        "ix_open_message_by_hand",
        "district_id",
        "due_at",
        postgresql_where=text("channel IN ('letter', 'call')"),
    ),
)

attempt = Table(
    "attempt",
    metadata,
    identity(primary_key=False),
    # No references: what adds attempts has the message in hand, and checking each one would lock it anew. A trigger
    # keeps messages that have attempts from being deleted.
    Column("message_id", BigInteger, nullable=False),
    Column("district_id", BigInteger, nullable=False, comment="of the message"),
    Column("fencing", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False, comment="dispatching, accepted, rejected, retry_at or ambiguous"),
    Column("detail", Text),
    moment("at"),
    # They are only ever asked for by their message.
    PrimaryKeyConstraint("message_id", "id"),
)

provider_event = Table(
    "provider_event",
    metadata,
    identity(),
    Column("provider", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    reference("message_id", "message", index=True),
    Column("kind", Text, nullable=False, comment="in one vocabulary for all providers"),
    Column("sending", Text, nullable=False, comment="the provider's own id of the e-mail or text message"),
    Column("cause", Text, comment="why it did not arrive, or must not be sent any more"),
    Column("detail", Text, comment="a status or error code, never a sentence: those repeat the address"),
    Column("fencing", BigInteger, nullable=False, comment="of the message when the event came in"),
    Column("waits", Boolean, nullable=False, comment="has not been weighed yet"),
    moment("occurred_at"),
    moment("received_at"),
    UniqueConstraint("provider", "event_id"),
    Index("ix_provider_event_waits", "message_id", postgresql_where=text("waits")),
)

# What a family believes, asked in the same words before and after it sees the report.
belief_answer = Table(
    "belief_answer",
    metadata,
    identity(),
    reference("district_id", "district"),
    reference("student_id", "student", cascade=True),
    reference("contact_id", "contact", nullable=True),
    Column("subject", Text, nullable=False),
    Column("wave", Text, nullable=False),
    Column("answer", Text, nullable=False, comment="above, at, below, not_sure or skipped"),
    moment("at"),
    UniqueConstraint("student_id", "contact_id", "subject", "wave"),
)
