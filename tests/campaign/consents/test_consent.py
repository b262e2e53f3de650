"""What people say about messages, taken down: at once, once, over all channels, and with a way back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from campaign.consents import consent
from campaign.consents.opt_out import Confidence, Kind
from campaign.contacts.phones import e164
from campaign.store import consent as store
from campaign.store import suppressions
from campaign.store.consent import STUDENT, TOPIC, Choice, Voice
from campaign.store.suppressions import Why
from campaign.wordings.texts import Texts
from content import catalog
from tests.campaign.families import add_contact

NOW = datetime(2026, 11, 10, 18, tzinfo=UTC)
STAFF = Voice("staff", "She said: no more texts.", NOW, "Ms. Lee", "account:7")


@pytest.fixture
def contact(connection: Connection) -> int:
    connection.execute(text("INSERT INTO district (code, name) VALUES ('d1', 'Lakeside')"))
    return add_contact(connection, "m", email="Rosa@Example.org", phone="(312) 555-0142")


def held(connection: Connection, contact: int) -> dict[tuple[str, str], str]:
    return {(event.channel, event.scope): event.action for event in store.newest(connection, contact)}


def closed(connection: Connection) -> list[tuple[str, str, str]]:
    query = text("SELECT channel, address, reason FROM suppression WHERE lifted_at IS NULL ORDER BY 1, 2")
    return [tuple(row) for row in connection.execute(query)]


def test_a_stop_holds_at_once_and_is_confirmed_once(connection: Connection, contact: int) -> None:
    first = consent.heard(connection, contact, "sms", "Stop!", NOW, revoke_all=False)
    assert (first.kind, first.confidence, first.confirmation) == (Kind.STOP, Confidence.SURE, consent.STOPPED)
    assert held(connection, contact) == {("sms", "all"): "revoked"}
    (event,) = store.history(connection, contact)
    assert (event.source, event.words, event.at) == ("reply", "Stop!", NOW)
    again = consent.heard(connection, contact, "sms", "STOP", NOW + timedelta(minutes=1), revoke_all=False)
    assert (again.kind, again.confirmation) == (Kind.STOP, None)
    assert len(store.history(connection, contact)) == 1


def test_the_number_is_stopped_whoever_it_stands_with(connection: Connection, contact: int) -> None:
    twin = add_contact(connection, "twin", phone="+1 312 555 0142")
    found = consent.heard(connection, "+13125550142", "sms", "no más mensajes", NOW, revoke_all=False)
    assert found.contacts == (contact, twin)
    assert held(connection, twin) == {("sms", "all"): "revoked"}
    # The same person under a new number of the register.
    assert closed(connection) == [("sms", "+13125550142", Why.ASKED)]


def test_a_stop_from_an_address_nobody_knows_is_kept(connection: Connection, contact: int) -> None:
    found = consent.heard(connection, "+14145550199", "sms", "STOP", NOW)
    assert (found.contacts, found.confirmation) == ((), consent.STOPPED)
    assert closed(connection) == [("sms", "+14145550199", Why.ASKED)]
    assert consent.heard(connection, "+14145550199", "sms", "START", NOW).confirmation == consent.STARTED
    assert closed(connection) == []


def test_revoke_all_stops_texts_and_calls_of_every_campaign(connection: Connection, contact: int) -> None:
    consent.heard(connection, contact, "email", "unsubscribe", NOW, revoke_all=True)
    assert held(connection, contact) == dict.fromkeys(
        [("email", "all"), ("sms", "all"), ("call", "all")], "revoked"
    )
    # Whoever wants texts again gets texts again, and no calls.
    assert consent.heard(connection, contact, "sms", "Sí", NOW).confirmation == consent.STARTED
    assert held(connection, contact)["sms", "all"] == "granted"
    assert held(connection, contact)["call", "all"] == "revoked"


def test_a_stop_about_one_campaign_or_child_stays_there(connection: Connection, contact: int) -> None:
    about = [Choice("email", "tips"), Choice("all", f"{STUDENT}4")]
    consent.stop(connection, contact, about, STAFF, revoke_all=False)
    assert set(held(connection, contact)) == {
        ("email", "tips"),
        *((channel, f"{STUDENT}4") for channel in store.CHANNELS),
    }
    assert store.revoked_channels(connection, contact) == frozenset()
    assert store.revoked_channels(connection, contact, "tips") == {"email"}
    # A child is a matter of who may hear, so the rule on consent adds nothing; a topic is one.
    consent.stop(connection, contact, [Choice("all", f"{STUDENT}5")], STAFF, revoke_all=True)
    assert store.revoked_channels(connection, contact) == frozenset()
    consent.stop(connection, contact, [Choice("email", f"{TOPIC}tip")], STAFF, revoke_all=True)
    assert store.revoked_channels(connection, contact) == {"sms", "call"}
    assert closed(connection) == [("sms", "+13125550142", Why.ASKED)]


def test_a_stop_names_the_channel_it_means(connection: Connection, contact: int) -> None:
    consent.heard(connection, contact, "email", "please stop texting me", NOW, revoke_all=False)
    assert held(connection, contact) == {("email", "all"): "revoked", ("sms", "all"): "revoked"}


def test_what_is_not_clear_waits_and_says_nothing(connection: Connection, contact: int) -> None:
    found = consent.heard(connection, contact, "sms", "leave me alone", NOW)
    assert (found.kind, found.confidence, found.confirmation) == (Kind.STOP, Confidence.UNSURE, None)
    assert found.needs_a_person
    assert held(connection, contact) == {("sms", "all"): "unclear"}
    consent.heard(connection, contact, "sms", "leave me alone", NOW)
    assert len(store.history(connection, contact)) == 1
    assert consent.heard(connection, contact, "sms", "STOP", NOW).confirmation == consent.STOPPED
    assert held(connection, contact)["sms", "all"] == "revoked"


@pytest.mark.parametrize("said", ["Thanks!", "yes", "sí", "the bus stop", ""])
def test_an_answer_about_something_else_is_nothing(connection: Connection, contact: int, said: str) -> None:
    found = consent.heard(connection, contact, "sms", said, NOW)
    assert (found.kind, found.confirmation, held(connection, contact)) == (Kind.NONE, None, {})


def test_help_is_answered_but_not_for_ever(connection: Connection, contact: int) -> None:
    answers = [consent.heard(connection, contact, "sms", "AYUDA", NOW).confirmation for _ in range(5)]
    assert answers == [consent.HELP] * 3 + [None] * 2
    assert held(connection, contact) == {}
    tomorrow = NOW + timedelta(days=1, minutes=1)
    assert consent.heard(connection, contact, "sms", "help", tomorrow).confirmation == consent.HELP


def test_a_wrong_number_is_closed_for_that_contact_alone(connection: Connection, contact: int) -> None:
    other = add_contact(connection, "owner", phone="312 555 0177")
    found = consent.heard(connection, contact, "sms", "Wrong number", NOW)
    assert (found.kind, found.confirmation, found.needs_a_person) == (Kind.WRONG, consent.WRONG_NUMBER, True)
    (one,) = suppressions.of_contact(connection, contact)
    assert (one.reason, one.detail, one.address) == (Why.WRONG_NUMBER, "Wrong number", "··· 0142")
    assert suppressions.of_contact(connection, other) == []
    assert held(connection, contact) == {}
    assert consent.heard(connection, contact, "sms", "wrong number!!", NOW).confirmation is None
    action = connection.execute(text("SELECT action, target, detail FROM audit_entry")).one()
    assert tuple(action) == ("wrong_number_heard", f"contact:{contact}", {})


def test_undoing_says_again_what_held_before(connection: Connection, contact: int) -> None:
    consent.stop(connection, contact, [Choice("sms")], STAFF, revoke_all=False)
    first = store.history(connection, contact)[-1].event_id
    assert closed(connection)
    assert consent.undo(connection, contact, first, STAFF)
    assert held(connection, contact) == {("sms", "all"): "undone"}
    assert closed(connection) == []
    assert not consent.undo(connection, contact, first, STAFF), "only what was said last can be undone"
    consent.stop(connection, contact, [Choice("sms")], STAFF, revoke_all=False)
    consent.again(connection, contact, [Choice("sms")], STAFF)
    assert consent.undo(connection, contact, store.history(connection, contact)[-1].event_id, STAFF)
    assert held(connection, contact) == {("sms", "all"): "revoked"}
    assert [event.action for event in store.history(connection, contact)] == [
        "revoked", "undone", "revoked", "granted", "revoked",
    ]  # fmt: skip
    assert {event.entered_by for event in store.history(connection, contact)} == {"Ms. Lee"}


def test_how_often_is_a_choice_too(connection: Connection, contact: int) -> None:
    store.limit(connection, contact, 1, STAFF)
    assert [event.weekly_limit for event in store.newest(connection, contact)] == [1]
    store.limit(connection, contact, None, STAFF)
    assert [event.weekly_limit for event in store.newest(connection, contact)] == [None]


def test_a_voice_needs_a_known_source() -> None:
    with pytest.raises(ValueError, match="rumour is not a source"):
        Voice("rumour", None, NOW)


@pytest.mark.parametrize("key", [consent.STOPPED, consent.STARTED, consent.HELP, consent.WRONG_NUMBER])
def test_confirmations_go_out_in_english_where_drafts_may_not(key: str) -> None:
    texts = Texts(catalog.load(), {})
    spanish = consent.confirmation_text(texts, key, "es-MX", "Alder School")
    assert spanish == catalog.load().text(key, "en", {"school": "Alder School"})
    assert spanish.startswith("Alder School: ")


SUPPRESSIONS = [
    ([Why.SOFT_BOUNCE, Why.HARD_BOUNCE], Why.HARD_BOUNCE, None),
    ([Why.HARD_BOUNCE, Why.SOFT_BOUNCE], Why.HARD_BOUNCE, None),
    ([Why.SOFT_BOUNCE], Why.SOFT_BOUNCE, NOW + timedelta(days=7)),
    ([Why.ASKED, Why.COMPLAINT], Why.COMPLAINT, None),
    ([Why.BLOCKED], Why.BLOCKED, NOW + timedelta(days=3)),
]


@pytest.mark.parametrize(("reasons", "stays", "until"), SUPPRESSIONS)
def test_the_gravest_reason_stays(
    connection: Connection, reasons: list[Why], stays: Why, until: datetime | None
) -> None:
    for reason in reasons:
        assert suppressions.suppress(connection, "email", " Rosa@Example.org ", reason, NOW)
    row = connection.execute(text("SELECT address, reason, until FROM suppression")).one()
    assert tuple(row) == ("rosa@example.org", stays, until)


def test_soft_ones_pass_and_others_wait_for_a_person(connection: Connection, contact: int) -> None:
    suppressions.suppress(connection, "email", "rosa@example.org", Why.SOFT_BOUNCE, NOW)
    suppressions.suppress(connection, "sms", "312-555-0142", Why.LANDLINE, NOW)
    assert suppressions.let_pass(connection, NOW + timedelta(days=7, minutes=-1)) == 0
    assert suppressions.let_pass(connection, NOW + timedelta(days=7)) == 1
    (phone,) = suppressions.found(connection, lifted=False, limit=9)
    assert (phone.address, phone.contacts) == ("··· 0142", (contact,))
    assert suppressions.lift(connection, phone.suppression_id, by="Ms. Lee", why="a new phone", now=NOW)
    assert not suppressions.lift(connection, phone.suppression_id, by="Ms. Lee", why="again", now=NOW)
    assert suppressions.found(connection, lifted=False, limit=9) == []
    assert suppressions.put_back(connection, phone.suppression_id)
    assert len(suppressions.found(connection, lifted=False, limit=9)) == 1


def test_what_can_be_no_address_is_not_suppressed(connection: Connection) -> None:
    assert not suppressions.suppress(connection, "sms", "call the office", Why.INVALID, NOW)
    with pytest.raises(ValueError, match="bad_mood"):
        suppressions.suppress(connection, "email", "a@b.org", "bad_mood", NOW)


NUMBERS = [
    ("(312) 555-0142", "+13125550142"), ("1-312-555-0142", "+13125550142"), ("+1 312 555 0142", "+13125550142"),
    ("+44 20 7946 0000", "+442079460000"), ("555-01", None), ("312 555 01999 77", None), ("call the office", None),
    ("312.555.0142 x12", None), ("", None), ("+12", None), ("٣١٢٥٥٥٠١٤٢", None), ("23125550142", None),
]  # fmt: skip


@pytest.mark.parametrize(("written", "number"), NUMBERS)
def test_numbers_are_read_alike_here_and_in_the_database(
    connection: Connection, written: str, number: str | None
) -> None:
    assert e164(written) == number
    assert connection.scalar(text("SELECT gbg_phone(:written)"), {"written": written}) == number


@given(st.text("0123456789+()-. x٣", max_size=18))
def test_a_number_read_again_is_the_same(written: str) -> None:
    number = e164(written)
    assert number is None or e164(number) == number


SAYINGS = st.sampled_from(
    ["STOP", "START", "sí", "help", "leave me alone", "wrong number", "thanks", "ALTO", "unstop"]
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(said=st.lists(SAYINGS, max_size=8))
def test_the_last_sure_word_holds_whatever_came_before(
    connection: Connection, contact: int, said: list[str]
) -> None:
    """STOP closes, START opens, what is not clear holds what is open; the address is closed while it is stopped."""
    with connection.begin_nested() as attempt:
        state = None
        for number, words in enumerate(said):
            kind = consent.heard(connection, contact, "sms", words, NOW + timedelta(minutes=number)).kind
            if kind is Kind.STOP:
                state = "unclear" if words == "leave me alone" and state != "revoked" else "revoked"
            elif kind is Kind.START:
                state = "granted" if state in ("revoked", "unclear", "granted") else None
            assert held(connection, contact).get(("sms", "all")) == state
            asked = [reason for _, _, reason in closed(connection) if reason == Why.ASKED]
            assert bool(asked) is (state == "revoked")
        attempt.rollback()
