"""Mails that machines write: shown with the family, without a clock, and never answered by a machine of ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from campaign.access import ENGINE
from campaign.correspondence.replies import Became
from campaign.database import transaction
from campaign.store import consent, conversation_threads
from campaign.store import replies as store
from campaign.store.conversation_threads import Wanted
from tests.campaign.correspondence.written import mail, row, rows, run, take_in
from tests.web_pages import MORNING

# Monday evening in Chicago: the office is closed, and a person would be told so.
EVENING = datetime(2026, 11, 3, 3, 0, tzinfo=UTC)
AWAY = "I am away until Monday and will read your mail then."


def test_an_absence_is_shown_and_starts_no_clock(district: Engine, tmp_path: Path) -> None:
    found = take_in(district, mail(AWAY, at=EVENING, is_automatic=True), tmp_path, EVENING)
    assert (found.became, found.conversation_id) == (Became.IN_THREAD, 1)
    thread = row(district, "SELECT state, due_at, waiting_since FROM conversation")
    assert thread == {"state": "closed", "due_at": None, "waiting_since": None}
    said = rows(district, "SELECT direction, text, automatic FROM conversation_message")
    assert said == [("in", AWAY, True)]


@pytest.mark.parametrize(("words", "unread"), [(AWAY, 0), (AWAY + " Quiero morir.", 1)])
def test_an_absence_is_nothing_to_read(district: Engine, tmp_path: Path, words: str, unread: int) -> None:
    take_in(district, mail(words, is_automatic=True), tmp_path)
    with transaction(district, ENGINE) as connection:
        counted = conversation_threads.counts(connection, Wanted(state="all"), 1)
    assert (counted["total"], counted["unread"]) == (1, unread)


def test_an_absence_changes_nothing_of_a_thread_that_waits_or_is_answered(
    district: Engine, tmp_path: Path
) -> None:
    take_in(district, mail("¿Cómo va Ana?"), tmp_path)
    before = row(district, "SELECT * FROM conversation")
    take_in(district, mail(AWAY, at=MORNING + timedelta(hours=1), is_automatic=True), tmp_path)
    assert row(district, "SELECT * FROM conversation") == before
    run(district, "UPDATE conversation SET state = 'answered', due_at = NULL, waiting_since = NULL")
    take_in(district, mail(AWAY + " Again.", is_automatic=True), tmp_path)
    assert row(district, "SELECT state FROM conversation")["state"] == "answered"
    # What a person writes after it waits as ever.
    take_in(district, mail("Gracias, ¿y ahora?"), tmp_path)
    assert row(district, "SELECT state FROM conversation")["state"] == "waiting"


@pytest.mark.parametrize(
    ("words", "state"),
    [
        pytest.param(AWAY, "closed", id="nothing for a person"),
        pytest.param("I am away. Quiero morir.", "waiting", id="danger"),
        pytest.param("maybe stop", "waiting", id="perhaps a stop"),
    ],
)
def test_words_of_danger_or_stop_are_a_persons_to_read(
    district: Engine, tmp_path: Path, words: str, state: str
) -> None:
    by_person = take_in(district, mail(words), tmp_path).became
    run(district, "DELETE FROM conversation; DELETE FROM reply")
    by_machine = take_in(district, mail(words, is_automatic=True), tmp_path).became
    assert by_machine is by_person
    found = row(district, "SELECT state, due_at IS NOT NULL AS clock FROM conversation")
    assert found == {"state": state, "clock": state == "waiting"}
    flags = row(district, "SELECT count(*) AS n FROM conversation_flag")["n"]
    assert flags == ("morir" in words)


@pytest.mark.parametrize(
    ("words", "revoked", "confirmed_to_person"),
    [("STOP", True, True), ("START", False, False), ("HELP", False, True), (AWAY, False, False)],
)
def test_a_stop_holds_whoever_passes_it_on_and_no_machine_is_answered(
    district: Engine, tmp_path: Path, words: str, revoked: bool, confirmed_to_person: bool
) -> None:
    found = take_in(district, mail(words, is_automatic=True, at=EVENING), tmp_path, EVENING)
    assert found.confirmation is None
    with transaction(district, ENGINE) as connection:
        assert ("email" in consent.revoked_channels(connection, 1)) is revoked
    assert row(district, "SELECT to_confirm FROM reply")["to_confirm"] is None
    assert rows(district, "SELECT id FROM conversation_message WHERE direction = 'out'") == []
    run(district, "DELETE FROM reply; DELETE FROM conversation; UPDATE consent_event SET action = 'granted'")
    again = take_in(district, mail(words + " ", at=EVENING), tmp_path, EVENING)
    assert (again.confirmation is not None) is confirmed_to_person


def test_nobody_starts_messages_again_through_a_machine(district: Engine, tmp_path: Path) -> None:
    take_in(district, mail("STOP"), tmp_path)
    take_in(district, mail("START", is_automatic=True), tmp_path)
    with transaction(district, ENGINE) as connection:
        assert "email" in consent.revoked_channels(connection, 1)


def test_what_came_over_a_list_is_a_persons_and_gets_no_automatic_answer(
    district: Engine, tmp_path: Path
) -> None:
    found = take_in(district, mail("¿Puede llamarme?", at=EVENING, may_be_answered=False), tmp_path, EVENING)
    assert found.became is Became.IN_THREAD
    assert row(district, "SELECT state FROM conversation")["state"] == "waiting"
    assert rows(district, "SELECT id FROM conversation_message WHERE direction = 'out'") == []


def test_a_machine_that_nobody_knows_is_kept_and_waits_for_nobody(district: Engine, tmp_path: Path) -> None:
    bounce = mail("It did not arrive.", sender="MAILER-DAEMON@example.org", is_automatic=True)
    assert take_in(district, bounce, tmp_path).became is Became.SET_ASIDE
    assert row(district, "SELECT state, why FROM reply") == {"state": "set_aside", "why": "automatic"}
    with transaction(district, ENGINE) as connection:
        assert store.unplaced(connection) == store.unplaced(connection, state="set_aside") == []
    danger = mail("quiero morir", sender="MAILER-DAEMON@example.org", is_automatic=True)
    assert take_in(district, danger, tmp_path).became is Became.UNPLACED
