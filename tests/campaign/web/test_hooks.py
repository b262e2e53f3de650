"""The doors of providers: who is believed, what follows from it, and what somebody else can do there (nothing)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from campaign.access import ENGINE
from campaign.app import create_app
from campaign.database import transaction
from campaign.store import consent, receipts
from campaign.web.guard import PUBLIC, rule_of
from tests.campaign.provider_events import SIGNATURE, TIMESTAMP, SignedEvents, mail_event
from tests.campaign.web.doors import BASE, INBOUND, SENDGRID, STATUS, counts, program, rows, texted, told
from tests.web_pages import MORNING, Clock, page_settings


@pytest.fixture
def client(engine: Engine, tmp_path: Path, clock: Clock) -> FlaskClient:
    return program(engine, tmp_path, clock)


def ledger(engine: Engine) -> dict[str, tuple[str, str | None]]:
    found = rows(engine, "SELECT public_id, state, reason FROM message")
    return {public_id: (state, reason) for public_id, state, reason in found}


def status(engine: Engine) -> dict[str, tuple[str, str | None]]:
    query = "SELECT m.public_id, d.status, d.cause FROM delivery d JOIN message m ON m.id = d.message_id"
    return {public_id: (status, cause) for public_id, status, cause in rows(engine, query)}


def suppressed(engine: Engine) -> list[tuple[Any, ...]]:
    return rows(engine, "SELECT channel, address, reason FROM suppression ORDER BY id")


def test_an_event_makes_a_message_in_doubt_sent_and_shows_how_far_it_came(
    client: FlaskClient, engine: Engine
) -> None:
    assert ledger(engine)["p2"][0] == "ambiguous"
    assert told(client, mail_event("processed", "p2", MORNING)).status_code == 204
    assert ledger(engine)["p2"] == ("accepted", None)
    assert status(engine)["p2"] == ("taken", None)
    told(client, mail_event("delivered", "p2", MORNING + timedelta(minutes=1)))
    told(client, mail_event("processed", "p2", MORNING))
    assert status(engine)["p2"] == ("delivered", None)
    assert counts(engine) == {("sendgrid", "taken"): 2, ("sendgrid", "again"): 1}
    traced = rows(engine, "SELECT outcome, detail FROM attempt")
    assert traced == [("accepted", "told by its provider")]


def test_what_the_provider_gave_up_is_a_failure_with_its_reason(client: FlaskClient, engine: Engine) -> None:
    event = mail_event("dropped", "p1", MORNING, reason="Spam Content")
    told(client, mail_event("processed", "p1", MORNING), event)
    assert ledger(engine)["p1"] == ("rejected", "dropped_by_provider")
    assert status(engine)["p1"] == ("dropped", "filtered")
    assert suppressed(engine) == []


@pytest.mark.parametrize(
    ("event", "closed", "stopped"),
    [
        ({"kind": "bounce", "type": "bounce", "status": "5.1.1"}, "hard_bounce", False),
        ({"kind": "bounce", "type": "bounce", "status": "5.2.2"}, "soft_bounce", False),
        ({"kind": "bounce", "type": "blocked"}, "blocked", False),
        ({"kind": "bounce", "type": "blocked", "bounce_classification": "Reputation"}, None, False),
        ({"kind": "spamreport"}, "complaint", True),
        ({"kind": "unsubscribe"}, "asked", True),
    ],
)
def test_bounces_and_complaints_close_the_address_and_leave_the_sums(
    client: FlaskClient, engine: Engine, event: dict[str, str], closed: str | None, stopped: bool
) -> None:
    before = ledger(engine)
    kind = event.pop("kind")
    for _ in range(2):
        told(client, mail_event(kind, "p1", MORNING, email="Rosa@Example.org", **event))
    assert ledger(engine) == before
    assert suppressed(engine) == ([("email", "rosa@example.org", closed)] if closed else [])
    with transaction(engine, ENGINE) as connection:
        said = consent.history(connection, 1)
    assert [(one.channel, one.action, one.source) for one in said] == (
        [("email", "revoked", "provider")] if stopped else []
    )


def test_events_about_the_mail_of_others_are_counted_and_not_kept(
    client: FlaskClient, engine: Engine
) -> None:
    before = ledger(engine)
    others = [mail_event("bounce", "never-ours", MORNING), {"event": "open"}, "nothing"]
    assert told(client, *others).status_code == 204
    assert rows(engine, "SELECT * FROM provider_event") == []
    assert (ledger(engine), suppressed(engine)) == (before, [])
    assert counts(engine) == {("sendgrid", "others"): 2, ("sendgrid", "unreadable"): 1}


def test_what_comes_while_a_message_is_being_sent_waits_for_the_answer(
    client: FlaskClient, engine: Engine
) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE message SET state = 'dispatching' WHERE public_id = 'p4'"))
    told(client, mail_event("processed", "p4", MORNING))
    assert ledger(engine)["p4"][0] == "dispatching"
    with transaction(engine, ENGINE) as connection:
        assert receipts.weigh_waiting(connection, MORNING) == 0
        connection.execute(text("UPDATE message SET state = 'retry_at' WHERE public_id = 'p4'"))
        assert receipts.weigh_waiting(connection, MORNING) == 1
        assert receipts.weigh_waiting(connection, MORNING) == 0
    assert ledger(engine)["p4"] == ("accepted", None)


def forged(client: FlaskClient) -> dict[str, TestResponse]:
    """Everything somebody without a key can try, by what is wrong with it."""
    event, stranger = [mail_event("dropped", "p1", MORNING, reason="Spam Content")], SignedEvents()
    body, stamp = b'[{"event": "dropped"}]', str(int(MORNING.timestamp()))
    signed = {SIGNATURE: SENDGRID.sign(stamp, body), TIMESTAMP: stamp}
    failed = {"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "30006", "To": "+12025550101"}
    query = f"{STATUS}?message=p1"
    return {
        "no signature": client.post("/hooks/sendgrid/events", json=event),
        "another key": stranger.post(client, event, MORNING),
        "another body": client.post("/hooks/sendgrid/events", data=body + b" ", headers=signed),
        "another time": client.post(
            "/hooks/sendgrid/events", data=body, headers=signed | {TIMESTAMP: str(int(stamp) + 1)}
        ),
        "no time": client.post("/hooks/sendgrid/events", data=body, headers={SIGNATURE: signed[SIGNATURE]}),
        "a wrong secret": client.post(f"/hooks/sendgrid/inbound/{'x' * 40}", data={"from": "a@b.c"}),
        "a status without a signature": client.post(query, data=failed),
        "a status with another token": texted(client, query, failed, token="guessed"),
        "a status for another message": texted(client, query, failed, url=f"{BASE}{STATUS}?message=p2"),
        "a status with other words": texted(client, query, failed, form=failed | {"ErrorCode": ""}),
        "a text without a signature": client.post(INBOUND, data={"From": "+12025550101", "Body": "STOP"}),
    }


def test_what_nobody_signed_gets_the_same_401_is_counted_and_changes_nothing(
    client: FlaskClient, engine: Engine
) -> None:
    before = ledger(engine)
    answers = forged(client)
    assert {name: (answer.status_code, answer.data) for name, answer in answers.items()} == dict.fromkeys(
        answers, (401, b"")
    )
    assert counts(engine) == {("sendgrid", "forged"): 6, ("twilio", "forged"): 5}
    assert (ledger(engine), status(engine), suppressed(engine)) == (before, {}, [])
    for table in ("provider_event", "consent_event", "reply"):
        assert rows(engine, f"SELECT * FROM {table}") == []


@pytest.mark.parametrize("away", [timedelta(hours=-25), timedelta(days=-20000), timedelta(hours=1)])
def test_what_was_signed_long_ago_or_in_the_future_is_refused_and_counted(
    client: FlaskClient, engine: Engine, away: timedelta
) -> None:
    before = ledger(engine)
    answer = SENDGRID.post(client, [mail_event("processed", "p2", MORNING)], max(MORNING + away, EPOCH))
    assert (answer.status_code, answer.data) == (401, b"")
    assert counts(engine) == {("sendgrid", "stale"): 1}
    assert ledger(engine) == before


EPOCH = MORNING - timedelta(seconds=int(MORNING.timestamp()))


def test_refusals_end_in_429_and_what_is_signed_still_gets_in(client: FlaskClient, engine: Engine) -> None:
    answers = [client.post("/hooks/sendgrid/events", data=b"[]").status_code for _ in range(603)]
    assert answers == [401] * 600 + [429] * 3
    assert counts(engine) == {("sendgrid", "forged"): 600}
    assert told(client, mail_event("processed", "p2", MORNING)).status_code == 204
    assert ledger(engine)["p2"] == ("accepted", None)


def test_every_door_is_open_to_anybody_and_believes_nobody(app: Flask) -> None:
    doors = [endpoint for endpoint in app.view_functions if endpoint.startswith("hooks.")]
    assert len(doors) == 4
    assert {rule_of(app, endpoint) for endpoint in doors} == {PUBLIC}
    assert all(app.view_functions[endpoint].posted_by_machines for endpoint in doors)  # type: ignore[attr-defined]


def test_a_door_without_a_key_is_not_there(engine: Engine, tmp_path: Path, clock: Clock) -> None:
    client = create_app(page_settings(tmp_path), engine=engine, clock=clock).test_client()
    doors = [
        "/hooks/sendgrid/events",
        "/hooks/sendgrid/inbound/",
        "/hooks/sendgrid/inbound/x",
        STATUS,
        INBOUND,
    ]
    assert [client.post(door).status_code for door in doors] == [404] * len(doors)


def test_more_than_a_provider_sends_is_not_read(client: FlaskClient, engine: Engine) -> None:
    assert client.post("/hooks/sendgrid/events", data=b" " * (2 * 1024 * 1024 + 1)).status_code == 413
    assert counts(engine) == {}


@pytest.mark.parametrize("address", ["a\0b@example.org", "a\ud800@example.org", "", "x"], ids=ascii)
def test_an_address_that_is_none_keeps_nothing_else_out(
    client: FlaskClient, engine: Engine, address: str
) -> None:
    """Or the provider would tell the whole post again for a day, and then never."""
    odd = mail_event("bounce", "p1", MORNING, email=address, type="bounce", status="5.1.1")
    assert told(client, odd, mail_event("processed", "p2", MORNING)).status_code == 204
    assert ledger(engine)["p2"] == ("accepted", None)
    assert counts(engine) == {("sendgrid", "taken"): 2}
    assert suppressed(engine) == []


def test_a_status_with_a_code_that_is_none_is_taken(client: FlaskClient, engine: Engine) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "sent", "To": "\0", "ErrorCode": "3\0"}
    assert texted(client, f"{STATUS}?message=p2", form).status_code == 204
    assert ledger(engine)["p2"] == ("accepted", None)


def test_statuses_of_a_text_message(client: FlaskClient, engine: Engine) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text("UPDATE message SET channel = 'sms', provider = 'twilio' WHERE public_id = 'p2'")
        )
    query = f"{STATUS}?message=p2"
    form = {"MessageSid": "SM1", "AccountSid": "AC1", "To": "+1 (202) 555-0101"}
    for one in ({"MessageStatus": "undelivered", "ErrorCode": "30006"}, {"MessageStatus": "sent"}):
        for _ in range(2):
            assert texted(client, query, form | one).status_code == 204
    assert ledger(engine)["p2"] == ("accepted", None)
    assert status(engine)["p2"] == ("bounced", "landline")
    assert suppressed(engine) == [("sms", "+12025550101", "landline")]
    assert counts(engine) == {("twilio", "taken"): 2, ("twilio", "again"): 2}
