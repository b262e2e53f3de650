"""The office sees what was printed and what was left out."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.store import print_runs
from tests.web_pages import MORNING

Seat = Callable[[str], FlaskClient]


def test_a_run_says_what_was_left_out_and_whether_it_is_finished(signed_in: Seat, engine: Engine) -> None:
    client = signed_in("district@example.org")
    assert "Nothing printed yet" in client.get("/staff/print-runs").text
    values = {"district_id": 1, "number": "PAAA-BBBB-CCCC", "selection": {}, "again": "A bag was <lost>."}
    values |= {"left_out": {"court_restriction": 2}, "actor": "engine", "planned_at": MORNING}
    letter = {"student_id": 1, "contact_id": 1, "report_number": "K7F3", "version": 1, "language": "es"}
    letter |= {"copy": 1, "route": "mail", "position": 1}
    with transaction(engine, ENGINE) as connection:
        print_runs.add(connection, values, [letter])
    page = client.get("/staff/print-runs").text
    assert "PAAA-BBBB-CCCC" in page
    assert "A bag was &lt;lost&gt;." in page
    assert "2: a court order stands against it" in page
    assert "not finished" in page
    assert "PAAA" not in signed_in("elsewhere@example.org").get("/staff/print-runs").text
