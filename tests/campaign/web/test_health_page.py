"""What the page about the health of the data says, to whom."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.web.staff import words

SignIn = Callable[[str], FlaskClient]


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_page_says_how_fresh_complete_and_within_reach_the_data_are(signed_in: SignIn) -> None:
    page = signed_in("district@example.org").get("/staff/health").text
    said = words_of(page)
    assert "Report-card marks 158 days old, a newer one is due newest May 28, 2026 · 8 marks" in said
    assert "State Test 196 days old newest Apr 20, 2026 · 7 scores" in said
    assert "A current mark and test for 83% in math, 33% in reading." in said
    assert "Nobody can be reached for 2 students of 6." in said
    assert 'aria-label="Of 4 students, 4 with a mark, 3 with a test, 3 with both."' in page
    assert (
        'aria-label="Of 2 students, 0 with a mark, 0 with a test, 0 with both. No marks and no tests here."'
        in page
    )
    assert "83% scores.csv 6 rows 1 row" not in said
    assert "Vietnamese 1 0 1 0 – –" in said


def test_a_school_sees_its_own_part_and_no_files(signed_in: SignIn) -> None:
    page = words_of(signed_in("school@example.org").get("/staff/health").text)
    assert "Alder Elementary" in page
    assert "Birch Middle" not in page
    assert "scores.csv" not in page
    assert "Roster" not in page


def test_students_with_nobody_in_reach_are_listed_with_their_page(signed_in: SignIn) -> None:
    client = signed_in("district@example.org")
    page = client.get("/staff/health/unreached").text
    assert "2 students" in words_of(page)
    assert "Fay Flores Birch Middle no contact" in words_of(page)
    assert 'href="/staff/students/6"' in page
    elsewhere = signed_in("elsewhere@example.org").get("/staff/health/unreached").text
    assert "Somebody is in reach for every student" in elsewhere


def test_the_first_page_fetches_three_lines_and_leads_to_the_rest_without_scripts(signed_in: SignIn) -> None:
    client = signed_in("district@example.org")
    home = client.get("/staff/").text
    assert 'hx-get="/staff/health/summary"' in home
    assert 'href="/staff/health"' in home
    lines = client.get("/staff/health/summary").text
    assert "<html" not in lines
    assert words_of(lines).count("?") == 3


def test_a_database_without_students_says_what_to_do(signed_in: SignIn, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE student SET withdrawn = true WHERE district_id = 2"))
    page = signed_in("elsewhere@example.org").get("/staff/health").text
    assert "No students yet" in page
    assert 'href="/staff/imports"' in page


@pytest.mark.parametrize(
    ("share", "said"), [(0, "0%"), (0.001, "1%"), (0.5, "50%"), (0.999, "99%"), (1, "100%")]
)
def test_a_share_is_never_rounded_to_all_or_nothing(share: float, said: str) -> None:
    assert words.percent(share) == said
