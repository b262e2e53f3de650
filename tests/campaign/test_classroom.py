"""Teachers before families: what they may say, who releases it, and that no report leaves before it may."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from campaign import classroom
from campaign.access import ENGINE, Principal, Role
from campaign.classroom import Speaker, WordError
from campaign.database import transaction
from campaign.gate import Reason
from campaign.school_year.calendar import SchoolYear
from campaign.store import audience
from campaign.store import classroom as store
from campaign.store.classroom import Waiting, Word
from tests.web_pages import MORNING, small_district

YEAR = SchoolYear.of([(date(2026, 11, 3), "holiday")])
TEACHER = Speaker("Tess Turner", "account:4", MORNING)
OFFICE = Speaker("Olive Ott", "account:2", MORNING + timedelta(hours=1))
ZONE = "America/New_York"
# Ana is student 1 (HIGH_NOTYET in math, a child of teacher 1), Eli student 5 of another school.
ANA = 1


@pytest.fixture
def district(engine: Engine) -> Engine:
    small_district(engine)
    return engine


def about(engine: Engine, student: int = ANA) -> Waiting:
    with transaction(engine, ENGINE) as connection:
        found = store.student(connection, student, ZONE)
    assert found is not None
    return found


def said(engine: Engine) -> list[Word]:
    with transaction(engine, ENGINE) as connection:
        return list(store.words(connection, ANA))


def stands(engine: Engine, now: datetime, days: int = 5) -> classroom.Standing:
    return classroom.standing(about(engine), YEAR, days, now)


@pytest.mark.parametrize(
    ("now", "days", "reason"),
    [
        (MORNING, 5, Reason.TEACHER_PREVIEW),
        # Compared on Monday the 2nd; the 3rd is a holiday: the 4th, 5th, 6th, 9th and 10th are the five days.
        (datetime(2026, 11, 11, 4, 59, tzinfo=UTC), 5, Reason.TEACHER_PREVIEW),
        (datetime(2026, 11, 11, 5, 0, tzinfo=UTC), 5, None),
        (datetime(2026, 11, 3, 5, 0, tzinfo=UTC), 0, None),
    ],
)
def test_a_good_grade_beside_a_low_test_waits_for_the_days_to_look(
    district: Engine, now: datetime, days: int, reason: Reason | None
) -> None:
    assert stands(district, now, days).reason == reason


def test_other_reports_do_not_wait(district: Engine) -> None:
    assert classroom.standing(about(district, 2), YEAR, 5, MORNING).reason is None


def test_a_release_lets_today_s_results_go_and_not_later_ones(district: Engine) -> None:
    with transaction(district, ENGINE) as connection:
        classroom.release(connection, about(district), TEACHER)
    assert stands(district, MORNING).reason is None
    assert about(district).released
    with transaction(district, ENGINE) as connection:
        connection.execute(
            text("UPDATE comparison SET computed_at = :later WHERE student_id = 1"),
            {"later": MORNING + timedelta(days=1)},
        )
    assert stands(district, MORNING + timedelta(days=1)).reason == Reason.TEACHER_PREVIEW


def test_a_hold_has_a_reason_and_ends_by_itself(district: Engine) -> None:
    with transaction(district, ENGINE) as connection:
        classroom.hold(
            connection, about(district), "I meet them on Friday", date(2026, 11, 20), YEAR, by=TEACHER
        )
    assert stands(district, datetime(2026, 11, 21, 4, 59, tzinfo=UTC)).reason == Reason.TEACHER_HOLD
    assert stands(district, datetime(2026, 11, 21, 5, 0, tzinfo=UTC)).reason is None


@pytest.mark.parametrize(
    ("reason", "last_day"),
    [
        ("", date(2026, 11, 20)),
        ("soon", None),
        ("soon", date(2026, 11, 1)),
        # The holiday on the 3rd makes Tuesday, December 1 the twentieth school day.
        ("soon", date(2026, 12, 2)),
    ],
)
def test_a_hold_without_reason_or_end_is_refused(
    district: Engine, reason: str, last_day: date | None
) -> None:
    with pytest.raises(WordError), transaction(district, ENGINE) as connection:
        classroom.hold(connection, about(district), reason, last_day, YEAR, by=TEACHER)
    assert said(district) == []


def test_wrong_data_hold_the_report_until_somebody_else_settles_it(district: Engine) -> None:
    with transaction(district, ENGINE) as connection:
        classroom.release(connection, about(district), TEACHER)
        classroom.wrong_data(connection, about(district), "The test is another child's.", YEAR, TEACHER)
    assert stands(district, MORNING).reason == Reason.TEACHER_HOLD
    flag = said(district)[0]
    with pytest.raises(WordError, match="other than"), transaction(district, ENGINE) as connection:
        classroom.take(connection, flag, "settle", "looked", TEACHER)
    with pytest.raises(WordError, match="found out"), transaction(district, ENGINE) as connection:
        classroom.take(connection, flag, "settle", " ", OFFICE)
    with transaction(district, ENGINE) as connection:
        classroom.take(connection, flag, "settle", "It was; moved to the other child.", OFFICE)
    assert stands(district, MORNING).reason is None
    assert said(district)[0].answer == "It was; moved to the other child."
    with pytest.raises(WordError, match="already"), transaction(district, ENGINE) as connection:
        classroom.take(connection, flag, "settle", "again", OFFICE)


@pytest.mark.parametrize(
    ("note", "complaint"),
    [
        ("  ", "Write the note"),
        ("Ana is failing math.", "should not read"),
        ("Ana works well. " * 30, "at most 240"),
    ],
)
def test_a_note_that_a_family_should_not_read_is_refused(district: Engine, note: str, complaint: str) -> None:
    with pytest.raises(WordError, match=complaint), transaction(district, ENGINE) as connection:
        classroom.note(connection, about(district), note, TEACHER)
    assert said(district) == []


def test_a_note_goes_from_draft_to_released_by_another_and_is_then_translated(district: Engine) -> None:
    with transaction(district, ENGINE) as connection:
        classroom.note(connection, about(district), "Ana helps  others\nin class.", TEACHER)
    draft = said(district)[0]
    assert (draft.said, draft.state) == ("Ana helps others in class.", "draft")
    for refused in (
        lambda c: classroom.take(c, draft, "release", "", TEACHER),
        lambda c: classroom.translate(c, draft, "es", "Ana ayuda.", OFFICE),
    ):
        with pytest.raises(WordError), transaction(district, ENGINE) as connection:
            refused(connection)
    with transaction(district, ENGINE) as connection:
        classroom.take(connection, draft, "release", "", OFFICE)
    released = said(district)[0]
    with transaction(district, ENGINE) as connection:
        classroom.translate(connection, released, "es", "Ana ayuda en clase.", OFFICE)
    assert said(district)[0].translations == {"es": "Ana ayuda en clase."}


def test_the_audience_of_messages_knows_of_release_and_hold(district: Engine) -> None:
    def row() -> tuple[bool, bool]:
        with transaction(district, ENGINE) as connection:
            found = audience.rows(connection, [1], slug="go-beyond-grades", zone=ZONE)[0]
        return found.preview_since is not None, found.held_until is not None

    assert row() == (True, False)
    with transaction(district, ENGINE) as connection:
        classroom.release(connection, about(district), TEACHER)
        classroom.hold(connection, about(district), "a talk first", date(2026, 11, 6), YEAR, by=TEACHER)
    assert row() == (False, True)


@pytest.mark.parametrize(
    ("principal", "seen"),
    [
        (Principal(Role.TEACHER, 1, (1,), account_id=4, staff_member_id=1), 1),
        (Principal(Role.TEACHER, 1, (1,), account_id=9, staff_member_id=9), 0),
        (Principal(Role.SCHOOL, 1, (1,)), 1),
        (Principal(Role.SCHOOL, 1, (2,)), 0),
        (Principal(Role.DISTRICT, 1), 1),
        (Principal(Role.DISTRICT, 2), 0),
    ],
)
def test_words_are_seen_by_those_who_see_the_student(
    district: Engine, principal: Principal, seen: int
) -> None:
    with transaction(district, ENGINE) as connection:
        classroom.note(connection, about(district), "Ana helps others.", TEACHER)
    with transaction(district, principal) as connection:
        assert len(store.open_words(connection)) == seen
        assert len(store.words(connection, ANA)) == seen


def test_held_reports_are_counted(district: Engine) -> None:
    with transaction(district, ENGINE) as connection:
        connection.execute(text("DELETE FROM report"))
        for student in (1, 2, 5):
            connection.execute(
                text(
                    """
                    INSERT INTO report (district_id, student_id, number, version, language, comparison_ids,
                                        content_hash, contract, created_at)
                    VALUES (1, :student, 'N' || :student, 1, 'en', '{}', 'x', '{}', :now)
                    """
                ),
                {"student": student, "now": MORNING},
            )
        classroom.hold(connection, about(district, 2), "a talk", date(2026, 11, 6), YEAR, by=TEACHER)
        assert classroom.held(connection, 5, ZONE, MORNING) == classroom.Held(2, 1)
        later = MORNING + timedelta(days=30)
        assert classroom.held(connection, 5, ZONE, later) == classroom.Held(0, 0)
