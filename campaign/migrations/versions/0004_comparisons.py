"""Create the tables of comparisons and reports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "number", sa.Text(), nullable=False, comment="printed at the foot; says nothing about the child"
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("comparison_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column(
            "contract",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="the frozen facts and texts the pages are made from",
        ),
        sa.Column("corrects", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_report_district_id")),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_report_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("number", name=op.f("uq_report_number")),
        sa.UniqueConstraint(
            "student_id", "language", "version", name=op.f("uq_report_student_id_language_version")
        ),
    )
    op.create_table(
        "comparison",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False, comment="of the student"),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False, comment="reports.records.Category"),
        sa.Column(
            "refusal",
            sa.Text(),
            nullable=True,
            comment="reports.records.Refusal when the category is NOT_ENOUGH or OTHER_TEST",
        ),
        sa.Column("grade_band", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column(
            "probability",
            sa.Double(),
            nullable=True,
            comment="chance to be at or above the cut, observed score; staff only",
        ),
        sa.Column("rules", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("mark_id", sa.BigInteger(), nullable=True),
        sa.Column("score_ids", postgresql.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("school_year", sa.SmallInteger(), nullable=True),
        sa.Column(
            "explanation",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment='mark and tests with the values of their own; "of" names a comparison_fact for the rest',
        ),
        sa.Column("inputs_hash", sa.Text(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_comparison_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison")),
        sa.UniqueConstraint(
            "student_id", "subject", "version", name=op.f("uq_comparison_student_id_subject_version")
        ),
    )
    op.create_table(
        "comparison_fact",
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "id", sa.BigInteger(), autoincrement=False, nullable=False, comment="a hash of the content"
        ),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_comparison_fact_district_id")
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_comparison_fact")),
    )
    op.create_table(
        "population",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column(
            "record",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="reports.compare.links.Population.record()",
        ),
        sa.Column("estimated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_population_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_population")),
        sa.UniqueConstraint(
            "district_id", "content_hash", name=op.f("uq_population_district_id_content_hash")
        ),
    )
    op.create_table(
        "combined_evidence",
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False, comment="of the student"),
        sa.Column("population_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "probability",
            sa.Double(),
            nullable=False,
            comment="chance to be at grade level given all tests, 0 to 1",
        ),
        sa.Column("tests", sa.SmallInteger(), nullable=False, comment="how many took part"),
        sa.Column(
            "conflict",
            sa.Boolean(),
            nullable=False,
            comment="the tests differ more than their errors allow",
        ),
        sa.ForeignKeyConstraint(
            ["population_id"], ["population.id"], name=op.f("fk_combined_evidence_population_id")
        ),
        sa.ForeignKeyConstraint(
            ["student_id"],
            ["student.id"],
            name=op.f("fk_combined_evidence_student_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("student_id", "subject", name=op.f("pk_combined_evidence")),
    )
    op.create_index(
        "uq_comparison_current",
        "comparison",
        ["student_id", "subject"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    _classroom()
    _print_runs()


def _classroom() -> None:
    op.create_table(
        "teacher_word",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="note, wrong_data, hold or release"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "said", sa.Text(), nullable=False, comment="the note in English, what is wrong, why it is held"
        ),
        sa.Column(
            "said_by",
            sa.Text(),
            nullable=False,
            comment="the name the account had then; printed under a note",
        ),
        sa.Column("actor", sa.Text(), nullable=False, comment="as in the audit"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True, comment="a hold ends by itself then"),
        sa.Column("answer", sa.Text(), nullable=True, comment="what was found out about wrong data"),
        sa.Column(
            "settled_by",
            sa.Text(),
            nullable=True,
            comment="as in the audit: who released, withdrew, settled or ended it",
        ),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_teacher_word_district_id")),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_teacher_word_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teacher_word")),
    )
    op.create_index(op.f("ix_teacher_word_student_id"), "teacher_word", ["student_id"])
    op.create_index(
        "ix_teacher_word_open",
        "teacher_word",
        ["district_id", "kind"],
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "teacher_word_translation",
        sa.Column("teacher_word_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False, comment="as content/languages.toml names it"),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False, comment="as in the audit"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["teacher_word_id"],
            ["teacher_word.id"],
            name=op.f("fk_teacher_word_translation_teacher_word_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("teacher_word_id", "language", name=op.f("pk_teacher_word_translation")),
    )


def _print_runs() -> None:
    op.create_table(
        "print_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column(
            "selection",
            postgresql.JSONB(),
            nullable=False,
            comment="school, grade level, languages, envelope, paper",
        ),
        sa.Column("left_out", postgresql.JSONB(), nullable=False, comment="letters by reason"),
        sa.Column(
            "again",
            sa.Text(),
            nullable=True,
            comment="why letters that were printed before are printed once more",
        ),
        sa.Column("actor", sa.Text(), nullable=False, comment="as in the audit"),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_print_run_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_run")),
        sa.UniqueConstraint("number", name=op.f("uq_print_run_number")),
    )
    op.create_table(
        "print_letter",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("print_run_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("report_number", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("copy", sa.SmallInteger(), nullable=False, comment="1, and more where it is printed again"),
        sa.Column("route", sa.Text(), nullable=False, comment="mail or by_student"),
        sa.Column(
            "position",
            sa.Integer(),
            nullable=False,
            comment="in the run: by school, homeroom, language, name",
        ),
        sa.Column(
            "part", sa.Integer(), nullable=True, comment="file of the run it is in; null = not printed yet"
        ),
        sa.Column("first_page", sa.Integer(), nullable=True, comment="in that file, from 1"),
        sa.Column(
            "pages",
            sa.Integer(),
            nullable=True,
            comment="of the envelope, the address sheet with its back included",
        ),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_id"],
                [f"{table}.id"],
                name=op.f(f"fk_print_letter_{table}_id"),
                ondelete=None if table == "district" else "CASCADE",
            )
            for table in ("print_run", "district", "student", "contact")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_letter")),
        sa.UniqueConstraint(
            "report_number",
            "version",
            "contact_id",
            "language",
            "copy",
            name=op.f("uq_print_letter_report_number_version_contact_id_language_copy"),
        ),
        sa.UniqueConstraint("print_run_id", "position", name="uq_print_letter_print_run_id_position"),
    )
    op.create_index(op.f("ix_print_letter_student_id"), "print_letter", ["student_id"])


def downgrade() -> None:
    for table in ("print_letter", "print_run", "teacher_word_translation", "teacher_word"):
        op.drop_table(table)
    for table in ("combined_evidence", "population", "comparison_fact", "comparison", "report"):
        op.drop_table(table)
