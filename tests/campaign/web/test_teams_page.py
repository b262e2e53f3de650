"""Charts of grade teams: whose a person may print, and that names stand in the own copy alone."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

Seat = Callable[[str], FlaskClient]
TEACHER = "teacher@example.org"


def said(content: bytes) -> str:
    done = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True)
    return done.stdout.decode()


def test_the_list_names_teams_of_the_own_students(signed_in: Seat) -> None:
    page = signed_in(TEACHER).get("/staff/teams").text
    assert "Alder Elementary, Grade 4" in page
    assert "Grade 5" not in page
    assert "Birch Middle" not in page


def test_a_small_team_shows_nothing_and_names_stand_in_the_own_copy_alone(signed_in: Seat) -> None:
    client = signed_in(TEACHER)
    charts = said(client.get("/staff/teams/1/4/charts.pdf").data)
    assert "Too few to show" in charts
    assert "Abrego" not in charts
    own = said(client.get("/staff/teams/1/4/own-copy.pdf").data)
    assert "Ana Abrego" in own
    assert "Do not share" in own


@pytest.mark.parametrize(
    ("email", "path", "status"),
    [
        (TEACHER, "1/5/charts.pdf", 404),
        (TEACHER, "2/7/charts.pdf", 404),
        ("school@example.org", "1/5/charts.pdf", 200),
        ("school@example.org", "1/4/own-copy.pdf", 403),
        ("elsewhere@example.org", "1/4/charts.pdf", 404),
        ("district@example.org", "1/999999999999999999999/charts.pdf", 404),
    ],
)
def test_teams_outside_the_scope_are_not_there(signed_in: Seat, email: str, path: str, status: int) -> None:
    assert signed_in(email).get(f"/staff/teams/{path}").status_code == status
