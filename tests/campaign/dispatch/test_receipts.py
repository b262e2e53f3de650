"""What providers tell: the same end in whatever order it comes, and nothing believed that nobody signed."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from campaign.dispatch import receipts
from campaign.dispatch.receipts import DROPPED_BY_PROVIDER, Cause, Delivery, Event, Kind, Ledger
from campaign.senders import sendgrid_events, twilio_events
from tests.campaign.provider_events import SignedEvents, mail_event

NOW = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)
SENDGRID = SignedEvents()
STATES = [
    "planned",
    "claimed",
    "accepted",
    "rejected",
    "retry_at",
    "ambiguous",
    "failed",
    "dropped",
    "withheld",
]

events = st.builds(
    Event,
    kind=st.sampled_from(Kind),
    sending=st.sampled_from(["one", "two"]),
    cause=st.none() | st.sampled_from(Cause),
    occurred_at=st.integers(0, 5).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    fencing=st.just(3),
)


@st.composite
def two_orders(draw: st.DrawFn) -> tuple[list[Event], list[Event]]:
    """The same events twice, each in an order of its own and some of them told again."""
    told = draw(st.lists(events, min_size=1, max_size=6))
    again = draw(st.lists(st.sampled_from(told), max_size=4))
    return draw(st.permutations(told)), draw(st.permutations([*told, *again]))


def told_one_by_one(state: str, order: list[Event]) -> tuple[str, str | None]:
    """State and reason of a message to which the events are told one after the other."""
    ledger, known = Ledger(state, None, 3), []
    for event in order:
        known.append(event)
        found = receipts.verdict(ledger, known)
        ledger = Ledger(*found, 3) if found else ledger
    return ledger.state, ledger.reason


@given(two_orders(), st.sampled_from(STATES))
def test_events_in_any_order_and_told_again_end_in_the_same_status(
    orders: tuple[list[Event], list[Event]], state: str
) -> None:
    once, other = orders
    assert receipts.delivery(once) == receipts.delivery(other)
    assert told_one_by_one(state, once) == told_one_by_one(state, other)


@given(st.lists(events, max_size=6))
def test_while_a_message_is_being_sent_no_event_changes_it(told: list[Event]) -> None:
    assert receipts.verdict(Ledger("dispatching", None, 3), told) is None


@given(st.lists(events, min_size=1, max_size=6), st.sampled_from(STATES))
def test_a_message_that_somebody_has_is_never_waiting_to_be_sent(told: list[Event], state: str) -> None:
    found = receipts.verdict(Ledger(state, None, 3), told)
    after = found[0] if found else state
    best = receipts.delivery(told)
    assert best is not None
    assert after == ("rejected" if best.status is Kind.DROPPED else "accepted")


@given(st.lists(events, min_size=1, max_size=6), st.sampled_from(STATES))
def test_what_was_told_before_the_last_claim_was_judged_then(told: list[Event], state: str) -> None:
    assert receipts.verdict(Ledger(state, None, 4), told) is None


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        ([Kind.TAKEN], Kind.TAKEN),
        ([Kind.DEFERRED, Kind.TAKEN], Kind.DEFERRED),
        ([Kind.DELIVERED, Kind.DEFERRED], Kind.DELIVERED),
        ([Kind.BOUNCED, Kind.DELIVERED], Kind.BOUNCED),
        ([Kind.TAKEN, Kind.DROPPED], Kind.DROPPED),
        ([Kind.COMPLAINED, Kind.DELIVERED], Kind.COMPLAINED),
    ],
)
def test_the_later_step_of_one_sending_holds(kinds: list[Kind], status: Kind) -> None:
    found = receipts.delivery([Event(kind, "one", None, NOW) for kind in kinds])
    assert found == Delivery(status, None, NOW)


def test_of_two_sendings_the_one_that_arrived_counts() -> None:
    told = [Event(Kind.BOUNCED, "one", Cause.INVALID_ADDRESS, NOW), Event(Kind.DELIVERED, "two", None, NOW)]
    assert receipts.delivery(told) == Delivery(Kind.DELIVERED, None, NOW)


def test_dropped_after_it_was_taken_becomes_a_failure_and_bounced_does_not() -> None:
    sent = Ledger("accepted", None, 3)
    taken = Event(Kind.TAKEN, "one", None, NOW, 3)
    dropped = Event(Kind.DROPPED, "one", Cause.FILTERED, NOW, 3)
    bounced = Event(Kind.BOUNCED, "one", Cause.INVALID_ADDRESS, NOW, 3)
    assert receipts.verdict(sent, [taken, dropped]) == ("rejected", DROPPED_BY_PROVIDER)
    assert receipts.verdict(sent, [taken, bounced]) is None


@pytest.mark.parametrize("taken_before", [False, True])
def test_who_gave_up_an_earlier_sending_says_nothing_of_one_that_another_has(taken_before: bool) -> None:
    """A person had it sent again, it went by the second provider, and only then the first says that it gave up."""
    late = [Event(Kind.DROPPED, "one", Cause.FILTERED, NOW, 3, "sendgrid")]
    late += [Event(Kind.TAKEN, "one", None, NOW, 3, "sendgrid")] if taken_before else []
    assert receipts.verdict(Ledger("accepted", None, 3, "smtp"), late) is None
    assert receipts.verdict(Ledger("ambiguous", "no_answer", 3, "smtp"), late) is None
    assert receipts.verdict(Ledger("accepted", None, 3, "sendgrid"), late) == (
        "rejected",
        DROPPED_BY_PROVIDER,
    )


@pytest.mark.parametrize(
    ("away", "believed"),
    [
        (timedelta(0), True),
        (timedelta(hours=-24), True),
        (timedelta(hours=-24, seconds=-1), False),
        (timedelta(minutes=5), True),
        (timedelta(minutes=5, seconds=1), False),
    ],
)
def test_what_is_signed_long_ago_or_in_the_future_is_not_believed(away: timedelta, believed: bool) -> None:
    assert receipts.in_time(NOW + away, NOW) is believed


BODY = json.dumps([mail_event("delivered", "a" * 32, NOW)]).encode() + b"\r\n"
STAMP = str(int(NOW.timestamp()))
SIGNED = SENDGRID.sign(STAMP, BODY)


def test_what_sendgrid_signed_is_believed_down_to_the_last_line_end() -> None:
    assert sendgrid_events.is_signed(SENDGRID.key, SIGNED, STAMP, BODY)
    assert not sendgrid_events.is_signed(SENDGRID.key, SIGNED, STAMP, BODY.rstrip())


@pytest.mark.parametrize(
    ("signature", "stamp"),
    [
        (None, STAMP),
        ("", STAMP),
        (SIGNED, None),
        (SIGNED, ""),
        ("not base64!", STAMP),
        ("AAAA", STAMP),
        ("ñ", STAMP),
    ],
    # A signature is another one in each process; names of tests must not be.
    ids=["none", "empty", "no stamp", "empty stamp", "no base64", "too short", "no ASCII"],
)
def test_what_is_not_signed_is_not_believed(signature: str | None, stamp: str | None) -> None:
    assert not sendgrid_events.is_signed(SENDGRID.key, signature, stamp, BODY)
    assert not sendgrid_events.is_signed(SignedEvents().key, SIGNED, STAMP, BODY)


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_one_changed_byte_voids_the_signature(place: int, change: int) -> None:
    forged = BODY[:place] + bytes([BODY[place] ^ change]) + BODY[place + 1 :]
    assert not sendgrid_events.is_signed(SENDGRID.key, SIGNED, STAMP, forged)


@pytest.mark.parametrize("key", ["", "nonsense", base64.b64encode(b"no key").decode()])
def test_a_key_that_is_none_is_named(key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        sendgrid_events.is_signed(key, SIGNED, STAMP, BODY)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_body_breaks_the_reader(body: bytes) -> None:
    try:
        post = sendgrid_events.read(body)
    except ValueError:
        return
    assert post.events == []


@pytest.mark.parametrize(
    ("event", "meaning"),
    [
        ({"event": "processed"}, (Kind.TAKEN, None)),
        ({"event": "deferred"}, (Kind.DEFERRED, None)),
        ({"event": "delivered"}, (Kind.DELIVERED, None)),
        ({"event": "bounce", "type": "bounce", "status": "5.1.1"}, (Kind.BOUNCED, Cause.INVALID_ADDRESS)),
        ({"event": "bounce", "type": "bounce", "status": "5.2.2"}, (Kind.BLOCKED, Cause.MAILBOX_FULL)),
        ({"event": "bounce", "type": "blocked"}, (Kind.BLOCKED, Cause.REFUSED_BY_RECEIVER)),
        (
            {"event": "bounce", "type": "blocked", "bounce_classification": "Reputation"},
            (Kind.BLOCKED, Cause.FILTERED),
        ),
        ({"event": "dropped", "reason": "Bounced Address"}, (Kind.DROPPED, Cause.INVALID_ADDRESS)),
        ({"event": "dropped", "reason": "Unsubscribed Address"}, (Kind.DROPPED, Cause.STOPPED)),
        ({"event": "dropped", "reason": "never heard of"}, (Kind.DROPPED, Cause.TECHNICAL)),
        ({"event": "spamreport"}, (Kind.COMPLAINED, Cause.COMPLAINT)),
        ({"event": "group_unsubscribe"}, (Kind.DELIVERED, Cause.STOPPED)),
    ],
)
def test_each_event_of_sendgrid_has_its_meaning(
    event: dict[str, str], meaning: tuple[Kind, Cause | None]
) -> None:
    more = {name: value for name, value in event.items() if name != "event"}
    told = mail_event(event["event"], "a" * 32, NOW, **more)
    ((found, address),) = sendgrid_events.read(json.dumps([told]).encode()).events
    assert (found.kind, found.cause, found.occurred_at, address) == (*meaning, NOW, "m1@example.org")


def test_events_of_others_and_without_an_id_are_counted_and_nothing_else() -> None:
    others = [
        {"event": "delivered", "sg_event_id": "x", "timestamp": 1},
        {"event": "open", "public_id": "a"},
        {},
    ]
    unreadable = [7, mail_event("delivered", "a", NOW) | {"sg_event_id": None}]
    unreadable.append(mail_event("delivered", "a", NOW) | {"timestamp": "soon"})
    post = sendgrid_events.read(json.dumps([*others, *unreadable]).encode())
    assert (post.events, post.others, post.unreadable) == ([], 3, 3)


URL = "https://gbg.example.org/hooks/twilio/status?message=0123456789abcdef"
FORM = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+13125550101", "Body": "¿Qué tal? 👋"}


@given(
    st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=12), max_size=6), st.text(max_size=12)
)
def test_twilios_signature_is_the_one_that_its_own_package_makes(form: dict[str, str], token: str) -> None:
    theirs = RequestValidator(token).compute_signature(URL, form)
    assert twilio_events.sign(token, URL, form.items()) == theirs
    assert twilio_events.is_signed(token, URL, form.items(), theirs)


@pytest.mark.parametrize(
    ("url", "form", "token"),
    [
        (URL + "0", FORM, "secret"),
        (URL.replace("https", "http"), FORM, "secret"),
        (URL, FORM | {"MessageStatus": "failed"}, "secret"),
        (URL, FORM | {"More": "1"}, "secret"),
        (URL, FORM, "other"),
    ],
)
def test_nothing_else_than_what_twilio_signed_is_believed(url: str, form: dict[str, str], token: str) -> None:
    signed = RequestValidator("secret").compute_signature(URL, FORM)
    assert twilio_events.is_signed("secret", URL, FORM.items(), signed)
    assert not twilio_events.is_signed(token, url, form.items(), signed)
    assert not twilio_events.is_signed("secret", URL, FORM.items(), None)
    assert not twilio_events.is_signed("secret", URL, FORM.items(), "ñ")


@pytest.mark.parametrize(
    ("status", "code", "meaning"),
    [
        ("queued", None, (Kind.TAKEN, None)),
        ("sent", None, (Kind.SENT, None)),
        ("delivered", None, (Kind.DELIVERED, None)),
        ("undelivered", 30006, (Kind.BOUNCED, Cause.LANDLINE)),
        ("undelivered", 30005, (Kind.BOUNCED, Cause.INVALID_NUMBER)),
        ("undelivered", 30003, (Kind.BLOCKED, Cause.PHONE_OFF)),
        ("undelivered", 30007, (Kind.BLOCKED, Cause.FILTERED)),
        ("undelivered", None, (Kind.BLOCKED, Cause.TECHNICAL)),
        ("failed", 21610, (Kind.DROPPED, Cause.STOPPED)),
        ("failed", 30034, (Kind.DROPPED, Cause.OUR_SETUP)),
        ("failed", 99999, (Kind.DROPPED, Cause.TECHNICAL)),
        ("canceled", None, (Kind.DROPPED, Cause.TECHNICAL)),
        ("receiving", None, None),
        ("", None, None),
    ],
)
def test_each_status_of_twilio_has_its_meaning(
    status: str, code: int | None, meaning: tuple[Kind, Cause | None] | None
) -> None:
    assert twilio_events.meaning(status, code) == meaning


def test_a_status_that_comes_twice_has_the_same_number() -> None:
    first, again = (twilio_events.read(FORM, "a" * 32, at) for at in (NOW, NOW + timedelta(hours=1)))
    assert first is not None
    assert again is not None
    assert first.event_id == again.event_id == "SM1:delivered"
    assert twilio_events.read({"MessageStatus": "sent"}, "a" * 32, NOW) is None
