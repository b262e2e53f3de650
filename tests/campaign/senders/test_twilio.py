"""Text messages through Twilio: what is asked, what each answer means, and what its list proves."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from campaign.dispatch.receipts import Cause
from campaign.senders.contract import (
    Accepted,
    Ambiguous,
    Doubt,
    Found,
    NotSent,
    Outcome,
    OutgoingMessage,
    Permanent,
    Retryable,
    Unknown,
    text_digest,
)
from campaign.senders.twilio import TwilioAccount, TwilioSender, form
from tests.campaign.senders.twilio_desk import Desk, twilio_desk

NOW = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)
ACCOUNT = TwilioAccount("AC" + "1" * 32, "a-token-that-must-stay-secret", "MG" + "2" * 32)
HOOK = "https://gbg.example.org/hooks/twilio/status"
MESSAGE = OutgoingMessage(
    public_id="0123456789abcdef0123456789abcdef",
    channel="sms",
    to="+12025550101",
    subject="",
    text="Alder: El informe está listo: https://gbg.example.org/r/token\n",
    html="",
    language="es",
    stop_url="",
    at=NOW,
    expires_at=NOW + timedelta(hours=2),
)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with twilio_desk() as found:
        yield found


def sender(desk: Desk, *events: str) -> TwilioSender:
    return TwilioSender(ACCOUNT, HOOK, lambda _: list(events), desk.host, 0.5, 0.5)


def sent(desk: Desk, message: OutgoingMessage = MESSAGE) -> Outcome:
    twilio = sender(desk)
    try:
        return twilio.send(message=message)
    finally:
        twilio.close()


def test_one_text_goes_to_one_number_with_its_end_and_our_id_for_the_status(desk: Desk) -> None:
    assert sent(desk) == Accepted("SM1")
    ((method, path, headers, fields),) = desk.asked
    assert (method, path) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT.sid}/Messages.json")
    pair = base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
    assert pair == f"{ACCOUNT.sid}:{ACCOUNT.token}"
    assert fields == {
        "To": [MESSAGE.to],
        "MessagingServiceSid": [ACCOUNT.messaging_service],
        "Body": [MESSAGE.text.strip()],
        "StatusCallback": [f"{HOOK}?message={MESSAGE.public_id}"],
        "ValidityPeriod": ["7200"],
    }


@pytest.mark.parametrize(
    ("left", "seconds"),
    [
        (timedelta(hours=40), "36000"),
        (timedelta(minutes=9, seconds=0.9), "540"),
        (timedelta(0), "1"),
        (timedelta(days=-1), "1"),
    ],
)
def test_no_text_waits_at_the_provider_beyond_its_time(left: timedelta, seconds: str) -> None:
    fields = form(replace(MESSAGE, expires_at=NOW + left), ACCOUNT.messaging_service, HOOK)
    assert fields["ValidityPeriod"] == seconds
    assert "ValidityPeriod" not in form(replace(MESSAGE, expires_at=None), ACCOUNT.messaging_service, HOOK)


def error(status: int, code: int) -> tuple[int, Any, dict[str, str]]:
    return status, {"code": code, "message": "about +12025550101", "status": status}, {}


@pytest.mark.parametrize(
    ("answer", "kind", "cause"),
    [
        ((201, b"not json", {}), Accepted, None),
        (error(400, 21610), Permanent, Cause.STOPPED),
        (error(400, 21211), Permanent, Cause.INVALID_NUMBER),
        (error(400, 21614), Permanent, Cause.LANDLINE),
        (error(400, 21602), Permanent, Cause.TECHNICAL),
        ((400, b"not json", {}), Permanent, Cause.TECHNICAL),
        (error(400, 21408), Retryable, None),
        (error(400, 21703), Retryable, None),
        (error(401, 20003), Retryable, None),
        (error(403, 20003), Retryable, None),
        (error(404, 20404), Retryable, None),
        (error(429, 20429), Retryable, None),
        (error(400, 30001), Retryable, None),
        ((500, b"", {}), Ambiguous, None),
        (error(503, 20500), Ambiguous, None),
    ],
)
def test_each_answer_has_its_kind(
    desk: Desk, answer: tuple[int, Any, dict[str, str]], kind: type, cause: Cause | None
) -> None:
    desk.answer = answer
    outcome = sent(desk)
    assert type(outcome) is kind
    if isinstance(outcome, Permanent):
        assert outcome.cause is cause
    assert MESSAGE.to not in str(outcome)
    assert ACCOUNT.token not in f"{outcome} {sender(desk)!r}"


@pytest.mark.parametrize(
    ("answer", "everybody"),
    [
        (error(429, 20429), True),
        (error(401, 20003), True),
        (error(404, 20404), True),
        (error(400, 21703), True),
        (error(400, 30001), True),
        # About one number: a country that is not switched on stops nobody else.
        (error(400, 21408), False),
        (error(400, 21612), False),
    ],
)
def test_what_is_about_our_account_holds_back_everybody(
    desk: Desk, answer: tuple[int, Any, dict[str, str]], everybody: bool
) -> None:
    desk.answer = answer
    outcome = sent(desk)
    assert isinstance(outcome, Retryable)
    assert outcome.everybody is everybody


@pytest.mark.parametrize(("header", "wait"), [("7", 7), ("", 60), ("soon", 60), ("0", 1), ("999999", 3600)])
def test_429_is_obeyed(desk: Desk, header: str, wait: int) -> None:
    desk.answer = (429, {"code": 20429}, {"Retry-After": header} if header else {})
    outcome = sent(desk)
    assert isinstance(outcome, Retryable)
    assert outcome.everybody
    assert outcome.after == timedelta(seconds=wait)


def test_nobody_there_certainly_sent_nothing() -> None:
    with twilio_desk() as gone:
        pass
    outcome = sent(gone)
    assert isinstance(outcome, Retryable)
    assert outcome.everybody


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ([], Unknown()),
        (["taken"], Accepted()),
        (["bounced"], Accepted()),
        (["dropped"], Permanent("given up by Twilio")),
    ],
)
def test_what_was_told_is_looked_at_first(desk: Desk, events: list[str], found: Found) -> None:
    assert sender(desk, *events).lookup(public_id=MESSAGE.public_id) == found
    assert desk.asked == []


def listed(minutes: float, body: str = "another text", **more: Any) -> dict[str, Any]:
    """A message in Twilio's list, so many minutes after ours was handed over."""
    made = format_datetime(NOW + timedelta(minutes=minutes))
    common = {"sid": "SM9", "status": "sent", "error_code": None, "direction": "outbound-api"}
    return common | {"date_created": made, "body": body} | more


OURS = MESSAGE.text.strip()
HOURS_LATER = NOW + timedelta(hours=2)


@pytest.mark.parametrize(
    ("pages", "now", "found"),
    [
        ([[listed(0.1, OURS)]], NOW, Accepted("SM9")),
        ([[listed(30)], [listed(0.1, OURS)]], NOW, Accepted("SM9")),
        ([[listed(0.1, OURS, status="undelivered", error_code=30006)]], NOW, Accepted("SM9")),
        (
            [[listed(0.1, OURS, status="failed", error_code=30034)]],
            NOW,
            Permanent("Twilio gave it up, error 30034", Cause.OUR_SETUP),
        ),
        # Nothing to this number around that time: an hour later that is proof, before it is not.
        ([[]], NOW + timedelta(minutes=59), Unknown()),
        ([[]], HOURS_LATER, NotSent()),
        ([[listed(60 * 24)], [listed(-60 * 24, OURS)]], HOURS_LATER, NotSent()),
        ([[listed(1, direction="inbound")]], HOURS_LATER, NotSent()),
        # Something went at that time, but we cannot tell that it was this one: a person must look.
        ([[listed(1)]], HOURS_LATER, Unknown()),
        ([[listed(1, "")]], HOURS_LATER, Unknown()),
        ([[listed(1) | {"date_created": "?"}]], HOURS_LATER, Unknown()),
        ([[listed(60)], 500], HOURS_LATER, Unknown()),
        ([500], HOURS_LATER, Unknown()),
        ([401], HOURS_LATER, Unknown()),
        ([[listed(60)]] * 11, HOURS_LATER, Unknown()),
    ],
)
def test_only_a_complete_list_is_proof(desk: Desk, pages: list[Any], now: datetime, found: Found) -> None:
    desk.pages = pages
    doubt = Doubt(MESSAGE.public_id, "sms", MESSAGE.to, text_digest(MESSAGE.text), NOW, now)
    twilio = sender(desk)
    assert twilio.search(doubt=doubt) == found
    twilio.close()
    assert desk.asked[0][3]["To"] == [MESSAGE.to]


def test_without_its_text_a_message_at_that_time_proves_nothing(desk: Desk) -> None:
    desk.pages = [[listed(0.1, OURS)]]
    doubt = Doubt(MESSAGE.public_id, "sms", MESSAGE.to, None, NOW, HOURS_LATER)
    assert sender(desk).search(doubt=doubt) == Unknown()
    assert sender(desk).search(doubt=replace(doubt, channel="email")) == Unknown()
