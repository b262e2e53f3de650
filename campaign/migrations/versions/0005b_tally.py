"""Count messages by state with every change of them, so that no page has to read a million rows; keep those that were
tried."""
# ruff: noqa: S608  what is put in stands in this file

import sqlalchemy as sa
from alembic import op

revision = "0005b"
down_revision = "0005a"
branch_labels = None
depends_on = None

# Once a statement, not once a row: thousands of messages that change alike are one or two rows here.
_INSERT = "INSERT INTO message_tally (district_id, occurrence_id, channel, rung, state, reason, messages)"
_BY = "district_id, occurrence_id, channel, rung, state, reason"
_EVENTS = {
    "insert": ("NEW TABLE AS come", f"SELECT {_BY}, count(*) FROM come GROUP BY {_BY}"),
    "delete": ("OLD TABLE AS gone", f"SELECT {_BY}, -count(*) FROM gone GROUP BY {_BY}"),
    "update": (
        "OLD TABLE AS gone NEW TABLE AS come",
        f"""
        SELECT {_BY}, sum(change) FROM (
            SELECT {_BY}, 1 AS change FROM come UNION ALL SELECT {_BY}, -1 FROM gone
        ) changes GROUP BY {_BY} HAVING sum(change) <> 0
        """,
    ),
}

# In place of a foreign key, which would look every new attempt's message up and lock it.
_KEEP_TRIED = (
    """
    CREATE FUNCTION gbg_keep_tried() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM gone JOIN attempt a ON a.message_id = gone.id) THEN
            RAISE foreign_key_violation USING MESSAGE = 'a message that was tried is kept';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER keep_tried AFTER DELETE ON message REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION gbg_keep_tried()
    """,
)


def upgrade() -> None:
    for statement in _KEEP_TRIED:
        op.execute(statement)
    op.create_table(
        "message_tally",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("occurrence_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("rung", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("messages", sa.Integer(), nullable=False, comment="so many more; below 0 so many fewer"),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_message_tally_district_id")),
        sa.ForeignKeyConstraint(
            ["occurrence_id"],
            ["occurrence.id"],
            name=op.f("fk_message_tally_occurrence_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_tally")),
    )
    for event, (tables, count) in _EVENTS.items():
        op.execute(
            f"""
            CREATE FUNCTION gbg_tally_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                {_INSERT} {count};
                RETURN NULL;
            END $$
            """
        )
        op.execute(
            f"""
            CREATE TRIGGER tally_{event} AFTER {event} ON message REFERENCING {tables}
            FOR EACH STATEMENT EXECUTE FUNCTION gbg_tally_{event}()
            """
        )


def downgrade() -> None:
    op.drop_table("message_tally")
