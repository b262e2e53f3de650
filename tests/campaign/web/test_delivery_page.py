"""The page that shows how far messages came, and what came to the doors of providers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.app import create_app
from campaign.database import transaction
from campaign.dispatch import receiving
from campaign.dispatch.budget import DayLimit
from campaign.dispatch.receipts import Cause, Kind, Reported
from campaign.store import delivery_health, providers, receipts
from campaign.web.staff import delivery_words
from tests.web_pages import MORNING, Clock, page_settings, session_for

SignIn = Callable[[str], FlaskClient]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.fixture
def told(app: Flask, engine: Engine) -> None:
    """Message 1 was sent and came back; message 4 was sent and called spam; message 2 is in doubt; one was forged."""
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text("UPDATE message SET state = 'accepted', finished_at = :now WHERE id = 4"), {"now": MORNING}
        )
        events = [
            (Reported("e1", "p1", Kind.BOUNCED, "s1", Cause.INVALID_ADDRESS, MORNING), "rosa@example.org"),
            (Reported("e2", "p4", Kind.DELIVERED, "s4", None, MORNING), "rosa@example.org"),
            (Reported("e3", "p4", Kind.COMPLAINED, "s4", Cause.COMPLAINT, MORNING), "rosa@example.org"),
        ]
        found = receiving.take(connection, "sendgrid", "email", events, MORNING)
        receipts.count(connection, "sendgrid", found | {"forged": 7}, MORNING)


@pytest.mark.usefixtures("told")
def test_sent_is_the_sum_of_what_became_of_it(engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        (email,) = delivery_health.channels(connection, LONG_AGO)
        state = dict(connection.execute(text("SELECT state, count(*) FROM message GROUP BY state")).all())
    assert email.accepted == state["accepted"] == 2
    parts = (email.arrived, email.on_the_way, email.not_arrived, email.nothing_told)
    assert parts == (1, 0, 1, 0)
    assert (email.complaints, email.in_doubt, email.complaint_share) == (1, state["ambiguous"], 1.0)


def test_what_has_no_provider_is_told_by_people(signed_in: SignIn, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        query = "UPDATE message SET channel = 'letter', state = 'accepted', finished_at = :now WHERE id = 4"
        connection.execute(text(query), {"now": MORNING})
    read = words_of(signed_in("district@example.org").get("/staff/delivery").text)
    letters = read.partition("Letter Messages")[2].partition("In doubt")[0]
    assert "Posted: a person says so 1" in letters
    assert "Posted, and did not come back 1 100%" in letters
    assert "Arrived" not in letters


@pytest.mark.usefixtures("told")
def test_the_page_shows_counts_causes_with_remedies_and_what_was_refused(signed_in: SignIn) -> None:
    page = signed_in("district@example.org").get("/staff/delivery").text
    read = words_of(page)
    assert "Sent: the provider has them 2" in read
    assert "Came back or refused 1 50%" in read
    assert "1 E-mail: The e-mail address does not exist. Nothing is sent there any more." in read
    assert "Too many people call our mail spam" in read
    assert re.search(r"SendGrid Refused: not signed by the provider 7 Nov 2, 2026", read)
    assert 'href="/staff/to-be-looked-at"' in page
    assert 'href="/staff/delivery/came-back?days=30"' in page
    assert 'role="img" aria-label="Of 2 sent messages: 1 arrived' in page


@pytest.mark.usefixtures("told")
def test_what_came_back_is_listed_by_ids_with_its_student(signed_in: SignIn) -> None:
    page = signed_in("district@example.org").get("/staff/delivery/came-back").text
    read = words_of(page)
    assert "2 messages of the last 30 days" in read
    assert "Came back The e-mail address does not exist." in read
    assert "Arrived, and was called spam" in read
    assert page.count('href="/staff/students/1">Student 1<') == 2
    assert not [name for name in ("Ana", "Abrego", "Rosa", "rosa@example.org") if name in page]


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("who", ["district@example.org", "school@example.org", "teacher@example.org"])
def test_a_students_page_shows_how_far_each_message_came(signed_in: SignIn, who: str) -> None:
    read = words_of(signed_in(who).get("/staff/students/1").text)
    assert "Sent. Came back: The e-mail address does not exist." in read
    assert "Sent. Arrived, and was called spam" in read


@pytest.mark.usefixtures("told")
def test_another_district_sees_none_of_it_and_an_older_time_ends(signed_in: SignIn, clock: Clock) -> None:
    there = words_of(signed_in("elsewhere@example.org").get("/staff/delivery").text)
    assert "Nothing was sent yet" in there
    assert "address does not exist" not in there
    clock.forward(days=8)
    with_week = words_of(signed_in("district@example.org").get("/staff/delivery?days=7").text)
    assert "address does not exist" not in with_week
    assert (
        "Nothing came back" in signed_in("district@example.org").get("/staff/delivery/came-back?days=7").text
    )


def test_a_provider_that_tells_nothing_is_named(engine: Engine, tmp_path: Path, clock: Clock) -> None:
    settings = page_settings(tmp_path)
    settings = replace(settings, mail=replace(settings.mail, sender="sendgrid"))
    client = create_app(settings, engine=engine, clock=clock).test_client()
    client.set_cookie("gbg_session", session_for(engine, "district@example.org", clock.now))
    assert "SendGrid has told us nothing" in words_of(client.get("/staff/delivery").text)
    with transaction(engine, ENGINE) as connection:
        receipts.count(connection, "sendgrid", {"taken": 1}, MORNING - timedelta(days=1))
    assert "has told us nothing" not in client.get("/staff/delivery").text


def test_an_installation_that_has_sent_nothing_says_so(signed_in: SignIn, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("DELETE FROM message"))
    read = words_of(signed_in("state@example.org").get("/staff/delivery").text)
    assert "Nothing was sent yet" in read
    assert "No provider has told us anything" in read


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_words_and_a_remedy(cause: Cause) -> None:
    why, remedy = delivery_words.cause(cause)
    assert why
    assert remedy


@pytest.mark.parametrize("kind", Kind)
def test_every_status_has_words(kind: Kind) -> None:
    assert delivery_words.status(kind) != kind


@pytest.mark.parametrize(("used", "said"), [(1200, "800 are left"), (2000, "0 are left")])
def test_what_is_left_of_the_text_messages_of_a_day(
    engine: Engine, tmp_path: Path, clock: Clock, used: int, said: str
) -> None:
    settings = page_settings(tmp_path)
    settings = replace(
        settings,
        sms=replace(settings.sms, sender="twilio", messaging_service="MG1"),
        limits=replace(settings.limits, sms_per_day=2000),
        secrets=replace(settings.secrets, twilio_account_sid="AC1", twilio_auth_token="token"),
    )
    with transaction(engine, ENGINE) as connection:
        providers.ensure(connection, ["twilio"], MORNING)
        day = DayLimit(2000, settings.limits.sms_day_zone).day(MORNING)
        providers.take_of_day(connection, "twilio", used, 2000, day)
    client = create_app(settings, engine=engine, clock=clock).test_client()
    client.set_cookie("gbg_session", session_for(engine, "district@example.org"))
    page = words_of(client.get("/staff/delivery").text)
    assert f"{used:,} of 2,000 parts are used, {said}" in page
    assert ("waits until then" in page) == (used == 2000)
