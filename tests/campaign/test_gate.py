"""The last look: each reason alone, and what wins when several hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from campaign.definitions.definition import Step, load_all
from campaign.gate import (
    LANGUAGE_LOOK_AGAIN,
    AudienceRow,
    Defer,
    Drop,
    LastLook,
    Reason,
    Rules,
    Send,
    Withhold,
    is_adult,
    last_look,
)
from campaign.school_year.calendar import SchoolYear, Window
from campaign.school_year.weekly import Weekly
from campaign.wordings.wording import Sendable, Wording

STEPS = load_all()[0].steps
READY, TIP, HELLO = STEPS["report_ready"], STEPS["tip"], STEPS["hello"]

RULES = Rules(
    year=SchoolYear.of([(date(2026, 11, 11), "holiday")]),
    window=Window.of("09:00", "19:30"),
    household_cap=3,
    household_cap_days=7,
    weekly=Weekly.of("thursday", "17:30"),
    teacher_preview_days=5,
    channels=frozenset({"email", "sms"}),
    sendable=Sendable(
        texts=frozenset(
            (step.message, channel, language)
            for step in STEPS.values()
            for channel in ("email", "sms")
            for language in ("en", "es")
        ),
        room={("report_ready", "so"): 1, ("report_ready", "vi"): 0, ("heads_up", "vi"): 0},
    ),
)
ROW = AudienceRow(
    student_id=1,
    contact_id=10,
    household="home",
    relation="mother",
    may_receive=True,
    court_restriction=False,
    confidential=False,
    withdrawn=False,
    birth_date=date(2016, 5, 4),
    grade_level=5,
    language="en",
    zone="America/Chicago",
    reachable=frozenset({"email", "sms"}),
    suppressed=frozenset(),
    revoked=frozenset(),
    has_report=True,
    categories=frozenset({("math", "MATCH_AT")}),
    preview_since=None,
)
GO = Send((1,), Wording("en"))
# Tuesday 2026-11-10, 17:30 in Chicago.
NOW = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)


def look(step: Step = READY, **changes: Any) -> LastLook:
    about = {name: changes.pop(name) for name in tuple(changes) if name in AudienceRow.__slots__}
    facts: dict[str, Any] = {
        "channel": "email",
        "paused": False,
        "rows": [replace(ROW, **about)],
        "household_sent": [],
        "due_at": NOW,
        "expires_at": NOW + timedelta(days=10),
    }
    facts |= changes
    return LastLook(step=step, **facts)


def test_nothing_in_the_way() -> None:
    assert last_look(look(), RULES, NOW) == GO


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"court_restriction": True}, Reason.COURT_RESTRICTION),
        ({"may_receive": False}, Reason.MAY_NOT_RECEIVE),
        ({"confidential": True}, Reason.CONFIDENTIAL),
        ({"withdrawn": True}, Reason.WITHDRAWN),
        ({"birth_date": date(2008, 11, 10)}, Reason.ADULT_STUDENT),
        ({"has_report": False}, Reason.NO_REPORT),
        ({"revoked": frozenset({"email"})}, Reason.CONSENT_REVOKED),
        ({"suppressed": frozenset({"email"})}, Reason.SUPPRESSED),
        ({"reachable": frozenset({"sms"})}, Reason.NO_ADDRESS),
        ({"language": "vi", "channel": "sms"}, Reason.LANGUAGE_NOT_SENDABLE),
        ({"channel": "letter"}, Reason.CHANNEL_NOT_OFFERED),
        ({"rows": []}, Reason.MAY_NOT_RECEIVE),
        # Several at once: rights come before reach.
        ({"court_restriction": True, "withdrawn": True, "reachable": frozenset()}, Reason.COURT_RESTRICTION),
        ({"revoked": frozenset({"sms"}), "language": "vi", "channel": "sms"}, Reason.CONSENT_REVOKED),
    ],
)
def test_withheld_for_good(changes: dict[str, Any], reason: Reason) -> None:
    assert last_look(look(**changes), RULES, NOW) == Withhold(reason)


@pytest.mark.parametrize(
    "changes",
    [
        {"birth_date": date(2008, 11, 11)},
        {"birth_date": date(2008, 11, 10), "relation": "self"},
        {"birth_date": None},
        {"revoked": frozenset({"sms"})},
        {"suppressed": frozenset({"sms"})},
    ],
)
def test_what_does_not_stand_in_the_way(changes: dict[str, Any]) -> None:
    assert last_look(look(**changes), RULES, NOW) == GO


@pytest.mark.parametrize(
    ("channel", "language", "wording"),
    [
        ("email", "es", Wording("es")),
        ("email", "es-MX", Wording("es")),
        ("email", "en-GB", Wording("en")),
        ("email", "so", Wording("en", "so")),
        ("email", "zh-Hant", Wording("en", "zh-Hant")),
        ("email", "hmn", Wording("en", "hmn")),
        ("email", "und", Wording("en", "und")),
        ("sms", "so", Wording("en", "so")),
        ("sms", "hmn", Wording("en", "hmn")),
    ],
)
def test_the_language_is_chosen_by_the_facts_of_now(channel: str, language: str, wording: Wording) -> None:
    assert last_look(look(channel=channel, language=language), RULES, NOW) == Send((1,), wording)


def test_a_text_message_must_have_room_for_all_children_beside_the_interpreter_line() -> None:
    two = [replace(ROW, language="so"), replace(ROW, language="so", student_id=2)]
    assert last_look(look(rows=two, channel="sms"), RULES, NOW) == Withhold(Reason.LANGUAGE_NOT_SENDABLE)
    barred = [two[0], replace(two[1], court_restriction=True)]
    assert last_look(look(rows=barred, channel="sms"), RULES, NOW) == Send((1,), Wording("en", "so"))


def test_nothing_goes_out_where_not_even_english_may() -> None:
    nothing = replace(RULES, sendable=Sendable(frozenset(), {}))
    assert last_look(look(), nothing, NOW) == Withhold(Reason.LANGUAGE_NOT_SENDABLE)


def test_a_message_without_results_needs_no_report() -> None:
    assert last_look(look(HELLO, has_report=False), RULES, NOW) == GO


def test_too_late_is_dropped_before_anything_else() -> None:
    assert last_look(look(expires_at=NOW, court_restriction=True, paused=True), RULES, NOW) == Drop(
        Reason.EXPIRED
    )


def test_paused_waits_and_never_decides_ahead() -> None:
    soon = NOW + timedelta(minutes=1)
    assert last_look(look(paused=True, expires_at=soon), RULES, NOW) == Defer(
        NOW + timedelta(minutes=15), Reason.PAUSED
    )


def at(said: str) -> datetime:
    return datetime.fromisoformat(said).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("step", "now", "verdict"),
    [
        (
            READY,
            "2026-11-11 01:30",
            Defer(at("2026-11-12 15:00"), Reason.NO_OPEN_WINDOW),
        ),  # evening, then a holiday
        (READY, "2026-11-11 20:00", Defer(at("2026-11-12 15:00"), Reason.NO_OPEN_WINDOW)),
        (READY, "2026-11-14 16:00", Defer(at("2026-11-16 15:00"), Reason.NO_OPEN_WINDOW)),
        (TIP, "2026-11-14 16:00", GO),  # the planned Saturday
        (TIP, "2026-11-15 16:00", Defer(at("2026-11-16 15:00"), Reason.NO_OPEN_WINDOW)),
    ],
)
def test_the_window(step: Step, now: str, verdict: object) -> None:
    assert last_look(look(step), RULES, at(now)) == verdict


def test_a_window_that_opens_too_late() -> None:
    evening = at("2026-11-11 01:30")
    assert last_look(look(expires_at=evening + timedelta(hours=1)), RULES, evening) == Withhold(
        Reason.NO_OPEN_WINDOW
    )


# Made on Monday 2 November: five school days later, on the 9th, the preview ends with the day.
@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        ("2026-11-06 23:30", Defer(at("2026-11-10 15:00"), Reason.TEACHER_PREVIEW)),
        ("2026-11-10 00:00", Defer(at("2026-11-10 15:00"), Reason.TEACHER_PREVIEW)),
        ("2026-11-10 15:00", GO),
    ],
)
def test_teachers_look_first(now: str, verdict: object) -> None:
    found = look(preview_since=at("2026-11-02 20:00"))
    assert last_look(found, RULES, at(now)) == verdict


def test_preview_holds_only_what_speaks_of_results_and_withholds_what_would_be_too_late() -> None:
    made = at("2026-11-10 20:00")
    assert last_look(look(HELLO, preview_since=made), RULES, NOW) == GO
    assert last_look(look(STEPS["heads_up"], preview_since=made), RULES, NOW) == GO
    late = look(preview_since=made, expires_at=NOW + timedelta(days=2))
    assert last_look(late, RULES, NOW) == Withhold(Reason.TEACHER_PREVIEW)


@pytest.mark.parametrize(
    ("sent", "verdict"),
    [
        (["2026-11-04 23:30", "2026-11-09 23:30"], GO),
        (
            ["2026-11-04 23:30", "2026-11-09 23:30", "2026-11-10 16:00"],
            Defer(at("2026-11-12 15:00"), Reason.HOUSEHOLD_CAP),  # free on the 11th, a holiday
        ),
        (
            ["2026-11-03 23:30", "2026-11-09 23:30", "2026-11-10 16:00"],
            GO,
        ),  # seven days ago to the minute
        (
            ["2026-11-05 16:00", "2026-11-06 16:00", "2026-11-09 16:00", "2026-11-10 16:00"],
            Defer(at("2026-11-13 16:00"), Reason.HOUSEHOLD_CAP),
        ),
    ],
)
def test_the_household_cap(sent: list[str], verdict: object) -> None:
    assert last_look(look(household_sent=[at(s) for s in sent]), RULES, NOW) == verdict


def test_a_cap_that_frees_too_late_withholds() -> None:
    sent = [NOW - timedelta(days=d) for d in (1, 2, 3)]
    found = look(household_sent=sent, expires_at=NOW + timedelta(days=2))
    assert last_look(found, RULES, NOW) == Withhold(Reason.HOUSEHOLD_CAP)


def test_siblings_go_out_without_the_one_who_is_barred() -> None:
    rows = [ROW, replace(ROW, student_id=2, court_restriction=True), replace(ROW, student_id=3)]
    assert last_look(look(rows=rows), RULES, NOW) == Send((1, 3), Wording("en"))


def test_siblings_wait_for_the_preview_of_one() -> None:
    rows = [ROW, replace(ROW, student_id=2, preview_since=at("2026-11-09 20:00"))]
    verdict = last_look(look(rows=rows), RULES, NOW)
    assert verdict == Defer(at("2026-11-18 15:00"), Reason.TEACHER_PREVIEW)


def test_two_zones_of_one_family_must_both_be_open() -> None:
    rows = [ROW, replace(ROW, student_id=2, zone="America/New_York")]
    morning = at("2026-11-10 14:30")
    assert last_look(look(rows=rows), RULES, morning) == Defer(at("2026-11-10 15:00"), Reason.NO_OPEN_WINDOW)


@pytest.mark.parametrize(
    ("born", "today", "adult"),
    [
        (date(2008, 2, 29), date(2026, 2, 28), False),
        (date(2008, 2, 29), date(2026, 3, 1), True),
        (date(2008, 11, 10), date(2026, 11, 9), False),
        (date(2008, 11, 10), date(2026, 11, 10), True),
    ],
)
def test_the_eighteenth_birthday(born: date, today: date, adult: bool) -> None:
    assert is_adult(born, today) is adult


def test_a_school_that_needs_another_language_waits_and_is_told_why_at_the_end() -> None:
    held = replace(RULES, held={"report_ready": frozenset({7})})
    assert last_look(look(school_id=7), held, NOW) == Defer(
        NOW + LANGUAGE_LOOK_AGAIN, Reason.LANGUAGE_REQUIRED
    )
    late = look(school_id=7, expires_at=NOW + LANGUAGE_LOOK_AGAIN)
    assert last_look(late, held, NOW) == Withhold(Reason.LANGUAGE_REQUIRED)
    assert last_look(look(school_id=8), held, NOW) == GO
    assert last_look(look(TIP, school_id=7), held, NOW) == GO
    two = [replace(ROW, school_id=7), replace(ROW, school_id=8, student_id=2)]
    assert last_look(look(rows=two), held, NOW) == Send((2,), Wording("en"))
