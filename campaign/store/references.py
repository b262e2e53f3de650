"""Foreign keys of many rows checked at once: every row they name is looked up once, and held until the end.

Looking them up row by row, as the database does by itself, takes longer than all the rest of an import.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError


@contextmanager
def checked(
    connection: Connection, said: str, references: Mapping[str, str], district: int
) -> Iterator[None]:
    """Insert from the table `said` within this: the database need not look the references up again.

    `references`: column of `said` → table. Each row named is locked FOR KEY SHARE, as the database does for a foreign
    key: others may change the row, nobody may take it away. Files are those of this transaction, which nobody else can
    see. Where a row is missing, or the role may not set session_replication_role, the database looks by itself.
    """
    if _held(connection, said, references):
        with unchecked(connection, district):
            yield
    else:
        yield


@contextmanager
def unchecked(connection: Connection, district: int) -> Iterator[bool]:
    """Insert rows within this of which all that they name is held already, but for the district, which is held here.

    Whether the database is spared the look, which it is not where the role may not say so.
    """
    role = connection.scalar(text("SELECT current_user"))
    own = text("SELECT id FROM district WHERE id = :district FOR KEY SHARE")
    held = connection.scalar(own, {"district": district}) is not None
    spared = held and _look_nothing_up(connection, role)
    yield spared
    if spared:
        _as_role(connection, "none")
        connection.execute(text("SET LOCAL session_replication_role = origin"))
        _as_role(connection, role)


_HOLD = """
    WITH named AS MATERIALIZED (SELECT DISTINCT {column} AS id FROM {said} WHERE {column} IS NOT NULL),
         held AS (SELECT t.id FROM {table} t WHERE t.id IN (SELECT id FROM named) FOR KEY SHARE)
    SELECT (SELECT count(*) FROM held) = (SELECT count(*) FROM named)
"""


def _held(connection: Connection, said: str, references: Mapping[str, str]) -> bool:
    """Whether every row that is named was found and will stay."""
    return all(
        connection.scalar(text(_HOLD.format(said=said, column=column, table=table)))
        for column, table in references.items()
    )


def _look_nothing_up(connection: Connection, role: str) -> bool:
    try:
        with connection.begin_nested():
            _as_role(connection, "none")
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            _as_role(connection, role)
    except ProgrammingError:
        return False
    return True


def _as_role(connection: Connection, role: str) -> None:
    connection.execute(text("SELECT set_config('role', :role, true)"), {"role": role})
