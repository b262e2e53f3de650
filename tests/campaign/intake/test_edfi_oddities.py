"""What districts put into Ed-Fi XML, one sample each, named by what is odd: tests, scores and marks."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.campaign.intake.edfi_samples import (
    assessment,
    district,
    grade,
    interchange,
    level,
    met,
    result,
    score,
    seat,
    student,
)
from tests.campaign.intake.importing import bring, named, rows

PUPIL = student("101")
SCORES = "SELECT scale_score, level, status FROM score ORDER BY source_key"
NOTES = "SELECT code FROM refused_row WHERE accepted ORDER BY 1"
OVERLAPPING = (
    level("Did Not Meet Standard", 0, 28),
    level("Advanced Standard", 45, 50),
    level("Met Standard", 29, 50),
)


def _tested(folder: Path, described: str, *results: str, version: str = "5.2.0") -> Path:
    return district(
        folder,
        PUPIL,
        tests=interchange("AssessmentMetadata", described),
        results=interchange("StudentAssessment", *results, version=version),
    )


def test_cuts_out_of_order_and_overlapping_are_put_in_order_and_told(engine: Engine, tmp_path: Path) -> None:
    bring(engine, _tested(tmp_path, assessment("R4", *OVERLAPPING)))
    ((levels, floor, cut),) = rows(engine, "SELECT levels, floor_level, cut FROM assessment")
    assert [entry["code"] for entry in levels] == [
        "Did Not Meet Standard",
        "Met Standard",
        "Advanced Standard",
    ]
    assert (floor, cut) == ("Met Standard", 29.0)
    assert rows(engine, NOTES) == [("levels_overlap",)]


def test_the_cut_is_on_the_raw_score_beside_a_vertical_score(engine: Engine, tmp_path: Path) -> None:
    told = result("101", "R4", score("1460", "Vertical score"), score("31", "Raw score"), met("Met Standard"))
    bring(engine, _tested(tmp_path, assessment("R4", *OVERLAPPING), told))
    assert rows(engine, SCORES) == [(31.0, "Met Standard", "valid")]


def test_a_vertical_score_alone_is_never_held_against_a_cut_on_the_raw_score(
    engine: Engine, tmp_path: Path
) -> None:
    told = result("101", "R4", score("1460", "Vertical score"), met("Met Standard"))
    bring(engine, _tested(tmp_path, assessment("R4", *OVERLAPPING), told))
    assert rows(engine, SCORES) == [(None, "Met Standard", "valid")]


def test_a_percentile_is_no_score(engine: Engine, tmp_path: Path) -> None:
    told = result("101", "S4", score("89", "Percentile"), score("7", "Other"))
    summary = bring(engine, _tested(tmp_path, assessment("S4"), told))
    assert rows(engine, SCORES) == []
    assert rows(engine, "SELECT code FROM refused_row WHERE NOT accepted") == [("no_score",)]
    assert summary.refused == 1


ABSENT = "<ReasonNotTested>uri://ed-fi.org/ReasonNotTestedDescriptor#Absent</ReasonNotTested>"
WAIVED = "<ReasonNotTested>uri://ed-fi.org/ReasonNotTestedDescriptor#Medical waiver</ReasonNotTested>"


def test_absent_without_a_score_is_kept_as_absent(engine: Engine, tmp_path: Path) -> None:
    summary = bring(engine, _tested(tmp_path, assessment("R4", *OVERLAPPING), result("101", "R4", ABSENT)))
    assert summary.refused == 0
    assert rows(engine, SCORES) == [(None, None, "absent")]


@pytest.mark.parametrize(("ignored", "status"), [((), "invalidated"), (("medical waiver",), "valid")])
def test_a_score_beside_a_medical_waiver_does_not_count_until_the_district_says_so(
    engine: Engine, tmp_path: Path, ignored: tuple[str, ...], status: str
) -> None:
    told = result("101", "R4", WAIVED, score("31", "Raw score"))
    bring(engine, _tested(tmp_path, assessment("R4", *OVERLAPPING), told), ignored=ignored)
    assert rows(engine, "SELECT scale_score, status, status_reason FROM score") == [
        (31.0, status, "Medical waiver")
    ]


def test_levels_without_ranges_are_kept_in_their_order_and_no_cut_is_made_up(
    engine: Engine, tmp_path: Path
) -> None:
    described = assessment("R4", level("Below Basic"), level("Basic"), level("Proficient"))
    bring(engine, _tested(tmp_path, described, result("101", "R4", met("Basic"))))
    ((levels, floor, cut),) = rows(engine, "SELECT levels, floor_level, cut FROM assessment")
    assert [entry["code"] for entry in levels] == ["Below Basic", "Basic", "Proficient"]
    assert (floor, cut) == ("Proficient", None)
    assert rows(engine, SCORES) == [(None, "Basic", "valid")]


def test_files_of_two_standards_in_one_folder_are_one_source(engine: Engine, tmp_path: Path) -> None:
    folder = district(
        tmp_path,
        PUPIL,
        marks=interchange(
            "StudentGrade", grade("101", "<NumericGradeEarned>63.00</NumericGradeEarned>"), version="6.0.0"
        ),
    )
    summary = bring(engine, folder)
    assert summary.refused == 0
    assert {file.format.split()[1] for file in summary.files} == {"5.2.0", "6.0.0"}
    assert rows(engine, "SELECT mark, percent, scale, subject FROM mark") == [
        ("63.00", 63.0, "percent", "math")
    ]


def test_a_letter_beside_a_number_is_the_mark_and_the_number_its_percent(
    engine: Engine, tmp_path: Path
) -> None:
    both = "<LetterGradeEarned>B+</LetterGradeEarned><NumericGradeEarned>88</NumericGradeEarned>"
    bring(engine, district(tmp_path, PUPIL, marks=interchange("StudentGrade", grade("101", both))))
    assert rows(engine, "SELECT mark, percent, scale FROM mark") == [("B+", 88.0, "letter")]


LETTER = "<LetterGradeEarned>B</LetterGradeEarned>"
KINDS = {
    # type of the grade → is_final of what comes of it, None where nothing may
    "Final": True,
    "Grading Period": False,
    "Semester": False,
    "Mid-Term Grade": False,
    "Conduct": None,
    "Exam": None,
    "Progress Report": None,
}


def test_types_of_grades(engine: Engine, tmp_path: Path) -> None:
    pupils = [student(f"10{n}", given=kind) for n, kind in enumerate(KINDS, 1)]
    marks = interchange("StudentGrade", *(grade(f"10{n}", LETTER, kind) for n, kind in enumerate(KINDS, 1)))
    file = named(bring(engine, district(tmp_path, *pupils, marks=marks)), "StudentGrade")
    found = rows(engine, "SELECT given_name, is_final FROM mark JOIN student s ON s.id = student_id")
    assert dict(found) == {kind: final for kind, final in KINDS.items() if final is not None}
    assert [kind for kind in KINDS if f"grades of the type {kind}" in str(file.message)] == [
        kind for kind, final in KINDS.items() if final is None
    ]


def test_conversions_and_comments_without_a_mark_are_refused_as_no_mark(
    engine: Engine, tmp_path: Path
) -> None:
    told = (
        "<DiagnosticStatement>Works well.</DiagnosticStatement><PerformanceBaseConversion>"
        "uri://ed-fi.org/PerformanceBaseConversionDescriptor#Proficient</PerformanceBaseConversion>"
    )
    bring(engine, district(tmp_path, PUPIL, marks=interchange("StudentGrade", grade("101", told))))
    assert rows(engine, "SELECT mark FROM mark") == []
    assert rows(engine, "SELECT code, column_name FROM refused_row") == [("no_mark", "LetterGradeEarned")]


def test_report_cards_and_gradebooks_are_passed_over_and_counted(engine: Engine, tmp_path: Path) -> None:
    records = (
        "<ReportCard><GPAGivenGradingPeriod>3.2</GPAGivenGradingPeriod></ReportCard>",
        "<StudentGradebookEntry><LetterGradeEarned>D</LetterGradeEarned></StudentGradebookEntry>",
        "<GradebookEntry><GradebookEntryType>Assignment</GradebookEntryType></GradebookEntry>",
        "<StarChart><Star>1</Star></StarChart>",
    )
    file = named(
        bring(engine, district(tmp_path, PUPIL, marks=interchange("StudentGrade", *records))), "StudentGrade"
    )
    assert (file.status, file.rows_in, file.refused) == ("done", 0, 0)
    for name in ("1 ReportCard", "1 StudentGradebookEntry", "1 GradebookEntry", "1 StarChart (not known"):
        assert name in str(file.message)
    assert rows(engine, "SELECT count(*) FROM mark") == [(0,)]


NAMESPACES = [
    "uri://ed-fi.org/GradeLevelDescriptor#",
    "uri://tea.texas.gov/GradeLevelDescriptor#",
    "uri://reed.example.org/2026/GradeLevelDescriptor#",
    "URI://TEA.texas.gov/GradeLevelDescriptor#",
    "",
]


def test_descriptors_of_a_states_own_namespace_or_of_none(engine: Engine, tmp_path: Path) -> None:
    keys = [f"10{n}" for n, _ in enumerate(NAMESPACES, 1)]
    seats = [seat(key, f"{space}Fourth grade") for key, space in zip(keys, NAMESPACES, strict=True)]
    bring(engine, district(tmp_path, *map(student, keys), *seats))
    assert rows(engine, "SELECT grade_level FROM student") == [(4,)] * len(NAMESPACES)


def test_scores_of_a_test_that_is_not_described_name_what_is_missing(engine: Engine, tmp_path: Path) -> None:
    bring(
        engine,
        _tested(tmp_path, assessment("R4", *OVERLAPPING), result("101", "R5", score("3", "Raw score"))),
    )
    assert rows(engine, "SELECT code, column_name FROM refused_row WHERE NOT accepted") == [
        ("unknown_assessment", "AssessmentReference")
    ]


def test_marks_and_tests_of_different_students_go_in_side_by_side(engine: Engine, tmp_path: Path) -> None:
    folder = district(
        tmp_path,
        PUPIL,
        student("102", given="Bo"),
        marks=interchange("StudentGrade", grade("101", LETTER)),
        tests=interchange("AssessmentMetadata", assessment("R4", *OVERLAPPING)),
        results=interchange("StudentAssessment", result("102", "R4", score("31", "Raw score"))),
    )
    assert bring(engine, folder).refused == 0
    assert rows(
        engine, "SELECT given_name FROM student s WHERE EXISTS (SELECT 1 FROM mark WHERE student_id = s.id)"
    ) == [("Ada",)]
    assert rows(
        engine, "SELECT given_name FROM student s WHERE EXISTS (SELECT 1 FROM score WHERE student_id = s.id)"
    ) == [("Bo",)]
