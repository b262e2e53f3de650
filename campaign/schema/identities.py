"""Who is who across sources: rows whose student is not certain, and what a person decided about them."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from campaign.schema.base import identity, metadata, moment, reference

# One case for all rows that say the same about a student. A decision holds for every later row of the same signature.
# kind: two_students, second_id, said_twice (two rows of one file differ) or name (the ids find nobody).
identity_case = Table(
    "identity_case",
    metadata,
    identity(),
    reference("district_id", "district"),
    Column(
        "signature", Text, nullable=False, comment="MD5 of the ids, the name and the birth date of the row"
    ),
    Column("kind", Text, nullable=False),
    Column("about", Text, nullable=False, comment="roster or results"),
    Column("confidence", Text, comment="high, medium or low, of the best candidate found by name"),
    Column(
        "said",
        JSONB,
        nullable=False,
        comment="identifiers, names, birth date and grade level as the file has them",
    ),
    Column("candidates", ARRAY(BigInteger), nullable=False, comment="students it could be, the best first"),
    Column(
        "state",
        Text,
        nullable=False,
        comment="open, waiting, accepted (by name, not yet by a person) or decided",
    ),
    Column(
        "decision", Text, comment="same, replace (same, and the new id takes the old one's place) or another"
    ),
    reference("student_id", "student", nullable=True, cascade=True, index=True),
    Column("replaced", JSONB, comment="ids that a decision took away, for taking it back"),
    reference("source_file_id", "source_file", nullable=True),
    Column("line", Integer, comment="first line of the newest file that says so"),
    Column("rows", Integer, nullable=False, comment="rows of the newest import that say so"),
    moment("first_seen_at"),
    moment("last_seen_at"),
    Column("decided_by", Text, comment="actor as in the audit"),
    moment("decided_at", nullable=True),
    UniqueConstraint("district_id", "signature"),
    Index(None, "district_id", "state"),
)

# Rows that came in because of a case, so that taking the decision back finds what they brought.
identity_row = Table(
    "identity_row",
    metadata,
    reference("identity_case_id", "identity_case", primary_key=True, cascade=True),
    reference("source_file_id", "source_file", primary_key=True),
    Column("line", Integer, primary_key=True),
)
