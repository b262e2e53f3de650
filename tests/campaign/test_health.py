"""Is the data fresh, complete, matched and mapped, and can families be reached?"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, text

from campaign import health
from campaign.access import ENGINE, Principal, Role
from campaign.database import transaction
from campaign.health import Cell, Health
from campaign.store import reachability
from campaign.store.health import Newest
from campaign.store.reachability import Channels
from tests.web_pages import small_district

TODAY = date(2026, 11, 2)
OFFICE = Principal(Role.DISTRICT, district_id=1)


@pytest.fixture
def district(engine: Engine) -> Engine:
    small_district(engine)
    return engine


def change(engine: Engine, statements: str) -> None:
    with transaction(engine, ENGINE) as connection:
        connection.execute(text(statements))


def look(engine: Engine, principal: Principal = OFFICE) -> Health:
    with transaction(engine, principal) as connection:
        return health.examine(connection, TODAY, expiry_days=400)


@pytest.mark.parametrize(
    ("kind", "day", "days", "state"),
    [
        ("marks", date(2026, 10, 30), 3, "fresh"),
        ("marks", date(2026, 5, 28), 158, "aging"),
        ("marks", date(2026, 2, 1), 274, "old"),
        ("interim", date(2026, 9, 10), 53, "fresh"),
        ("summative", date(2026, 4, 20), 196, "fresh"),
        ("summative", date(2025, 4, 20), 561, "old"),
        ("language", date(2026, 2, 1), 274, "fresh"),
        ("marks", date(2026, 11, 9), 0, "fresh"),
        ("marks", None, None, "missing"),
    ],
)
def test_data_age_at_the_pace_of_their_kind(
    kind: str, day: date | None, days: int | None, state: str
) -> None:
    found = health.age(Newest(kind, "", day, None, 1), TODAY)
    assert (found.days, found.state) == (days, state)


def test_a_roster_is_as_old_as_its_import() -> None:
    came = datetime(2026, 10, 1, 10, 0, tzinfo=UTC)
    assert health.age(Newest("roster", "", None, came, 6), TODAY).state == "aging"


def test_the_newest_of_each_kind_is_found(district: Engine) -> None:
    ages = [
        (age.newest.kind, age.newest.name, str(age.day), age.newest.records) for age in look(district).ages
    ]
    assert ages == [
        ("roster", "", "2026-11-01", 6),
        ("marks", "", "2026-05-28", 8),
        ("summative", "State Test", "2026-04-20", 7),
    ]


def cells(found: Health) -> dict[tuple[str | None, str], tuple[int, int, int, int]]:
    return {
        (row.school.name, cell.subject): (cell.students, cell.marked, cell.tested, cell.both)
        for row in found.rows
        for cell in row.cells
    }


def test_coverage_counts_enrolled_students_by_school_and_subject(district: Engine) -> None:
    found = look(district)
    assert cells(found) == {
        ("Alder Elementary", "math"): (4, 4, 3, 3),
        ("Alder Elementary", "reading"): (4, 2, 2, 2),
        ("Birch Middle", "math"): (2, 2, 2, 2),
        ("Birch Middle", "reading"): (2, 0, 0, 0),
    }
    assert [(cell.subject, cell.students, cell.both) for cell in found.whole.cells] == [
        ("math", 6, 5),
        ("reading", 6, 2),
    ]


def test_what_is_too_old_not_valid_withdrawn_or_of_students_who_left_does_not_count(district: Engine) -> None:
    change(
        district,
        """
        UPDATE mark SET period_ends_on = '2025-05-28' WHERE student_id = 1;
        UPDATE score SET status = 'invalidated' WHERE student_id = 2;
        UPDATE mark SET withdrawn = true WHERE student_id = 3;
        UPDATE student SET withdrawn = true WHERE id = 4;
        UPDATE score SET administered_on = NULL, school_year = 2026 WHERE student_id = 5
        """,
    )
    found = cells(look(district))
    assert found["Alder Elementary", "math"] == (3, 1, 2, 0)
    assert found["Birch Middle", "math"] == (2, 2, 2, 2), "without a day the end of the school year counts"


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        ((10, 10, 10, 9), "good"),
        ((10, 10, 10, 8), "thin"),
        ((10, 10, 0, 0), "no_tests"),
        ((10, 0, 10, 0), "no_marks"),
        ((10, 0, 0, 0), "nothing"),
        ((0, 0, 0, 0), "nothing"),
    ],
)
def test_a_cell_says_what_is_missing(counts: tuple[int, int, int, int], state: str) -> None:
    assert Cell("math", *counts).state == state


def test_results_that_find_no_student_are_counted_by_file(district: Engine) -> None:
    change(
        district,
        """
        INSERT INTO refused_row (source_file_id, district_id, line, code, reason, remedy)
        VALUES (2, 1, 5, 'unknown_student', 'No such student.', 'Import the roster.')
        """,
    )
    (match,) = look(district).matches
    assert (match.name, match.rows, match.unmatched) == ("scores.csv", 6, 1)
    assert look(district).badly_matched == [match]


def test_what_the_program_cannot_place_is_named(district: Engine) -> None:
    assert look(district).unmapped == []
    change(
        district,
        """
        UPDATE mark SET subject = NULL, course_title = 'Homeroom' WHERE student_id IN (1, 2) AND subject = 'reading';
        UPDATE assessment SET cut = NULL, floor_level = NULL WHERE key = 'math6';
        UPDATE comparison SET refusal = 'no_cut' WHERE student_id = 5
        """,
    )
    found = [(one.kind, one.name, one.students) for one in look(district).unmapped]
    assert found == [
        ("course", "Homeroom", 2),
        ("level", "State Test Grade 6 Math", 2),
        ("refusal", "no_cut", 1),
    ]


def test_contacts_are_counted_by_language_and_open_channel(district: Engine) -> None:
    change(
        district,
        """
        INSERT INTO consent_event (district_id, contact_id, channel, scope, action, source, at)
        VALUES (1, 1, 'email', 'all', 'revoked', 'family_page', '2026-10-01'),
               (1, 2, 'email', 'all', 'revoked', 'family_page', '2026-10-01'),
               (1, 2, 'email', 'all', 'granted', 'family_page', '2026-10-02'),
               (1, 3, 'sms', 'all', 'revoked', 'reply', '2026-10-01'),
               (1, 3, 'email', 'all', 'revoked', 'reply', '2026-10-01');
        UPDATE contact SET address_line = '1 Elm St' WHERE id IN (4, 5);
        UPDATE contact SET confidential = true WHERE id = 5;
        UPDATE contact SET written_language = NULL, language_raw = 'xx-old' WHERE id = 4
        """,
    )
    found = look(district)
    assert list(found.languages) == [
        Channels("en", 2, email=2, text=0, paper=0, stopped=0, nothing=0, interpreter=0),
        Channels("es", 1, email=0, text=1, paper=0, stopped=0, nothing=0, interpreter=0),
        Channels("vi", 1, email=0, text=0, paper=0, stopped=1, nothing=0, interpreter=0),
        Channels(None, 1, email=0, text=0, paper=1, stopped=0, nothing=0, interpreter=0),
    ]
    assert [(one.raw, one.contacts) for one in found.unknown_languages] == [("xx-old", 1)]
    counted = found.students
    assert (counted.unreached, counted.paper_only, counted.without_contact) == (2, 1, 1)
    with transaction(district, OFFICE) as connection:
        listed = reachability.unreached(connection, limit=10)
    assert [(one.name, one.contacts) for one in listed] == [("Chi Cao", 1), ("Fay Flores", 0)]


def test_confidential_students_and_barred_contacts_are_reached_by_nothing(district: Engine) -> None:
    change(
        district,
        """
        UPDATE student SET confidential = true WHERE id = 1;
        UPDATE student_contact SET court_restriction = true WHERE student_id = 2;
        UPDATE student SET home_language = NULL WHERE id = 3
        """,
    )
    counted = look(district).students
    assert (counted.confidential, counted.court, counted.language_unknown) == (1, 1, 1)
    assert counted.unreached == 4, "these two, one without an address, one without a contact"
    assert look(district).reached_share == pytest.approx(2 / 6)


@pytest.mark.parametrize(
    ("principal", "students", "rows"),
    [
        (Principal(Role.STATE), 7, 3),
        (Principal(Role.SCHOOL, district_id=1, school_ids=(2,)), 2, 1),
        (Principal(Role.DISTRICT, district_id=2), 1, 1),
    ],
)
def test_each_role_sees_the_health_of_its_scope(
    district: Engine, principal: Principal, students: int, rows: int
) -> None:
    found = look(district, principal)
    assert (found.students.students, len(found.rows)) == (students, rows)


def test_a_database_without_anything_is_looked_at_without_fault(engine: Engine) -> None:
    found = look(engine, ENGINE)
    assert [age.state for age in found.ages] == ["missing", "missing"]
    assert (found.rows, found.matches, found.reached_share) == ([], [], 1.0)
