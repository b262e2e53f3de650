"""The staff page From families: who sees what a family sent, what may be done with it and taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE, Principal, Role
from campaign.correspondence.family_requests import school_days_waited
from campaign.database import transaction
from campaign.school_year.calendar import SchoolYear
from campaign.store import family_requests
from campaign.store.family_requests import Kind, NewRequest
from tests.campaign.web.family_visits import form_token, value
from tests.web_pages import MORNING, Clock

SignIn = Callable[[str], FlaskClient]
NOTE = {"loves": "Zebras", "question": "=1+1"}


def sent(engine: Engine, kind: Kind = Kind.NOTE, student: int = 1, **said: object) -> int:
    """The id of something that the family of a student sent."""
    family = Principal(Role.FAMILY, district_id=1, student_id=student, contact_id=student)
    with transaction(engine, ENGINE) as connection:
        assert family_requests.add(connection, family, NewRequest(kind, "es", said, "R-0001-1"), MORNING)
        return int(connection.scalar(text("SELECT max(id) FROM family_request")) or 0)


def step(client: FlaskClient, request_id: int, step: str, **fields: object) -> str:
    """What the page says after a step that was taken from what the page shows."""
    address = f"/staff/families/{request_id}"
    page = client.get(address)
    seen = page.text.partition('name="seen" value="')[2].partition('"')[0]
    form = {"csrf_token": form_token(page), "seen": seen, "step": step, **fields}
    return client.post(address, data=form, follow_redirects=True).text


@pytest.mark.parametrize(
    ("email", "sees"),
    [
        ("district@example.org", ["Ana Abrego", "Chi Cao", "Eli Evans"]),
        ("school@example.org", ["Ana Abrego", "Chi Cao"]),
        ("teacher@example.org", ["Ana Abrego"]),
        ("elsewhere@example.org", []),
    ],
)
def test_staff_see_what_families_of_their_own_students_sent(
    signed_in: SignIn, engine: Engine, email: str, sees: list[str]
) -> None:
    ids = [sent(engine, student=student, **NOTE) for student in (1, 3, 5)]
    client = signed_in(email)
    page = client.get("/staff/families").text
    names = ["Ana Abrego", "Chi Cao", "Eli Evans"]
    assert [name for name in names if name in page] == sees
    assert [client.get(f"/staff/families/{number}").status_code for number in ids] == [
        200 if name in sees else 404 for name in names
    ]


def test_a_state_does_not_read_what_families_write_to_their_school(signed_in: SignIn, engine: Engine) -> None:
    number = sent(engine, **NOTE)
    client = signed_in("state@example.org")
    for path in ("/staff/families", "/staff/families.csv", f"/staff/families/{number}"):
        assert client.get(path).status_code == 403
    with transaction(engine, Principal(Role.STATE)) as connection:
        assert connection.scalar(text("SELECT count(*) FROM family_request")) == 0


def test_the_list_shows_no_word_of_a_family_and_reading_one_leaves_a_trace(
    signed_in: SignIn, engine: Engine
) -> None:
    number = sent(engine, **NOTE)
    client = signed_in("district@example.org")
    assert "Zebras" not in client.get("/staff/families").text
    assert "Zebras" not in client.get("/staff/families.csv").text
    assert value(engine, "SELECT count(*) FROM audit_entry WHERE action = 'looked_at_family_request'") == 0
    assert "Zebras" in client.get(f"/staff/families/{number}").text
    assert value(engine, "SELECT count(*) FROM audit_entry WHERE action = 'looked_at_family_request'") == 1


def test_an_answer_reaches_the_family_as_written_and_can_be_taken_back(
    signed_in: SignIn, reader: FlaskClient, engine: Engine
) -> None:
    number = sent(engine, **NOTE)
    reader.post("/family/belief", data={"csrf_token": form_token(reader.get("/family")), "skip": "1"})
    client = signed_in("teacher@example.org")
    said = {"answer": "¡Gracias!\r\nLe llamo <mañana>.", "language": "es"}
    assert "Noted." in step(client, number, "answered", **said)
    for path in ("/family", "/family/your-turn"):
        page = reader.get(path).text
        assert 'lang="es-US" dir="ltr">¡Gracias!\nLe llamo &lt;mañana&gt;.' in page
        assert "Teacher Person" in page
    assert "Nobody is waiting" in client.get("/staff/families").text
    assert "Noted." in step(client, number, "answered", answer="One more thing", language="en")
    assert all(words in reader.get("/family/your-turn").text for words in ("Gracias", "One more thing"))
    assert "taken back" in step(client, number, "take_back")
    assert "One more thing" not in reader.get("/family/your-turn").text
    assert "taken back" in step(client, number, "take_back")
    assert "Gracias" not in reader.get("/family/your-turn").text
    assert "Ana Abrego" in client.get("/staff/families").text
    assert value(
        engine, "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_entry WHERE action ~ '^family_re'"
    ) == (
        "family_request_answered family_request_answered "
        "family_request_step_taken_back family_request_step_taken_back"
    )


def test_two_people_do_not_settle_one_thing_twice(signed_in: SignIn, engine: Engine) -> None:
    number = sent(engine, Kind.INTERPRETER)
    address = f"/staff/families/{number}"
    first, second = signed_in("district@example.org"), signed_in("school@example.org")
    forms = [
        {"csrf_token": form_token(one.get(address)), "seen": "0", "step": "done"} for one in (first, second)
    ]
    assert "Noted." in first.post(address, data=forms[0], follow_redirects=True).text
    assert "Nothing was done" in second.post(address, data=forms[1], follow_redirects=True).text
    assert value(engine, "SELECT count(*) FROM family_request_step") == 1


@pytest.mark.parametrize(
    ("kind", "wanted", "fields", "outcome"),
    [
        (Kind.MISTAKE, "checking", {}, ("Noted.", "checking")),
        (Kind.MISTAKE, "corrected", {}, ("Noted.", "corrected")),
        (Kind.MISTAKE, "not_agreed", {"answer": " "}, ("Nothing was done: tell the family why", "new")),
        (Kind.MISTAKE, "not_agreed", {"answer": "We looked …"}, ("Noted.", "not_agreed")),
        (Kind.MISTAKE, "done", {}, ("Nothing was done", "new")),
        (Kind.NOTE, "read", {}, ("Noted.", "read")),
        (Kind.NOTE, "answered", {"answer": "a" * 2001}, ("too long", "new")),
        (Kind.WRONG_PERSON, "done", {}, ("Noted.", "done")),
        (Kind.WRONG_PERSON, "nonsense", {}, ("Nothing was done", "new")),
        (Kind.WRONG_PERSON, "take_back", {}, ("Nothing was done", "new")),
    ],
)
def test_steps_of_an_office(
    signed_in: SignIn,
    engine: Engine,
    kind: Kind,
    wanted: str,
    fields: dict[str, str],
    outcome: tuple[str, str],
) -> None:
    words, state = outcome
    number = sent(engine, kind, what=["grade"])
    assert words in step(signed_in("school@example.org"), number, wanted, **fields)
    assert value(engine, "SELECT state FROM family_request") == state


def test_a_teacher_decides_on_no_record(signed_in: SignIn, engine: Engine) -> None:
    number = sent(engine, Kind.MISTAKE, what=["grade"])
    teacher, office = signed_in("teacher@example.org"), signed_in("school@example.org")
    assert "Nothing was done" in step(teacher, number, "corrected")
    assert "Noted." in step(office, number, "corrected")
    assert "Nothing was done" in step(teacher, number, "take_back")
    assert value(engine, "SELECT state FROM family_request") == "corrected"


def test_of_a_mistake_staff_find_the_records_and_the_law(signed_in: SignIn, engine: Engine) -> None:
    number = sent(engine, Kind.MISTAKE, what=["grade", "other"], more="<i>B</i>")
    page = signed_in("school@example.org").get(f"/staff/families/{number}").text
    assert 'href="/staff/students/1"' in page
    assert "34 CFR 99.20" in page
    assert "right to a hearing" in page
    assert "&lt;i&gt;B&lt;/i&gt;" in page


def test_the_table_for_spreadsheets_has_codes_and_no_name(signed_in: SignIn, engine: Engine) -> None:
    sent(engine, **NOTE)
    sent(engine, Kind.INTERPRETER, student=5)
    table = signed_in("district@example.org").get("/staff/families.csv")
    assert table.text.lstrip("\ufeff").splitlines() == [
        "number,kind,state,came_in,school,grade_level,language,settled_by,settled_on,school_days_waited",
        "1,note,new,2026-11-02,Alder Elementary,4,es,,,0",
        "2,interpreter,new,2026-11-02,Birch Middle,7,es,,,0",
    ]
    assert table.headers["Content-Disposition"] == 'attachment; filename="from-families.csv"'


def test_the_list_is_narrowed_by_kind_school_and_state(signed_in: SignIn, engine: Engine) -> None:
    sent(engine, **NOTE)
    done = sent(engine, Kind.INTERPRETER, student=5)
    client = signed_in("district@example.org")
    names = {"Ana Abrego": "kind=note", "Eli Evans": "kind=interpreter&school=2"}
    for name, query in names.items():
        page = client.get(f"/staff/families?{query}").text
        assert [one for one in names if one in page] == [name]
    assert "Nothing of this kind" in client.get("/staff/families?kind=note&school=2").text
    step(client, done, "done")
    assert "Eli Evans" not in client.get("/staff/families").text
    assert "Eli Evans" in client.get("/staff/families?state=settled").text
    assert client.get("/staff/families?kind=x&school=99999999999999999999&page=-1").status_code == 200


def test_the_first_page_says_how_many_wait(signed_in: SignIn, engine: Engine) -> None:
    assert "Nobody is waiting" in signed_in("school@example.org").get("/staff/").text
    sent(engine, **NOTE)
    sent(engine, Kind.MISTAKE, what=["grade"])
    for email in ("school@example.org", "teacher@example.org"):
        page = signed_in(email).get("/staff/").text
        assert 'href="/staff/families?kind=note"' in page
        assert 'href="/staff/families?kind=mistake"' in page
    assert "/staff/families" not in signed_in("state@example.org").get("/staff/").text


def test_the_clock_counts_school_days(signed_in: SignIn, engine: Engine, clock: Clock) -> None:
    sent(engine, **NOTE)
    clock.forward(days=8)
    assert "6 school days" in signed_in("district@example.org").get("/staff/families").text
    holidays = SchoolYear.of([(date(2026, 11, 3), "holiday"), (date(2026, 11, 4), "holiday")])
    assert school_days_waited(holidays, date(2026, 11, 2), date(2026, 11, 10)) == 4
    assert school_days_waited(holidays, date(2026, 11, 2), date(2026, 11, 2)) == 0


def test_a_family_page_cannot_write_what_staff_say(app: Flask, engine: Engine) -> None:
    number = sent(engine, **NOTE)
    family = Principal(Role.FAMILY, district_id=1, student_id=1, contact_id=1)
    for statement in (
        f"UPDATE family_request SET state = 'done' WHERE id = {number}",
        "INSERT INTO family_request_step (family_request_id, district_id, student_id, contact_id, account_id, said_by, "
        f"before, state, at) VALUES ({number}, 1, 1, 1, 1, 'x', 'new', 'done', now())",
    ):
        with pytest.raises(Exception, match="permission denied"), transaction(engine, family) as connection:
            connection.execute(text(statement))
