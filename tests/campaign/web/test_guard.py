"""Every route, for every role: who gets in, who is refused, who is asked to sign in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE, Principal, Role
from campaign.app import create_app
from campaign.correspondence.attachments import Attachment
from campaign.database import transaction
from campaign.definitions import own_messages
from campaign.definitions.own_messages import Written
from campaign.store import family_requests, programmes, suppressions, table_mappings
from campaign.store.family_requests import Kind, NewRequest
from campaign.store.programmes import Programme
from campaign.store.table_mappings import NewVersion
from campaign.web.guard import PUBLIC, ViewWithoutRule, allow, public, require_rules, rule_of
from campaign.web.parts import EXTENSION
from campaign.wordings.translations import Author
from tests.campaign.web.talks import wrote
from tests.campaign.web.who_may import EVERYBODY, WHO_MAY
from tests.web_pages import MORNING, Clock, page_settings

FACES_HERE = {"static", "sign_in", "staff"}
VALUES = {
    "conversation_id": 1,
    "contact_id": 1,
    "suppression_id": 1,
    "reply_id": 1,
    "filename": "icon.svg",
    "language": "es",
    "suffix": ".po",
    "ending": ".ics",
    "change_id": 1,
    "student_id": 1,
    "campaign_id": 1,
    "message_id": 2,
    "occurrence_id": 1,
    "token": "x",
    "run_id": 1,
    "run_number": "L000-0000-0000",
    "file_name": "L000-0000-0000-cover.pdf",
    "try_id": 1,
    "file_id": 1,
    "source_file_id": 1,
    "mapping_id": 1,
    "case_id": 1,
    "request_id": 1,
    "programme_id": 1,
    "section_id": 1,
    "word_id": 1,
    "school_id": 1,
    "grade_level": 4,
    "kind": "note",
    "step": "release",
    "undo": "withdraw",
    "hold": "pause",
    "change": "undo",
    "move": "up",
    "off": "cancel",
    "word": "approve",
    "message": "report_ready",
    "own_id": "own-night",
}
# Where the same word of an address means another thing.
OWN_VALUES = {"staff.export_calendar": {"suffix": ".ics"}}
ANAS_MOTHER = Principal(Role.FAMILY, district_id=1, student_id=1, contact_id=1)
PEOPLE = ("state", "district", "school", "teacher", "partner")


def test_the_table_names_every_view_of_these_pages_and_their_rule(app: Flask) -> None:
    rules = {
        endpoint: EVERYBODY
        if rule_of(app, endpoint) == PUBLIC
        else {str(r) for r in rule_of(app, endpoint) or ()}
        for endpoint in app.view_functions
        if endpoint.split(".")[0] in FACES_HERE
    }
    assert rules == WHO_MAY


def test_every_view_of_every_face_has_a_rule(app: Flask) -> None:
    assert [endpoint for endpoint in app.view_functions if rule_of(app, endpoint) is None] == []


def test_an_app_with_a_view_without_a_rule_does_not_start() -> None:
    app = Flask("silent")
    public(app.view_functions["static"])

    @app.get("/silent")
    def silent() -> str:
        return ""

    with pytest.raises(ViewWithoutRule, match="silent"):
        require_rules(app)


def test_a_rule_names_at_least_one_role() -> None:
    with pytest.raises(ValueError, match="public"):
        allow()


def requests_of(app: Flask) -> list[tuple[str, str, str]]:
    """(endpoint, method, path) of every route of these pages."""
    with app.test_request_context():
        adapter = app.url_map.bind("127.0.0.1")
        return [
            (
                rule.endpoint,
                method,
                adapter.build(
                    rule.endpoint,
                    {k: (VALUES | OWN_VALUES.get(rule.endpoint, {}))[k] for k in rule.arguments},
                    method,
                ),
            )
            for rule in app.url_map.iter_rules()
            if rule.endpoint.split(".")[0] in FACES_HERE
            for method in sorted((rule.methods or set()) & {"GET", "POST"})
        ]


@pytest.mark.parametrize("role", [*PEOPLE, "nobody"])
def test_matrix_of_routes_and_roles(
    app: Flask, engine: Engine, signed_in: Callable[[str], FlaskClient], role: str
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    content = {"kind": "grades", "columns": {"student_local_id": "a", "mark": "b"}, "values": {}}
    with transaction(engine, ENGINE) as connection:
        table_mappings.save(connection, NewVersion(1, "Marks", content, None, "account:1"), MORNING)
        programmes.put(
            connection, 1, None, Programme({"en": "Club"}, {}, ["math"], 3, 5, None, None, True, False, "")
        )
        family_requests.add(connection, ANAS_MOTHER, NewRequest(Kind.INTERPRETER, "es", {}), MORNING)
        night = Written("own-night", "en", {"sms.text": "{school}: come. Reply STOP to end."}, "A night")
        suppressions.suppress(connection, "email", "rosa@example.org", "hard_bounce", MORNING)
        for district in (1, 2):  # the state's office sees one of them first
            own_messages.save(connection, district, night, Author("account:1", MORNING))
        connection.execute(
            text(
                """
                INSERT INTO teacher_word (district_id, student_id, kind, state, said, said_by, actor, at)
                VALUES (1, 1, 'note', 'draft', 'Ana asks.', 'Tess', 'account:4', :now)
                """
            ),
            {"now": MORNING},
        )
    home = app.extensions[EXTENSION].settings.home
    letters_and_calls(engine, home)
    wrote(engine, home, "Hola", attachments=[Attachment("a.png", b"\x89PNG\r\n\x1a\n")])
    seen = []
    for endpoint, method, path in requests_of(app):
        client = app.test_client() if role == "nobody" else signed_in(f"{role}@example.org")
        answer = client.open(path, method=method, buffered=True)
        may = WHO_MAY[endpoint]
        if may == EVERYBODY:
            expected = "not asked"
        elif role == "nobody":
            expected = "asked to sign in"
        else:
            expected = "let in" if role in may else "refused"
        seen.append((endpoint, method, expected, outcome(answer.status_code, answer.location, may)))
    assert len(seen) > 15
    assert [one for one in seen if one[2] != one[3]] == []


def letters_and_calls(engine: Engine, home: Path) -> None:
    """A run of letters with a file, and a call that was entered."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                INSERT INTO letter_run (district_id, number, envelope, actor, taken_at, finished_at)
                VALUES (1, 'L000-0000-0000', 'number-10', 'engine', now(), now());
                INSERT INTO call_try (message_id, district_id, outcome, said_by, actor, at, before, consent_events)
                VALUES (2, 1, 'reached', 'Ms. Lee', 'account:2', now(), 'planned', '{}')
                """
            )
        )
    folder = home / "letters" / "L000-0000-0000"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "L000-0000-0000-cover.pdf").write_bytes(b"%PDF-")


def outcome(status: int, location: str | None, may: object) -> str:
    if may == EVERYBODY and status in {200, 302, 303, 401, 404}:
        return "not asked"
    if status == 403:
        return "refused"
    if status == 303 and location and location.startswith("/sign-in"):
        return "asked to sign in"
    # A form that says too little is refused as a form: whoever is told so was let in.
    return "let in" if status in {200, 303, 400, 422} else f"status {status}"


def test_family_pages_do_not_lead_to_the_sign_in_of_staff(engine: Engine, tmp_path: Path) -> None:
    app = create_app(page_settings(tmp_path), engine=engine, clock=Clock())
    app.add_url_rule("/family-only", "family_only", allow(Role.FAMILY)(lambda: ""))
    answer = app.test_client().get("/family-only")
    assert answer.status_code == 401
    assert "Open the link in the message" in answer.text


@pytest.mark.parametrize(
    ("email", "path", "status"),
    [
        ("district@example.org", "/staff/students/1", 200),
        ("district@example.org", "/staff/students/7", 404),
        ("elsewhere@example.org", "/staff/students/7", 200),
        ("elsewhere@example.org", "/staff/students/1", 404),
        ("school@example.org", "/staff/students/4", 200),
        ("school@example.org", "/staff/students/5", 404),
        ("teacher@example.org", "/staff/students/2", 200),
        ("teacher@example.org", "/staff/students/3", 404),
        ("state@example.org", "/staff/students/7", 200),
        ("state@example.org", "/staff/students/99", 404),
        ("state@example.org", "/staff/students/99999999999999999999", 404),
        ("district@example.org", "/staff/no-such-page", 404),
    ],
)
def test_students_outside_the_scope_are_not_there(
    signed_in: Callable[[str], FlaskClient], email: str, path: str, status: int
) -> None:
    assert signed_in(email).get(path).status_code == status


def test_a_campaign_of_another_district_cannot_be_paused(
    app: Flask, signed_in: Callable[[str], FlaskClient]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    assert signed_in("district@example.org").post("/staff/plan/campaigns/2/pause").status_code == 404
    assert signed_in("elsewhere@example.org").post("/staff/plan/campaigns/2/pause").status_code == 303
