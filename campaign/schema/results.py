"""What school and tests say about a student: report-card marks, assessments with their cuts, scores."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Double,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from campaign.schema.base import identity, metadata, reference

mark = Table(
    "mark",
    metadata,
    identity(primary_key=False),
    reference("district_id", "district"),
    reference("student_id", "student", cascade=True),
    Column(
        "source_key",
        LargeBinary,
        nullable=False,
        comment="of what names the row in its source: 16 or 20 bytes of SHA-256",
    ),
    reference("section_id", "section", nullable=True),
    reference("teacher_id", "staff_member", nullable=True),
    Column("course_code", Text),
    Column("course_title", Text),
    Column("subject", Text),
    Column("grade_level", SmallInteger, comment="of the course"),
    Column("school_year", SmallInteger, comment="the year in which it ends"),
    Column("period_title", Text),
    Column("period_begins_on", Date),
    Column("period_ends_on", Date),
    Column("is_final", Boolean, nullable=False, server_default=false()),
    Column("mark", Text, nullable=False, comment="as printed: B+, 87, 3, Pass"),
    Column("percent", Double),
    Column("scale", Text, nullable=False, comment="id of a grade scale in reports/compare/grade_scales.toml"),
    Column("modified_curriculum", Boolean, nullable=False, server_default=false()),
    Column("credit_recovery", Boolean, nullable=False, server_default=false()),
    Column(
        "withdrawn", Boolean, nullable=False, server_default=false(), comment="the source no longer has it"
    ),
    reference("source_file_id", "source_file", nullable=True),
    Column("source_line", Integer),
    PrimaryKeyConstraint("student_id", "id"),
    UniqueConstraint("source_key", "district_id"),
)

# levels: lowest first, [{"code": …, "name": …, "minimum": …, "maximum": …}]; minimum and maximum may be null.
# floor_level: code of the lowest level that means "at grade level". cut: lowest score of that level.
assessment = Table(
    "assessment",
    metadata,
    identity(),
    reference("district_id", "district"),
    Column("key", Text, nullable=False, comment="family|version|subject|grade|season, made by the importer"),
    Column("family", Text, nullable=False, comment="STAAR, MAP Growth …"),
    Column("title", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="summative, interim, alternate, language or college"),
    Column("subject", Text),
    Column("grade_level", SmallInteger),
    Column("season", Text, comment="fall, winter, spring; null = once a year"),
    Column("levels", JSONB, nullable=False, server_default="[]"),
    Column("floor_level", Text),
    Column("cut", Double),
    Column("test_sem", Double, comment="published error of the whole test, used where a score has none"),
    Column("score_sd", Double),
    Column("score_minimum", Double),
    Column("score_maximum", Double),
    Column(
        "stated_by_district",
        ARRAY(Text),
        nullable=False,
        server_default="{}",
        comment="columns whose value the district gave; exports leave them as they are",
    ),
    UniqueConstraint("district_id", "key"),
)

score = Table(
    "score",
    metadata,
    identity(primary_key=False),
    reference("district_id", "district"),
    reference("student_id", "student", cascade=True),
    reference("assessment_id", "assessment"),
    Column("source_key", LargeBinary, nullable=False),
    Column("administered_on", Date),
    Column("school_year", SmallInteger, comment="the year in which it ends"),
    Column("grade_level", SmallInteger, comment="of the test taken"),
    Column("scale_score", Double),
    Column("csem", Double, comment="conditional standard error, in points of scale_score"),
    Column("level", Text, comment="code of the level as the vendor reported it"),
    Column(
        "status",
        Text,
        nullable=False,
        comment="valid, partial, invalidated, absent, opt_out, alternate, off_grade or modified",
    ),
    Column("status_reason", Text, comment="for staff; never printed for a family"),
    Column("test_language", Text, comment="BCP 47"),
    Column("projected_probability", Double, comment="the vendor's own, 0 to 1"),
    reference("source_file_id", "source_file", nullable=True),
    Column("source_line", Integer),
    PrimaryKeyConstraint("student_id", "id"),
    UniqueConstraint("source_key", "district_id"),
)

# One row a student and year: the newest count. Without days enrolled the source lists absences alone.
attendance = Table(
    "attendance",
    metadata,
    reference("student_id", "student", cascade=True, primary_key=True),
    Column("school_year", SmallInteger, primary_key=True, comment="the year in which it ends"),
    Column("days_enrolled", Double),
    Column("days_present", Double),
    Column("days_absent", Double, nullable=False),
    Column("counted_from", Date, comment="null = the beginning of the year"),
    Column("as_of", Date, comment="the last day that was counted; null = the source does not say"),
    Column("source", Text, nullable=False, comment="ed-fi, table of days or table of totals"),
    reference("source_file_id", "source_file", nullable=True),
)
