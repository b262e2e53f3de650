"""What steps hang on beside days of the calendar: what happened to students; and how the calendar came to be."""

from sqlalchemy import Boolean, Column, Date, Double, Index, Table, Text, UniqueConstraint, false, text
from sqlalchemy.dialects.postgresql import JSONB

from campaign.schema.base import identity, metadata, moment, reference

# Something that happened to a student, once: `source` names the stored fact it was seen in. With a contact it concerns
# that one alone.
student_event = Table(
    "student_event",
    metadata,
    identity(),
    reference("district_id", "district"),
    reference("student_id", "student", cascade=True),
    reference("contact_id", "contact", nullable=True, cascade=True),
    Column("kind", Text, nullable=False, comment="campaign.school_year.student_events.EventKind"),
    Column("source", Text, nullable=False, comment="the fact, such as math:2027 or report:2"),
    Column("amount", Double, comment="days missed, for an absence"),
    Column("on_day", Date, nullable=False, comment="in the district's zone"),
    moment("happened_at"),
    moment("noticed_at"),
    UniqueConstraint("student_id", "kind", "source"),
    Index(None, "district_id", "kind", "happened_at"),
    Index(None, "district_id", "kind", "noticed_at"),
)

# Since when a step follows a kind of event: what happened before is history and sends nothing.
event_watch = Table(
    "event_watch",
    metadata,
    reference("campaign_id", "campaign", primary_key=True),
    Column("step", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    reference("district_id", "district"),
    moment("since"),
    moment("looked_at", nullable=True, comment="when its events were looked through last"),
)

# How far the stored facts of a district were looked through for a kind of event.
event_cursor = Table(
    "event_cursor",
    metadata,
    reference("district_id", "district", primary_key=True),
    Column("kind", Text, primary_key=True),
    moment("until"),
)

# One event in one step, once. While it waits, `day` follows the calendar; with an occurrence it is settled.
event_step = Table(
    "event_step",
    metadata,
    reference("student_event_id", "student_event", primary_key=True, cascade=True),
    reference("campaign_id", "campaign", primary_key=True),
    Column("step", Text, primary_key=True),
    reference("district_id", "district"),
    Column("day", Date, comment="of the step; null = not known yet"),
    Column("too_late", Boolean, nullable=False, server_default=false(), comment="its send-by had passed"),
    reference("occurrence_id", "occurrence", nullable=True),
    Index(
        "ix_event_step_waiting",
        "campaign_id",
        "step",
        postgresql_where=text("occurrence_id IS NULL AND NOT too_late"),
    ),
    Index(None, "occurrence_id"),
)

# What the calendar was before each change, so that a change can be taken back.
calendar_change = Table(
    "calendar_change",
    metadata,
    identity(),
    reference("district_id", "district", index=True),
    Column("said", Text, nullable=False, comment="what was done, as a sentence"),
    Column("before", JSONB, nullable=False, comment="[[day, kind, title], …]"),
    Column("actor", Text, nullable=False, comment="as in the audit"),
    moment("at"),
    moment("undone_at", nullable=True),
)
