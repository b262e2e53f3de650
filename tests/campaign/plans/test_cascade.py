"""What a reason means for the next rung, and what comes next for a family: tables of cases, no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from campaign.definitions.definition import parse
from campaign.gate import AudienceRow, LastLook, Rules, last_look
from campaign.plans.cascade import decide
from campaign.plans.cascade_fates import NEXT_MAY_TRY, THE_END, fate
from campaign.plans.cascade_values import End, Ending, Facts, Family, Fate, Go, Line, Move, Wait
from campaign.school_year.calendar import SchoolYear, Window
from campaign.school_year.weekly import Weekly
from campaign.verdicts import Defer, Reason, Send
from campaign.wordings.wording import Sendable
from tests.campaign.plans.cascade_world import DUE, STEP

SENT = DUE + timedelta(minutes=5)
THREE_DAYS, WEEK = timedelta(hours=72), timedelta(days=7)
FROM = parse({"slug": "reports", "title": "Reports", "step": [STEP]}, "test").steps["report_ready"]
WAYS = ("email", "sms", "letter", "call")
RULES = Rules(
    year=SchoolYear({}),
    window=Window.of("09:00", "19:30"),
    weekly=Weekly.of("thursday", "17:30"),
    household_cap=3,
    household_cap_days=7,
    teacher_preview_days=5,
    channels=frozenset({"email", "sms"}),
    sendable=Sendable(
        frozenset(("report_ready", channel, tag) for channel in WAYS for tag in ("en", "es")),
        {},
        frozenset(("report_ready", channel, tag) for channel in WAYS for tag in ("en", "es")),
    ),
)
EXPECTED = {
    Reason.COURT_RESTRICTION: Fate.OVER,
    Reason.MAY_NOT_RECEIVE: Fate.OVER,
    Reason.CONFIDENTIAL: Fate.OVER,
    Reason.WITHDRAWN: Fate.OVER,
    Reason.ADULT_STUDENT: Fate.OVER,
    Reason.LISTED_TWICE: Fate.OVER,
    Reason.CONSENT_REVOKED: Fate.OVER,
    Reason.CONSENT_UNCLEAR: Fate.OVER,
    Reason.NO_REPORT: Fate.OVER,
    Reason.LANGUAGE_REQUIRED: Fate.LOST,
    Reason.LANGUAGE_NOT_SENDABLE: Fate.LOST,
    Reason.NO_NOTICE: Fate.LOST,
    Reason.SUPPRESSED: Fate.LOST,
    Reason.NO_ADDRESS: Fate.LOST,
    Reason.CHANNEL_NOT_OFFERED: Fate.LOST,
    Reason.TEACHER_PREVIEW: Fate.OVER,
    Reason.TEACHER_HOLD: Fate.OVER,
    Reason.DIGEST: Fate.LOST,
    Reason.HOUSEHOLD_CAP: Fate.LOST,
    Reason.SHARES_A_HOME: Fate.OVER,
    Reason.NO_OPEN_WINDOW: Fate.LOST,
    Reason.CANCELLED: Fate.OVER,
    Reason.REPLACED: Fate.OVER,
    Reason.ANSWERED: Fate.OVER,
    Reason.PAUSED: Fate.OVER,
    Reason.NOT_APPROVED: Fate.OVER,
    Reason.CALENDAR_CHANGED: Fate.OVER,
    Reason.DAY_LIMIT: Fate.LOST,
    Reason.EXPIRED: Fate.LOST,
    Reason.TEXT_TOO_LONG: Fate.LOST,
}
MOTHER = Line(1, 7, (70,), "email", 0, "accepted", None, None, SENT, DUE, DUE + timedelta(days=10))


def row(contact: int = 7, student: int = 70, **facts: Any) -> AudienceRow:
    plain: dict[str, Any] = {
        "student_id": student,
        "contact_id": contact,
        "household": "home:1",
        "relation": "parent",
        "may_receive": True,
        "court_restriction": False,
        "confidential": False,
        "withdrawn": False,
        "birth_date": date(2016, 5, 4),
        "grade_level": 5,
        "language": "en",
        "zone": "America/Chicago",
        "reachable": frozenset({"email", "sms"}),
        "suppressed": frozenset(),
        "revoked": frozenset(),
        "has_report": True,
        "categories": frozenset(),
        "preview_since": None,
    }
    return AudienceRow(**plain | facts)


def next_of(
    lines: list[Line], rows: list[AudienceRow], now: datetime, *, rung: int = 0, **said: bool
) -> Move:
    family = Family("home:1", rung, lines, said.get("answered", False), said.get("stopped", False))
    return decide(family, Facts(FROM, rows, RULES, now))


@pytest.mark.parametrize("reason", list(Reason), ids=str)
@pytest.mark.parametrize("state", ["withheld", "dropped"])
def test_every_reason_lets_the_next_rung_try_or_ends_the_cascade(reason: Reason, state: str) -> None:
    assert fate(replace(MOTHER, state=state, reason=str(reason))) is EXPECTED[reason]


def test_no_reason_is_in_both_lists() -> None:
    assert set(Reason) == THE_END | NEXT_MAY_TRY
    assert not THE_END & NEXT_MAY_TRY


@pytest.mark.parametrize(
    ("state", "delivery", "expected"),
    [
        ("planned", None, Fate.OPEN),
        ("claimed", None, Fate.OPEN),
        ("dispatching", None, Fate.OPEN),
        ("retry_at", None, Fate.OPEN),
        ("accepted", None, Fate.SENT),
        ("accepted", "delivered", Fate.SENT),
        ("accepted", "deferred", Fate.SENT),
        ("accepted", "bounced", Fate.LOST),
        ("accepted", "blocked", Fate.LOST),
        ("accepted", "dropped", Fate.LOST),
        ("ambiguous", None, Fate.SENT),
        ("rejected", None, Fate.LOST),
        ("failed", None, Fate.LOST),
    ],
)
def test_what_a_state_means(state: str, delivery: str | None, expected: Fate) -> None:
    assert fate(replace(MOTHER, state=state, delivery=delivery)) is expected


def test_silence_is_counted_from_the_sending() -> None:
    assert next_of([MOTHER], [row()], SENT + THREE_DAYS - timedelta(seconds=1)) == Wait(SENT + THREE_DAYS)
    found = next_of([MOTHER], [row()], SENT + THREE_DAYS)
    assert isinstance(found, Go)
    assert (found.rung, found.at, found.targets[0].channel) == (1, SENT + THREE_DAYS, "sms")


def test_an_answer_and_a_stop_end_it() -> None:
    late = SENT + 2 * WEEK
    assert next_of([MOTHER], [row()], late, answered=True) == End(Ending.REACHED, Reason.ANSWERED)
    stopped = End(Ending.STOPPED, Reason.CONSENT_REVOKED)
    assert next_of([MOTHER], [row()], late, stopped=True) == stopped
    assert next_of([MOTHER], [row()], late, answered=True, stopped=True) == stopped


def test_what_has_not_gone_yet_is_waited_for_until_its_end() -> None:
    later = replace(MOTHER, state="planned", opens=DUE + WEEK)
    assert next_of([later], [row()], DUE) == Wait(MOTHER.closes)
    soon = replace(MOTHER, state="planned", opens=DUE + timedelta(days=1))
    assert next_of([soon], [row()], DUE) == Wait(DUE + timedelta(days=1) + THREE_DAYS)


def test_what_is_lost_is_followed_at_once_and_what_is_over_never() -> None:
    lost = replace(MOTHER, state="withheld", reason="suppressed")
    by_text = next_of([lost], [row(suppressed=frozenset({"email"}))], DUE)
    assert isinstance(by_text, Go)
    assert (by_text.rung, by_text.at) == (1, DUE)
    over = replace(MOTHER, state="withheld", reason="teacher_hold")
    assert next_of([over], [row()], DUE) == End(Ending.STOPPED, Reason.TEACHER_HOLD)


@pytest.mark.parametrize(
    "barred",
    [
        {"court_restriction": True},
        {"may_receive": False},
        {"confidential": True},
        {"withdrawn": True},
        {"birth_date": date(2008, 1, 1)},
        {"has_report": False},
    ],
)
def test_who_may_not_hear_any_more_gets_nothing_by_any_way(barred: dict[str, Any]) -> None:
    assert next_of([MOTHER], [row(**barred)], SENT + 3 * WEEK) == End(Ending.SILENT)


def test_who_stopped_one_channel_is_not_written_to_on_the_next() -> None:
    found = next_of([MOTHER], [row(revoked=frozenset({"sms"}))], SENT + WEEK)
    assert isinstance(found, Go)
    assert [target.channel for target in found.targets] == ["letter"]


def test_who_wants_no_paper_is_called() -> None:
    no_text = frozenset({"email", "call"})
    found = next_of([MOTHER], [row(reachable=no_text, revoked=frozenset({"letter"}))], SENT + WEEK)
    assert isinstance(found, Go)
    assert (found.rung, [target.channel for target in found.targets]) == (3, ["call"])


def test_a_home_without_a_phone_is_not_on_the_call_list() -> None:
    """Its letter has its time first; who wants no calls is no home without a number."""
    only_mail = row(reachable=frozenset({"email", "letter"}))
    letter = replace(MOTHER, id=2, rung=2, channel="letter", at=SENT + WEEK)
    assert next_of([MOTHER, letter], [only_mail], SENT + 2 * WEEK - timedelta(hours=1), rung=2) == Wait(
        SENT + 2 * WEEK
    )
    over = End(Ending.NO_PHONE, Reason.NO_ADDRESS)
    assert next_of([MOTHER, letter], [only_mail], SENT + 2 * WEEK, rung=2) == over
    assert (
        next_of(
            [replace(MOTHER, state="withheld", reason="no_address"), letter],
            [only_mail],
            SENT + 2 * WEEK,
            rung=2,
        )
        == over
    )
    unwilling = replace(only_mail, revoked=frozenset({"call"}))
    assert next_of([MOTHER, letter], [unwilling], SENT + 2 * WEEK, rung=2) == End(Ending.SILENT)
    father = replace(MOTHER, id=3, contact_id=8)
    with_phone = row(contact=8, reachable=frozenset({"letter", "call"}))
    found = next_of([MOTHER, father, letter], [only_mail, with_phone], SENT + 2 * WEEK, rung=2)
    assert isinstance(found, Go)
    assert [(target.contact_id, target.channel) for target in found.targets] == [(8, "call")]


HELD = replace(RULES, held={"report_ready": frozenset({9})})


@pytest.mark.parametrize("language", ["en", "es", "so"])
def test_where_a_text_waits_for_a_translation_a_person_calls_with_an_interpreter(language: str) -> None:
    """Nothing that is written may go out for the school; the call may, and keeps the language it is to be made in."""
    waited = replace(MOTHER, state="withheld", reason="language_required")
    at_school = row(school_id=9, language=language, reachable=frozenset({"email", "sms", "letter", "call"}))
    family = Family("home:1", 0, [waited], answered=False, stopped=False)
    found = decide(family, Facts(FROM, [at_school], HELD, SENT))
    assert isinstance(found, Go)
    (target,) = found.targets
    assert (found.rung, target.channel) == (3, "call")
    assert (target.wording.fallback_from or target.wording.language) == language
    later = SENT + timedelta(days=1)
    look = LastLook(FROM, "call", SENT + WEEK, False, [at_school], [], SENT)
    offered = replace(HELD, channels=frozenset({*RULES.channels, "call"}))
    assert isinstance(last_look(look, offered, later), Send)
    written = last_look(replace(look, channel="email"), offered, later)
    assert isinstance(written, Defer)
    assert written.reason is Reason.LANGUAGE_REQUIRED


def test_one_adult_stands_for_all_who_read_the_same_language() -> None:
    father = replace(MOTHER, id=2, contact_id=8)
    aunt = replace(MOTHER, id=3, contact_id=9)
    rows = [row(), row(contact=8), row(contact=9, language="es")]
    rows = [replace(one, reachable=frozenset({"email"})) for one in rows]
    found = next_of([MOTHER, father, aunt], rows, SENT + WEEK)
    assert isinstance(found, Go)
    told = [(target.contact_id, target.wording.language, target.part) for target in found.targets]
    assert told == [(7, "en", "en.0"), (9, "es", "es.0")]


def test_no_child_is_forgotten_where_no_adult_may_hear_about_all() -> None:
    both = replace(MOTHER, student_ids=(70, 71))
    father = replace(MOTHER, id=2, contact_id=8, student_ids=(71, 72))
    rows = [row(), row(student=71), row(contact=8, student=71), row(contact=8, student=72)]
    rows = [replace(one, reachable=frozenset({"email"})) for one in rows]
    found = next_of([both, father], rows, SENT + WEEK)
    assert isinstance(found, Go)
    assert [(target.contact_id, target.student_ids) for target in found.targets] == [
        (7, (70, 71)),
        (8, (72,)),
    ]


def test_nobody_of_another_home_is_drawn_in() -> None:
    only_mail = replace(row(), reachable=frozenset({"email"}))
    elsewhere = replace(row(contact=8), household="home:2")
    assert next_of([MOTHER], [only_mail, elsewhere], SENT + THREE_DAYS) == Wait(SENT + WEEK)


def test_after_the_call_it_is_over() -> None:
    call = replace(
        MOTHER, id=4, rung=3, channel="call", state="planned", at=datetime(2026, 12, 1, tzinfo=UTC)
    )
    assert next_of([MOTHER, call], [row()], SENT + 4 * WEEK, rung=3) == End(Ending.CALL_LIST)
