"""Create the table of messages that travel together, and let each follow the one it travels in."""

import sqlalchemy as sa
from alembic import op

revision = "0013b"
down_revision = "0013"
branch_labels = None
depends_on = None

# Whatever changes the state of a lead, in whatever place, changes those of its lines in the same statement: they can
# never tell different stories. A line that a person sent on its own way is left alone. A lead in doubt is asked after;
# its lines are not, for no provider has ever heard of them.
_FOLLOW = """
    CREATE FUNCTION gbg_digest_follow() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM digest_line) THEN
            RETURN NULL;
        END IF;
        UPDATE message m SET
            state = n.state, reason = n.reason, not_before = n.not_before, provider = n.provider,
            attempts = n.attempts, finished_at = n.finished_at, lease_owner = NULL, lease_until = NULL
        FROM come n JOIN gone g ON g.id = n.id JOIN digest_line l ON l.lead_id = n.id
        WHERE n.state NOT IN ('planned', 'claimed') AND m.id = l.message_id
          AND (m.state, m.lease_until IS NULL) IS DISTINCT FROM (n.state, true)
          AND m.state IN (g.state, n.state);
        DELETE FROM digest_line l USING come n
        WHERE n.state IN ('retry_at', 'withheld') AND (l.lead_id = n.id OR l.message_id = n.id);
        RETURN NULL;
    END $$
"""


def upgrade() -> None:
    op.create_table(
        "digest_line",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("district_id", sa.BigInteger(), nullable=False),
        sa.Column("gathered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_digest_line_message_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["message.id"], name=op.f("fk_digest_line_lead_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_digest_line_district_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_digest_line")),
    )
    op.create_index(op.f("ix_digest_line_lead_id"), "digest_line", ["lead_id"])
    op.execute(_FOLLOW)
    op.execute(
        """
        CREATE TRIGGER digest_follow AFTER UPDATE ON message REFERENCING OLD TABLE AS gone NEW TABLE AS come
        FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION gbg_digest_follow()
        """
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
