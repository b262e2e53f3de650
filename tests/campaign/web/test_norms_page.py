"""The pages that say what a grade means here, and how often forecasts came true."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction

SignIn = Callable[[str], FlaskClient]

# To the small district 120 fourth graders of last year: 80 with a B (48 at grade level), 40 with an A (4 not).
_PAST = """
    WITH added AS (
        INSERT INTO student (district_id, school_id, given_name, family_name, grade_level)
        SELECT 1, 1, 'Canary', 'Child', 5 FROM generate_series(1, 120) RETURNING id
    ), numbered AS (
        SELECT id, row_number() OVER (ORDER BY id) AS i FROM added
    ), marked AS (
        INSERT INTO mark (district_id, student_id, source_key, course_title, subject, grade_level, school_year,
                          is_final, mark, scale)
        SELECT 1, id, ('past' || i)::bytea, 'Mathematics 4', 'math', 4, 2026, true,
               CASE WHEN i <= 80 THEN 'B' ELSE 'A' END, 'letter'
        FROM numbered
    )
    INSERT INTO score (district_id, student_id, assessment_id, source_key, administered_on, school_year, scale_score,
                       status)
    SELECT 1, id, (SELECT id FROM assessment WHERE key = 'math4'), ('past' || i)::bytea, '2026-04-20', 2026,
           CASE WHEN i <= 48 OR i BETWEEN 81 AND 116 THEN 1600 ELSE 1400 END, 'valid'
    FROM numbered
"""


@pytest.fixture
def with_past(app: Flask, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text(_PAST))


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.mark.usefixtures("with_past")
def test_the_office_reads_shares_and_what_is_hidden(signed_in: SignIn) -> None:
    page = words_of(signed_in("district@example.org").get("/staff/norms").text)
    assert "at the end of 2025–26" in page
    assert "80% or more. Fewer than 5 students did not meet it." in page
    assert "Hidden so that a smaller group cannot be worked out." in page
    assert "Nothing here is ever counted by teacher" in page
    assert "Canary" not in page


@pytest.mark.usefixtures("with_past")
def test_the_download_says_the_same(signed_in: SignIn) -> None:
    answer = signed_in("district@example.org").get("/staff/norms.csv")
    assert answer.mimetype == "text/csv"
    header, *rows = answer.text.lstrip("\ufeff").splitlines()
    assert header.startswith("district,school_year,subject,grade_level,scale,grade,shown,students")
    assert any("math,4,Letter grades,A,top_coded,,,,,,80" in row for row in rows)


@pytest.mark.usefixtures("with_past")
def test_another_district_learns_nothing_from_it(signed_in: SignIn) -> None:
    page = words_of(signed_in("elsewhere@example.org").get("/staff/norms?district=maple").text)
    assert "No past year to learn from yet" in page
    assert "Maple" not in page


@pytest.mark.usefixtures("with_past")
def test_the_state_chooses_a_district(signed_in: SignIn) -> None:
    client = signed_in("state@example.org")
    assert "Of all students of Maple Valley" in words_of(client.get("/staff/norms?district=maple").text)
    assert "No past year" in words_of(client.get("/staff/norms?district=cedar").text)


def test_a_district_with_a_few_marks_shows_no_number_of_them(signed_in: SignIn) -> None:
    page = words_of(signed_in("district@example.org").get("/staff/norms").text)
    assert "Fewer than 10 students." in page
    assert not re.search(r"\d+% \(", page)


@pytest.mark.parametrize("email", ["school@example.org", "teacher@example.org"])
@pytest.mark.parametrize("path", ["/staff/norms", "/staff/norms.csv", "/staff/calibration"])
def test_schools_and_teachers_have_no_such_page(signed_in: SignIn, email: str, path: str) -> None:
    assert signed_in(email).get(path).status_code == 403


_FORECASTS = """
    INSERT INTO assessment (district_id, key, family, title, version, kind, subject, grade_level, season, cut)
    VALUES (1, 'fall4', 'MAP Growth', 'MAP Growth', 'RIT', 'interim', 'math', 4, 'fall', 200);
    INSERT INTO score (district_id, student_id, assessment_id, source_key, administered_on, school_year, scale_score,
                       csem, status)
    SELECT 1, student_id, (SELECT id FROM assessment WHERE key = 'fall4'), source_key || '\\x01'::bytea, '2025-09-10',
           2026, CASE WHEN student_id % 3 = 0 THEN 190 ELSE 206 END, 5, 'valid'
    FROM score WHERE source_key LIKE 'past%'::bytea
"""


@pytest.mark.usefixtures("with_past")
def test_the_office_sees_what_came_true_as_a_picture_and_as_tables(signed_in: SignIn, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text(_FORECASTS))
    page = signed_in("district@example.org").get("/staff/calibration").text
    assert '<title id="reliability-title">How often forecasts came true</title>' in page
    said = words_of(page)
    assert "(a) Is the child at grade level?" in said
    assert "Math, grade 4" in said
    assert re.search(r"MAP Growth, fall Math at grade level \d+ \d+%", said)
    assert "Canary" not in page


def test_without_a_past_the_office_is_told_what_to_import(signed_in: SignIn) -> None:
    page = words_of(signed_in("district@example.org").get("/staff/calibration").text)
    assert "No past year to learn from yet" in page
    assert "last year's interim tests" in page.replace("&#39;", "'")


@pytest.mark.usefixtures("with_past")
def test_another_district_sees_no_forecast_of_this_one(signed_in: SignIn, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text(_FORECASTS))
    page = words_of(signed_in("elsewhere@example.org").get("/staff/calibration?district=maple").text)
    assert "No past year to learn from yet" in page
