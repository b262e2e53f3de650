"""What tables of any system look like: misspelt, padded, day first, with zeros in front. One sample each."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from campaign.intake.delimited import is_private, read_header
from campaign.intake.vocabulary import subject_of
from campaign.store.imports import FileRecord
from tests.campaign.intake.importing import bring, named, rows
from tests.campaign.intake.packages import small_district, write_package

GRADES = """
[mapping]
kind = "grades"
[mapping.columns]
student_local_id = "{student}"
mark = "{mark}"
[mapping.values]
subject = "math"
school_year = "2027"
"""
SCORES = """
[mapping]
kind = "scores"
{order}
[mapping.columns]
student_local_id = "Student"
scale_score = "Score"
level = "Level"
administered_on = "Day"
grade_level = "Grade"
[mapping.values]
family = "Lake Test"
subject = "math"
"""
REFUSED = "SELECT line, code, column_name FROM refused_row WHERE NOT accepted ORDER BY line"


def _roster(engine: Engine, folder: Path, ids: dict[str, str] | None = None) -> None:
    """Ten students; `ids`: source id → local id where it is not L1 to L10."""
    tables = {k: v for k, v in small_district(10).items() if k != "results"}
    for row in tables["users"]:
        row["identifier"] = (ids or {}).get(row["sourcedId"], row.get("identifier", ""))
    bring(engine, write_package(folder / "roster", tables))


def _table(engine: Engine, folder: Path, mapping: str, content: bytes | str) -> FileRecord:
    made = folder / "made"
    made.mkdir()
    (made / "mapping.toml").write_text(mapping, encoding="utf-8")
    (made / "table.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    summary = bring(engine, made)
    assert summary.failed == []
    return named(summary, "table.csv")


HEADERS = {
    "misspelt": ("Studnet Nubmer", "Fianl Grdae"),
    "garbled in one name and right in the other": ("Matrícula", "CalificaciÃ³n"),
    "blanks around and in capitals": ("  STUDENT NUMBER ", "MARK\t"),
    "a blank that does not break": ("Student\u00a0Number", "Mark"),
}


@pytest.mark.parametrize("oddity", HEADERS)
def test_a_mapping_finds_columns_as_they_are_printed(engine: Engine, tmp_path: Path, oddity: str) -> None:
    student, mark = HEADERS[oddity]
    _roster(engine, tmp_path)
    mapping = GRADES.format(student=student.strip(), mark=mark.strip())
    file = _table(engine, tmp_path, mapping, f"{student},{mark}\r\nL1,B+\r\n")
    assert (file.accepted, file.refused) == (1, 0)
    assert rows(engine, "SELECT mark FROM mark") == [("B+",)]


DAY_FIRST = (
    "Student,Grade,Score,Level,Day\nL1,4,200,,14/05/2026\nL2,4,201,,05/06/2026\nL3,4,202,,31/04/2026\n"
)


def test_day_first_dates_are_refused_where_they_could_be_month_first(engine: Engine, tmp_path: Path) -> None:
    _roster(engine, tmp_path)
    file = _table(engine, tmp_path, SCORES.format(order=""), DAY_FIRST)
    assert (file.accepted, file.refused) == (1, 2)
    assert rows(engine, "SELECT administered_on::text FROM score") == [("2026-05-14",)]
    assert rows(engine, REFUSED) == [(3, "ambiguous_date", "Day"), (4, "unreadable_date", "Day")]


def test_day_first_dates_are_read_where_the_mapping_says_so(engine: Engine, tmp_path: Path) -> None:
    _roster(engine, tmp_path)
    _table(engine, tmp_path, SCORES.format(order='date_order = "dmy"'), DAY_FIRST)
    assert rows(engine, "SELECT administered_on::text FROM score ORDER BY 1") == [
        ("2026-05-14",),
        ("2026-06-05",),
    ]


GRADE_WORDS = [
    "4",
    "04",
    "Fourth grade",
    "Four",
    "4th",
    "4th Grade",
    "fourth",
    "GRADE 4",
    " 4 ",
    "Fourth Grade",
]
DAYS = [
    "2026-05-04",
    "20260504",
    "05042026",
    "5/4/2026",
    "05/04/2026",
    "2026-05-04T16:00:00Z",
    "5/4/2026 0:00",
]


def test_every_spelling_of_a_grade_and_of_a_date_is_one(engine: Engine, tmp_path: Path) -> None:
    _roster(engine, tmp_path)
    days = [*DAYS, *DAYS][: len(GRADE_WORDS)]
    lines = [
        f"L{n},{grade},200,,{day}" for n, (grade, day) in enumerate(zip(GRADE_WORDS, days, strict=True), 1)
    ]
    table = "\n".join(["Student,Grade,Score,Level,Day", *lines])
    assert _table(engine, tmp_path, SCORES.format(order='date_order = "mdy"'), table).refused == 0
    assert rows(engine, "SELECT grade_level, administered_on::text, count(*) FROM score GROUP BY 1, 2") == [
        (4, "2026-05-04", 10)
    ]


def test_a_level_without_a_score_is_a_result_and_neither_is_none(engine: Engine, tmp_path: Path) -> None:
    _roster(engine, tmp_path)
    table = "Student,Grade,Score,Level,Day\nL1,4,,Meets,2026-05-04\nL2,4,,,2026-05-04\n"
    _table(engine, tmp_path, SCORES.format(order=""), table)
    assert rows(engine, "SELECT scale_score, level FROM score") == [(None, "Meets")]
    assert rows(engine, "SELECT line, code FROM refused_row WHERE NOT accepted") == [(3, "no_score")]


def test_several_tests_of_a_student_in_one_window_are_all_kept(engine: Engine, tmp_path: Path) -> None:
    _roster(engine, tmp_path)
    table = (
        "Student,Grade,Score,Level,Day\nL1,4,200,,2026-09-04\nL1,4,205,,2026-09-11\nL1,4,205,,2026-09-11\n"
        "L1,4,199,,2026-09-11\n"
    )
    file = _table(engine, tmp_path, SCORES.format(order=""), table)
    assert rows(engine, "SELECT scale_score FROM score ORDER BY administered_on") == [(200.0,), (205.0,)]
    # The same row twice says nothing new; one that differs is named.
    assert (file.rows_in, file.accepted) == (4, 3)
    assert rows(engine, "SELECT line, code FROM refused_row WHERE NOT accepted") == [(5, "duplicate_row")]


def test_ids_with_and_without_zeros_in_front_are_two_students(engine: Engine, tmp_path: Path) -> None:
    _roster(engine, tmp_path, {"s1": "0071", "s2": "71"})
    mapping = GRADES.format(student="Student", mark="Mark")
    file = _table(engine, tmp_path, mapping, "Student,Mark\n0071,A\n71,C\n00071,F\n71.0,F\n7.1E1,F\n")
    assert rows(
        engine, "SELECT given_name, mark FROM mark JOIN student s ON s.id = student_id ORDER BY 1"
    ) == [
        ("Given1", "A"),
        ("Given2", "C"),
    ]
    assert file.refused == 3


def test_a_score_with_zeros_in_front_is_the_number(engine: Engine, tmp_path: Path) -> None:
    _roster(engine, tmp_path)
    table = "Student,Grade,Score,Level,Day\nL1,04,0210,,2026-05-04\n"
    _table(engine, tmp_path, SCORES.format(order=""), table)
    assert rows(engine, "SELECT scale_score, grade_level FROM score") == [(210.0, 4)]


STORED = """
[mapping]
kind = "grades"
[mapping.columns]
student_local_id = "Student_Number"
course_code = "Course_Number"
course_title = "Course_Name"
grade_level = "Grade_Level"
period_title = "StoreCode"
mark = "Grade"
[mapping.values]
school_year = "2027"
"""


def test_a_class_of_one_semester_stored_as_semester_and_year_stays_two_marks_of_their_terms(
    engine: Engine, tmp_path: Path
) -> None:
    """PowerSchool StoredGrades: one class of one term is stored twice, and neither row says so."""
    _roster(engine, tmp_path)
    table = (
        "Student_Number\tCourse_Name\tGrade_Level\tTermID\tStoreCode\tCourse_Number\tGrade\tEarnedCrHrs\n"
        "L1\tMath 4\t04\t3601\tS1\tM4\tB+\t0.5\nL1\tMath 4\t04\t3600\tY1\tM4\tB+\t0.5\n"
    )
    assert _table(engine, tmp_path, STORED, table).refused == 0
    assert rows(engine, "SELECT period_title, mark, is_final, subject FROM mark ORDER BY 1") == [
        ("S1", "B+", False, "math"),
        ("Y1", "B+", False, "math"),
    ]


def test_an_exam_and_a_final_mark_of_one_term_are_not_told_apart_by_the_program(
    engine: Engine, tmp_path: Path
) -> None:
    """Infinite Campus posts a mark for each task; where the mapping leaves the task out, the second row is named."""
    _roster(engine, tmp_path)
    table = (
        "Student_Number,Course_Number,Course_Name,Grade_Level,StoreCode,Task,Grade\n"
        "L1,M4,Math 4,4,Q1,Final,B\nL1,M4,Math 4,4,Q1,Exam,D\nL2,M4,Math 4,4,Q1,Final,A\n"
    )
    file = _table(engine, tmp_path, STORED, table)
    assert rows(engine, "SELECT mark FROM mark ORDER BY 1") == [("A",), ("B",)]
    assert (file.accepted, file.refused) == (2, 1)
    assert rows(engine, "SELECT line, code FROM refused_row WHERE NOT accepted") == [(3, "duplicate_row")]


@pytest.mark.parametrize("name", ["MTH", "Math", "mathematics", " MATHEMATICS "])
def test_the_names_of_math(name: str) -> None:
    assert subject_of(name) == "math"


PRIVATE = [
    "Password", "PWD", "metadata.password", "Student Password", "SSN", "Student_SSN", "SSN_Last4",
    "Social Security Number", "social-security-no", "cityOfBirth", "Place of Birth",
    "BirthCountry", "countryOfBirthCode", "Citizenship Status",
    "US Citizen", "Immigration Status", "Visa Type", "Passport Number",
]  # fmt: skip
NEEDED = [
    "birthDate",
    "Class Name",
    "ClassName",
    "Lesson",
    "Student Number",
    "Birthdate",
    "Password Changed On",
    "City",
]


def test_private_columns_are_known_under_any_spelling_and_others_are_kept() -> None:
    assert [name for name in PRIVATE if not is_private(name)] == []
    assert [name for name in NEEDED if is_private(name)] == []
    header = read_header(",".join([*PRIVATE[:1], "Mark"]))
    assert header is not None
    assert header.private == ["Password"]
