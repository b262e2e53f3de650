"""A print run takes letters as any message goes: after the same look, once, and never without proof."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from campaign.access import ENGINE, Principal, Role
from campaign.database import transaction
from campaign.dispatch import ledger
from campaign.dispatch.settling import LETTERS_WAIT, settle
from campaign.paper import letters
from campaign.paper.letters import Wanted
from campaign.paper.print_runs import PrintError
from campaign.store import letters as store
from campaign.store import messages, unsettled
from tests.campaign.paper.letter_post import DUE, NEXT_DAY, plain, post_office, states, take

OFFICE = Principal(Role.DISTRICT, 1)


@pytest.fixture
def template(small_district_template: str) -> str:
    """The tests begin with the small district."""
    return small_district_template


def test_letters_wait_for_a_run_whatever_the_clock_does(engine: Engine, tmp_path: Path) -> None:
    delivery = post_office(engine, tmp_path)
    before = plain(engine)
    assert before["planned"] >= 4
    for hours in range(0, 72, 6):
        ledger.tick(delivery, DUE + timedelta(hours=hours))
    assert plain(engine) == before
    assert not list(tmp_path.glob("mailbox/*/*"))


def test_a_run_takes_one_letter_a_home_and_language_and_says_why_not(engine: Engine, tmp_path: Path) -> None:
    delivery = post_office(engine, tmp_path)
    with transaction(engine, ENGINE) as connection:
        connection.execute(text("UPDATE contact SET confidential = true WHERE id = 2"))
    run = take(delivery)
    with transaction(engine, ENGINE) as connection:
        taken = store.envelopes(connection, run.id)
    # Ana's mother and aunt share a home and a language; her father lives elsewhere; her uncle is barred.
    assert sorted((one.contact_id, one.language) for one in taken) == [
        (1, "es"),
        (3, "en"),
        (4, "en"),
        (5, "en"),
        (7, "en"),
    ]
    assert states(engine) == {
        ("dispatching", None): 5,
        ("withheld", "shares_a_home"): 1,
        ("withheld", "confidential"): 1,
        ("withheld", "court_restriction"): 1,
    }
    assert next(one for one in taken if one.contact_id == 3).fallback_from == "vi"


@pytest.mark.parametrize(
    ("change", "state", "reason"),
    [
        ("UPDATE student_contact SET court_restriction = true", "withheld", "court_restriction"),
        ("UPDATE student_contact SET may_receive = false", "withheld", "may_not_receive"),
        ("UPDATE student SET confidential = true", "withheld", "confidential"),
        ("UPDATE student SET withdrawn = true", "withheld", "withdrawn"),
        ("UPDATE report SET superseded_at = now()", "withheld", "no_report"),
        (
            "INSERT INTO consent_event (district_id, contact_id, channel, scope, action, source, at) "
            "SELECT 1, id, 'letter', 'all', 'revoked', 'staff', now() FROM contact",
            "withheld",
            "consent_revoked",
        ),
        ("UPDATE campaign SET paused = true", "planned", "paused"),
        ("UPDATE message SET expires_at = due_at", "dropped", "expired"),
    ],
    ids=["court", "may not", "confidential", "withdrawn", "no report", "stopped", "paused", "too late"],
)
def test_a_run_looks_as_every_sender_does(
    engine: Engine, tmp_path: Path, change: str, state: str, reason: str
) -> None:
    delivery = post_office(engine, tmp_path)
    with transaction(engine, ENGINE) as connection:
        connection.execute(text(change))
    with pytest.raises(PrintError, match="may go now"):
        take(delivery)
    assert {where for where in states(engine) if where[1] != "court_restriction"} <= {(state, reason)}
    assert states(engine)[state, reason] >= 1


def test_an_unfinished_run_is_the_run_and_no_letter_is_in_two(engine: Engine, tmp_path: Path) -> None:
    delivery = post_office(engine, tmp_path)
    run = take(delivery)
    assert take(delivery).id == run.id
    with transaction(engine, ENGINE) as connection:
        store.finish(connection, run.id, DUE)
    with pytest.raises(PrintError, match="No letter is due"):
        take(delivery)
    with transaction(engine, ENGINE) as connection:
        ids = [one.message_id for one in store.envelopes(connection, run.id)]
        assert len(ids) == len(set(ids))


def test_what_is_in_a_run_counts_as_on_its_way(engine: Engine, tmp_path: Path) -> None:
    delivery = post_office(engine, tmp_path)
    run = take(delivery)
    for everybody in (False, True):
        settle(delivery, NEXT_DAY, everybody=everybody)
    assert plain(engine)["dispatching"] == run.letters
    with transaction(engine, ENGINE) as connection:
        assert messages.reconcile(connection).waiting == run.letters


def test_a_run_without_a_word_is_to_be_looked_at_and_never_printed_again(
    engine: Engine, tmp_path: Path
) -> None:
    delivery = post_office(engine, tmp_path)
    run = take(delivery)
    settle(delivery, DUE + LETTERS_WAIT - timedelta(minutes=1))
    assert plain(engine)["ambiguous"] == 0
    later = DUE + LETTERS_WAIT
    for hours in (0, 24, 48):
        ledger.tick(delivery, later + timedelta(hours=hours))
    assert states(engine)["ambiguous", "not_confirmed"] == run.letters
    with transaction(engine, ENGINE) as connection:
        assert unsettled.count_to_be_looked_at(connection) == run.letters
        assert [one.number for one in store.without_a_word(connection, DUE)] == [run.number]
        store.finish(connection, run.id, DUE)
    with pytest.raises(PrintError):
        take(delivery, later + timedelta(days=3))


def test_two_who_take_at_once_take_each_letter_once(engine: Engine, tmp_path: Path) -> None:
    delivery = post_office(engine, tmp_path)
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda _: take(delivery), range(2)))
    assert len({run.id for run in runs}) == 1


@pytest.mark.parametrize(
    ("principal", "seen"),
    [(OFFICE, True), (Principal(Role.DISTRICT, 2), False), (Principal(Role.SCHOOL, 1, (1,)), False)],
    ids=["the district", "another district", "a school"],
)
def test_runs_are_the_office_s(engine: Engine, tmp_path: Path, principal: Principal, seen: bool) -> None:
    delivery = post_office(engine, tmp_path)
    run = take(delivery)
    with transaction(engine, principal) as connection:
        assert bool(store.runs(connection, 10)) is seen
        assert bool(store.envelopes(connection, run.id)) is seen


def test_a_campaign_can_be_chosen(engine: Engine, tmp_path: Path) -> None:
    delivery = post_office(engine, tmp_path)
    with pytest.raises(PrintError, match="No letter is due"):
        letters.take(delivery, Wanted(1, "another"), actor="account:2", now=DUE)
    assert letters.take(delivery, Wanted(1, "paper"), actor="account:2", now=DUE).letters > 0
