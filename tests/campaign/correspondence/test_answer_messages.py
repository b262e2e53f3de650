"""A person's answer goes out once, through the ledger and its gate; or stays on the family's page."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.correspondence.answer_messages import hand_over
from campaign.correspondence.conversation_answers import Answer, answer
from campaign.correspondence.conversation_steps import Doer, Told, take_back
from campaign.correspondence.crisis_notices import tell
from campaign.database import transaction
from campaign.dispatch.deliver import deliver_due
from campaign.dispatch.delivery import Delivery
from campaign.senders import sendgrid_mail
from campaign.senders.contract import MailIdentity, OutgoingMessage
from campaign.store import conversations
from tests.campaign.correspondence.written import delivery, mail, row, rows, run, sms, take_in
from tests.web_pages import MORNING

TESS = Doer(4, "Teacher Person", "account:4")
NIGHT = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)


def answered(engine: Engine, now: datetime) -> Told:
    with transaction(engine, ENGINE) as connection:
        thread = conversations.one(connection, 1, lock=True)
        assert thread
        return answer(connection, thread, TESS, Answer("Venga el lunes.", "es", confirmed=True), now)


def sent(home: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted((home / "mailbox").rglob("*.*"))]


@pytest.fixture
def only_answers(district: Engine) -> Engine:
    """The small district without the messages of its campaign."""
    run(district, "DELETE FROM provider_event; DELETE FROM attempt; DELETE FROM message")
    return district


def go(parts: Delivery, now: datetime) -> None:
    hand_over(parts, now)
    deliver_due(parts, now)


@pytest.mark.parametrize(("reply", "channel"), [(sms("¿Cuándo?"), "sms"), (mail("¿Cuándo?"), "email")])
def test_an_answer_is_told_once_on_the_familys_channel_without_its_words(
    only_answers: Engine, tmp_path: Path, reply: object, channel: str
) -> None:
    take_in(only_answers, reply, tmp_path)  # type: ignore[arg-type]
    assert answered(only_answers, MORNING) is Told.ANSWERED
    parts = delivery(only_answers, tmp_path)
    for _ in range(3):
        go(parts, MORNING + timedelta(minutes=5))
    (text,) = sent(tmp_path)
    assert "/r/" in text
    assert not [word for word in ("lunes", "Abrego") if word in text]
    kept = row(only_answers, "SELECT channel, state, language, step FROM message")
    assert kept == {"channel": channel, "state": "accepted", "language": "es", "step": "answer_at_once"}
    assert (
        row(only_answers, "SELECT state FROM conversation_message WHERE direction = 'out'")["state"]
        == "in_ledger"
    )


def test_within_an_hour_of_the_familys_words_it_goes_at_night_and_later_in_the_morning(
    only_answers: Engine, tmp_path: Path
) -> None:
    take_in(only_answers, sms("¿Cuándo?", at=NIGHT), tmp_path, NIGHT)
    answered(only_answers, NIGHT)
    run(only_answers, "DELETE FROM conversation_message WHERE account_id IS NULL AND direction = 'out'")
    parts = delivery(only_answers, tmp_path)
    late = NIGHT + timedelta(minutes=90)
    go(parts, late)
    assert (sent(tmp_path), row(only_answers, "SELECT state, reason, step FROM message")) == (
        [],
        {"state": "planned", "reason": "no_open_window", "step": "answer_in_hours"},
    )
    go(parts, datetime(2026, 11, 3, 15, 1, tzinfo=UTC))
    assert len(sent(tmp_path)) == 1
    take_in(
        only_answers, sms("¿Y el martes?", at=NIGHT + timedelta(days=1)), tmp_path, NIGHT + timedelta(days=1)
    )
    answered(only_answers, NIGHT + timedelta(days=1))
    run(only_answers, "DELETE FROM conversation_message WHERE account_id IS NULL AND direction = 'out'")
    go(parts, NIGHT + timedelta(days=1, minutes=20))
    assert len(sent(tmp_path)) == 2


def test_what_missed_its_hour_waits_for_the_morning_and_is_told_once(
    only_answers: Engine, tmp_path: Path
) -> None:
    take_in(only_answers, sms("¿Cuándo?", at=NIGHT), tmp_path, NIGHT)
    answered(only_answers, NIGHT)
    run(only_answers, "DELETE FROM conversation_message WHERE account_id IS NULL AND direction = 'out'")
    parts = delivery(only_answers, tmp_path)
    hand_over(parts, NIGHT)
    for now in (
        NIGHT + timedelta(hours=2),
        NIGHT + timedelta(hours=2),
        datetime(2026, 11, 3, 15, 1, tzinfo=UTC),
    ):
        deliver_due(parts, now)
        go(parts, now)
    assert len(sent(tmp_path)) == 1
    assert sorted(rows(only_answers, "SELECT step, state FROM message")) == [
        ("answer_at_once", "dropped"),
        ("answer_in_hours", "accepted"),
    ]


def test_who_stopped_the_channel_is_not_told_and_reads_it_on_the_page(
    only_answers: Engine, tmp_path: Path
) -> None:
    take_in(only_answers, sms("¿Cuándo?"), tmp_path)
    answered(only_answers, MORNING)
    take_in(only_answers, sms("STOP"), tmp_path)
    go(delivery(only_answers, tmp_path), MORNING)
    assert sent(tmp_path) == []
    assert row(only_answers, "SELECT state, reason FROM message") == {
        "state": "withheld",
        "reason": "consent_revoked",
    }


def test_an_answer_is_taken_back_until_it_has_gone_out(only_answers: Engine, tmp_path: Path) -> None:
    take_in(only_answers, sms("¿Cuándo?"), tmp_path)
    parts = delivery(only_answers, tmp_path)

    def back() -> Told:
        with transaction(only_answers, ENGINE) as connection:
            thread = conversations.one(connection, 1, lock=True)
            assert thread
            return take_back(connection, thread, TESS, MORNING)

    answered(only_answers, MORNING)
    hand_over(parts, MORNING)
    assert back() is Told.TAKEN_BACK
    go(parts, MORNING)
    assert sent(tmp_path) == []
    assert row(only_answers, "SELECT state, reason FROM message") == {
        "state": "dropped",
        "reason": "cancelled",
    }
    answered(only_answers, MORNING)
    go(parts, MORNING)
    assert len(sent(tmp_path)) == 1
    assert back() is Told.GONE_OUT
    assert row(only_answers, "SELECT state FROM conversation")["state"] == "answered"


def test_a_family_without_an_address_reads_it_on_its_page(only_answers: Engine, tmp_path: Path) -> None:
    take_in(only_answers, sms("¿Cuándo?"), tmp_path)
    run(only_answers, "UPDATE contact SET phone = NULL, email = NULL WHERE id = 1")
    answered(only_answers, MORNING)
    go(delivery(only_answers, tmp_path), MORNING)
    assert rows(only_answers, "SELECT 1 FROM message") == []
    assert (
        row(only_answers, "SELECT state FROM conversation_message WHERE direction = 'out'")["state"]
        == "on_page"
    )


def test_an_answer_to_our_e_mail_finds_the_childs_thread(only_answers: Engine, tmp_path: Path) -> None:
    take_in(only_answers, mail("¿Cuándo?"), tmp_path)
    answered(only_answers, MORNING)
    parts = delivery(only_answers, tmp_path)
    chosen = replace(parts.settings.conversations, reply_address="reply@families.example.org")
    go(replace(parts, settings=replace(parts.settings, conversations=chosen)), MORNING)
    (text,) = sent(tmp_path)
    public_id = row(only_answers, "SELECT public_id FROM message")["public_id"]
    address = f"reply+{public_id}@families.example.org"
    assert f"Reply-To: {address}" in text
    take_in(only_answers, mail("Gracias", sender="work@example.net", to=address), tmp_path)
    said = row(
        only_answers, "SELECT student_id, other_address FROM conversation_message WHERE text = 'Gracias'"
    )
    assert said == {"student_id": 1, "other_address": True}


@pytest.mark.parametrize("reply_to", ["", "reply+1@families.example.org"])
def test_sendgrid_is_told_where_answers_go(reply_to: str) -> None:
    message = OutgoingMessage(
        "p",
        "email",
        "a@example.org",
        "S",
        "T",
        "<p>T</p>",
        "en",
        "https://x.org/stop/1",
        MORNING,
        None,
        reply_to,
    )
    identity = MailIdentity("families@example.org", "Go Beyond Grades")
    document = json.loads(sendgrid_mail.body(message, identity))
    assert document == sendgrid_mail.payload(message, identity)
    assert document.get("reply_to") == ({"email": reply_to} if reply_to else None)


def test_outside_office_hours_a_family_hears_once_that_somebody_reads_it_later(
    only_answers: Engine, tmp_path: Path
) -> None:
    parts = delivery(only_answers, tmp_path)
    for number, words in enumerate(("¿Cuándo?", "¿Y dónde?")):
        at = NIGHT + timedelta(minutes=number)
        take_in(only_answers, sms(words, at=at), tmp_path, at)
        go(parts, at)
    (text,) = sent(tmp_path)
    assert "911" in text
    assert rows(only_answers, "SELECT step, language, state FROM message") == [
        ("read_later", "es", "accepted")
    ]
    assert row(only_answers, "SELECT state FROM conversation")["state"] == "waiting"


def test_the_note_by_e_mail_says_that_a_machine_answered(only_answers: Engine, tmp_path: Path) -> None:
    parts = delivery(only_answers, tmp_path)
    take_in(only_answers, mail("¿Cuándo?", at=NIGHT), tmp_path, NIGHT)
    go(parts, NIGHT)
    (written,) = sent(tmp_path)
    assert "Auto-Submitted: auto-replied" in written


@pytest.mark.parametrize(("words", "at"), [("Quiere morir", NIGHT), ("¿Cuándo?", MORNING)])
def test_no_machine_answers_danger_nor_in_office_hours(
    only_answers: Engine, tmp_path: Path, words: str, at: datetime
) -> None:
    take_in(only_answers, sms(words, at=at), tmp_path, at)
    go(delivery(only_answers, tmp_path), at)
    assert sent(tmp_path) == []


def test_those_of_the_protocol_get_a_note_of_danger_without_a_word_of_it(
    only_answers: Engine, tmp_path: Path
) -> None:
    run(only_answers, "INSERT INTO crisis_protocol VALUES (1, 'Call.', '{2,3}', 'account:2', now())")
    take_in(only_answers, sms("Ana quiere morir"), tmp_path)
    parts = delivery(only_answers, tmp_path)
    assert [tell(parts, MORNING) for _ in range(2)] == [2, 0]
    notes = sent(tmp_path)
    assert {note.partition("To: ")[2].partition("\n")[0].strip() for note in notes} == {
        "district@example.org",
        "school@example.org",
    }
    for note in notes:
        assert "/staff/conversations/1" in note
        assert not [word for word in ("Ana", "morir", "Abrego", "List-Unsubscribe") if word in note]
