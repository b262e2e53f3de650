"""What has ever been shown to partners: releases and their cells. Nothing here names a student."""

from sqlalchemy import Boolean, Column, Integer, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from campaign.schema.base import identity, metadata, moment, reference

publication = Table(
    "publication",
    metadata,
    identity(),
    reference("district_id", "district"),
    Column("subject", Text, nullable=False),
    Column("school_year", SmallInteger),
    Column("rules", JSONB, nullable=False),
    Column("cells_sha256", Text, nullable=False),
    moment("created_at"),
)

# One row of a published table: how many students, and the share in a category as a range of percent.
# A hidden row has shown = false and nothing else filled in; why it is hidden is not kept with it.
published_cell = Table(
    "published_cell",
    metadata,
    identity(),
    reference("publication_id", "publication", cascade=True, index=True),
    reference("district_id", "district"),
    Column("geography", Text, nullable=False, comment="district or school"),
    Column("place", Text, nullable=False, comment="its name"),
    Column("dimension", Text, nullable=False, comment="all, grade_level, home_language …"),
    Column("member", Text, nullable=False),
    Column("measure", Text, nullable=False, comment="share of which statement, e.g. grade_high_test_not_yet"),
    Column("shown", Boolean, nullable=False),
    Column("students", Integer),
    Column("percent_low", SmallInteger),
    Column("percent_high", SmallInteger),
)

# Who was counted where when a publication was made; the engine alone may read it. The next publication is compared
# with it, so that a difference between two dates is never about a few children.
counted_student = Table(
    "counted_student",
    metadata,
    reference("publication_id", "publication", cascade=True, primary_key=True),
    reference("student_id", "student", cascade=True, primary_key=True),
    Column("place", Text, nullable=False),
    Column("grade_level", Text, nullable=False),
    Column("home_language", Text, nullable=False),
    Column("statement", Text, comment="null = no comparison was made"),
)

# A row of a publication that still says what an earlier one said, because too few students changed since.
held_row = Table(
    "held_row",
    metadata,
    reference("publication_id", "publication", cascade=True, primary_key=True),
    Column("geography", Text, primary_key=True),
    Column("place", Text, primary_key=True),
    Column("dimension", Text, primary_key=True),
    Column("member", Text, primary_key=True),
    reference("facts_of", "publication", cascade=True),
)
