"""Create the tables of what came in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "status",
            sa.Text(),
            nullable=False,
            comment="waiting, running, done, failed, cancelled or interrupted",
        ),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="asked for, as long as it waits",
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        # Its foreign key comes with the table of accounts.
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("repeats_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_import_run_district_id")),
        sa.ForeignKeyConstraint(["repeats_id"], ["import_run.id"], name=op.f("fk_import_run_repeats_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_table(
        "upload",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=True),
        sa.Column("folder", sa.Text(), nullable=False, comment="random; says nothing about who or what"),
        sa.Column("name", sa.Text(), nullable=False, comment="made safe"),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_upload_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_table(
        "import_run_upload",
        sa.Column("import_run_id", sa.BigInteger(), nullable=False),
        sa.Column("upload_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_run_id"], ["import_run.id"], name=op.f("fk_import_run_upload_import_run_id")
        ),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_import_run_upload_upload_id")),
        sa.PrimaryKeyConstraint("import_run_id", "upload_id", name=op.f("pk_import_run_upload")),
    )
    op.create_table(
        "import_progress",
        sa.Column("import_run_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column(
            "expected_rows", sa.Integer(), nullable=True, comment="guessed from the size; null = no guess"
        ),
        sa.Column("rows", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="waiting, reading or merging"),
        sa.ForeignKeyConstraint(
            ["import_run_id"], ["import_run.id"], name=op.f("fk_import_progress_import_run_id")
        ),
        sa.PrimaryKeyConstraint("import_run_id", "name", name=op.f("pk_import_progress")),
    )
    op.create_table(
        "source_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("import_run_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column(
            "format",
            sa.Text(),
            nullable=False,
            comment="what the header showed it to be, e.g. oneroster 1.2 users",
        ),
        sa.Column("status", sa.Text(), nullable=False, comment="done, failed or not_needed"),
        sa.Column("rows_in", sa.Integer(), server_default="0", nullable=False),
        sa.Column("accepted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unchanged", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refused", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "message", sa.Text(), nullable=True, comment="why it failed or was not needed, and what to do"
        ),
        sa.Column(
            "set_aside_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="a person said that its problems need nobody's work",
        ),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_source_file_district_id")),
        sa.ForeignKeyConstraint(
            ["import_run_id"], ["import_run.id"], name=op.f("fk_source_file_import_run_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_file")),
    )
    op.create_index(op.f("ix_source_file_import_run_id"), "source_file", ["import_run_id"], unique=False)
    op.create_index(op.f("ix_source_file_name"), "source_file", ["name"], unique=False)
    op.create_table(
        "refused_row",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("source_file_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("column_name", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="in plain words, without the person's data"),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column(
            "accepted",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="true = the row came in all the same, and a person should look; line 0 = the file as a whole",
        ),
        sa.Column("school_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "subject",
            sa.Text(),
            nullable=True,
            comment="like the school: what the row was about, null = not known",
        ),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_refused_row_district_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_refused_row_school_id")),
        sa.ForeignKeyConstraint(
            ["source_file_id"], ["source_file.id"], name=op.f("fk_refused_row_source_file_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_row")),
    )
    op.create_index(op.f("ix_refused_row_source_file_id"), "refused_row", ["source_file_id"], unique=False)
    op.create_table(
        "table_mapping",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "content",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="the table [mapping] of a mapping file",
        ),
        sa.Column(
            "header", sa.Text(), nullable=True, comment="SHA-256 of the columns of the table it was made for"
        ),
        sa.Column("created_by", sa.Text(), nullable=False, comment="actor as in the audit"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "superseded_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="a newer version or nothing is used since; null = in use",
        ),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_table_mapping_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_table_mapping")),
        sa.UniqueConstraint(
            "district_id", "name", "version", name=op.f("uq_table_mapping_district_id_name_version")
        ),
    )


def downgrade() -> None:
    op.drop_table("table_mapping")
    op.drop_table("refused_row")
    op.drop_table("source_file")
    op.drop_table("import_progress")
    op.drop_table("import_run_upload")
    op.drop_table("upload")
    op.drop_table("import_run")
