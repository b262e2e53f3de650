"""Whose turn a thread is, and a clock that runs while the school is open and stands still otherwise."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from campaign.correspondence.conversation_routing import Route, StaffRole, following, table, topic
from campaign.school_year.calendar import SchoolYear
from campaign.school_year.school_hours import OfficeHours
from tests.campaign.correspondence.written import row, run, sms, take_in

YEAR = SchoolYear.of([(date(2026, 11, 26), "holiday"), (date(2026, 11, 27), "holiday")])
OFFICE = OfficeHours(YEAR, time(7, 30), time(16, 0), "America/Chicago")
DAY = timedelta(hours=8, minutes=30)


@pytest.mark.parametrize(
    ("words", "role"),
    [
        ("The bus never came", StaffRole.BUS),
        ("El camión no pasó por la parada", StaffRole.BUS),
        ("She needs her inhaler", StaffRole.NURSE),
        ("Mi hijo está enfermo, tiene fiebre", StaffRole.NURSE),
        ("When is the IEP meeting?", StaffRole.SPECIAL_EDUCATION),
        ("we moved, here is our new address", StaffRole.FRONT_OFFICE),
        ("He is being bullied", StaffRole.ADVISOR),
        ("How is she doing in math?", None),
        ("Los niños van en LA CAMIONETA", StaffRole.BUS),
        ("busy", None),
        ("", None),
    ],
)
def test_words_point_to_a_role(words: str, role: StaffRole | None) -> None:
    own = table([Route(StaffRole.BUS, ("camioneta",))])
    assert topic(words, own) == role


def test_each_role_has_one_after_it_but_the_last_and_a_school_may_say_otherwise() -> None:
    shipped = table([])
    assert [route.role for role in StaffRole if (route := following(role, shipped))] == [
        StaffRole.ADVISOR,
        *[StaffRole.FRONT_OFFICE] * 4,
    ]
    own = table([Route(StaffRole.TEACHER, next_role=StaffRole.FRONT_OFFICE)])
    after = following(StaffRole.TEACHER, own)
    assert after
    assert after.role is StaffRole.FRONT_OFFICE


def test_a_teacher_of_the_subject_named_is_asked_first(district: Engine, tmp_path: Path) -> None:
    run(
        district,
        """
        INSERT INTO staff_member (district_id, school_id, source_id, given_name, family_name)
        VALUES (1, 1, 't2', 'Rob', 'Reader');
        INSERT INTO account (district_id, email, name, role, staff_member_id)
        VALUES (1, 'rob@example.org', 'Rob Reader', 'teacher', 2);
        INSERT INTO course (district_id, source_id, title, subject) VALUES (1, 'r4', 'Reading 4', 'reading');
        INSERT INTO section (district_id, school_id, course_id, source_id, title, teacher_id)
        VALUES (1, 1, 2, 's2', 'Reading 4 A', 2);
        INSERT INTO enrollment (section_id, student_id) VALUES (2, 1)
        """,
    )
    take_in(district, sms("¿Cómo va en lectura?"), tmp_path)
    assert (
        row(district, "SELECT name FROM account a JOIN conversation c ON c.account_id = a.id")["name"]
        == "Rob Reader"
    )


def test_who_was_chosen_by_a_person_keeps_the_thread(district: Engine, tmp_path: Path) -> None:
    take_in(district, sms("Hola"), tmp_path)
    run(district, "UPDATE conversation SET role = 'nurse', routed_by = 'person', account_id = NULL")
    take_in(district, sms("El bus no vino"), tmp_path)
    assert row(district, "SELECT role, topic FROM conversation") == {"role": "nurse", "topic": "bus"}


def test_without_a_teacher_here_the_front_office_answers(district: Engine, tmp_path: Path) -> None:
    run(district, "UPDATE account SET active = false WHERE role = 'teacher'")
    take_in(district, sms("Hola"), tmp_path)
    assert row(district, "SELECT role FROM conversation")["role"] == "front_office"


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}-06:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("since", "due"),
    [
        ("2026-11-02T09:00", "2026-11-03T09:00"),
        ("2026-11-02T20:00", "2026-11-03T16:00"),
        ("2026-11-06T15:00", "2026-11-09T15:00"),
        ("2026-11-07T12:00", "2026-11-09T16:00"),
        ("2026-11-25T15:00", "2026-11-30T15:00"),
    ],
)
def test_one_school_day_passes_over_nights_weekends_and_holidays(since: str, due: str) -> None:
    assert OFFICE.after(local(since), DAY) == local(due)
    assert OFFICE.between(local(since), local(due)) == DAY


# From August on, for 300 days.
MOMENTS = st.integers(0, 300 * 24 * 60).map(
    lambda minutes: datetime(2026, 8, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(since=MOMENTS, minutes=st.integers(1, 3000))
def test_what_is_added_to_a_clock_is_what_has_passed_on_it(since: datetime, minutes: int) -> None:
    amount = timedelta(minutes=minutes)
    assert OFFICE.between(since, OFFICE.after(since, amount)) == amount


@given(MOMENTS, MOMENTS, MOMENTS)
def test_spans_add_up_and_count_backwards(one: datetime, two: datetime, three: datetime) -> None:
    assert OFFICE.between(one, two) + OFFICE.between(two, three) == OFFICE.between(one, three)
    assert OFFICE.between(one, two) == -OFFICE.between(two, one)
