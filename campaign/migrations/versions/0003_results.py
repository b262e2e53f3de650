"""Create the tables of marks and scores."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assessment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "key",
            sa.Text(),
            nullable=False,
            comment="family|version|subject|grade|season, made by the importer",
        ),
        sa.Column("family", sa.Text(), nullable=False, comment="STAAR, MAP Growth …"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="summative, interim, alternate, language or college"
        ),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("grade_level", sa.SmallInteger(), nullable=True),
        sa.Column("season", sa.Text(), nullable=True, comment="fall, winter, spring; null = once a year"),
        sa.Column("levels", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("floor_level", sa.Text(), nullable=True),
        sa.Column("cut", sa.Double(), nullable=True),
        sa.Column(
            "test_sem",
            sa.Double(),
            nullable=True,
            comment="published error of the whole test, used where a score has none",
        ),
        sa.Column("score_sd", sa.Double(), nullable=True),
        sa.Column("score_minimum", sa.Double(), nullable=True),
        sa.Column("score_maximum", sa.Double(), nullable=True),
        sa.Column(
            "stated_by_district",
            sa.ARRAY(sa.Text()),
            server_default="{}",
            nullable=False,
            comment="columns whose value the district gave; exports leave them as they are",
        ),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_assessment_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("district_id", "key", name=op.f("uq_assessment_district_id_key")),
    )
    op.create_table(
        "score",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("assessment_id", sa.BigInteger(), nullable=False),
        sa.Column("source_key", sa.LargeBinary(), nullable=False),
        sa.Column("administered_on", sa.Date(), nullable=True),
        sa.Column("school_year", sa.SmallInteger(), nullable=True, comment="the year in which it ends"),
        sa.Column("grade_level", sa.SmallInteger(), nullable=True, comment="of the test taken"),
        sa.Column("scale_score", sa.Double(), nullable=True),
        sa.Column(
            "csem", sa.Double(), nullable=True, comment="conditional standard error, in points of scale_score"
        ),
        sa.Column("level", sa.Text(), nullable=True, comment="code of the level as the vendor reported it"),
        sa.Column(
            "status",
            sa.Text(),
            nullable=False,
            comment="valid, partial, invalidated, absent, opt_out, alternate, off_grade or modified",
        ),
        sa.Column("status_reason", sa.Text(), nullable=True, comment="for staff; never printed for a family"),
        sa.Column("test_language", sa.Text(), nullable=True, comment="BCP 47"),
        sa.Column("projected_probability", sa.Double(), nullable=True, comment="the vendor's own, 0 to 1"),
        sa.Column("source_file_id", sa.BigInteger(), nullable=True),
        sa.Column("source_line", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name=op.f("fk_score_assessment_id")),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_score_district_id")),
        sa.ForeignKeyConstraint(["source_file_id"], ["source_file.id"], name=op.f("fk_score_source_file_id")),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_score_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("student_id", "id", name=op.f("pk_score")),
        sa.UniqueConstraint("source_key", "district_id", name=op.f("uq_score_source_key_district_id")),
    )
    op.create_table(
        "mark",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "source_key",
            sa.LargeBinary(),
            nullable=False,
            comment="of what names the row in its source: 16 or 20 bytes of SHA-256",
        ),
        sa.Column("section_id", sa.BigInteger(), nullable=True),
        sa.Column("teacher_id", sa.BigInteger(), nullable=True),
        sa.Column("course_code", sa.Text(), nullable=True),
        sa.Column("course_title", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("grade_level", sa.SmallInteger(), nullable=True, comment="of the course"),
        sa.Column("school_year", sa.SmallInteger(), nullable=True, comment="the year in which it ends"),
        sa.Column("period_title", sa.Text(), nullable=True),
        sa.Column("period_begins_on", sa.Date(), nullable=True),
        sa.Column("period_ends_on", sa.Date(), nullable=True),
        sa.Column("is_final", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False, comment="as printed: B+, 87, 3, Pass"),
        sa.Column("percent", sa.Double(), nullable=True),
        sa.Column(
            "scale",
            sa.Text(),
            nullable=False,
            comment="id of a grade scale in reports/compare/grade_scales.toml",
        ),
        sa.Column("modified_curriculum", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("credit_recovery", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "withdrawn",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="the source no longer has it",
        ),
        sa.Column("source_file_id", sa.BigInteger(), nullable=True),
        sa.Column("source_line", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_mark_district_id")),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name=op.f("fk_mark_section_id")),
        sa.ForeignKeyConstraint(["source_file_id"], ["source_file.id"], name=op.f("fk_mark_source_file_id")),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_mark_student_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["teacher_id"], ["staff_member.id"], name=op.f("fk_mark_teacher_id")),
        sa.PrimaryKeyConstraint("student_id", "id", name=op.f("pk_mark")),
        sa.UniqueConstraint("source_key", "district_id", name=op.f("uq_mark_source_key_district_id")),
    )
    _who_is_who()


def _who_is_who() -> None:
    """Rows whose student is not certain, what was decided about them, and how each id found its student."""
    op.create_table(
        "identity_case",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "signature",
            sa.Text(),
            nullable=False,
            comment="MD5 of the ids, the name and the birth date of the row",
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False, comment="roster or results"),
        sa.Column(
            "confidence",
            sa.Text(),
            nullable=True,
            comment="high, medium or low, of the best candidate found by name",
        ),
        sa.Column(
            "said",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="identifiers, names, birth date and grade level as the file has them",
        ),
        sa.Column(
            "candidates",
            postgresql.ARRAY(sa.BigInteger()),
            nullable=False,
            comment="students it could be, the best first",
        ),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="open, waiting, accepted (by name, not yet by a person) or decided",
        ),
        sa.Column(
            "decision",
            sa.Text(),
            nullable=True,
            comment="same, replace (same, and the new id takes the old one's place) or another",
        ),
        sa.Column("student_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "replaced",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="ids that a decision took away, for taking it back",
        ),
        sa.Column("source_file_id", sa.BigInteger(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True, comment="first line of the newest file that says so"),
        sa.Column("rows", sa.Integer(), nullable=False, comment="rows of the newest import that say so"),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True, comment="actor as in the audit"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_identity_case_district_id")),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_identity_case_student_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_file_id"], ["source_file.id"], name=op.f("fk_identity_case_source_file_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_case")),
        sa.UniqueConstraint("district_id", "signature", name=op.f("uq_identity_case_district_id_signature")),
    )
    op.create_index(op.f("ix_identity_case_student_id"), "identity_case", ["student_id"], unique=False)
    op.create_index(
        op.f("ix_identity_case_district_id_state"), "identity_case", ["district_id", "state"], unique=False
    )
    op.create_table(
        "identity_row",
        sa.Column("identity_case_id", sa.BigInteger(), nullable=False),
        sa.Column("source_file_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_case_id"],
            ["identity_case.id"],
            name=op.f("fk_identity_row_identity_case_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["source_file_id"], ["source_file.id"], name=op.f("fk_identity_row_source_file_id")
        ),
        sa.PrimaryKeyConstraint("identity_case_id", "source_file_id", "line", name=op.f("pk_identity_row")),
    )
    op.add_column(
        "student_identifier",
        sa.Column(
            "matched_by",
            sa.Text(),
            server_default="id",
            nullable=False,
            comment="id (its list named it, or shares another id), name (and birth date) or person",
        ),
    )
    op.add_column(
        "student_identifier",
        sa.Column(
            "confidence", sa.Text(), nullable=True, comment="high, medium or low, where a name had to do"
        ),
    )
    op.add_column("student_identifier", sa.Column("identity_case_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_student_identifier_identity_case_id"),
        "student_identifier",
        "identity_case",
        ["identity_case_id"],
        ["id"],
    )
    op.create_table(
        "attendance",
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("school_year", sa.SmallInteger(), nullable=False, comment="the year in which it ends"),
        sa.Column("days_enrolled", sa.Double(), nullable=True),
        sa.Column("days_present", sa.Double(), nullable=True),
        sa.Column("days_absent", sa.Double(), nullable=False),
        sa.Column("counted_from", sa.Date(), nullable=True, comment="null = the beginning of the year"),
        sa.Column(
            "as_of",
            sa.Date(),
            nullable=True,
            comment="the last day that was counted; null = the source does not say",
        ),
        sa.Column("source", sa.Text(), nullable=False, comment="ed-fi, table of days or table of totals"),
        sa.Column("source_file_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_file_id"], ["source_file.id"], name=op.f("fk_attendance_source_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_attendance_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("student_id", "school_year", name=op.f("pk_attendance")),
    )


def downgrade() -> None:
    op.drop_table("attendance")
    op.drop_column("student_identifier", "identity_case_id")
    op.drop_column("student_identifier", "confidence")
    op.drop_column("student_identifier", "matched_by")
    op.drop_table("identity_row")
    op.drop_table("identity_case")
    op.drop_table("mark")
    op.drop_table("score")
    op.drop_table("assessment")
