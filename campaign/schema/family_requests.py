"""What families say back through their page, what staff made of it, and which report a family has seen."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from campaign.schema.base import identity, metadata, moment, reference

# What one contact sent about one student; its words never change, and are deleted when their time is over.
# state: the newest of its steps, or "new".
family_request = Table(
    "family_request",
    metadata,
    identity(),
    reference("district_id", "district"),
    reference("student_id", "student", cascade=True),
    reference("contact_id", "contact", cascade=True),
    Column("kind", Text, nullable=False, comment="note, mistake, interpreter or wrong_person"),
    Column("report_number", Text, comment="the report that was on the page, with its version"),
    Column("language", Text, nullable=False, comment="of the page it was written on"),
    Column("said", JSONB, nullable=False, comment="what was written or chosen, by the name of its field"),
    Column("state", Text, nullable=False, server_default="new"),
    moment("at"),
    moment("forgotten_at", nullable=True),
    Column("kept_days", SmallInteger, comment="after how many days its words were deleted"),
    Index(None, "student_id", "contact_id"),
    Index(
        "ix_family_request_open", "district_id", "at", postgresql_where=text("state IN ('new', 'checking')")
    ),
)

# Append-only. An answer is for the family to read; a step without one is for staff. `taken_back`: the step undid one.
family_request_step = Table(
    "family_request_step",
    metadata,
    identity(),
    reference("family_request_id", "family_request", cascade=True, index=True),
    reference("district_id", "district"),
    reference("student_id", "student", cascade=True),
    Column("contact_id", BigInteger, nullable=False),
    reference("account_id", "account"),
    Column("said_by", Text, nullable=False, comment="the name the account had then"),
    Column("before", Text, nullable=False, comment="the state it was in"),
    Column("state", Text, nullable=False, comment="the state it came into"),
    Column("answer", Text, comment="as written, for the family"),
    Column("language", Text, comment="of the answer"),
    Column("taken_back", Boolean, nullable=False, server_default=text("false")),
    moment("at"),
)

# Which version of a student's report a contact saw last on the page, in which language.
report_look = Table(
    "report_look",
    metadata,
    reference("student_id", "student", cascade=True, primary_key=True),
    reference("contact_id", "contact", cascade=True, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("language", Text, nullable=False),
    moment("at"),
)
