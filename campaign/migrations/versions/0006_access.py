"""Create the tables of accounts, links and the audit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005b"
branch_labels = None
depends_on = None

# What two foreign keys would do for links, once a statement: links are made by the hundred, and looking their people up
# one by one takes longer than writing them. Those named are locked as foreign keys lock them.
_OF_SOMEONE = (
    """
    CREATE FUNCTION gbg_link_of_someone() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE students bigint[]; contacts bigint[]; held bigint;
    BEGIN
        SELECT array_agg(DISTINCT student_id), array_agg(DISTINCT contact_id) INTO students, contacts FROM come;
        PERFORM FROM student WHERE id = ANY (students) FOR KEY SHARE;
        GET DIAGNOSTICS held = ROW_COUNT;
        IF held < cardinality(students) THEN
            RAISE foreign_key_violation USING MESSAGE = 'a family link is about a student whom there is not';
        END IF;
        PERFORM FROM contact WHERE id = ANY (contacts) FOR KEY SHARE;
        GET DIAGNOSTICS held = ROW_COUNT;
        IF held < cardinality(contacts) THEN
            RAISE foreign_key_violation USING MESSAGE = 'a family link is for a contact whom there is not';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER of_someone AFTER INSERT ON family_link REFERENCING NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION gbg_link_of_someone()
    """,
    """
    CREATE FUNCTION gbg_link_keeps_family() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (NEW.student_id, NEW.contact_id) IS DISTINCT FROM (OLD.student_id, OLD.contact_id) THEN
            RAISE foreign_key_violation USING MESSAGE = 'a family link stays with its student and its contact';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER keeps_family BEFORE UPDATE OF student_id, contact_id ON family_link
    FOR EACH ROW EXECUTE FUNCTION gbg_link_keeps_family()
    """,
    *(
        statement
        for owner in ("student", "contact")
        for statement in (
            f"""
            CREATE FUNCTION gbg_links_go_with_{owner}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                DELETE FROM family_link WHERE {owner}_id IN (SELECT id FROM gone);
                RETURN NULL;
            END $$
            """,  # noqa: S608  two constants
            f"""
            CREATE TRIGGER links_go AFTER DELETE ON {owner} REFERENCING OLD TABLE AS gone
            FOR EACH STATEMENT EXECUTE FUNCTION gbg_links_go_with_{owner}()
            """,
        )
    ),
)


def upgrade() -> None:
    op.create_table(
        "attempt_counter",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("window_began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_attempt_counter")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False, comment="account:7, family_link:9 or engine"),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column(
            "target", sa.Text(), nullable=True, comment="student:12, publication:3 …: ids, never names"
        ),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_audit_entry_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("school_ids", postgresql.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("staff_member_id", sa.BigInteger(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True, comment="Argon2id"),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_account_district_id")),
        sa.ForeignKeyConstraint(
            ["staff_member_id"], ["staff_member.id"], name=op.f("fk_account_staff_member_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    op.create_foreign_key(op.f("fk_import_run_account_id"), "import_run", "account", ["account_id"], ["id"])
    op.create_table(
        "family_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False, comment="of the student"),
        sa.Column("student_id", sa.BigInteger(), nullable=False, comment="removed with it"),
        sa.Column("contact_id", sa.BigInteger(), nullable=False, comment="removed with it"),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False, comment="report (from a message) or print"),
        sa.Column("wrong_tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_link")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_family_link_token_sha256")),
    )
    op.create_index(
        op.f("ix_family_link_student_id_contact_id"),
        "family_link",
        ["student_id", "contact_id"],
        unique=False,
    )
    for statement in _OF_SOMEONE:
        op.execute(statement)
    op.create_table(
        "family_session",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("family_link_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True, comment="the one chosen on the page"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["family_link_id"],
            ["family_link.id"],
            name=op.f("fk_family_session_family_link_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_family_session")),
    )
    op.create_index(op.f("ix_family_session_family_link_id"), "family_session", ["family_link_id"])
    op.create_table(
        "session",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_session")),
    )
    op.create_table(
        "sign_in_link",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_link_account_id")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_sign_in_link")),
    )
    op.create_table(
        "family_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="note, mistake, interpreter or wrong_person"),
        sa.Column(
            "report_number",
            sa.Text(),
            nullable=True,
            comment="the report that was on the page, with its version",
        ),
        sa.Column("language", sa.Text(), nullable=False, comment="of the page it was written on"),
        sa.Column(
            "said",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="what was written or chosen, by the name of its field",
        ),
        sa.Column("state", sa.Text(), server_default="new", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "kept_days",
            sa.SmallInteger(),
            nullable=True,
            comment="after how many days its words were deleted",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_family_request_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_family_request_district_id")),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_family_request_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_request")),
    )
    op.create_index(
        op.f("ix_family_request_student_id_contact_id"),
        "family_request",
        ["student_id", "contact_id"],
        unique=False,
    )
    op.create_index(
        "ix_family_request_open",
        "family_request",
        ["district_id", "at"],
        unique=False,
        postgresql_where=sa.text("state IN ('new', 'checking')"),
    )
    op.create_table(
        "family_request_step",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("family_request_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False, comment="the name the account had then"),
        sa.Column("before", sa.Text(), nullable=False, comment="the state it was in"),
        sa.Column("state", sa.Text(), nullable=False, comment="the state it came into"),
        sa.Column("answer", sa.Text(), nullable=True, comment="as written, for the family"),
        sa.Column("language", sa.Text(), nullable=True, comment="of the answer"),
        sa.Column("taken_back", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_family_request_step_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_family_request_step_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["family_request_id"],
            ["family_request.id"],
            name=op.f("fk_family_request_step_family_request_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_family_request_step_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_request_step")),
    )
    op.create_index(
        op.f("ix_family_request_step_family_request_id"),
        "family_request_step",
        ["family_request_id"],
        unique=False,
    )
    op.create_table(
        "report_look",
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_report_look_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_report_look_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("student_id", "contact_id", name=op.f("pk_report_look")),
    )


def downgrade() -> None:
    op.drop_table("report_look")
    op.drop_table("family_request_step")
    op.drop_table("family_request")
    op.drop_table("sign_in_link")
    op.drop_table("session")
    op.drop_table("family_session")
    op.drop_table("family_link")
    for function in ("of_someone", "keeps_family"):
        op.execute(f"DROP FUNCTION gbg_link_{function}")
    for owner in ("student", "contact"):
        op.execute(f"DROP FUNCTION gbg_links_go_with_{owner} CASCADE")
    op.drop_constraint(op.f("fk_import_run_account_id"), "import_run", type_="foreignkey")
    op.drop_table("account")
    op.drop_table("audit_entry")
    op.drop_table("attempt_counter")
