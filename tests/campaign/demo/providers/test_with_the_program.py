"""The program's own senders and doors against the simulated providers: what one says, the other understands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sendgrid import SendGridAPIClient
from sqlalchemy import Engine, text

from campaign.access import ENGINE
from campaign.app import create_app
from campaign.database import transaction
from campaign.demo.providers import Fate, Faults, Mishap, Reaction, Simulator, SimulatorOptions, running
from campaign.dispatch.receipts import Cause
from campaign.senders.contract import (
    Accepted,
    Ambiguous,
    Doubt,
    MailIdentity,
    NotSent,
    OutgoingMessage,
    Permanent,
    Retryable,
    Sender,
    text_digest,
)
from campaign.senders.sendgrid import SendGridSender
from campaign.senders.twilio import TwilioAccount, TwilioSender
from tests.web_pages import MORNING, Clock, page_settings, small_district

BASE = "https://schools.example"
SECRET = "s" * 40
OPTIONS = SimulatorOptions(
    events_url=f"{BASE}/hooks/sendgrid/events",
    inbound_mail_url=f"{BASE}/hooks/sendgrid/inbound/{SECRET}",
    inbound_text_url=f"{BASE}/hooks/twilio/inbound",
)
ACCOUNT = TwilioAccount(OPTIONS.twilio_account, OPTIONS.twilio_token, OPTIONS.twilio_service)
MAIL = OutgoingMessage(
    public_id="p2",
    channel="email",
    to="rosa@example.org",
    subject="Your child's school report is ready",
    text="Hola, Ñandú",
    html="<p>Hola, Ñandú</p>",
    language="es",
    stop_url=f"{BASE}/stop/token",
    at=MORNING,
)
TEXT = replace(MAIL, channel="sms", to="+12025550101", expires_at=MORNING + timedelta(hours=2))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[Simulator]:
    with running(OPTIONS, clock=clock) as simulator:
        yield simulator


def mail_sender(simulator: Simulator) -> SendGridSender:
    identity = MailIdentity("families@example.org", "Schools")
    return SendGridSender(OPTIONS.sendgrid_key, identity, lambda _: [], simulator.url, 2, 0.5)


def text_sender(simulator: Simulator) -> TwilioSender:
    return TwilioSender(ACCOUNT, f"{BASE}/hooks/twilio/status", lambda _: [], simulator.url, 2, 0.5)


@pytest.fixture(params=["email", "sms"])
def sending(request: pytest.FixtureRequest, simulator: Simulator) -> Iterator[tuple[Sender, OutgoingMessage]]:
    email = request.param == "email"
    sender: Sender = mail_sender(simulator) if email else text_sender(simulator)
    yield sender, MAIL if email else TEXT
    sender.close()


@pytest.mark.parametrize(
    ("reaction", "kind", "taken"),
    [
        (Reaction.WELL, Accepted, 1),
        (Reaction.RATE_LIMITED, Retryable, 0),
        (Reaction.ERROR, Ambiguous, 0),
        (Reaction.ERROR_TAKEN, Ambiguous, 1),
        (Reaction.HUNG_UP, Ambiguous, 0),
        (Reaction.HUNG_UP_TAKEN, Ambiguous, 1),
        (Reaction.DRIPPING, Ambiguous, 1),
        (Reaction.SILENT, Ambiguous, 0),
        (Reaction.SILENT_TAKEN, Ambiguous, 1),
    ],
)
def test_each_reaction_has_its_outcome(
    simulator: Simulator, sending: tuple[Sender, OutgoingMessage], reaction: Reaction, kind: type, taken: int
) -> None:
    sender, message = sending
    simulator.change(Faults(next=(reaction,)))
    outcome = sender.send(message=message)
    assert type(outcome) is kind
    accepted = simulator.accepted("p2")
    assert len(accepted) == simulator.report().accepted == taken
    if isinstance(outcome, Accepted):
        assert outcome.provider_message_id == accepted[0].message_id
    assert isinstance(sender.send(message=message), Accepted)


def test_nobody_there_certainly_took_nothing(
    simulator: Simulator, sending: tuple[Sender, OutgoingMessage]
) -> None:
    sender, message = sending
    simulator.refuse_connections()
    assert isinstance(sender.send(message=message), Retryable)
    simulator.accept_connections()
    assert isinstance(sender.send(message=message), Accepted)


def test_a_mail_arrives_whole(simulator: Simulator) -> None:
    sender = mail_sender(simulator)
    sender.send(message=MAIL)
    sender.close()
    (accepted,) = simulator.accepted("p2")
    said = accepted.said
    assert said is not None
    assert (said["to"], said["subject"]) == ([MAIL.to], MAIL.subject)
    assert (said["text"], said["html"]) == (MAIL.text, MAIL.html)
    assert said["custom_args"] == {"public_id": "p2"}
    assert MAIL.stop_url in said["headers"]["List-Unsubscribe"]


def test_a_number_that_has_said_stop_and_a_landline_are_known(simulator: Simulator) -> None:
    sender = text_sender(simulator)
    simulator.receive_text(TEXT.to, "STOP")
    causes = []
    for number in (TEXT.to, "+15005550009", "+15005550001"):
        outcome = sender.send(message=replace(TEXT, to=number))
        assert isinstance(outcome, Permanent)
        causes.append(outcome.cause)
    sender.close()
    assert causes == [Cause.STOPPED, Cause.LANDLINE, Cause.INVALID_NUMBER]


def test_the_list_of_texts_proves_what_went_and_what_did_not(simulator: Simulator, clock: Clock) -> None:
    sender = text_sender(simulator)
    simulator.change(Faults(event_ms=0, next=(Reaction.HUNG_UP_TAKEN, Reaction.HUNG_UP)))
    lost = replace(TEXT, to="+12025550102")
    assert [type(sender.send(message=message)) for message in (TEXT, lost)] == [Ambiguous, Ambiguous]
    clock.forward(hours=2)
    found = [
        sender.search(doubt=Doubt("p2", "sms", message.to, text_digest(message.text), MORNING, clock()))
        for message in (TEXT, lost)
    ]
    sender.close()
    assert found == [Accepted(simulator.accepted("p2")[0].message_id), NotSent()]


@pytest.fixture
def program(engine: Engine, tmp_path: Path, clock: Clock, simulator: Simulator) -> FlaskClient:
    """The program on the small district, with the keys of the simulated providers."""
    small_district(engine)
    settings = page_settings(tmp_path, BASE)
    secrets = replace(
        settings.secrets,
        sendgrid_webhook_key=simulator.event_key,
        sendgrid_inbound_secret=SECRET,
        twilio_account_sid=OPTIONS.twilio_account,
        twilio_auth_token=OPTIONS.twilio_token,
    )
    return create_app(replace(settings, secrets=secrets), engine=engine, clock=clock).test_client()


def hand_over(simulator: Simulator, program: FlaskClient) -> list[int]:
    """Carry all posts of the providers to the program; the statuses it answers."""
    simulator.deliver()
    return [
        program.post(
            post.url.removeprefix(BASE), data=post.body, headers=list(post.headers), base_url=BASE
        ).status_code
        for post in simulator.take_posts()
    ]


def one(engine: Engine, query: str) -> Any:
    with transaction(engine, ENGINE) as connection:
        return connection.execute(text(query)).one()


def many(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    with transaction(engine, ENGINE) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


DELIVERED = "SELECT d.status FROM delivery d JOIN message m ON m.id = d.message_id WHERE m.public_id = 'p2'"
STATE = "SELECT state FROM message WHERE public_id = 'p2'"
COUNTS = "SELECT outcome, count FROM event_count ORDER BY outcome"


def test_events_settle_what_nobody_knew(engine: Engine, program: FlaskClient, simulator: Simulator) -> None:
    assert one(engine, STATE) == ("ambiguous",)
    sender = mail_sender(simulator)
    simulator.change(Faults(event_ms=0, next=(Reaction.ERROR_TAKEN,)))
    assert isinstance(sender.send(message=MAIL), Ambiguous)
    sender.close()
    assert set(hand_over(simulator, program)) == {204}
    assert (one(engine, STATE), one(engine, DELIVERED)) == (("accepted",), ("delivered",))


def test_mishaps_end_as_if_all_had_come_once_and_in_order(
    engine: Engine, program: FlaskClient, simulator: Simulator
) -> None:
    mishaps = dict.fromkeys((Mishap.TWICE, Mishap.SHUFFLED, Mishap.FORGED, Mishap.REPLAYED), 1.0)
    simulator.change(Faults(event_ms=60_000, mishaps=mishaps))
    sender = mail_sender(simulator)
    sender.send(message=MAIL)
    sender.close()
    assert hand_over(simulator, program) == [401, 204, 204]
    assert (one(engine, STATE), one(engine, DELIVERED)) == (("accepted",), ("delivered",))
    assert many(engine, COUNTS) == [("again", 6), ("forged", 1), ("taken", 2)]


def test_a_complaint_stops_and_a_bounce_closes_the_address(
    engine: Engine, program: FlaskClient, simulator: Simulator
) -> None:
    simulator.change(
        Faults(event_ms=0, recipients={MAIL.to: Fate.BOUNCED, "old@example.org": Fate.COMPLAINED})
    )
    client = SendGridAPIClient(OPTIONS.sendgrid_key, host=simulator.url)
    for public_id, to in (("p2", MAIL.to), ("p1", "old@example.org")):
        client.send(
            {
                "personalizations": [{"to": [{"email": to}], "custom_args": {"public_id": public_id}}],
                "from": {"email": "families@example.org"},
                "subject": "Hello",
                "content": [{"type": "text/plain", "value": "Hello"}],
            }
        )
    hand_over(simulator, program)
    closed = many(engine, "SELECT address, reason FROM suppression ORDER BY address")
    assert closed == [("old@example.org", "complaint"), ("rosa@example.org", "hard_bounce")]


def test_callbacks_and_replies_get_in(engine: Engine, program: FlaskClient, simulator: Simulator) -> None:
    simulator.change(Faults(event_ms=0, recipients={TEXT.to: Fate.LANDLINE}))
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text("UPDATE message SET channel = 'sms', provider = 'twilio' WHERE public_id = 'p2'")
        )
    sender = text_sender(simulator)
    sender.send(message=TEXT)
    sender.close()
    simulator.receive_text("+12025550103", "Cảm ơn 👍")
    simulator.receive_mail("Rosa <rosa@example.org>", "reply+1@schools.example", text="¿Qué hago?")
    assert sorted(hand_over(simulator, program)) == [200, 204, 204, 204]
    assert one(engine, DELIVERED) == ("bounced",)
    replies = many(engine, "SELECT channel, from_address, text FROM reply ORDER BY channel")
    assert replies == [
        ("email", "Rosa <rosa@example.org>", "¿Qué hago?"),
        ("sms", "+12025550103", "Cảm ơn 👍"),
    ]
