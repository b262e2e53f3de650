"""What was worked out: comparisons with all that explains them, and the reports made from them."""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from campaign.schema.base import identity, metadata, moment, reference

# A correction is a new version; the row it replaces gets superseded_at and stays.
comparison = Table(
    "comparison",
    metadata,
    identity(),
    reference("district_id", "district"),
    reference("student_id", "student", cascade=True),
    Column("subject", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("category", Text, nullable=False, comment="reports.records.Category"),
    Column("refusal", Text, comment="reports.records.Refusal when the category is NOT_ENOUGH or OTHER_TEST"),
    Column("grade_band", Text),
    Column("evidence", Text),
    Column("probability", Double, comment="chance to be at or above the cut, observed score; staff only"),
    Column("rules", ARRAY(Text), nullable=False),
    reference("mark_id", "mark", nullable=True),
    Column("score_ids", ARRAY(BigInteger), nullable=False, server_default="{}"),
    Column("school_year", SmallInteger),
    Column("explanation", JSONB, nullable=False, comment="records, cut, error, floor and versions behind it"),
    Column("inputs_hash", Text, nullable=False),
    moment("computed_at"),
    moment("superseded_at", nullable=True),
    UniqueConstraint("student_id", "subject", "version"),
    Index(
        "uq_comparison_current",
        "student_id",
        "subject",
        unique=True,
        postgresql_where=text("superseded_at IS NULL"),
    ),
)

# A report is made for one student and one reader's language; the same facts give the same bytes.
report = Table(
    "report",
    metadata,
    identity(),
    reference("district_id", "district"),
    reference("student_id", "student", cascade=True),
    Column(
        "number",
        Text,
        nullable=False,
        unique=True,
        comment="printed at the foot; says nothing about the child",
    ),
    Column("version", Integer, nullable=False),
    Column("language", Text, nullable=False),
    Column("comparison_ids", ARRAY(BigInteger), nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("contract", JSONB, nullable=False, comment="the frozen facts and texts the pages are made from"),
    moment("created_at"),
    moment("superseded_at", nullable=True),
    UniqueConstraint("student_id", "language", "version"),
)
