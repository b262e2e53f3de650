"""What people say about messages, at the last look: topics, children, how often, the first notice, legal notices."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from campaign import rules
from campaign.access import ENGINE
from campaign.consents.said import Said
from campaign.database import transaction
from campaign.definitions import definition
from campaign.definitions.definition_table import CampaignError
from campaign.dispatch import ledger
from campaign.gate import UNCLEAR_LOOK_AGAIN, Defer, LastLook, Reason, Send, Withhold, last_look
from campaign.plans.plan import Occurrence, decide
from campaign.store import audience, consent
from campaign.store.consent import STUDENT, TOPIC, Choice, Voice
from campaign.wordings.wording import Wording
from content import catalog
from tests.campaign.families import add_contact, add_student, build, delivery, relate
from tests.campaign.test_gate import NOW, READY, ROW, RULES, STEPS, TIP

SAID = Voice("staff", "Please.", datetime(2026, 10, 1, tzinfo=UTC), "Ms. Lee")
LEGAL = replace(
    READY,
    notice_reason="34 CFR 300.503",
    channels=("email", "sms", "letter"),
    needs_report=False,
    waits_for_preview=False,
)
WITH_NOTICE = replace(RULES, sendable=replace(RULES.sendable, notices=RULES.sendable.texts))
LETTERS = replace(
    RULES,
    channels=frozenset({"email", "sms", "letter"}),
    sendable=replace(RULES.sendable, texts=RULES.sendable.texts | {("report_ready", "letter", "en")}),
)


def look(step: definition.Step, said: Said, channel: str = "email", **facts: Any) -> LastLook:
    row = replace(ROW, said=said, **facts)
    return LastLook(
        step=step,
        channel=channel,
        expires_at=NOW + timedelta(days=10),
        paused=False,
        rows=[row],
        household_sent=facts.pop("household_sent", []),
        due_at=NOW,
    )


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        (Said(topics=frozenset({("email", "report_ready")})), Withhold(Reason.CONSENT_REVOKED)),
        (Said(topics=frozenset({("email", "tip"), ("sms", "report_ready")})), Send((1,), Wording("en"))),
        (Said(not_of_child=True), Withhold(Reason.CONSENT_REVOKED)),
        (Said(unclear=frozenset({"email"})), Defer(NOW + UNCLEAR_LOOK_AGAIN, Reason.CONSENT_UNCLEAR)),
        (Said(unclear=frozenset({"sms"})), Send((1,), Wording("en"))),
        (Said(told=frozenset()), Withhold(Reason.NO_NOTICE)),
        (Said(told=frozenset({"email"})), Send((1,), Wording("en"))),
    ],
)
def test_what_was_said_decides(said: Said, verdict: object) -> None:
    assert last_look(look(READY, said), RULES, NOW) == verdict


def test_the_first_message_of_a_channel_says_how_to_stop_or_does_not_go() -> None:
    first = Said(told=frozenset())
    assert last_look(look(READY, first), WITH_NOTICE, NOW) == Send((1,), Wording("en"))
    assert last_look(look(READY, first), RULES, NOW) == Withhold(Reason.NO_NOTICE)


def test_a_letter_needs_no_word_to_answer() -> None:
    step = replace(READY, channels=("letter",))
    first = look(step, Said(told=frozenset()), "letter", reachable=frozenset({"letter"}))
    assert last_look(first, LETTERS, NOW) == Send((1,), Wording("en"))


@pytest.mark.parametrize(("sent_days_ago", "free_in"), [([1, 2], 5), ([1, 8], 0), ([6, 2, 1], 5)])
def test_whoever_wants_two_a_week_gets_two_a_week(sent_days_ago: list[int], free_in: int) -> None:
    sent = [NOW - timedelta(days=days) for days in sent_days_ago]
    wanted = replace(look(TIP, Said(weekly_limit=2), "sms"), household_sent=sorted(sent))
    verdict = last_look(replace(wanted, expires_at=NOW + timedelta(days=30)), RULES, NOW)
    if free_in:
        assert isinstance(verdict, Defer)
        assert verdict.reason is Reason.HOUSEHOLD_CAP
        assert verdict.until >= NOW + timedelta(days=free_in)
    else:
        assert not isinstance(verdict, Defer) or verdict.reason is not Reason.HOUSEHOLD_CAP


def decided(step: definition.Step, **facts: Any) -> tuple[str, Reason | None]:
    occurrence = Occurrence(step, NOW.date(), NOW, NOW + timedelta(days=10))
    (decision,) = decide(occurrence, [replace(ROW, **facts)], LETTERS)
    return decision.channel, decision.reason


EVERYWHERE = frozenset({"email", "sms", "letter"})


@pytest.mark.parametrize(
    ("step", "revoked", "channel", "reason"),
    [
        (LEGAL, set(), "email", None),
        (LEGAL, {"email"}, "letter", None),
        (LEGAL, {"email", "sms", "letter"}, "letter", None),
        (replace(LEGAL, notice_reason=""), {"email"}, "email", Reason.CONSENT_REVOKED),
        (
            replace(LEGAL, notice_reason="", channels=("letter",)),
            {"letter"},
            "letter",
            Reason.CONSENT_REVOKED,
        ),
    ],
)
def test_what_the_law_demands_goes_by_letter_to_who_stopped(
    step: definition.Step, revoked: set[str], channel: str, reason: Reason | None
) -> None:
    assert decided(step, reachable=EVERYWHERE, revoked=frozenset(revoked)) == (channel, reason)
    letter = look(step, Said(), channel, reachable=EVERYWHERE, revoked=frozenset(revoked))
    assert isinstance(last_look(letter, LETTERS, NOW), Withhold if reason else Send)


def document(**changes: Any) -> dict[str, Any]:
    shipped = copy.deepcopy(dict(definition.load_all()[0].document))
    shipped["step"] = [{**shipped["step"][0], **changes}]
    return shipped


def test_a_step_says_which_law_demands_it() -> None:
    written = document(notice="legal", notice_reason="34 CFR 99.7", channels=["email", "letter"])
    (step,) = definition.parse(written, "here").steps.values()
    assert (step.is_legal, step.notice_reason) == (True, "34 CFR 99.7")
    assert not STEPS["hello"].is_legal


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"notice": "legal", "notice_reason": "x"}, 'needs "letter"'),
        ({"notice": "legal", "channels": ["letter"]}, "notice_reason"),
        ({"notice": "grave", "notice_reason": "x", "channels": ["letter"]}, "'grave' is not known"),
        ({"notice_reason": "x"}, "notice_reason: is not known here"),
    ],
)
def test_a_legal_notice_that_is_not_whole_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(CampaignError, match=words):
        definition.parse(document(**changes), "here")


def test_the_audience_knows_what_each_contact_said(connection: Connection) -> None:
    connection.execute(text("INSERT INTO district (code, name) VALUES ('d1', 'Lakeside')"))
    connection.execute(text("INSERT INTO school (district_id, source_id, name) VALUES (1, 'a', 'A')"))
    ana, ben = add_student(connection, "Ana"), add_student(connection, "Ben")
    mother = add_contact(connection, "m", email="m@example.org", phone="312 555 0142")
    relate(connection, ana, mother)
    relate(connection, ben, mother)
    consent.record(
        connection, mother, [Choice("all", f"{STUDENT}{ben}"), Choice("sms", f"{TOPIC}tip")], "revoked", SAID
    )
    consent.record(connection, mother, [Choice("sms")], "unclear", SAID)
    consent.record(connection, mother, [Choice("email", "summer")], "revoked", SAID)
    consent.limit(connection, mother, 1, SAID)
    about = {row.student_id: row for row in audience.rows(connection, [mother], slug="spring", zone="UTC")}
    expected = Said(
        told=frozenset({"sms"}),
        unclear=frozenset({"sms"}),
        topics=frozenset({("sms", "tip")}),
        not_of_child=False,
        weekly_limit=1,
    )
    assert about[ana].said == expected
    assert about[ben].said == replace(expected, not_of_child=True)
    assert about[ana].revoked == frozenset()
    (row, _) = audience.rows(connection, [mother], slug="summer", zone="UTC")
    assert row.revoked == {"email"}


@pytest.mark.parametrize("message", sorted(catalog.load().messages))
@pytest.mark.parametrize("language", sorted(catalog.load().languages))
def test_every_shipped_message_may_be_the_first(message: str, language: str) -> None:
    for channel in catalog.load().messages[message].bodies.keys() & {"email", "sms"}:
        assert rules.says_how_to_stop(catalog.load().message(message, channel, language))


def test_a_text_without_the_notice_is_not_taken_for_one() -> None:
    text_message = catalog.load().message("hello", "sms", "en")
    assert not rules.says_how_to_stop(replace(text_message, text="{school}: hello. We will stop by."))
    email = catalog.load().message("hello", "email", "en")
    assert not rules.says_how_to_stop(replace(email, fields=email.fields - {"stop_link"}))


def test_the_first_message_enrols_with_its_notice(engine: Engine, tmp_path: Path) -> None:
    """Nothing is known of the families; the first e-mail carries the link to stop, and the ledger says which text."""
    build(engine, students=2)
    day = datetime(2026, 11, 10, 23, 40, tzinfo=UTC)
    ledger.tick(delivery(engine, tmp_path), day - timedelta(hours=6))
    ledger.tick(delivery(engine, tmp_path), day)
    sent = [file.read_text(encoding="utf-8") for file in (tmp_path / "mailbox").rglob("*.eml")]
    assert sent
    assert all("List-Unsubscribe-Post: List-Unsubscribe=One-Click" in one and "/stop/" in one for one in sent)
    with transaction(engine, ENGINE) as connection:
        told = connection.execute(
            text("SELECT action, source, words FROM consent_event WHERE channel = 'email'")
        ).all()
    assert {(action, source) for action, source, _ in told} == {("granted", "roster")}
    assert all(words.startswith("notice in message ") for _, _, words in told)
