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


def downgrade() -> None:
    op.drop_table("combined_evidence")
    op.drop_table("population")
    op.drop_table("comparison_fact")
    op.drop_table("comparison")
    op.drop_table("report")
