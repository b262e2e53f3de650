"""The family's pages: nothing before the second step, everything after it, and an end when there should be one."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from campaign import links
from campaign.access import ENGINE
from campaign.comparisons import compare_district
from campaign.database import transaction
from campaign.family_reports import write_reports
from content import catalog
from reports.records import ComparisonPolicy
from tests.web_pages import MORNING, Clock, page_settings

CANARIES = ["Ana", "Abrego", "Rosa", "Alder", "Maple", "2016", "math", "1400"]
BORN = {"month": "4", "day": "1", "year": "2016"}
WRONG = {"month": "4", "day": "2", "year": "2016"}


def issue(engine: Engine, student: int = 1, contact: int = 1, purpose: str = "report") -> str:
    with transaction(engine, ENGINE) as connection:
        return links.issue(
            connection,
            district_id=1,
            student_id=student,
            contact_id=contact,
            purpose=purpose,
            now=MORNING,
            days=90,
        )


def value(engine: Engine, query: str) -> object:
    with transaction(engine, ENGINE) as connection:
        return connection.scalar(text(query))


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
    compare_district(engine, 1, ComparisonPolicy(), MORNING.date(), MORNING)
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


def form_token(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found
    return found[1]


def send(client: FlaskClient, form_on: str, action: str, **fields: object) -> TestResponse:
    return client.post(action, data={"csrf_token": form_token(client.get(form_on)), **fields})


def past_the_question(client: FlaskClient) -> TestResponse:
    return send(client, "/family", "/family/belief", skip="1")


def test_before_the_second_step_nothing_is_said_set_or_changed(family: FlaskClient, engine: Engine) -> None:
    address = f"/r/{issue(engine)}"
    agents = ["", "Slackbot-LinkExpanding 1.0", "WhatsApp/2.23", "Mozilla/5.0 (Windows; SafeLinks)"]
    for agent in agents * 5:
        for method in (family.get, family.head):
            page = method(address, headers={"User-Agent": agent})
            assert page.status_code == 200
            assert "Set-Cookie" not in page.headers
            assert not [word for word in CANARIES if word in page.text.replace("2016.", "")]
    page = family.get(address)
    assert 'lang="en"' in page.text
    assert 'lang="es"' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert "http" not in re.sub(r"http-equiv|https?://127\.0\.0\.1", "", page.text), "nothing from elsewhere"
    assert 'property="og:' not in page.text
    assert value(engine, "SELECT wrong_tries FROM family_link") == 0
    assert value(engine, "SELECT count(*) FROM family_session") == 0
    assert value(engine, "SELECT count(*) FROM audit_entry") == 0
    assert value(engine, "SELECT count(*) FROM attempt_counter") == 0


def test_a_scanner_that_presses_buttons_uses_nothing_up(family: FlaskClient, engine: Engine) -> None:
    address = f"/r/{issue(engine)}"
    for form in [{}, {"month": "", "day": "", "year": ""}, {"month": "2", "day": "31", "year": "2016"}] * 3:
        page = family.post(address, data=form)
        assert page.status_code == 422
        assert "May 4, 2016" in page.text
    assert value(engine, "SELECT wrong_tries FROM family_link") == 0
    assert family.post(address, data=BORN).status_code == 303


def test_the_birth_date_opens_a_page_without_a_token(family: FlaskClient, engine: Engine) -> None:
    answer = family.post(f"/r/{issue(engine)}", data=BORN)
    assert answer.headers["Location"] == "/family"
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=1800"} <= set(cookie.split("; "))
    assert "Ana" in family.get("/family").text


def test_https_binds_the_cookie_to_the_host(app: Flask, engine: Engine) -> None:
    app.config["SESSION_COOKIE_SECURE"] = True
    answer = app.test_client().post(f"/r/{issue(engine)}", data=BORN, base_url="https://localhost")
    assert answer.headers["Set-Cookie"].startswith("__Host-gbg_family=")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_unknown_expired_and_revoked_get_one_answer(family: FlaskClient, engine: Engine) -> None:
    expired, revoked, other_purpose = issue(engine), issue(engine), issue(engine, purpose="preferences")
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text("UPDATE family_link SET expires_at = :now WHERE token_sha256 = :hash"),
            {"now": MORNING, "hash": links.fingerprint(expired)},
        )
        connection.execute(
            text("UPDATE family_link SET revoked_at = :now WHERE token_sha256 = :hash"),
            {"now": MORNING, "hash": links.fingerprint(revoked)},
        )
    tokens = ["x" * 43, expired, revoked, other_purpose]
    for ask in (lambda t: family.get(f"/r/{t}"), lambda t: family.post(f"/r/{t}", data=BORN)):
        pages = [ask(token) for token in tokens]
        assert {page.status_code for page in pages} == {404}
        assert len({re.sub(r'nonce="[^"]+"', "", page.text) for page in pages}) == 1
        assert all("Set-Cookie" not in page.headers for page in pages)


def test_the_sixth_try_is_refused_even_with_the_right_date(
    app: Flask, family: FlaskClient, engine: Engine
) -> None:
    address = f"/r/{issue(engine)}"
    for left in (4, 3, 2, 1):
        page = family.post(address, data=WRONG)
        assert page.status_code == 422
        assert f"Tries left: {left}." in page.text
    assert family.post(address, data=WRONG).status_code == 404
    for client in (family, app.test_client()):
        assert client.post(address, data=BORN, environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 404


def test_too_many_tries_from_one_address_are_stopped_and_others_are_not(
    family: FlaskClient, engine: Engine, clock: Clock
) -> None:
    good = f"/r/{issue(engine)}"
    statuses = [family.get(f"/r/{'x' * 42}{n:x}").status_code for n in range(62)]
    assert statuses == [404] * 60 + [429] * 2
    assert family.get(good).status_code == 429
    assert family.get(good, environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 200
    clock.forward(minutes=16)
    assert family.get(good).status_code == 200


def test_all_addresses_together_are_limited(family: FlaskClient, engine: Engine) -> None:
    family.get("/r/unknown")
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE attempt_counter SET count = 6000 WHERE key = 'family:everybody'"))
    answer = family.post(f"/r/{issue(engine)}", data=BORN, environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert answer.status_code == 429


def test_what_cannot_be_counted_is_refused(family: FlaskClient, engine: Engine) -> None:
    address = f"/r/{issue(engine)}"
    stop = f"/stop/{issue(engine, purpose='preferences')}"
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("RESET ROLE"))
        connection.execute(text("ALTER TABLE attempt_counter RENAME TO gone"))
    assert family.get(address).status_code == 503
    assert family.post(address, data=BORN).status_code == 503
    assert family.get(stop).status_code == 503


def test_without_a_birth_date_the_page_says_whom_to_call(family: FlaskClient, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE student SET birth_date = NULL WHERE id = 1"))
    address = f"/r/{issue(engine)}"
    for page in (family.get(address), family.post(address, data=BORN)):
        assert page.status_code == 200
        assert "call your child&#39;s school" in page.text.lower()
        assert "<form" not in page.text


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


def latest_choice(engine: Engine) -> list[tuple[str, str, str]]:
    with transaction(engine, ENGINE) as connection:
        rows = connection.execute(text("SELECT channel, action, source FROM consent_event ORDER BY id"))
        return [tuple(row) for row in rows]


def test_one_click_stops_e_mail_and_looking_does_not(family: FlaskClient, engine: Engine) -> None:
    address = f"/stop/{issue(engine, purpose='preferences')}"
    for method in (family.get, family.head):
        page = method(address)
        assert page.status_code == 200
        assert "Set-Cookie" not in page.headers
        assert not [word for word in CANARIES if word in page.text]
    assert latest_choice(engine) == []
    headers = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    answer = family.post(address, data={"List-Unsubscribe": "One-Click"}, headers=headers)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert latest_choice(engine) == [("email", "revoked", "one_click")]


def test_stopping_is_by_channel_and_can_be_undone(family: FlaskClient, engine: Engine) -> None:
    address = f"/stop/{issue(engine, purpose='preferences')}"
    assert family.post(address, data={}).status_code == 422
    page = family.post(address, data={"channel": ["sms", "letter", "owl"]})
    assert "Text messages, Letters on paper" in page.text
    assert latest_choice(engine) == [("sms", "revoked", "family_page"), ("letter", "revoked", "family_page")]
    family.post(address, data={"channel": ["sms"], "again": "1"})
    assert latest_choice(engine)[-1] == ("sms", "granted", "family_page")


def test_stopping_from_the_page(inside: FlaskClient, engine: Engine) -> None:
    page = send(inside, "/family/stop", "/family/stop", channel="email")
    assert page.status_code == 200
    assert latest_choice(engine) == [("email", "revoked", "family_page")]


def test_report_links_do_not_open_the_preferences(family: FlaskClient, engine: Engine) -> None:
    assert family.get(f"/stop/{issue(engine)}").status_code == 404
    assert family.post(f"/stop/{issue(engine)}", data={"channel": "email"}).status_code == 404
    assert latest_choice(engine) == []


def test_no_name_date_or_token_reaches_the_log(
    family: FlaskClient, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    token = issue(engine)
    with caplog.at_level(logging.DEBUG):
        family.get(f"/r/{token}")
        family.post(f"/r/{token}", data=WRONG)
        family.post(f"/r/{token}", data=BORN)
        family.get("/family")
    assert "/r/<token>" in caplog.text
    assert not [word for word in [token, "Ana", "Abrego", "2016-04"] if word in caplog.text]


def test_who_opened_the_page_is_kept(inside: FlaskClient, engine: Engine) -> None:
    assert value(engine, "SELECT actor || ' ' || action || ' ' || target FROM audit_entry") == (
        "family_link:1 family_page_opened student:1"
    )
