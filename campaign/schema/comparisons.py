"""What was worked out: comparisons with all that explains them, and the reports made from them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from campaign.schema.base import identity, metadata, moment, reference

# A correction is a new version; the row it replaces gets superseded_at and stays. The student alone is a foreign key:
# that key holds the district too, and a comparison keeps what it rests on, whatever becomes of the mark and the scores.
comparison = Table(
    "comparison",
    metadata,
    identity(),
    Column("district_id", BigInteger, nullable=False, comment="of the student"),
    reference("student_id", "student", cascade=True),
    Column("subject", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("category", Text, nullable=False, comment="reports.records.Category"),
    Column("refusal", Text, comment="reports.records.Refusal when the category is NOT_ENOUGH or OTHER_TEST"),
    Column("grade_band", Text),
    Column("evidence", Text),
    Column("probability", Double, comment="chance to be at or above the cut, observed score; staff only"),
    Column("rules", ARRAY(Text), nullable=False),
    Column("mark_id", BigInteger),
    Column("score_ids", ARRAY(BigInteger), nullable=False, server_default="{}"),
    Column("school_year", SmallInteger),
    Column(
        "explanation",
        JSONB,
        nullable=False,
        comment='mark and tests with the values of their own; "of" names a comparison_fact for the rest',
    ),
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
    # Rows come in the order of their moments: a few bytes find the newest.
    Index("ix_comparison_computed_at", "computed_at", postgresql_using="brin"),
)

# What many explanations share: a test with its levels, cut and floor, a course with its term, the policy and versions.
# The name is a hash of the content, so a fact never changes; what a comparison rested on stays readable.
comparison_fact = Table(
    "comparison_fact",
    metadata,
    reference("district_id", "district", primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False, comment="a hash of the content"),
    Column("content", JSONB, nullable=False),
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
    # A grade or test of the version before was corrected, and a category with it.
    Column("corrects", Boolean, nullable=False, server_default=false()),
    moment("created_at"),
    moment("superseded_at", nullable=True),
    UniqueConstraint("student_id", "language", "version"),
    Index("ix_report_corrects", "district_id", "created_at", postgresql_where=text("corrects")),
)
