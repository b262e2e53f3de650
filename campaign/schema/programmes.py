"""What a district offers families and says about its grades, printed on reports."""

from sqlalchemy import Boolean, Column, Date, Index, SmallInteger, Table, Text, false
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from campaign.schema.base import identity, metadata, reference

programme = Table(
    "programme",
    metadata,
    identity(),
    reference("district_id", "district"),
    Column("title", JSONB, nullable=False, comment="by language, English among them"),
    Column("details", JSONB, nullable=False, comment="by language: place, days, hours"),
    Column("subjects", ARRAY(Text), nullable=False),
    Column("lowest_grade", SmallInteger, nullable=False, comment="of the students, as student.grade_level"),
    Column("highest_grade", SmallInteger, nullable=False),
    Column("starts_on", Date, comment="null = runs already"),
    Column("ends_on", Date, comment="last day to name it in a report; null = no end known"),
    Column("free", Boolean, nullable=False, server_default=false()),
    Column("bus", Boolean, nullable=False, server_default=false()),
    Column("contact", Text, nullable=False, comment="where to sign up: a phone number or an address"),
    Index(None, "district_id"),
)

grading_policy = Table(
    "grading_policy",
    metadata,
    identity(),
    reference("district_id", "district"),
    reference("school_id", "school", nullable=True),
    Column("line", JSONB, nullable=False, comment="by language; school_id null = all schools"),
    Index(None, "district_id"),
)
