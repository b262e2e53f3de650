"""What came together in one message a week can be read on the family's page, each message in its own words."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from tests.campaign.web.family_visits import value
from tests.web_pages import MORNING

_MESSAGES = text(
    """
    WITH one AS (
        INSERT INTO campaign (district_id, slug, title) VALUES (1, 'week', 'Week') RETURNING id
    ), revision AS (
        INSERT INTO campaign_revision (campaign_id, district_id, content_hash, definition, created_at)
        SELECT id, 1, 'x', '{}', :at FROM one RETURNING id, campaign_id
    ), occurrence AS (
        INSERT INTO occurrence (campaign_revision_id, campaign_id, district_id, step, day, due_at, expires_at)
        SELECT id, campaign_id, 1, 'tip', '2026-11-02', :at, :at FROM revision RETURNING id, campaign_id
    )
    INSERT INTO message (
        public_id, district_id, campaign_id, occurrence_id, step, contact_id, student_ids, household, channel, language,
        template, template_version, template_hash, dedupe_key, state, due_at, expires_at, planned_at, finished_at
    )
    SELECT t, 1, campaign_id, id, t, :contact, '{1}', 'home', 'email', 'en', t, 1, 'x', t || :contact, :state, :at, :at,
        :at, :at
    FROM occurrence, unnest(ARRAY['report_ready', 'tip']) t RETURNING id
    """
)


def come_together(engine: Engine, contact: int = 1, state: str = "accepted") -> None:
    with transaction(engine, ENGINE) as connection:
        values = {"at": MORNING, "contact": contact, "state": state}
        lead, line = connection.scalars(_MESSAGES, values).all()
        connection.execute(
            text("INSERT INTO digest_line VALUES (:line, :lead, 1, :at)"),
            {"line": line, "lead": lead, "at": MORNING},
        )


def test_the_page_of_the_week_shows_each_message(inside: FlaskClient, engine: Engine) -> None:
    assert "/family/week" not in inside.get("/family").text
    come_together(engine)
    page = inside.get("/family/week?language=en").text
    assert "Your child&#39;s school report is ready" in page
    assert "A tip for this weekend" in page
    assert "Ask your child to teach you one thing from class." in page
    # Nothing of the frame of an e-mail, and no open field.
    assert "Stop these e-mails" not in page
    assert "{school}" not in page
    assert "{child}" not in page
    assert value(engine, "SELECT count(*) FROM digest_line") == 1


def test_another_adult_sees_nothing_of_it(inside: FlaskClient, engine: Engine) -> None:
    come_together(engine, contact=2)
    assert "You have no messages of this week here." in inside.get("/family/week?language=en").text


def test_what_never_went_is_not_shown(inside: FlaskClient, engine: Engine) -> None:
    come_together(engine, state="rejected")
    assert "You have no messages of this week here." in inside.get("/family/week?language=en").text


def test_without_a_session_there_is_no_page(family: FlaskClient) -> None:
    assert family.get("/family/week?language=en").status_code in (303, 401, 403, 404)
