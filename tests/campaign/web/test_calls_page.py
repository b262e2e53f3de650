"""The call list: whom it shows to whom, what an entry makes of the message, and that each can be taken back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from campaign.access import ENGINE
from campaign.app import create_app
from campaign.database import transaction
from campaign.store import messages
from tests.campaign.paper.letter_post import DUE, post_office, settings_of
from tests.campaign.web.family_visits import form_token
from tests.web_pages import Clock

SignIn = Callable[[str], FlaskClient]
PAGE = "/staff/calls"
OFFICE = "district@example.org"
MORNING_AFTER = DUE + timedelta(hours=16)


@pytest.fixture
def clock() -> Clock:
    return Clock(DUE)


@pytest.fixture
def app(engine: Engine, tmp_path: Path, clock: Clock) -> Flask:
    """The application, on a campaign whose step is a call; campaigns need no approval."""
    post_office(engine, tmp_path, channels=["call"])
    return create_app(settings_of(tmp_path), engine=engine, clock=clock)


def numbers(page: str) -> list[str]:
    return sorted(re.findall(r"tel:(\+\d+)", page))


def call_of(engine: Engine, contact: int) -> int:
    with transaction(engine, ENGINE) as connection:
        query = text("SELECT id FROM message WHERE channel = 'call' AND contact_id = :contact")
        return int(connection.execute(query, {"contact": contact}).scalar_one())


def state_of(engine: Engine, contact: int, channel: str = "call") -> tuple[str, str | None]:
    with transaction(engine, ENGINE) as connection:
        query = text("SELECT state, reason FROM message WHERE channel = :channel AND contact_id = :contact")
        row = connection.execute(query, {"contact": contact, "channel": channel}).one()
        messages.reconcile(connection)
        return row.state, row.reason


def enter(
    client: FlaskClient, engine: Engine, contact: int, outcome: str, seen: int = 0, note: str = ""
) -> TestResponse:
    fields = {"csrf_token": form_token(client.get(PAGE)), "seen": seen, "outcome": outcome, "note": note}
    return client.post(f"{PAGE}/{call_of(engine, contact)}", data=fields, follow_redirects=True)


def undo(client: FlaskClient) -> TestResponse:
    page = client.get(PAGE)
    (number,) = re.findall(r"/staff/calls/tries/(\d+)/undo", page.text)
    return client.post(
        f"{PAGE}/tries/{number}/undo", data={"csrf_token": form_token(page)}, follow_redirects=True
    )


def test_each_sees_the_own_families_with_number_language_and_script(
    signed_in: SignIn, engine: Engine
) -> None:
    page = signed_in(OFFICE).get(PAGE).text
    assert numbers(page) == ["+12025550101", "+12025550103", "+12025550105"]
    assert "El informe de la escuela sobre Ana" in page
    assert "The school report about Ana" in page
    assert "Quý vị cần thông dịch viên miễn phí" in page
    assert not re.search(r"1400|1700|grade level|not yet", page[page.index("<h1") :], re.IGNORECASE)
    assert numbers(signed_in("school@example.org").get(PAGE).text) == ["+12025550101", "+12025550103"]
    assert numbers(signed_in("teacher@example.org").get(PAGE).text) == ["+12025550101"]
    assert numbers(signed_in("elsewhere@example.org").get(PAGE).text) == []
    assert signed_in("state@example.org").get(PAGE).status_code == 403
    with transaction(engine, ENGINE) as connection:
        looked = connection.scalar(text("SELECT count(*) FROM audit_entry WHERE action = 'looked_at_calls'"))
    assert looked == 3


@pytest.mark.parametrize(
    ("outcome", "note", "state"),
    [
        ("reached", "", ("accepted", None)),
        ("voice_message", "", ("planned", "try_again")),
        ("no_answer", "", ("planned", "try_again")),
        ("wrong_number", "", ("rejected", "wrong_number")),
        ("stopped", "No more calls please", ("withheld", "consent_revoked")),
        ("letter", "", ("accepted", None)),
        ("other_way", "by e-mail to her sister", ("accepted", None)),
    ],
    ids=["reached", "voice", "nobody", "wrong number", "stop", "paper", "another way"],
)
def test_what_came_of_a_call_is_kept_and_can_be_undone(
    signed_in: SignIn, engine: Engine, outcome: str, note: str, state: tuple[str, str | None]
) -> None:
    client = signed_in("school@example.org")
    page = enter(client, engine, 1, outcome, note=note).text
    assert "It is written down" in page
    assert "School Person" in page
    assert note in page
    assert state_of(engine, 1) == state
    assert "+12025550101" not in page
    page = undo(client).text
    assert "taken back by School Person" in page
    assert state_of(engine, 1) == ("planned", None)
    assert "+12025550101" in page


def test_three_tries_on_three_days_are_enough(signed_in: SignIn, engine: Engine, clock: Clock) -> None:
    for seen in range(3):
        client = signed_in(OFFICE)
        assert "+12025550101" in client.get(PAGE).text
        page = enter(client, engine, 1, "no_answer", seen).text
        assert "+12025550101" not in page
        clock.now = MORNING_AFTER + timedelta(days=seen)
    assert state_of(engine, 1) == ("failed", "tried_3_times")
    assert "tried 3 times" in signed_in(OFFICE).get(PAGE).text
    assert "Three calls on three days" in signed_in(OFFICE).get("/staff/to-be-looked-at").text


def test_an_entry_that_came_second_does_nothing(signed_in: SignIn, engine: Engine) -> None:
    client = signed_in(OFFICE)
    enter(client, engine, 1, "reached")
    assert "Somebody was faster" in enter(client, engine, 1, "wrong_number").text
    assert state_of(engine, 1) == ("accepted", None)
    enter(client, engine, 3, "no_answer", seen=5)
    assert state_of(engine, 3) == ("planned", None)


def test_nobody_enters_or_undoes_for_families_of_others(signed_in: SignIn, engine: Engine) -> None:
    assert "Somebody was faster" in enter(signed_in("teacher@example.org"), engine, 5, "reached").text
    enter(signed_in(OFFICE), engine, 5, "reached")
    other = signed_in("school@example.org")
    token = {"csrf_token": form_token(other.get(PAGE))}
    assert other.post(f"{PAGE}/tries/1/undo", data=token).status_code == 404
    assert state_of(engine, 5) == ("accepted", None)


def test_a_stop_goes_through_the_one_door_and_takes_the_family_off_the_list(
    signed_in: SignIn, engine: Engine
) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                """
                INSERT INTO consent_event (district_id, contact_id, channel, scope, action, source, at)
                VALUES (1, 3, 'call', 'all', 'revoked', 'staff', now())
                """
            )
        )
    client = signed_in(OFFICE)
    assert "+12025550103" not in client.get(PAGE).text
    assert state_of(engine, 3) == ("withheld", "consent_revoked")
    enter(client, engine, 1, "stopped")
    with transaction(engine, ENGINE) as connection:
        row = connection.execute(
            text("SELECT source, entered_by FROM consent_event WHERE contact_id = 1 AND channel = 'call'")
        ).one()
    assert tuple(row) == ("staff", "District Person")


def test_a_wrong_number_is_called_and_written_to_no_more(signed_in: SignIn, engine: Engine) -> None:
    enter(signed_in(OFFICE), engine, 1, "wrong_number")
    with transaction(engine, ENGINE) as connection:
        row = connection.execute(text("SELECT channel, address, reason FROM suppression")).one()
    assert tuple(row) == ("sms", "+12025550101", "wrong_number")


def test_a_letter_that_was_asked_for_waits_for_the_next_run(signed_in: SignIn, engine: Engine) -> None:
    client = signed_in(OFFICE)
    enter(client, engine, 1, "letter")
    assert state_of(engine, 1, "letter") == ("planned", None)
    assert "1 letter to print" in client.get("/staff/letters").text
    undo(client)
    assert state_of(engine, 1, "letter") == ("withheld", "cancelled")


def test_another_way_needs_words(signed_in: SignIn, engine: Engine) -> None:
    assert "Write which way" in enter(signed_in(OFFICE), engine, 1, "other_way").text
    assert state_of(engine, 1) == ("planned", None)


def test_the_file_for_a_phone_bank_names_no_child(signed_in: SignIn) -> None:
    answer = signed_in("school@example.org").get(f"{PAGE}.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert [(row["phone"], row["language"], row["interpreter"]) for row in rows] == [
        ("12025550101", "es", "yes"),
        ("12025550103", "vi", "yes"),
    ]
    assert not [name for name in ("Ana", "Chi") if name in answer.text]


def test_the_list_on_paper_has_blanks_in_its_script(signed_in: SignIn) -> None:
    page = signed_in(OFFICE).get(f"{PAGE}?paper=1").text
    assert "The school report about ____ is ready" in page
    assert "El informe de la escuela sobre ____" in page
    assert "☐ reached" in page


def test_the_first_page_says_how_many_wait(signed_in: SignIn) -> None:
    assert "3 calls to make" in signed_in(OFFICE).get("/staff/").text
    assert "1 call to make" in signed_in("teacher@example.org").get("/staff/").text


def _more_calls(engine: Engine, number: int) -> None:
    """So many calls more, each to an adult of Ana's whose number ends in the adult's own place."""
    with transaction(engine, ENGINE) as connection:
        statement = f"""
            INSERT INTO contact (district_id, source_id, given_name, family_name, phone, written_language)
            SELECT 1, 'more' || n, 'Aunt', 'Abrego', '+1202555' || 1000 + n, 'en' FROM generate_series(1, {number}) n;
            INSERT INTO student_contact (student_id, contact_id, relation, may_receive, court_restriction)
            SELECT 1, id, 'aunt', true, false FROM contact WHERE source_id LIKE 'more%';
            INSERT INTO message (public_id, district_id, campaign_id, occurrence_id, step, contact_id, student_ids,
                household, channel, language, template, template_version, template_hash, dedupe_key, state, due_at,
                expires_at, planned_at)
            SELECT md5(c.source_id), 1, m.campaign_id, m.occurrence_id, m.step, c.id, '{{1}}', c.source_id, 'call',
                'en',
                m.template, m.template_version, m.template_hash, c.source_id, 'planned', m.due_at, m.expires_at,
                m.planned_at
            FROM contact c CROSS JOIN (SELECT * FROM message WHERE channel = 'call' LIMIT 1) m
            WHERE c.source_id LIKE 'more%'
            """
        connection.execute(text(statement))


def test_a_long_list_has_pages_and_every_call_stands_on_one(signed_in: SignIn, engine: Engine) -> None:
    _more_calls(engine, 120)
    client = signed_in(OFFICE)
    pages = [client.get(f"{PAGE}?page={number}").text for number in (1, 2, 3)]
    assert [len(numbers(page)) for page in pages] == [50, 50, 23]
    found = {number for page in pages for number in numbers(page)}
    assert len(found) == 123
    assert all("123 calls to make" in page for page in pages)
    assert "Page 2 of 3" in pages[1]
    # A page beyond the last is the last; one school's list has its own pages.
    assert numbers(client.get(f"{PAGE}?page=99").text) == numbers(pages[2])
    assert "Page 1 of 3" in client.get(f"{PAGE}?school=1").text
    assert "1 call to make" in client.get(f"{PAGE}?school=2").text
    # What may not be called any more leaves the list, and the next ones move up.
    with transaction(engine, ENGINE) as connection:
        barred = (
            "UPDATE student_contact SET court_restriction = true WHERE contact_id IN ("
            " SELECT id FROM contact WHERE source_id LIKE 'more%' ORDER BY id LIMIT 70)"
        )
        connection.execute(text(barred))
    page = client.get(PAGE).text
    assert len(numbers(page)) == 50
    assert "53 calls to make" in page
    assert len(numbers(client.get(f"{PAGE}?page=2").text)) == 3


def test_an_interpreter_is_named_with_the_language(signed_in: SignIn, engine: Engine) -> None:
    """Also for a language in which nothing of ours is written."""
    with transaction(engine, ENGINE) as connection:
        connection.exec_driver_sql(
            "UPDATE message SET fallback_from = 'hmn', language = 'en' WHERE contact_id = 3"
        )
        connection.exec_driver_sql("UPDATE contact SET written_language = 'hmn' WHERE id = 3")
    page = signed_in(OFFICE).get(PAGE).text
    assert "Get an interpreter for Hmong on the line first" in page
    assert "Get an interpreter for Spanish on the line first" in page
    assert "interpreter for English" not in page
    assert "<br>interpreter" in signed_in(OFFICE).get(f"{PAGE}?paper=1").text
