"""Create the tables of people and places."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# Ten digits are a number of North America; one that tells its country stays as it is; all else reaches nobody.
_PHONE = r"""
    CREATE FUNCTION gbg_phone(phone text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
        SELECT CASE
            WHEN phone ~ '^\s*\+' AND length(digits) BETWEEN 8 AND 15 THEN '+' || digits
            WHEN length(digits) = 11 AND digits LIKE '1%' THEN '+' || digits
            WHEN length(digits) = 10 THEN '+1' || digits
        END FROM (SELECT regexp_replace(phone, '[^0-9]', '', 'g') AS digits) found
    $$
"""


def upgrade() -> None:
    op.execute(_PHONE)
    op.create_table(
        "district",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state_code", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_district")),
        sa.UniqueConstraint("code", name=op.f("uq_district_code")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("phone_type", sa.Text(), nullable=True, comment="mobile, landline or unknown"),
        sa.Column("written_language", sa.Text(), nullable=True, comment="BCP 47; null = ask"),
        sa.Column("spoken_language", sa.Text(), nullable=True),
        sa.Column("language_raw", sa.Text(), nullable=True),
        sa.Column("interpreter_needed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("address_line", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("state_code", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("confidential", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("phone_e164", sa.Text(), sa.Computed("gbg_phone(phone)", persisted=True), nullable=True),
        sa.Column("email_lower", sa.Text(), sa.Computed("lower(email)", persisted=True), nullable=True),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_contact_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("district_id", "source_id", name=op.f("uq_contact_district_id_source_id")),
    )
    op.create_index(op.f("ix_contact_phone_e164"), "contact", ["phone_e164"], unique=False)
    op.create_index(op.f("ix_contact_email_lower"), "contact", ["email_lower"], unique=False)
    op.create_table(
        "course",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True, comment="math, reading, science …; null = not mapped"),
        sa.Column("grade_level", sa.SmallInteger(), nullable=True),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_course_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("district_id", "source_id", name=op.f("uq_course_district_id_source_id")),
    )
    op.create_table(
        "grading_period",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("school_year", sa.SmallInteger(), nullable=True, comment="the year in which it ends"),
        sa.Column("begins_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_grading_period_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grading_period")),
        sa.UniqueConstraint("district_id", "source_id", name=op.f("uq_grading_period_district_id_source_id")),
    )
    op.create_table(
        "school",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True, comment="of the office, printed for families"),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_school_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school")),
        sa.UniqueConstraint("district_id", "source_id", name=op.f("uq_school_district_id_source_id")),
    )
    op.create_table(
        "staff_member",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=True),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_staff_member_district_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_staff_member_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_member")),
        sa.UniqueConstraint("district_id", "source_id", name=op.f("uq_staff_member_district_id_source_id")),
    )
    op.create_table(
        "student",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=True),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("preferred_name", sa.Text(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("grade_level", sa.SmallInteger(), nullable=True),
        sa.Column("home_language", sa.Text(), nullable=True, comment="BCP 47; null = ask"),
        sa.Column("home_language_raw", sa.Text(), nullable=True),
        sa.Column("home_language_code_system", sa.Text(), nullable=True),
        sa.Column("english_learner", sa.Boolean(), nullable=True),
        sa.Column(
            "us_entry_date",
            sa.Date(),
            nullable=True,
            comment="first day in a US school, for the rule on newcomers",
        ),
        sa.Column("confidential", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_student_district_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_student_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student")),
    )
    op.create_index(
        op.f("ix_student_district_id_school_id"), "student", ["district_id", "school_id"], unique=False
    )
    op.create_table(
        "section",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=True),
        sa.Column("course_id", sa.BigInteger(), nullable=True),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("teacher_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_section_course_id")),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_section_district_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_section_school_id")),
        sa.ForeignKeyConstraint(["teacher_id"], ["staff_member.id"], name=op.f("fk_section_teacher_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_section")),
        sa.UniqueConstraint("district_id", "source_id", name=op.f("uq_section_district_id_source_id")),
    )
    op.create_table(
        "student_contact",
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("may_receive", sa.Boolean(), nullable=False),
        sa.Column("court_restriction", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("lives_with", sa.Boolean(), nullable=True),
        sa.Column("primary_contact", sa.Boolean(), nullable=True),
        sa.Column(
            "adult_consent",
            sa.Boolean(),
            nullable=True,
            comment="of 18 or over the student agrees, or is a dependent",
        ),
        sa.Column(
            "said_by",
            sa.Text(),
            nullable=True,
            comment="system of the source that states it, whose list alone may end it",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_student_contact_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_student_contact_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("student_id", "contact_id", name=op.f("pk_student_contact")),
    )
    op.create_index(op.f("ix_student_contact_contact_id"), "student_contact", ["contact_id"], unique=False)
    op.create_table(
        "student_identifier",
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_student_identifier_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_student_identifier_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("district_id", "system", "value", name=op.f("pk_student_identifier")),
    )
    op.create_index(
        op.f("ix_student_identifier_student_id"), "student_identifier", ["student_id"], unique=False
    )
    op.create_index(op.f("ix_student_identifier_value"), "student_identifier", ["value"], unique=False)
    op.create_table(
        "enrollment",
        sa.Column("section_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_enrollment_section_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_enrollment_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("section_id", "student_id", name=op.f("pk_enrollment")),
    )
    op.create_index(op.f("ix_enrollment_student_id"), "enrollment", ["student_id"], unique=False)
    op.create_table(
        "programme",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("title", postgresql.JSONB(), nullable=False, comment="by language, English among them"),
        sa.Column("details", postgresql.JSONB(), nullable=False, comment="by language: place, days, hours"),
        sa.Column("subjects", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "lowest_grade",
            sa.SmallInteger(),
            nullable=False,
            comment="of the students, as student.grade_level",
        ),
        sa.Column("highest_grade", sa.SmallInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True, comment="null = runs already"),
        sa.Column(
            "ends_on",
            sa.Date(),
            nullable=True,
            comment="last day to name it in a report; null = no end known",
        ),
        sa.Column("free", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("bus", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "contact", sa.Text(), nullable=False, comment="where to sign up: a phone number or an address"
        ),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_programme_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
    )
    op.create_index(op.f("ix_programme_district_id"), "programme", ["district_id"], unique=False)
    op.create_table(
        "grading_policy",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "line", postgresql.JSONB(), nullable=False, comment="by language; school_id null = all schools"
        ),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_grading_policy_district_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_grading_policy_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grading_policy")),
    )
    op.create_index(op.f("ix_grading_policy_district_id"), "grading_policy", ["district_id"], unique=False)


def downgrade() -> None:
    op.drop_table("grading_policy")
    op.drop_table("programme")
    op.drop_table("enrollment")
    op.drop_table("student_identifier")
    op.drop_table("student_contact")
    op.drop_table("section")
    op.drop_table("student")
    op.drop_table("staff_member")
    op.drop_table("school")
    op.drop_table("grading_period")
    op.drop_table("course")
    op.drop_table("contact")
    op.drop_table("district")
    op.execute("DROP FUNCTION gbg_phone")
