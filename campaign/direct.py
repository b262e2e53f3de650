"""Statements that come with every group of messages, handed to psycopg as they are.

SQLAlchemy describes the columns of each result anew, which takes longer than most of these statements. Here rows are
plain tuples; connection, transaction and errors are SQLAlchemy's, as everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import Connection, TextClause
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError

Row = tuple[Any, ...]


def rows(connection: Connection, statement: TextClause, values: Mapping[str, Any]) -> list[Row]:
    """All rows that the statement gives. Raises what `connection.execute` would."""
    return _cursor(connection, statement, values).fetchall()


def run(connection: Connection, statement: TextClause, values: Mapping[str, Any]) -> int:
    """How many rows the statement changed. Raises what `connection.execute` would."""
    return _cursor(connection, statement, values).rowcount


def _cursor(connection: Connection, statement: TextClause, values: Mapping[str, Any]) -> psycopg.Cursor[Row]:
    driver: Any = connection.connection.driver_connection
    try:
        found: psycopg.Cursor[Row] = driver.execute(_written(statement), values)
    except psycopg.Error as error:
        raise _told(connection, statement, error) from error
    return found


def _told(connection: Connection, statement: TextClause, error: psycopg.Error) -> BaseException:
    """The error as SQLAlchemy tells it; a connection that is gone is used no more."""
    driver: Any = connection.connection.driver_connection
    gone = bool(driver.closed)
    if gone:
        connection.invalidate(error)
    return DBAPIError.instance(
        str(statement), None, error, psycopg.Error, hide_parameters=True, connection_invalidated=gone
    )


@cache
def _written(statement: TextClause) -> str:
    """As psycopg reads it. Kept for good: these statements stand in modules."""
    return str(statement.compile(dialect=PGDialect_psycopg()))  # type: ignore[no-untyped-call]
