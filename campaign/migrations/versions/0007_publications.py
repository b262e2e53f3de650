"""Create the tables of published cells."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "publication",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("school_year", sa.SmallInteger(), nullable=True),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cells_sha256", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_publication_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
    )
    op.create_table(
        "published_cell",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("publication_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("geography", sa.Text(), nullable=False, comment="district or school"),
        sa.Column("place", sa.Text(), nullable=False, comment="its name"),
        sa.Column("dimension", sa.Text(), nullable=False, comment="all, grade_level, home_language …"),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column(
            "measure",
            sa.Text(),
            nullable=False,
            comment="share of which statement, e.g. grade_high_test_not_yet",
        ),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("students", sa.Integer(), nullable=True),
        sa.Column("percent_low", sa.SmallInteger(), nullable=True),
        sa.Column("percent_high", sa.SmallInteger(), nullable=True),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_published_cell_district_id")),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publication.id"],
            name=op.f("fk_published_cell_publication_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_cell")),
    )
    op.create_index(
        op.f("ix_published_cell_publication_id"), "published_cell", ["publication_id"], unique=False
    )
    op.create_table(
        "counted_student",
        sa.Column("publication_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("grade_level", sa.Text(), nullable=False),
        sa.Column("home_language", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=True, comment="null = no comparison was made"),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publication.id"],
            name=op.f("fk_counted_student_publication_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_counted_student_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("publication_id", "student_id", name=op.f("pk_counted_student")),
    )
    op.create_table(
        "held_row",
        sa.Column("publication_id", sa.BigInteger(), nullable=False),
        sa.Column("geography", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("facts_of", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["facts_of"], ["publication.id"], name=op.f("fk_held_row_facts_of"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publication.id"],
            name=op.f("fk_held_row_publication_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "publication_id", "geography", "place", "dimension", "member", name=op.f("pk_held_row")
        ),
    )


def downgrade() -> None:
    op.drop_table("held_row")
    op.drop_table("counted_student")
    op.drop_table("published_cell")
    op.drop_table("publication")
