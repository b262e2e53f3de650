"""Statements handed to psycopg as they are; rows, errors and the fate of a lost connection are as everywhere."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError, OperationalError

from campaign import direct
from campaign.access import ENGINE
from campaign.database import transaction

_ADD = text("INSERT INTO district (code, name) VALUES (:code, 'Lakeside 100%') RETURNING id, name")
_RENAME = text("UPDATE district SET name = :name WHERE name LIKE 'Lake%'")
_COUNT = text("SELECT count(*) FROM district WHERE name = :name")
_HANG_UP = text("SELECT pg_terminate_backend(pg_backend_pid(), :wait)")


def test_rows_are_tuples_and_belong_to_the_transaction(engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        with connection.begin_nested() as undone:
            assert [name for _, name in direct.rows(connection, _ADD, {"code": "l"})] == ["Lakeside 100%"]
            assert direct.run(connection, _RENAME, {"name": "Hill: 50%"}) == 1
            assert connection.scalar(_COUNT, {"name": "Hill: 50%"}) == 1
            undone.rollback()
        assert direct.rows(connection, _COUNT, {"name": "Hill: 50%"}) == [(0,)]


def test_an_error_is_of_its_kind_and_carries_no_values(connection: Connection) -> None:
    direct.rows(connection, _ADD, {"code": "canary"})
    with pytest.raises(IntegrityError) as refused:
        direct.rows(connection, _ADD, {"code": "canary"})
    assert refused.value.params is None
    assert not refused.value.connection_invalidated


def test_after_a_lost_connection_the_next_one_is_new(engine: Engine) -> None:
    with engine.connect() as connection:
        with pytest.raises(OperationalError) as lost:
            direct.rows(connection, _HANG_UP, {"wait": 0})
        assert lost.value.connection_invalidated
        assert connection.invalidated
    with transaction(engine, ENGINE) as connection:
        assert direct.rows(connection, text("SELECT 1"), {}) == [(1,)]
