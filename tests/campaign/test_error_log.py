"""Logs say where it went wrong and which rule was broken, never with whose value."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from campaign import error_log

SECRET = "rosa.abrego@example.org"
_log = logging.getLogger("of.a.library")


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    factory, hook = logging.getLogRecordFactory(), sys.excepthook
    error_log.install()
    yield
    logging.setLogRecordFactory(factory)
    sys.excepthook = hook


def refused(connection: Connection) -> DBAPIError:
    """PostgreSQL quotes what it cannot read."""
    with pytest.raises(DBAPIError, match=SECRET) as caught:
        connection.execute(text("SELECT CAST(:value AS bigint)"), {"value": SECRET})
    return caught.value


def test_an_error_of_the_database_is_logged_with_its_kind_and_place_alone(
    connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    _log.error("job 7 failed", exc_info=refused(connection))
    assert "job 7 failed" in caplog.text
    assert "in refused" in caplog.text
    assert "InvalidTextRepresentation sqlstate=22P02" in caplog.text
    assert SECRET not in caplog.text


def test_the_rule_of_the_database_that_was_broken_is_named(
    connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    add = text("INSERT INTO account (email, name, role) VALUES (:email, 'Rosa', 'state')")
    connection.execute(add, {"email": SECRET})
    with pytest.raises(IntegrityError) as caught:
        connection.execute(add, {"email": SECRET})
    _log.error("job 8 failed", exc_info=caught.value)
    assert "table_name=account constraint_name=uq_account_email" in caplog.text
    assert SECRET not in caplog.text


def test_what_led_to_an_error_is_told_with_it(caplog: pytest.LogCaptureFixture) -> None:
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise RuntimeError(SECRET) from error
    except RuntimeError:
        _log.exception("no luck")
    kinds = [
        line for line in caplog.text.splitlines() if line in {"KeyError", "RuntimeError", "and from it:"}
    ]
    assert kinds == ["KeyError", "and from it:", "RuntimeError"]
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "ending",
    [
        f"raise ValueError({SECRET!r})",
        f"import threading; t = threading.Thread(target=lambda: int({SECRET!r})); t.start(); t.join()",
    ],
    ids=["the program", "a thread"],
)
def test_the_end_of_a_process_names_no_value(ending: str) -> None:
    program = f"from campaign import error_log; error_log.install(); {ending}"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "ValueError" in ended.stderr
    assert SECRET not in ended.stderr
