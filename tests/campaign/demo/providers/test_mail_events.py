"""SendGrid's Event Webhook and Inbound Parse: what is told, and that it is signed as SendGrid signs."""

from __future__ import annotations

import base64
import contextlib
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from sendgrid import SendGridAPIClient
from sendgrid.helpers.eventwebhook import EventWebhook
from werkzeug.formparser import parse_form_data
from werkzeug.test import EnvironBuilder

from campaign.demo.providers import Fate, Faults, Mishap, Simulator, SimulatorError, SimulatorOptions, running
from campaign.demo.providers.posting import Post
from tests.campaign.demo.providers.program import Program, listening

NOON = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)
HOOK = "https://schools.example/hooks"
OPTIONS = SimulatorOptions(events_url=f"{HOOK}/sendgrid", inbound_mail_url=f"{HOOK}/mail")
SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with running(OPTIONS, clock=lambda: NOON) as simulator:
        yield simulator


@pytest.fixture
def program() -> Iterator[Program]:
    with listening() as program:
        yield program


def send(simulator: Simulator, *public_ids: str) -> str:
    """Mail to an address made of each id; SendGrid's own id for the request."""
    document = {
        "personalizations": [
            {"to": [{"email": f"{name}@example.org"}], "custom_args": {"public_id": name}}
            for name in public_ids
        ],
        "from": {"email": "families@example.org"},
        "subject": "A report is ready",
        "content": [{"type": "text/plain", "value": "Hello"}],
    }
    client = SendGridAPIClient("SG.simulated.key", host=simulator.url)
    return str(client.send(document).headers["X-Message-Id"])


def told(simulator: Simulator) -> list[dict[str, Any]]:
    simulator.deliver()
    return [event for post in simulator.take_posts() for event in json.loads(post.body)]


def is_signed(simulator: Simulator, body: bytes, headers: dict[str, str]) -> bool:
    """By the raw bytes, and by the provider's own package."""
    key = load_der_public_key(base64.b64decode(simulator.event_key))
    assert isinstance(key, ec.EllipticCurvePublicKey)
    try:
        raw = base64.b64decode(headers[SIGNATURE])
        key.verify(raw, headers[TIMESTAMP].encode() + body, ec.ECDSA(SHA256()))
        by_bytes = True
    except InvalidSignature:
        by_bytes = False
    webhook = EventWebhook(simulator.event_key)
    by_package = webhook.verify_signature(body.decode(), headers[SIGNATURE], headers[TIMESTAMP])
    assert by_bytes == by_package
    return by_bytes


@pytest.mark.parametrize(
    ("fate", "kinds"),
    [
        (Fate.DELIVERED, ["processed", "delivered"]),
        (Fate.DEFERRED, ["processed", "deferred", "delivered"]),
        (Fate.BOUNCED, ["processed", "bounce"]),
        (Fate.BLOCKED, ["processed", "bounce"]),
        (Fate.DROPPED, ["dropped"]),
        (Fate.COMPLAINED, ["processed", "delivered", "spamreport"]),
        (Fate.UNSUBSCRIBED, ["processed", "delivered", "unsubscribe"]),
        (Fate.NEVER_TOLD, []),
    ],
)
def test_each_fate_is_told_in_its_order(simulator: Simulator, fate: Fate, kinds: list[str]) -> None:
    simulator.change(Faults(recipients={"m-1@example.org": fate}))
    message_id = send(simulator, "m-1")
    events = told(simulator)
    assert [event["event"] for event in events] == kinds
    assert {event["public_id"] for event in events} <= {"m-1"}
    assert {event["email"] for event in events} <= {"m-1@example.org"}
    assert {event["timestamp"] for event in events} <= {int(NOON.timestamp())}
    assert all(event["sg_message_id"].startswith(f"{message_id}.") for event in events)
    assert len({event["sg_event_id"] for event in events}) == len(kinds)


def test_a_block_is_a_bounce_of_another_type(simulator: Simulator) -> None:
    simulator.change(Faults(recipients={"a@example.org": Fate.BLOCKED, "b@example.org": Fate.BOUNCED}))
    send(simulator, "a", "b")
    types = {event["public_id"]: event["type"] for event in told(simulator) if event["event"] == "bounce"}
    assert types == {"a": "blocked", "b": "bounce"}


@pytest.mark.parametrize(
    ("fate", "reason"),
    [
        (Fate.BOUNCED, "Bounced Address"),
        (Fate.COMPLAINED, "Spam Reporting Address"),
        (Fate.UNSUBSCRIBED, "Unsubscribed Address"),
    ],
)
def test_who_is_suppressed_gets_nothing_more(simulator: Simulator, fate: Fate, reason: str) -> None:
    simulator.change(Faults(recipients={"m-1@example.org": fate}))
    send(simulator, "m-1")
    told(simulator)
    simulator.change(Faults())
    send(simulator, "m-1")
    (event,) = told(simulator)
    assert (event["event"], event["reason"]) == ("dropped", reason)


def test_posts_are_signed_over_time_and_raw_body(simulator: Simulator) -> None:
    simulator.change(Faults(event_ms=60_000))
    send(simulator, *[f"m-{number}" for number in range(600)])
    simulator.deliver()
    posts = simulator.take_posts()
    assert [len(json.loads(post.body)) for post in posts] == [1000, 200]
    for post in posts:
        assert post.url == OPTIONS.events_url
        assert post.body.endswith(b"]\r\n")
        headers = dict(post.headers)
        assert headers[TIMESTAMP] == str(int(NOON.timestamp()))
        assert is_signed(simulator, post.body, headers)
        assert not is_signed(simulator, post.body.strip(), headers)


def test_another_seed_has_another_key() -> None:
    one, other = (Simulator(0, 0, SimulatorOptions(seed=seed)).event_key for seed in (1, 2))
    assert one != other


def test_anything_can_be_made_to_happen_to_a_mail(simulator: Simulator) -> None:
    simulator.change(Faults(fates={Fate.NEVER_TOLD: 1}))
    send(simulator, "m-1")
    simulator.happen("m-1", "bounce", type="blocked", status="5.2.2")
    (event,) = told(simulator)
    assert (event["public_id"], event["event"], event["status"]) == ("m-1", "bounce", "5.2.2")
    with pytest.raises(SimulatorError, match="nothing was accepted under m-2"):
        simulator.happen("m-2", "bounce")


def wait_until(done: Callable[[], bool]) -> None:
    for _ in range(400):
        if done():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come about")


def test_events_come_by_themselves_and_again_when_refused(program: Program) -> None:
    program.statuses = [500]
    options = SimulatorOptions(events_url=f"{program.url}/hooks/sendgrid", faults=Faults(event_ms=1))
    with running(options) as simulator:
        send(simulator, "m-1")
        # What was refused comes again as it was; the other event may come before or after it.
        wait_until(
            lambda: (
                sorted(kind for one in kinds_told(program)[1:] for kind in one) == ["delivered", "processed"]
            )
        )
        first, *later = kinds_told(program)
        assert first in later
        assert all(is_signed(simulator, told.body, told.headers) for told in program.told)
        wait_until(lambda: simulator.report().posts.get("answered") == len(later))
        assert simulator.report().posts["refused"] == 1


def kinds_told(program: Program) -> list[list[str]]:
    return [[event["event"] for event in json.loads(told.body)] for told in program.told]


def test_a_program_that_is_away_is_told_later() -> None:
    with listening() as program:
        port = program.port
    options = SimulatorOptions(events_url=f"http://127.0.0.1:{port}/hooks", faults=Faults(event_ms=60_000))
    with running(options) as simulator:
        send(simulator, "m-1")
        assert simulator.deliver() == 2
        report = simulator.report()
        assert (report.posts, report.waiting) == ({"unanswered": 1}, 1)


def posts_with(simulator: Simulator, *mishaps: Mishap, ids: tuple[str, ...] = ("m-1",)) -> list[Post]:
    simulator.change(Faults(event_ms=60_000, mishaps=dict.fromkeys(mishaps, 1.0)))
    send(simulator, *ids)
    simulator.deliver()
    return simulator.take_posts()


def test_an_event_twice_keeps_its_id(simulator: Simulator) -> None:
    (post,) = posts_with(simulator, Mishap.TWICE)
    events = json.loads(post.body)
    assert len(events) == 4
    assert len({event["sg_event_id"] for event in events}) == 2


def test_events_come_out_of_order(simulator: Simulator) -> None:
    (post,) = posts_with(simulator, Mishap.SHUFFLED, ids=tuple(f"m-{number}" for number in range(20)))
    events = [(event["public_id"], event["event"]) for event in json.loads(post.body)]
    early = [events.index((name, "delivered")) < events.index((name, "processed")) for name, _ in events]
    assert any(early)
    assert len(set(events)) == 40


def test_a_forgery_has_a_signature_that_does_not_fit(simulator: Simulator) -> None:
    forged, genuine = posts_with(simulator, Mishap.FORGED)
    assert forged.headers == genuine.headers
    assert json.loads(forged.body)[0]["event"] == "dropped"
    assert not is_signed(simulator, forged.body, dict(forged.headers))
    assert is_signed(simulator, genuine.body, dict(genuine.headers))


def test_a_replay_is_the_same_to_the_last_byte(simulator: Simulator) -> None:
    first, again = posts_with(simulator, Mishap.REPLAYED)
    assert first == again
    assert is_signed(simulator, again.body, dict(again.headers))


def test_late_events_wait_longer(program: Program) -> None:
    faults = Faults(event_ms=1, late_ms=60_000, mishaps={Mishap.LATE: 1.0})
    with running(SimulatorOptions(events_url=program.url, faults=faults)) as simulator:
        send(simulator, "m-1")
        simulator.change(Faults(event_ms=1))
        send(simulator, "m-2")
        wait_until(lambda: simulator.report().waiting == 2)
        assert {e["public_id"] for told in program.told for e in json.loads(told.body)} == {"m-2"}
        simulator.deliver()
        assert {e["public_id"] for e in json.loads(program.told[-1].body)} == {"m-1"}


def test_a_family_s_mail_comes_as_the_form_of_inbound_parse(simulator: Simulator) -> None:
    note = base64.b64encode(b"\x89PNG\r\n").decode()
    simulator.receive_mail(
        "Señora Pérez <ana@example.org>",
        "reply+token@schools.example",
        subject="Re: ¿Cómo va?",
        text="Gracias\r\nAna",
        headers={"In-Reply-To": "<m-1@simulated>"},
        attachments=[{"filename": 'a "note".png', "type": "image/png", "content": note}],
    )
    simulator.deliver()
    (post,) = simulator.take_posts()
    builder = EnvironBuilder(method="POST", data=post.body, headers=dict(post.headers))
    _, form, files = parse_form_data(builder.get_environ())
    assert (form["from"], form["to"]) == ("Señora Pérez <ana@example.org>", "reply+token@schools.example")
    assert (form["subject"], form["text"]) == ("Re: ¿Cómo va?", "Gracias\r\nAna")
    assert "html" not in form
    assert json.loads(form["envelope"]) == {"to": ["reply+token@schools.example"], "from": "ana@example.org"}
    assert "In-Reply-To: <m-1@simulated>" in form["headers"]
    assert (form["attachments"], list(json.loads(form["attachment-info"]))) == ("1", ["attachment1"])
    with contextlib.closing(files["attachment1"]) as attached:
        assert (attached.read(), attached.mimetype) == (b"\x89PNG\r\n", "image/png")


def test_without_an_address_there_is_nobody_to_tell() -> None:
    with running() as simulator:
        send(simulator, "m-1")
        assert simulator.deliver() == 0
        for ask in (
            lambda: simulator.happen("m-1", "bounce"),
            lambda: simulator.receive_mail("a@example.org", "b@example.org"),
            lambda: simulator.receive_text("+12025550101", "Hello"),
        ):
            with pytest.raises(SimulatorError, match="is empty"):
                ask()
