"""What a district's scores say together: the population of each estimate, and a child's tests weighed against it."""

from sqlalchemy import BigInteger, Boolean, Column, Double, SmallInteger, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from campaign.schema.base import identity, metadata, moment, reference

# Priors and links of one estimate; one that an estimate rests on is never changed.
population = Table(
    "population",
    metadata,
    identity(),
    reference("district_id", "district"),
    Column("content_hash", Text, nullable=False),
    Column("record", JSONB, nullable=False, comment="reports.compare.links.Population.record()"),
    moment("estimated_at"),
    UniqueConstraint("district_id", "content_hash"),
)

# For staff alone, and no part of what a family is told: it moves when other children's scores come in, so it is
# replaced where it stands and makes no new version of a comparison.
combined_evidence = Table(
    "combined_evidence",
    metadata,
    reference("student_id", "student", cascade=True, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("district_id", BigInteger, nullable=False, comment="of the student"),
    reference("population_id", "population"),
    Column(
        "probability", Double, nullable=False, comment="chance to be at grade level given all tests, 0 to 1"
    ),
    Column("tests", SmallInteger, nullable=False, comment="how many took part"),
    Column("conflict", Boolean, nullable=False, comment="the tests differ more than their errors allow"),
)
