"""The family's page after the second step: the question, the report, and its end when there should be one."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import resources

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from campaign.access import ENGINE
from campaign.database import transaction
from tests.campaign.web.family_visits import form_token, issue, send, value


def test_the_frame_of_the_page_does_not_restyle_the_report() -> None:
    frame = resources.files("campaign.web.family").joinpath("templates/family/family.css").read_text()
    templates = resources.files("reports.family").joinpath("templates")
    drawing = "".join(
        templates.joinpath(name).read_text() for name in ("page.html", "report.html", "bar.html")
    )
    drawn = {name for names in re.findall(r'class="([^"{]+)', drawing) for name in names.split()}
    assert {"bar", "chart", "levels", "masthead", "question"} <= drawn
    assert drawn & set(re.findall(r"\.([a-z][a-z-]*)", frame)) == set()


def past_the_question(client: FlaskClient) -> TestResponse:
    return send(client, "/family", "/family/belief", skip="1")


@pytest.mark.parametrize(
    "ending",
    [
        "UPDATE family_link SET revoked_at = now()",
        "UPDATE family_link SET expires_at = '2026-11-02 15:00Z'",
        "UPDATE student_contact SET may_receive = false",
        "UPDATE student_contact SET court_restriction = true",
        "UPDATE student SET birth_date = '2008-11-01'",
        "UPDATE family_session SET expires_at = '2026-11-02 15:00Z'",
    ],
)
def test_an_open_page_ends_with_its_link(inside: FlaskClient, engine: Engine, ending: str) -> None:
    assert inside.get("/family").status_code == 200
    with transaction(engine, ENGINE) as connection:
        connection.execute(text(ending))
    for path in ("/family", "/family/report.pdf", "/family/stop", "/family/wrong"):
        page = inside.get(path)
        assert page.status_code == 401
        assert "Ana" not in page.text
        assert "open your link again" in page.text


def test_a_staff_session_opens_no_family_page(signed_in: Callable[[str], FlaskClient]) -> None:
    assert signed_in("district@example.org").get("/family").status_code == 401


def test_the_question_comes_once_before_the_report(reader: FlaskClient, engine: Engine) -> None:
    page = reader.get("/family?language=en")
    assert "How do you think Ana is doing in math?" in page.text
    assert "How do you think Ana is doing in reading?" in page.text
    assert "family-report" not in page.text
    assert reader.get("/family/report.pdf").status_code == 303
    answer = send(
        reader, "/family", "/family/belief", **{"answer-math": "above", "answer-reading": "nonsense"}
    )
    assert answer.status_code == 303
    page = reader.get("/family")
    assert "family-report" in page.text
    assert value(
        engine, "SELECT string_agg(subject || ' ' || answer, ', ' ORDER BY subject) FROM belief_answer"
    ) == ("math above, reading skipped")
    reader.post("/family/belief", data={"csrf_token": form_token(page), "answer-math": "below"})
    assert value(engine, "SELECT answer FROM belief_answer WHERE subject = 'math'") == "above", (
        "the first counts"
    )


def test_the_question_can_be_skipped_and_does_not_come_back(reader: FlaskClient, engine: Engine) -> None:
    past_the_question(reader)
    assert "family-report" in reader.get("/family").text
    assert value(engine, "SELECT string_agg(DISTINCT answer, ',') FROM belief_answer") == "skipped"


def test_the_report_is_the_childs_own_and_small(reader: FlaskClient) -> None:
    past_the_question(reader)
    page = reader.get("/family")
    assert "Ana" in page.text
    assert "<script" not in page.text
    assert len(page.data) < 100_000
    assert "Ben" not in page.text


def test_the_pdf_is_the_same_report_under_a_name_that_says_nothing(reader: FlaskClient) -> None:
    past_the_question(reader)
    answer = reader.get("/family/report.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-1.7")
    assert re.fullmatch(r'attachment; filename="[0-9A-Z-]{14}\.pdf"', answer.headers["Content-Disposition"])


def test_without_a_report_the_page_says_so(app: Flask, engine: Engine) -> None:
    client = app.test_client()
    client.post(f"/r/{issue(engine, student=2, contact=2)}", data={"month": "6", "day": "11", "year": "2016"})
    page = client.get("/family")
    assert page.status_code == 200
    assert "no report for Ben" in page.text


def test_wrong_person_ends_the_links_and_the_messages(inside: FlaskClient, engine: Engine) -> None:
    assert inside.get("/family/wrong").status_code == 200
    assert value(engine, "SELECT count(*) FROM suppression") == 0, "looking at the page does nothing"
    page = send(inside, "/family/wrong", "/family/wrong")
    assert page.status_code == 200
    assert inside.get("/family").status_code == 401
    assert value(
        engine, "SELECT string_agg(channel || ' ' || address, ', ' ORDER BY channel) FROM suppression"
    ) == ("email rosa@example.org, sms +12025550101")
    assert value(engine, "SELECT count(*) FROM family_link WHERE revoked_reason = 'wrong_person'") == 1
    assert value(engine, "SELECT count(*) FROM audit_entry WHERE action = 'wrong_person_reported'") == 1


def test_asking_for_an_interpreter_reaches_the_school(inside: FlaskClient, engine: Engine) -> None:
    page = send(inside, "/family/interpreter?language=en", "/family/interpreter?language=en")
    assert "We told the school" in page.text
    assert value(engine, "SELECT interpreter_needed FROM contact WHERE id = 1") is True
    assert value(engine, "SELECT count(*) FROM audit_entry WHERE action = 'interpreter_asked'") == 1


def test_closing_ends_the_session(inside: FlaskClient, engine: Engine) -> None:
    send(inside, "/family", "/family/close")
    assert inside.get("/family").status_code == 401
    assert value(engine, "SELECT count(*) FROM family_session") == 0


@pytest.mark.parametrize("path", ["/family/belief", "/family/wrong", "/family/interpreter", "/family/stop"])
def test_forms_need_their_token_and_their_own_site(inside: FlaskClient, engine: Engine, path: str) -> None:
    assert inside.post(path, data={"channel": "email"}).status_code == 400
    token = form_token(inside.get("/family"))
    foreign = {"Origin": "https://elsewhere.example"}
    assert (
        inside.post(path, data={"csrf_token": token, "channel": "email"}, headers=foreign).status_code == 400
    )
    for table in ("belief_answer", "suppression", "consent_event"):
        assert value(engine, f"SELECT count(*) FROM {table}") == 0


def test_who_opened_the_page_is_kept(inside: FlaskClient, engine: Engine) -> None:
    assert value(engine, "SELECT actor || ' ' || action || ' ' || target FROM audit_entry") == (
        "family_link:1 family_page_opened student:1"
    )
