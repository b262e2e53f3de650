"""The partner page shows published ranges to those who may see them, and nothing about a student."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from campaign.access import ENGINE, Principal, Role
from campaign.database import transaction
from campaign.publish import publish
from campaign.schema import metadata
from campaign.web.partner.view import Range, Row, headline
from campaign.web.parts import EXTENSION
from tests.web_pages import MORNING

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def published(app: Flask, engine: Engine) -> Engine:
    """80 more students in Alder, 60 in Birch, 6 in Cherry; the name of a canary on each of them."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text("INSERT INTO school (district_id, source_id, name) VALUES (1, 'd', 'Cherry <b>School</b>')")
        )
        for school, count, category in (
            (1, 40, "HIGH_NOTYET"),
            (1, 40, "MATCH_AT"),
            (2, 60, "MATCH_AT"),
            (4, 6, "MATCH_AT"),
        ):
            connection.execute(
                text(
                    """
                    WITH s AS (
                        INSERT INTO student (district_id, school_id, given_name, family_name, grade_level,
                                             home_language)
                        SELECT 1, :school, 'Canaryname', 'Canaryname', 4, 'en' FROM generate_series(1, :count)
                        RETURNING id
                    )
                    INSERT INTO comparison (district_id, student_id, subject, version, category, rules,
                                            school_year, explanation, inputs_hash, computed_at)
                    SELECT 1, id, 'math', 1, :category, '{}', 2026, '{}', 'h', '2026-11-01 08:00Z' FROM s
                    """
                ),
                {"school": school, "count": count, "category": category},
            )
    publish(engine, 1, app.extensions[EXTENSION].settings, MORNING)
    return engine


@pytest.mark.parametrize(
    ("email", "status"),
    [
        ("partner@example.org", 200),
        ("district@example.org", 200),
        ("state@example.org", 200),
        ("school@example.org", 403),
        ("teacher@example.org", 403),
    ],
)
@pytest.mark.parametrize("path", ["/partner/", "/partner/totals.csv"])
def test_who_may_see_totals(published: Engine, signed_in: SignIn, email: str, status: int, path: str) -> None:
    assert signed_in(email).get(path).status_code == status


def test_nobody_is_asked_to_sign_in(app: Flask) -> None:
    assert app.test_client().get("/partner/").status_code == 303


def test_the_page_tells_ranges_and_no_child(published: Engine, signed_in: SignIn) -> None:
    page = signed_in("partner@example.org").get("/partner/")
    assert "In math, between 25% and 30% of 151 students" in page.text
    assert "Fewer than 10 students, or hidden to protect them" in page.text
    assert "We never show a group under 10 students." in page.text
    assert "Canaryname" not in page.text
    assert "Cherry &lt;b&gt;School&lt;/b&gt;" in page.text


def test_the_headline_is_true_to_the_counts(published: Engine, signed_in: SignIn) -> None:
    with transaction(published, ENGINE) as connection:
        high, compared = connection.execute(
            text(
                """
                SELECT count(*) FILTER (WHERE category = 'HIGH_NOTYET'), count(*) FROM comparison
                WHERE district_id = 1 AND subject = 'math' AND category NOT IN ('NOT_ENOUGH', 'OTHER_TEST')
                """
            )
        ).one()
    page = signed_in("partner@example.org").get("/partner/?subject=math")
    found = re.search(r"between (\d+)% and (\d+)% of (\d+) students", page.text)
    assert found
    low, high_end, students = map(int, found.groups())
    assert students == compared
    assert low <= 100 * high / compared < high_end


def test_the_download_says_what_the_page_says(published: Engine, signed_in: SignIn) -> None:
    answer = signed_in("partner@example.org").get("/partner/totals.csv")
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    district = [line for line in lines if line["Place"] == "district" and line["Group by"] == "all"]
    assert {line["Students compared"] for line in district if line["Subject"] == "math"} == {"151"}
    assert all(
        (line["Percent from"] == "") == line["Students compared"].startswith("Fewer than 10")
        for line in lines
    )
    assert answer.headers["Content-Disposition"] == 'attachment; filename="totals.csv"'


def test_a_school_has_its_own_tables(published: Engine, signed_in: SignIn) -> None:
    client = signed_in("partner@example.org")
    assert "Alder Elementary: by grade level" in client.get("/partner/?school=Alder Elementary").text
    assert client.get("/partner/?school=Elsewhere").status_code == 404
    assert client.get("/partner/?subject=alchemy").status_code == 404


def test_another_district_sees_none_of_it(published: Engine, signed_in: SignIn) -> None:
    client = signed_in("elsewhere@example.org")
    for path in ("/partner/", "/partner/?district=1"):
        assert "No totals are published yet" in client.get(path).text
    assert "math" not in client.get("/partner/totals.csv?district=1").text


def test_before_anything_is_published_the_page_says_what_will_be_here(app: Flask, signed_in: SignIn) -> None:
    for email in ("partner@example.org", "state@example.org"):
        assert "No totals are published yet" in signed_in(email).get("/partner/").text


# A part of an address that is one of a few words.
ONE_OF = {"ending": ".ics", "suffix": ".po"}


def test_no_route_of_a_partner_shows_a_student(published: Engine, app: Flask, signed_in: SignIn) -> None:
    client = signed_in("partner@example.org")
    seen = 0
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.endpoint == "static":
            continue
        path = rule.build({name: ONE_OF.get(name, 1) for name in rule.arguments}, append_unknown=False)
        page = client.get(path[1]) if path else client.get("/partner/")
        assert not [name for name in ("Canaryname", "Abrego", "rosa@") if name in page.text], rule
        seen += page.status_code == 200
    assert seen


def test_the_partners_database_role_reads_no_other_table(published: Engine) -> None:
    partner = Principal(Role.PARTNER, district_id=1)
    refused = set()
    for table in metadata.tables:
        try:
            with transaction(published, partner) as connection:
                connection.execute(text(f"SELECT * FROM {table}"))
        except ProgrammingError as error:
            assert "permission denied" in str(error), table  # noqa: PT017  a table that is read raises nothing
            refused.add(table)
    assert set(metadata.tables) - refused == {"publication", "published_cell"}


@pytest.mark.parametrize(
    ("share", "says"),
    [(Range(0, 5), "under 5%"), (Range(95, 100), "95% or more"), (Range(20, 25), "20–25%")],
)
def test_ranges_in_words(share: Range, says: str) -> None:
    assert str(share) == says


def test_a_headline_without_enough_students() -> None:
    assert "not enough students" in headline("math", Row("All schools", None, None))
