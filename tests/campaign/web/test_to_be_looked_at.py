"""The page of messages that wait for a person: what it lists, who may settle, and that nothing is settled twice."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch.settling import Settlement
from campaign.web.staff import words
from tests.campaign.web.family_visits import form_token, value

SignIn = Callable[[str], FlaskClient]
PAGE = "/staff/to-be-looked-at"
STATE = "SELECT state FROM message WHERE id = 2"


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def press(client: FlaskClient, button: str, fencing: int = 0, message: int = 2) -> TestResponse:
    fields = {"csrf_token": form_token(client.get(PAGE)), "fencing": fencing}
    return client.post(f"{PAGE}/{message}/{button}", data=fields)


@pytest.fixture
def still_due(app: Flask, engine: Engine) -> None:
    """One message more: refused by the provider, like the one in doubt not yet past its time."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text("UPDATE message SET state = 'rejected', reason = 'refused_by_provider' WHERE id = 4")
        )


def test_the_plan_leads_to_what_is_to_be_looked_at(signed_in: SignIn) -> None:
    assert f'href="{PAGE}"' in signed_in("district@example.org").get("/staff/plan").text
    assert f'href="{PAGE}"' not in signed_in("school@example.org").get("/staff/plan").text


@pytest.mark.usefixtures("still_due")
def test_messages_are_listed_by_ids_with_why_and_what_to_do(signed_in: SignIn) -> None:
    page = signed_in("district@example.org").get(PAGE).text
    read = words_of(page)
    assert "2 messages" in read
    assert "Report ready message 2 · To be looked at The provider gave no clear answer" in read
    assert "it is not sent twice" in read
    assert "Talk to teacher message 4 · Refused by the provider" in read
    assert "Correct the address" in read
    assert 'href="/staff/students/2">Student 2<' in page
    assert (page.count("/arrived"), page.count("/not-arrived")) == (1, 2)
    assert not [name for name in ("Ben", "Baker", "Bill", "bill@example.org") if name in page]


def test_it_arrived(signed_in: SignIn, engine: Engine) -> None:
    client = signed_in("district@example.org")
    answer = press(client, "arrived")
    assert (answer.status_code, answer.location) == (303, f"{PAGE}?told=arrived")
    page = client.get(answer.location).text
    assert "Noted: the message arrived" in page
    assert "Nothing to look at" in page
    assert value(engine, STATE) == "accepted"
    assert value(engine, "SELECT detail FROM attempt WHERE message_id = 2") == "settled by account:2"
    assert value(engine, "SELECT actor || ' ' || action || ' ' || target FROM audit_entry") == (
        "account:2 settled_message message:2"
    )
    plan = words_of(client.get("/staff/plan").text)
    assert "4 messages = 2 sent + 1 planned + 1 withheld + 0 failed + 0 to be looked at" in plan
    assert PAGE not in client.get("/staff/plan").text


def test_it_did_not_arrive(signed_in: SignIn, engine: Engine) -> None:
    client = signed_in("state@example.org")
    assert press(client, "not-arrived").location == f"{PAGE}?told=sent_again"
    assert value(engine, STATE) == "retry_at"
    plan = words_of(client.get("/staff/plan").text)
    assert "4 messages = 1 sent + 2 planned + 1 withheld + 0 failed + 0 to be looked at" in plan


def test_past_its_time_it_is_not_sent_again_and_the_page_says_so(signed_in: SignIn, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE message SET expires_at = '2026-11-02 15:00Z' WHERE id = 2"))
    client = signed_in("district@example.org")
    page = client.get(PAGE).text
    assert "send again" not in page
    assert "Its time has passed" in page
    assert press(client, "not-arrived").location == f"{PAGE}?told=too_late"
    assert value(engine, STATE) == "dropped"


@pytest.mark.parametrize("button", ["arrived", "not-arrived"])
def test_a_message_that_has_changed_meanwhile_stays_as_it_is(
    signed_in: SignIn, engine: Engine, button: str
) -> None:
    client = signed_in("district@example.org")
    assert press(client, button, fencing=7).location == f"{PAGE}?told=changed"
    assert value(engine, STATE) == "ambiguous"
    assert value(engine, "SELECT count(*) FROM audit_entry") == 0


@pytest.mark.parametrize(
    ("email", "status"),
    [
        ("state@example.org", 303),
        ("district@example.org", 303),
        ("elsewhere@example.org", 404),
        ("school@example.org", 403),
        ("teacher@example.org", 403),
        ("partner@example.org", 403),
    ],
)
def test_only_the_office_of_the_own_district_settles(
    app: Flask, signed_in: SignIn, engine: Engine, email: str, status: int
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    answer = signed_in(email).post(f"{PAGE}/2/arrived", data={"fencing": 0})
    assert answer.status_code == status
    assert value(engine, STATE) == ("accepted" if status == 303 else "ambiguous")


def test_a_form_without_its_token_settles_nothing(signed_in: SignIn, engine: Engine) -> None:
    client = signed_in("district@example.org")
    assert client.post(f"{PAGE}/2/arrived", data={"fencing": 0}).status_code == 400
    assert press(client, "arrived", message=2**63).status_code == 404
    assert press(client, "arrived", fencing=2**63).status_code == 404
    assert value(engine, STATE) == "ambiguous"


def test_without_such_messages_the_page_says_so(signed_in: SignIn) -> None:
    assert "Nothing to look at" in signed_in("elsewhere@example.org").get(PAGE).text


def test_every_settlement_has_words() -> None:
    assert set(words.SETTLED) == set(Settlement)


def test_homes_that_nobody_can_call_are_named_with_what_to_do(signed_in: SignIn, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.exec_driver_sql(
            """
            INSERT INTO household_cascade (occurrence_id, household, district_id, rung, ended, reason, ended_at)
            SELECT occurrence_id, household, 1, 2, 'no_phone', 'no_address', '2026-11-01 12:00Z' FROM message
            WHERE id = 1
            """
        )
    page = words_of(signed_in("district@example.org").get(PAGE).text)
    assert "Homes that nobody can call" in page
    assert "Nov 1: Student 1" in page
    assert "enter a number in the school’s system" in page
    assert "Homes that nobody can call" not in signed_in("elsewhere@example.org").get(PAGE).text
