"""Statements handed to psycopg as they are: the rows, the errors and the fate of a lost connection are as everywhere."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from campaign import direct
from campaign.access import ENGINE
from campaign.database import transaction

_ADD = text("INSERT INTO district (code, name) VALUES (:code, 'Lakeside 100%') RETURNING id, name")
_RENAME = text("UPDATE district SET name = :name WHERE name LIKE 'Lake%'")
_HANG_UP = text("SELECT pg_terminate_backend(pg_backend_pid(), :wait)")


def test_rows_are_tuples_and_belong_to_the_transaction(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), transaction(engine, ENGINE) as connection:
        ((_, name),) = direct.rows(connection, _ADD, {"code": "l"})
        assert name == "Lakeside 100%"
        assert direct.run(connection, _RENAME, {"name": "Hill: 50%"}) == 1
        assert connection.scalar(text("SELECT name FROM district WHERE code = 'l'")) == "Hill: 50%"
        raise ZeroDivisionError
    with transaction(engine, ENGINE) as connection:
        assert connection.scalar(text("SELECT count(*) FROM district WHERE code = 'l'")) == 0


def test_an_error_is_of_its_kind_and_carries_no_values(engine: Engine) -> None:
    with pytest.raises(IntegrityError) as refused, transaction(engine, ENGINE) as connection:
        for _ in range(2):
            direct.rows(connection, _ADD, {"code": "canary"})
    assert refused.value.params is None
    assert not refused.value.connection_invalidated


def test_after_a_lost_connection_the_next_one_is_new(engine: Engine) -> None:
    with pytest.raises(OperationalError) as lost, transaction(engine, ENGINE) as connection:
        connection.execute(text("RESET ROLE"))
        direct.rows(connection, _HANG_UP, {"wait": 0})
    assert isinstance(lost.value, DBAPIError)
    assert lost.value.connection_invalidated
    with transaction(engine, ENGINE) as connection:
        assert direct.rows(connection, text("SELECT 1"), {}) == [(1,)]
