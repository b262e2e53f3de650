"""Create the database roles and row-level security: each role sees what its scope allows and no more."""

from alembic import op

from campaign.migrations.protection import (
    FAMILY_TABLES,
    HELPERS,
    PARTNER_TABLES,
    REFERENCE_TABLES,
    ROLES,
    STAFF_TABLES,
    protect,
)

revision = "0014"
down_revision = "0013b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in (*ROLES, *HELPERS):
        op.execute(statement)
    for table, predicate in STAFF_TABLES.items():
        protect(table, staff=predicate, family=FAMILY_TABLES.get(table), partner=PARTNER_TABLES.get(table))
    for table in REFERENCE_TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO gbg_engine")


def downgrade() -> None:
    raise NotImplementedError("protection is not taken off; restore a backup instead")
