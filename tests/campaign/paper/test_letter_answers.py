"""What people say became of a run: the only thing that makes a letter sent, and nothing of it is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.dispatch.delivery import Delivery
from campaign.dispatch.settling import LETTERS_WAIT, settle, settle_by_hand
from campaign.paper import letter_answers
from campaign.paper.letter_answers import NotSo
from campaign.paper.print_runs import PrintError
from campaign.store import consent, messages
from campaign.store import letters as store
from campaign.store.letters import LetterRun
from campaign.store.unsettled import Seen
from tests.campaign.paper.letter_post import (
    DUE,
    LEE,
    NEXT_DAY,
    plain,
    post_office,
    run_of,
    states,
    take,
)

POSTED_ON = date(2026, 11, 11)


@pytest.fixture
def template(small_district_template: str) -> str:
    """The tests begin with the small district."""
    return small_district_template


@pytest.fixture
def delivery(engine: Engine, tmp_path: Path) -> Delivery:
    return post_office(engine, tmp_path)


def taken(engine: Engine, delivery: Delivery) -> LetterRun:
    """A run whose files are all there."""
    run = take(delivery)
    with transaction(engine, ENGINE) as connection:
        store.finish(connection, run.id, DUE)
    return run_of(engine, run.number)


def say(engine: Engine, act: Callable[..., int], run: LetterRun, *more: Any) -> int:
    with transaction(engine, ENGINE) as connection:
        return act(connection, run.number, *more)


def posted(engine: Engine, run: LetterRun, day: date = POSTED_ON) -> int:
    return say(engine, letter_answers.posted, run, day, LEE)


def test_posted_is_sent_on_that_day_and_says_who_said_so(engine: Engine, delivery: Delivery) -> None:
    run = taken(engine, delivery)
    assert posted(engine, run) == run.letters
    assert plain(engine)["accepted"] == run.letters
    with transaction(engine, ENGINE) as connection:
        days = set(connection.scalars(text("SELECT finished_at::date FROM message WHERE state = 'accepted'")))
        detail = set(connection.scalars(text("SELECT detail FROM attempt WHERE outcome = 'accepted'")))
        assert consent.newest(connection, 1)[0].channel == "letter"
        sheet = messages.reconcile(connection)
    assert days == {POSTED_ON}
    assert detail == {"posted on 2026-11-11"}
    assert (sheet.sent, sheet.waiting) == (run.letters, 0)
    closed = run_of(engine, run.number)
    assert (closed.outcome, closed.said_by, closed.posted_on) == ("posted", "Ms. Lee", POSTED_ON)


@pytest.mark.parametrize("day", [date(2026, 11, 9), date(2026, 11, 13)], ids=["before", "still to come"])
def test_a_day_that_cannot_be_changes_nothing(engine: Engine, delivery: Delivery, day: date) -> None:
    run = taken(engine, delivery)
    with pytest.raises(NotSo, match="Choose the day"):
        posted(engine, run, day)
    assert plain(engine)["dispatching"] == run.letters


def test_what_is_not_all_there_cannot_have_been_posted(engine: Engine, delivery: Delivery) -> None:
    run = take(delivery)
    with pytest.raises(NotSo, match="Let it finish"):
        posted(engine, run)


def test_a_run_is_closed_once(engine: Engine, delivery: Delivery) -> None:
    run = taken(engine, delivery)
    posted(engine, run)
    for act in (lambda: posted(engine, run), lambda: say(engine, letter_answers.thrown_away, run, LEE)):
        with pytest.raises(NotSo, match=r"Ms\. Lee"):
            act()
    assert plain(engine)["accepted"] == run.letters


def test_thrown_away_is_printed_by_the_next_run(engine: Engine, delivery: Delivery) -> None:
    run = taken(engine, delivery)
    assert say(engine, letter_answers.thrown_away, run, LEE) == run.letters
    assert plain(engine)["planned"] == run.letters
    again = take(delivery, NEXT_DAY)
    assert (again.letters, again.number != run.number) == (run.letters, True)


def test_posted_can_be_taken_back(engine: Engine, delivery: Delivery) -> None:
    run = taken(engine, delivery)
    posted(engine, run)
    assert say(engine, letter_answers.taken_back, run, LEE) == run.letters
    assert plain(engine)["dispatching"] == run.letters
    assert posted(engine, run_of(engine, run.number)) == run.letters


def said_of_letters(engine: Engine) -> dict[str, int]:
    """What the audit has of single envelopes, with how many there were."""
    query = "SELECT action, CAST(detail ->> 'letters' AS int) FROM audit_entry WHERE detail ? 'letters'"
    with transaction(engine, ENGINE) as connection:
        return {action: letters for action, letters in connection.execute(text(query))}


def test_single_envelopes_leave_the_run(engine: Engine, delivery: Delivery) -> None:
    run = taken(engine, delivery)
    assert say(engine, letter_answers.spoiled, run, [1], LEE) == 1
    assert say(engine, letter_answers.spoiled, run, [1, 999], LEE) == 0
    assert say(engine, letter_answers.came_back, run, [1], LEE) == 0
    assert said_of_letters(engine) == {"took_out_spoiled": 1}
    assert posted(engine, run) == run.letters - 1
    assert say(engine, letter_answers.came_back, run, [2], LEE) == 1
    assert states(engine)["rejected", "address_unknown"] == 1
    assert plain(engine)["planned"] == 1
    assert take(delivery, NEXT_DAY).letters == 1


@pytest.mark.parametrize("goes", [False, True], ids=["before the post", "after the post"])
@pytest.mark.parametrize("said", ["spoiled", "came_back"])
def test_a_slip_about_one_envelope_is_taken_back_and_no_second_letter_is_printed(
    engine: Engine, delivery: Delivery, said: str, goes: bool
) -> None:
    run = taken(engine, delivery)
    assert say(engine, getattr(letter_answers, said), run, [1], LEE) == 1
    if goes:
        posted(engine, run)
    assert say(engine, letter_answers.put_back, run, [1, 2], LEE) == 1
    assert say(engine, letter_answers.put_back, run, [1], LEE) == 0
    assert plain(engine)["accepted" if goes else "dispatching"] == run.letters
    if not goes:
        assert posted(engine, run) == run.letters
    with pytest.raises(PrintError, match="No letter is due"):
        take(delivery, NEXT_DAY)
    with transaction(engine, ENGINE) as connection:
        traced = connection.execute(
            text("SELECT actor, detail FROM audit_entry WHERE action = 'put_letters_back' ORDER BY id")
        ).all()
        sheet = messages.reconcile(connection)
    assert [(one.actor, one.detail["letters"]) for one in traced][:1] == [("account:2", 1)]
    assert (sheet.sent, sheet.waiting) == (run.letters, 0)


def test_what_another_run_took_already_is_not_put_back(engine: Engine, delivery: Delivery) -> None:
    run = taken(engine, delivery)
    say(engine, letter_answers.spoiled, run, [1, 2], LEE)
    posted(engine, run)
    again = take(delivery, NEXT_DAY)
    before = states(engine)
    with pytest.raises(NotSo, match="another run took it"):
        say(engine, letter_answers.put_back, run, [1, 2], LEE)
    assert (states(engine), run_of(engine, again.number).in_run) == (before, 2)


def test_a_slip_is_taken_back_on_its_day_alone(engine: Engine, delivery: Delivery) -> None:
    run = taken(engine, delivery)
    say(engine, letter_answers.spoiled, run, [1], LEE)
    with pytest.raises(NotSo, match="only on the day"):
        say(engine, letter_answers.put_back, run, [1], replace(LEE, at=LEE.at + timedelta(days=1)))
    say(engine, letter_answers.thrown_away, run, LEE)
    with pytest.raises(NotSo, match="wait for the next one"):
        say(engine, letter_answers.put_back, run, [1], LEE)
    assert plain(engine)["planned"] == run.letters


def test_a_late_word_still_counts(engine: Engine, delivery: Delivery) -> None:
    run = taken(engine, delivery)
    settle(delivery, DUE + LETTERS_WAIT)
    assert plain(engine)["ambiguous"] == run.letters
    assert posted(engine, run) == run.letters
    assert plain(engine)["accepted"] == run.letters


def test_a_letter_settled_by_hand_is_out_of_its_run(engine: Engine, delivery: Delivery) -> None:
    run = taken(engine, delivery)
    settle(delivery, DUE + LETTERS_WAIT)
    with transaction(engine, ENGINE) as connection:
        one = store.envelopes(connection, run.id)[0]
        seen = Seen(one.message_id, one.fencing)
        settle_by_hand(connection, seen, arrived=False, actor="account:2", now=DUE + LETTERS_WAIT)
    again = take(delivery, DUE + LETTERS_WAIT + timedelta(hours=1))
    assert again.letters == 1
    assert posted(engine, run) == run.letters - 1
    assert plain(engine)["dispatching"] == 1


STEPS = st.sampled_from(
    ["take", "finish", "posted", "thrown_away", "taken_back", "spoiled", "came_back", "put_back", "late"]
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, max_size=10))
def test_whatever_people_say_a_letter_is_in_one_envelope_and_all_adds_up(
    engine: Engine, delivery: Delivery, steps: list[str]
) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(
            text(
                "DELETE FROM letter_run; UPDATE message SET state = 'planned', finished_at = NULL, not_before = NULL"
            )
        )
    for step in steps:
        _try(engine, delivery, step)
        with transaction(engine, ENGINE) as connection:
            _holds(connection)


def _try(engine: Engine, delivery: Delivery, step: str) -> None:
    with transaction(engine, ENGINE) as connection:
        newest = store.runs(connection, 1)
    try:
        if step == "take":
            take(delivery, NEXT_DAY)
        elif step == "late":
            settle(delivery, NEXT_DAY + LETTERS_WAIT)
        elif newest and step == "finish":
            with transaction(engine, ENGINE) as connection:
                store.finish(connection, newest[0].id, NEXT_DAY)
        elif newest and step == "posted":
            posted(engine, newest[0])
        elif newest and step in ("spoiled", "came_back", "put_back"):
            say(engine, getattr(letter_answers, step), newest[0], [1, 2], LEE)
        elif newest:
            say(engine, getattr(letter_answers, step), newest[0], LEE)
    except (NotSo, PrintError):
        return


def _holds(connection: Connection) -> None:
    """Sent is what somebody posted; on its way what is in an open run; and the sheet is equal."""
    found = connection.execute(
        text(
            """
            SELECT m.state, e.state AS envelope, count(*) FROM message m
            LEFT JOIN letter_envelope e ON e.message_id = m.id AND e.fencing = m.fencing
            WHERE m.channel = 'letter' GROUP BY 1, 2
            """
        )
    )
    for state, envelope, _ in found:
        if state == "accepted":
            assert envelope == "posted"
        if state in ("dispatching", "ambiguous"):
            assert envelope == "in_run"
        if envelope in ("posted", "in_run"):
            assert state in ("accepted", "dispatching", "ambiguous")
    messages.reconcile(connection)
