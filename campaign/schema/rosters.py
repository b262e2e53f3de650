"""People and places: districts, schools, students, the adults around them, courses, sections, terms."""

from sqlalchemy import (
    Boolean,
    Column,
    Computed,
    Date,
    Index,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from campaign.schema.base import identity, metadata, reference

district = Table(
    "district",
    metadata,
    identity(),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("state_code", Text),
    Column("time_zone", Text),
)

school = Table(
    "school",
    metadata,
    identity(),
    reference("district_id", "district"),
    Column("source_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("time_zone", Text),
    Column("phone", Text, comment="of the office, printed for families"),
    UniqueConstraint("district_id", "source_id"),
)

staff_member = Table(
    "staff_member",
    metadata,
    identity(),
    reference("district_id", "district"),
    reference("school_id", "school", nullable=True),
    Column("source_id", Text, nullable=False),
    Column("given_name", Text, nullable=False),
    Column("family_name", Text, nullable=False),
    Column("email", Text),
    UniqueConstraint("district_id", "source_id"),
)

# grade_level: -2 infants and toddlers, -1 pre-kindergarten, 0 kindergarten, 1-12, 13 beyond.
student = Table(
    "student",
    metadata,
    identity(),
    reference("district_id", "district"),
    reference("school_id", "school", nullable=True),
    Column("given_name", Text, nullable=False),
    Column("family_name", Text, nullable=False),
    Column("preferred_name", Text),
    Column("birth_date", Date),
    Column("grade_level", SmallInteger),
    Column("home_language", Text, comment="BCP 47; null = ask"),
    Column("home_language_raw", Text),
    Column("home_language_code_system", Text),
    Column("english_learner", Boolean),
    Column("us_entry_date", Date, comment="first day in a US school, for the rule on newcomers"),
    Column("confidential", Boolean, nullable=False, server_default=false()),
    Column("withdrawn", Boolean, nullable=False, server_default=false()),
    Index(None, "district_id", "school_id"),
)

# One student carries many ids; an id of one system points to one student. `system` is "state", "local",
# "oneroster" or the name of the source that issued the id.
student_identifier = Table(
    "student_identifier",
    metadata,
    reference("district_id", "district", primary_key=True),
    Column("system", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    reference("student_id", "student", cascade=True, index=True),
    Column(
        "matched_by",
        Text,
        nullable=False,
        server_default="id",
        comment="id (its list named it, or shares another id), name (and birth date) or person",
    ),
    Column("confidence", Text, comment="high, medium or low, where a name had to do"),
    reference("identity_case_id", "identity_case", nullable=True),
    Index(None, "value"),
)

contact = Table(
    "contact",
    metadata,
    identity(),
    reference("district_id", "district"),
    Column("source_id", Text, nullable=False),
    Column("given_name", Text, nullable=False),
    Column("family_name", Text, nullable=False),
    Column("email", Text),
    Column("phone", Text),
    Column("phone_type", Text, comment="mobile, landline or unknown"),
    Column("written_language", Text, comment="BCP 47; null = ask"),
    Column("spoken_language", Text),
    Column("language_raw", Text),
    Column("interpreter_needed", Boolean, nullable=False, server_default=false()),
    Column("address_line", Text),
    Column("city", Text),
    Column("state_code", Text),
    Column("postal_code", Text),
    Column("confidential", Boolean, nullable=False, server_default=false()),
    # What messages and answers are matched by, however the school's system writes them. Columns and not expressions:
    # row-level security lets no index on an expression be used.
    Column("phone_e164", Text, Computed("gbg_phone(phone)", persisted=True), index=True),
    Column("email_lower", Text, Computed("lower(email)", persisted=True), index=True),
    UniqueConstraint("district_id", "source_id"),
)

student_contact = Table(
    "student_contact",
    metadata,
    reference("student_id", "student", cascade=True, primary_key=True),
    reference("contact_id", "contact", cascade=True, primary_key=True, index=True),
    Column("relation", Text, nullable=False),
    Column("may_receive", Boolean, nullable=False),
    Column("court_restriction", Boolean, nullable=False, server_default=false()),
    Column("lives_with", Boolean),
    Column("primary_contact", Boolean),
    Column("adult_consent", Boolean, comment="of 18 or over the student agrees, or is a dependent"),
    Column("said_by", Text, comment="system of the source that states it, whose list alone may end it"),
)

course = Table(
    "course",
    metadata,
    identity(),
    reference("district_id", "district"),
    Column("source_id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("subject", Text, comment="math, reading, science …; null = not mapped"),
    Column("grade_level", SmallInteger),
    UniqueConstraint("district_id", "source_id"),
)

section = Table(
    "section",
    metadata,
    identity(),
    reference("district_id", "district"),
    reference("school_id", "school", nullable=True),
    reference("course_id", "course", nullable=True),
    Column("source_id", Text, nullable=False),
    Column("title", Text),
    reference("teacher_id", "staff_member", nullable=True),
    UniqueConstraint("district_id", "source_id"),
)

enrollment = Table(
    "enrollment",
    metadata,
    reference("section_id", "section", cascade=True, primary_key=True),
    reference("student_id", "student", cascade=True, primary_key=True, index=True),
)

grading_period = Table(
    "grading_period",
    metadata,
    identity(),
    reference("district_id", "district"),
    Column("source_id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("school_year", SmallInteger, comment="the year in which it ends"),
    Column("begins_on", Date),
    Column("ends_on", Date),
    UniqueConstraint("district_id", "source_id"),
)
