"""Count messages by state with every change of them, so that no page has to read a million rows; list those that are
open; keep those that were tried."""
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

# A message is open until it is finished. Whoever changes messages, by whatever statement, changes the list with it.
_LISTED = "id, campaign_id, district_id, channel, due_at"
_LIST_OPEN = {
    "come": (
        "INSERT ON message REFERENCING NEW TABLE AS come FOR EACH STATEMENT",
        f"INSERT INTO open_message SELECT {_LISTED} FROM come WHERE finished_at IS NULL;",
    ),
    "change": (
        "UPDATE ON message REFERENCING OLD TABLE AS gone NEW TABLE AS come FOR EACH STATEMENT",
        """
        finished := ARRAY(SELECT id FROM come WHERE finished_at IS NOT NULL);
        IF cardinality(finished) > 0 THEN
            DELETE FROM open_message WHERE message_id = ANY (finished);
        END IF;
        IF EXISTS (SELECT FROM gone WHERE finished_at IS NOT NULL) THEN
            INSERT INTO open_message SELECT n.id, n.campaign_id, n.district_id, n.channel, n.due_at
            FROM come n JOIN gone g ON g.id = n.id WHERE n.finished_at IS NULL AND g.finished_at IS NOT NULL;
        END IF;
        """,
    ),
    "move": (
        """
        UPDATE OF campaign_id, district_id, channel, due_at ON message FOR EACH ROW
        WHEN ((OLD.campaign_id, OLD.district_id, OLD.channel, OLD.due_at)
              IS DISTINCT FROM (NEW.campaign_id, NEW.district_id, NEW.channel, NEW.due_at))
        """,
        """
        UPDATE open_message SET campaign_id = NEW.campaign_id, district_id = NEW.district_id, channel = NEW.channel,
            due_at = NEW.due_at WHERE message_id = NEW.id;
        """,
    ),
    "go": (
        "DELETE ON message REFERENCING OLD TABLE AS gone FOR EACH STATEMENT",
        "DELETE FROM open_message WHERE message_id = ANY (ARRAY(SELECT id FROM gone));",
    ),
    "empty": ("TRUNCATE ON message FOR EACH STATEMENT", "TRUNCATE open_message;"),
}


def upgrade() -> None:
    for statement in _KEEP_TRIED:
        op.execute(statement)
    _list_open()
    op.create_table(
        "message_tally",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False, comment="of the occurrence"),
        sa.Column("occurrence_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("rung", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("messages", sa.Integer(), nullable=False, comment="so many more; below 0 so many fewer"),
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


def _list_open() -> None:
    op.create_table(
        "open_message",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_open_message")),
    )
    op.create_index("ix_open_message_due", "open_message", ["campaign_id", "due_at", "message_id"])
    op.create_index(
        "ix_open_message_by_hand",
        "open_message",
        ["district_id", "due_at"],
        postgresql_where=sa.text("channel IN ('letter', 'call')"),
    )
    for name, (event, body) in _LIST_OPEN.items():
        op.execute(
            f"""
            CREATE FUNCTION gbg_open_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE finished bigint[];
            BEGIN
                {body}
                RETURN NULL;
            END $$
            """
        )
        op.execute(f"CREATE TRIGGER open_{name} AFTER {event} EXECUTE FUNCTION gbg_open_{name}()")


def downgrade() -> None:
    op.drop_table("open_message")
    op.drop_table("message_tally")
