"""School Data Sync packages: what comes in, what is refused, what is only reported."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.campaign.intake.importing import bring, named, register, rows
from tests.campaign.intake.packages import small_district, write_package
from tests.campaign.intake.school_data_sync import NAMELESS, V1, V21, write


def test_a_package_of_v2_1_fills_the_register(engine: Engine, tmp_path: Path) -> None:
    summary = bring(engine, write(tmp_path / "p", V21))
    assert (summary.failed, summary.refused, summary.rows_in) == ([], 0, 18)
    assert {file.format for file in summary.files} == {
        f"school data sync V2.1 {name.removesuffix('.csv')}" for name in V21
    }
    assert rows(engine, "SELECT code, name FROM district") == [("D1", "Pine County")]
    assert rows(
        engine,
        "SELECT given_name, grade_level, birth_date::text, h.name FROM student s "
        "JOIN school h ON h.id = s.school_id ORDER BY 1",
    ) == [("Ann", 4, "2016-05-06", "Pine School"), ("Ben", 13, None, "Pine School")]
    assert rows(engine, "SELECT title, subject, grade_level FROM course") == [("Grade 4 Core", "math", 4)]
    assert rows(engine, "SELECT m.given_name FROM section c JOIN staff_member m ON m.id = c.teacher_id") == [
        ("Tess",)
    ]
    assert rows(engine, "SELECT count(*) FROM enrollment") == [(2,)]


def test_the_year_of_v2_1_is_the_one_in_which_it_begins(engine: Engine, tmp_path: Path) -> None:
    bring(engine, write(tmp_path / "p", V21))
    assert rows(engine, "SELECT kind, school_year FROM grading_period") == [("schoolYear", 2027)]
    assert rows(engine, "SELECT count(*) FROM refused_row") == [(0,)]


def test_relations_of_v2_1_make_contacts_and_only_guardians_receive(engine: Engine, tmp_path: Path) -> None:
    bring(engine, write(tmp_path / "p", V21))
    assert rows(
        engine,
        "SELECT s.given_name, c.given_name, relation, may_receive, c.phone_type FROM student_contact r "
        "JOIN student s ON s.id = r.student_id JOIN contact c ON c.id = r.contact_id ORDER BY 1",
    ) == [("Ann", "Mia", "guardian", True, "mobile"), ("Ben", "Mia", "relative", False, "mobile")]


@pytest.mark.parametrize(
    ("tables", "file", "said"),
    [
        (V21, "users.csv", "dropped unread: password"),
        (V21, "demographics.csv", "dropped unread: birthCity, birthState, birthCountry"),
        (V1, "Student.csv", "dropped unread: Password"),
        (V1, "Teacher.csv", "dropped unread: Password"),
    ],
)
def test_private_columns_are_dropped_and_named(
    engine: Engine, tmp_path: Path, tables: dict[str, str], file: str, said: str
) -> None:
    summary = bring(engine, write(tmp_path / "p", tables), district="PINE", confirmed=True)
    assert named(summary, file).message == said
    kept = str(register(engine))
    assert not [secret for secret in ("P@ss", "Oslo") if secret in kept]


def test_a_package_of_v1_fills_the_district_it_is_given(engine: Engine, tmp_path: Path) -> None:
    package = write(tmp_path / "p", V1)
    assert "Say with --district CODE" in str(bring(engine, package).failed[0].message)
    summary = bring(engine, package, district="PINE", confirmed=True)
    assert (summary.failed, summary.refused, summary.rows_in) == ([], 0, 12)
    assert rows(engine, "SELECT code, name FROM district") == [("PINE", "PINE")]
    assert rows(
        engine,
        "SELECT given_name, grade_level, birth_date::text, i.value FROM student s "
        "JOIN student_identifier i ON i.student_id = s.id AND i.system = 'local' ORDER BY 1",
    ) == [("Ann", 4, "2016-05-06", "L1"), ("Ben", 4, "2016-07-08", "L2")]
    assert rows(engine, "SELECT title, subject FROM course") == [("Math 4", "math")]
    assert rows(engine, "SELECT title, school_year FROM grading_period") == [("SY2627", 2027)]
    assert rows(
        engine,
        "SELECT s.given_name, relation, may_receive FROM student_contact r JOIN student s ON s.id = r.student_id "
        "ORDER BY 1",
    ) == [("Ann", "parent", True), ("Ben", "other", False)]


@pytest.mark.parametrize("swapped", [False, True])
def test_the_seats_of_students_and_teachers_are_told_apart_by_their_ids(
    engine: Engine, tmp_path: Path, swapped: bool
) -> None:
    """Both files have the same columns; where a number is a student's and a teacher's, the file's name decides."""
    changes = {"TeacherRoster.csv": ("20,1", "20,9")} if swapped else None
    package = write(tmp_path / "p", V1, changes)
    if swapped:
        (package / "TeacherRoster.csv").rename(package / "roster")
        (package / "StudentEnrollment.csv").rename(package / "TeacherRoster.csv")
        (package / "roster").rename(package / "StudentEnrollment.csv")
    summary = bring(engine, package, district="PINE", confirmed=True)
    teacher = rows(engine, "SELECT m.given_name FROM section c JOIN staff_member m ON m.id = c.teacher_id")
    seats = rows(engine, "SELECT s.given_name FROM enrollment JOIN student s ON s.id = student_id ORDER BY 1")
    assert summary.failed == []
    # Swapped, number 1 is taken for the teacher of that number, as the name of the file says.
    assert (len(teacher), seats) == (1, [("Ben",)] if swapped else [("Ann",), ("Ben",)])


def test_nobody_comes_in_without_a_name(engine: Engine, tmp_path: Path) -> None:
    summary = bring(engine, write(tmp_path / "p", NAMELESS), district="PINE", confirmed=True)
    assert summary.failed == []
    assert [(f.name, f.accepted, f.refused) for f in summary.files] == [
        ("School.csv", 1, 0), ("Section.csv", 1, 0), ("Teacher.csv", 0, 1), ("Student.csv", 0, 3),
        ("TeacherRoster.csv", 0, 1), ("StudentEnrollment.csv", 0, 2),
    ]  # fmt: skip
    assert "holds no names" in str(named(summary, "Student.csv").message)
    assert rows(engine, "SELECT count(*) FROM student") == [(0,)]


def test_without_names_those_already_known_are_brought_up_to_date(engine: Engine, tmp_path: Path) -> None:
    bring(
        engine,
        write(tmp_path / "full", V1, {"StudentEnrollment.csv": ("20,1\n", "")}),
        district="PINE",
        confirmed=True,
    )
    summary = bring(engine, write(tmp_path / "p", NAMELESS), district="PINE", confirmed=True)
    assert (named(summary, "Student.csv").accepted, named(summary, "Student.csv").refused) == (2, 1)
    assert rows(engine, "SELECT given_name FROM student ORDER BY 1") == [("Ann",), ("Ben",)]
    assert rows(engine, "SELECT count(*) FROM enrollment") == [(2,)]
    assert rows(engine, "SELECT k.subject FROM section c JOIN course k ON k.id = c.course_id") == [("math",)]
    assert rows(engine, "SELECT phone FROM school") == [("555-0100",)]


ODDITIES = {
    # what is wrong: package, file, what it says instead, the code that is told, whether the row is refused
    "the year in which it ends": (V21, "academicSessions.csv", ("schoolYear,2026", "schoolYear,2027"),
                                  "school_year_disagrees", False),
    "a session that ends before it begins": (V21, "academicSessions.csv", ("2027-06-10", "2026-06-10"),
                                             "dates_out_of_order", True),
    "a subject code against the title": (V21, "courses.csv", ("Grade 4 Core", "Grade 4 English"), "subject_in_doubt",
                                         False),
    "a code of another field against the title": (V21, "courses.csv", ("Core,M4,Y26,52", "Computer Science,M4,Y26,10"),
                                                  "subject_in_doubt", False),
    "an unknown role": (V21, "roles.csv", ("professor", "wizard"), "unknown_vocabulary", True),
    "a role that is none here": (V21, "enrollments.csv", ("professor", "wizard"), "unknown_vocabulary", True),
    "an unknown relation": (V21, "relationships.csv", ("relative", "wizard"), "unknown_vocabulary", True),
    "a relation of nobody": (V21, "relationships.csv", ("U2,U4", "U2,U9"), "unknown_person", True),
    "half a name": (V21, "users.csv", ("Ben,Lake", "Ben,"), "missing_value", True),
    "a class of an unknown school": (V21, "classes.csv", ("K1,S1", "K1,S9"), "unknown_school", True),
    "a truth value that is none": (V21, "roles.csv", ("TRUE", "perhaps"), "unreadable_truth_value", True),
    "demographics of staff": (V21, "demographics.csv", ("U1,female", "U3,female"), "not_a_student", True),
    "a term named for another year": (V1, "Section.csv", ("SY2627", "SY1516"), "term_name_disagrees", False),
    "the state in place of a state id": (V1, "Student.csv", ("ST1", "WA"), "state_instead_of_id", False),
    "a day before the month": (V1, "Student.csv", ("5/6/2016", "25/6/2016"), "unreadable_date", True),
    "an unknown status": (V1, "Student.csv", ("Active", "Sleeping"), "unknown_vocabulary", True),
    "a grade that is none": (V1, "Student.csv", ("L1,4,", "L1,fourteen,"), "unreadable_grade_level", True),
    "a section of an unknown school": (V1, "Section.csv", ("20,10", "20,11"), "unknown_school", True),
    "a seat of nobody": (V1, "StudentEnrollment.csv", ("20,2", "20,99"), "unknown_student", True),
}  # fmt: skip


@pytest.mark.parametrize("oddity", ODDITIES)
def test_an_oddity_is_told(engine: Engine, tmp_path: Path, oddity: str) -> None:
    tables, file, change, code, refused = ODDITIES[oddity]
    summary = bring(engine, write(tmp_path / "p", tables, {file: change}), district="PINE", confirmed=True)
    assert summary.failed == []
    told = rows(
        engine,
        "SELECT DISTINCT r.code, NOT r.accepted FROM refused_row r "
        f"JOIN source_file f ON f.id = r.source_file_id WHERE f.name = '{file}'",
    )
    assert (code, refused) in told


def test_a_course_whose_subject_is_in_doubt_counts_for_none(engine: Engine, tmp_path: Path) -> None:
    changes = {"courses.csv": ("Core,M4,Y26,52", "Computer Science,M4,Y26,10")}
    bring(engine, write(tmp_path / "p", V21, changes))
    assert rows(engine, "SELECT subject FROM course") == [(None,)]


def test_a_state_that_everybody_has_for_an_id_merges_nobody(engine: Engine, tmp_path: Path) -> None:
    tables = V1 | {"Student.csv": V1["Student.csv"].replace("ST1", "WA").replace("ST2", "WA")}
    bring(engine, write(tmp_path / "p", tables), district="PINE", confirmed=True)
    assert rows(engine, "SELECT count(*) FROM student") == [(2,)]
    assert rows(engine, "SELECT count(*) FROM student_identifier WHERE system = 'state'") == [(0,)]


def test_a_student_marked_as_inactive_has_left(engine: Engine, tmp_path: Path) -> None:
    bring(engine, write(tmp_path / "p", V1), district="PINE", confirmed=True)
    bring(
        engine,
        write(tmp_path / "next", V1, {"Student.csv": ("Active", "Inactive")}),
        district="PINE",
        confirmed=True,
    )
    assert rows(engine, "SELECT given_name FROM student WHERE withdrawn") == [("Ann",)]


def test_students_and_teachers_that_look_alike_need_their_names(engine: Engine, tmp_path: Path) -> None:
    package = write(tmp_path / "p", NAMELESS)
    (package / "Student.csv").rename(package / "list.csv")
    failed = bring(engine, package, district="PINE", confirmed=True).failed
    assert "list.csv may hold students or teachers" in str(failed[0].message)
    assert len(failed) == len(NAMELESS)


def _both_versions(folder: Path) -> Path:
    return write(write(folder, V21), {"School.csv": V1["School.csv"]})


def _with_oneroster(folder: Path) -> Path:
    write_package(folder, {"users": small_district(1)["users"]})
    return write(folder, {name: V21[name] for name in ("orgs.csv", "relationships.csv")})


def _two_of_a_kind(folder: Path) -> Path:
    return write(folder, V21 | {"more.csv": V21["roles.csv"]})


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_both_versions, "of V1 and of V2.1"),
        (_with_oneroster, "of OneRoster and of School Data Sync"),
        (_two_of_a_kind, "both hold School Data Sync roles"),
    ],
)
def test_mixed_packages_are_not_imported(engine: Engine, tmp_path: Path, make: object, said: str) -> None:
    summary = bring(engine, make(tmp_path / "p"), district="PINE", confirmed=True)  # type: ignore[operator]
    assert said in str(summary.failed[0].message)
    assert rows(engine, "SELECT count(*) FROM student") == [(0,)]


def test_oneroster_keeps_its_own_files(engine: Engine, tmp_path: Path) -> None:
    summary = bring(engine, write_package(tmp_path / "p", small_district(2)))
    assert {file.format.split()[0] for file in summary.files} == {"oneroster"}
