"""Twilio's own client sends, lists and hears of texts; its own validator checks what is posted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from campaign.demo.providers import Fate, Faults, Simulator, SimulatorOptions, running
from campaign.demo.providers.posting import Post

HOOK = "https://schools.example/hooks/twilio"
OPTIONS = SimulatorOptions(inbound_text_url=f"{HOOK}/texts", faults=Faults(event_ms=0))
ANA = "+12025550101"


class Clock:
    """Stands where it was put."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[Simulator]:
    with running(OPTIONS, clock=clock) as simulator:
        yield simulator


@pytest.fixture
def client(simulator: Simulator) -> Client:
    client = Client(OPTIONS.twilio_account, OPTIONS.twilio_token)
    client.api.base_url = simulator.url
    return client


def send(client: Client, to: str = ANA, **more: Any) -> Any:
    fields = {"messaging_service_sid": OPTIONS.twilio_service, "body": "Ana's report is ready", **more}
    return client.messages.create(to=to, **fields)


def posted(simulator: Simulator) -> list[tuple[Post, dict[str, str]]]:
    simulator.deliver()
    return [(post, dict(parse_qsl(post.body.decode()))) for post in simulator.take_posts()]


def is_signed(post: Post) -> bool:
    validator = RequestValidator(OPTIONS.twilio_token)
    signature = dict(post.headers)["X-Twilio-Signature"]
    return bool(validator.validate(post.url, dict(parse_qsl(post.body.decode())), signature))


def test_a_text_is_taken_as_by_the_provider(simulator: Simulator, client: Client) -> None:
    sent = send(client, status_callback=f"{HOOK}?message=m-1", validity_period=3600)
    (accepted,) = simulator.accepted("m-1")
    assert (accepted.to, accepted.message_id) == (ANA, sent.sid)
    assert accepted.said is not None
    assert (accepted.said["body"], accepted.said["validity_period"]) == ("Ana's report is ready", 3600)
    assert sent.sid.startswith("SM")
    assert len(sent.sid) == 34
    assert sent.date_created == datetime(2026, 11, 2, 18, 0, tzinfo=UTC)


def test_parts_are_counted_once_the_sender_is_known(client: Client) -> None:
    number = OPTIONS.twilio_number
    by_number = send(client, messaging_service_sid=None, from_=number, body="ñ" * 160)
    in_other_letters = send(client, messaging_service_sid=None, from_=number, body="ó" * 71)
    assert (by_number.num_segments, in_other_letters.num_segments) == ("1", "2")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"to": "555"}, 400, 21211),
        ({"to": "+15005550001"}, 400, 21211),
        ({"to": "+15005550002"}, 400, 21612),
        ({"to": "+15005550003"}, 403, 21408),
        ({"to": "+15005550004"}, 400, 21610),
        ({"to": "+15005550009"}, 400, 21614),
        ({"to": OPTIONS.twilio_number, "from_": OPTIONS.twilio_number}, 400, 21266),
        ({"from_": "+12025550199"}, 400, 21606),
        ({"body": ""}, 400, 21602),
        ({"body": "x" * 1601}, 400, 21617),
        ({"messaging_service_sid": "MG" + "f" * 32}, 400, 21705),
        ({"messaging_service_sid": None}, 400, 21603),
        ({"validity_period": 36_001}, 400, 21624),
        ({"validity_period": 0}, 400, 21624),
        ({"status_callback": "not a url"}, 400, 21609),
    ],
)
def test_what_the_provider_would_refuse_is_refused_with_its_code(
    simulator: Simulator, client: Client, changed: dict[str, Any], status: int, code: int
) -> None:
    if "from_" in changed:
        changed = {**changed, "messaging_service_sid": None}
    with pytest.raises(TwilioRestException) as refused:
        send(client, **changed)
    assert (refused.value.status, refused.value.code) == (status, code)
    assert simulator.report().accepted == 0


def test_another_token_or_account_is_refused(simulator: Simulator) -> None:
    for account, token, code in (
        (OPTIONS.twilio_account, "wrong", 20003),
        ("AC" + "f" * 32, OPTIONS.twilio_token, 20003),
    ):
        client = Client(account, token)
        client.api.base_url = simulator.url
        with pytest.raises(TwilioRestException) as refused:
            send(client)
        assert (refused.value.status, refused.value.code) == (401, code)


def test_texts_to_a_number_are_listed_in_pages_newest_first(
    clock: Clock, simulator: Simulator, client: Client
) -> None:
    for number in range(7):
        clock.now += timedelta(minutes=1)
        send(client, body=f"text {number}")
        send(client, to="+12025550102")
    listed = client.messages.list(to=ANA, page_size=3)
    assert [text.body for text in listed] == [f"text {number}" for number in reversed(range(7))]
    assert len(client.messages.list()) == 14
    since = client.messages.list(to=ANA, date_sent_after=clock.now - timedelta(minutes=2))
    assert [text.body for text in since] == ["text 6", "text 5", "text 4"]
    assert client.messages.list(to="+12025550103") == []
    assert client.messages(listed[0].sid).fetch().body == "text 6"
    with pytest.raises(TwilioRestException) as unknown:
        client.messages("SM" + "0" * 32).fetch()
    assert unknown.value.code == 20404


def test_a_text_comes_along_step_by_step(clock: Clock, simulator: Simulator, client: Client) -> None:
    simulator.change(Faults(event_ms=60_000, recipients={ANA: Fate.LANDLINE}))
    sid = send(client).sid
    seen = []
    for _ in range(4):
        text = client.messages(sid).fetch()
        seen.append((text.status, text.error_code, text.date_sent is not None, text.num_segments))
        clock.now += timedelta(minutes=1)
    last = ("undelivered", 30006, True, "1")
    assert seen == [("accepted", None, False, "0"), ("sent", None, True, "1"), last, last]


@pytest.mark.parametrize(
    ("fate", "statuses"),
    [
        (Fate.DELIVERED, [("sent", None), ("delivered", None)]),
        (Fate.UNREACHABLE, [("sent", None), ("undelivered", "30003")]),
        (Fate.BLOCKED, [("sent", None), ("undelivered", "30004")]),
        (Fate.BOUNCED, [("sent", None), ("undelivered", "30005")]),
        (Fate.LANDLINE, [("sent", None), ("undelivered", "30006")]),
        (Fate.FILTERED, [("sent", None), ("undelivered", "30007")]),
        (Fate.DROPPED, [("failed", "30001")]),
        (Fate.EXPIRED, [("failed", "30036")]),
        (Fate.NEVER_TOLD, []),
    ],
)
def test_each_fate_is_told_in_signed_callbacks(
    simulator: Simulator, client: Client, fate: Fate, statuses: list[tuple[str, str | None]]
) -> None:
    simulator.change(Faults(event_ms=0, recipients={ANA: fate}))
    sid = send(client, status_callback=f"{HOOK}?message=m-1").sid
    told = posted(simulator)
    assert [(form["MessageStatus"], form.get("ErrorCode")) for _, form in told] == statuses
    assert all(is_signed(post) and post.url == f"{HOOK}?message=m-1" for post, _ in told)
    assert {form["MessageSid"] for _, form in told} <= {sid}


def test_without_a_callback_nothing_is_told(simulator: Simulator, client: Client) -> None:
    send(client)
    assert posted(simulator) == []


def test_after_stop_nothing_is_taken_until_start(simulator: Simulator, client: Client) -> None:
    simulator.receive_text(ANA, " stop ")
    with pytest.raises(TwilioRestException) as refused:
        send(client)
    assert refused.value.code == 21610
    simulator.receive_text(ANA, "START")
    send(client)
    told = posted(simulator)
    assert [form.get("OptOutType") for _, form in told] == ["STOP", "START"]
    assert simulator.report().accepted == 1


def test_a_family_s_text_comes_signed_and_is_listed(simulator: Simulator, client: Client) -> None:
    sid = simulator.receive_text(ANA, "¿Cuándo es la reunión?")
    ((post, form),) = posted(simulator)
    assert is_signed(post)
    assert (form["MessageSid"], form["From"], form["To"]) == (sid, ANA, OPTIONS.twilio_number)
    assert (form["Body"], "OptOutType" in form) == ("¿Cuándo es la reunión?", False)
    (listed,) = client.messages.list(from_=ANA)
    assert (listed.direction, listed.status, listed.body) == ("inbound", "received", "¿Cuándo es la reunión?")
    assert client.messages.list(to=ANA) == []


def test_anything_can_be_made_to_happen_to_a_text(simulator: Simulator, client: Client) -> None:
    simulator.change(Faults(fates={Fate.NEVER_TOLD: 1}))
    send(client, status_callback=f"{HOOK}?message=m-1")
    simulator.happen("m-1", "undelivered", ErrorCode=30008)
    ((post, form),) = posted(simulator)
    assert is_signed(post)
    assert (form["MessageStatus"], form["ErrorCode"]) == ("undelivered", "30008")
