"""The web application on a small district, a clock that the test moves, a client per role and one of a family."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.comparing.comparisons import compare_district
from campaign.database import transaction
from campaign.documents.family_reports import write_reports
from content import catalog
from reports.records import ComparisonPolicy
from tests.campaign.web.family_visits import BORN, issue
from tests.web_application import application
from tests.web_pages import MORNING, Clock, page_settings, session_for


@pytest.fixture
def template(small_district_template: str) -> str:
    """Tests of the pages begin with the small district."""
    return small_district_template


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(engine: Engine, tmp_path: Path, clock: Clock) -> Flask:
    """The application on the small district (see `web_pages.small_district`)."""
    return application(page_settings(tmp_path), engine, clock)


@pytest.fixture
def signed_in(app: Flask, engine: Engine, clock: Clock) -> Callable[[str], FlaskClient]:
    """A client signed in with the account of this e-mail address."""

    def sign_in(email: str) -> FlaskClient:
        client = app.test_client()
        client.set_cookie("gbg_session", session_for(engine, email, clock.now))
        return client

    return sign_in


@pytest.fixture
def family(app: Flask, engine: Engine) -> FlaskClient:
    """A client that nobody has signed in with; no report is written yet."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("DELETE FROM report"))
    return app.test_client()


@pytest.fixture
def inside(family: FlaskClient, engine: Engine) -> FlaskClient:
    """A client that has taken the second step to Ana's page."""
    answer = family.post(f"/r/{issue(engine)}", data=BORN)
    assert answer.status_code == 303
    return family


@pytest.fixture
def reader(inside: FlaskClient, engine: Engine, tmp_path: Path) -> FlaskClient:
    """The same with Ana's report, on math and reading, written from the marks and scores of the district."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                DELETE FROM comparison;
                INSERT INTO mark (district_id, student_id, source_key, subject, grade_level, school_year,
                                  period_begins_on, period_ends_on, is_final, mark, scale)
                VALUES (1, 1, 'm3', 'reading', 3, 2026, '2025-08-20', '2026-05-28', true, 'B', 'letter')
                """
            )
        )
    compare_district(engine, 1, ComparisonPolicy(), MORNING.date(), MORNING - timedelta(days=30))
    write_reports(
        engine,
        district_id=1,
        catalog=catalog.load(),
        settings=page_settings(tmp_path),
        out=tmp_path / "reports",
        now=MORNING,
        student_id=1,
    )
    return inside
