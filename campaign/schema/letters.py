"""Print runs of campaigns: the letters a run took, where each envelope stands, and what people said of them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from campaign.schema.base import identity, metadata, moment, reference

# What is in a run stays in it until a person says what became of the run.
letter_run = Table(
    "letter_run",
    metadata,
    identity(),
    reference("district_id", "district", index=True),
    Column("number", Text, nullable=False, unique=True),
    Column("envelope", Text, nullable=False, comment="kind of window envelope"),
    Column("actor", Text, nullable=False, comment="as in the audit"),
    moment("taken_at"),
    moment("finished_at", nullable=True, comment="since when all its files are there"),
    Column("outcome", Text, comment="posted or thrown_away; null = nobody has said it yet"),
    Column("posted_on", Date),
    Column("said_by", Text, comment="name of whoever said what became of it"),
    moment("said_at", nullable=True),
)

# state: in_run, posted, thrown_away, spoiled, came_back, replaced, not_drawn. A message is in one envelope at a time.
letter_envelope = Table(
    "letter_envelope",
    metadata,
    identity(),
    reference("letter_run_id", "letter_run", cascade=True),
    reference("district_id", "district"),
    reference("message_id", "message", cascade=True),
    Column("fencing", BigInteger, nullable=False, comment="of the message when the run took it"),
    reference("contact_id", "contact", cascade=True),
    Column("student_ids", ARRAY(BigInteger), nullable=False),
    Column("language", Text, nullable=False),
    Column("fallback_from", Text, comment="as in the message"),
    Column(
        "reports", JSONB, nullable=False, comment="student: number and version of the report in the envelope"
    ),
    Column("stopped", Boolean, nullable=False, comment="the contact wants no electronic messages"),
    Column("follows", Boolean, nullable=False, comment="a message went before"),
    Column("route", Text, nullable=False, comment="mail or by_student"),
    Column("position", Integer, nullable=False, comment="in the run: by school, homeroom, language, name"),
    Column("part", SmallInteger, nullable=False, comment="file of the run it belongs to"),
    Column("first_page", Integer, comment="in that file, from 1"),
    Column("pages", Integer, comment="of the envelope, the address sheet with its back included"),
    moment("printed_at", nullable=True),
    Column("state", Text, nullable=False, server_default="in_run"),
    Column("said_by", Text, comment="name of whoever said what became of it"),
    moment("said_at", nullable=True),
    UniqueConstraint("letter_run_id", "position"),
    Index(
        "uq_letter_envelope_in_hand",
        "message_id",
        unique=True,
        postgresql_where=sql("state IN ('in_run', 'posted')"),
    ),
)
