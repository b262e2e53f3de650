"""Alembic's entry: runs migrations on the engine that `campaign.database` hands over."""

from alembic import context
from sqlalchemy import Engine, text

from campaign.schema import metadata

# One number for the whole program: whoever holds this lock migrates.
MIGRATION_LOCK = 7_281_603


def run() -> None:
    engine: Engine = context.config.attributes["engine"]
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
        connection.commit()
        try:
            context.configure(
                connection=connection, target_metadata=metadata, transactional_ddl=True, compare_type=True
            )
            with context.begin_transaction():
                context.run_migrations()
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": MIGRATION_LOCK})
            connection.commit()


run()
