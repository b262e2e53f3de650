"""A page that fails shows a number, under which the log tells where it failed; of nobody's record."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text


def test_the_log_names_the_route_under_the_number_of_the_page_and_no_address(
    app: Flask, engine: Engine, signed_in: Callable[[str], FlaskClient], caplog: pytest.LogCaptureFixture
) -> None:
    client = signed_in("district@example.org")
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE comparison RENAME TO gone"))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    page = client.get("/staff/students/1?looked-for=Abrego")
    assert page.status_code == 500
    number = re.search(r"[0-9a-f]{16}", page.text)
    assert number is not None
    told = f"request={number.group()} method=GET route=/staff/students/<int:student_id> failed"
    assert told in caplog.text
    assert "UndefinedTable sqlstate=42P01" in caplog.text
    assert "Abrego" not in caplog.text
