"""Oddities of Ed-Fi 0100, the standard of 2012, one sample each, named by what is odd."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from tests.campaign.intake.edfi_samples import (
    EARLY_PLACES,
    early,
    early_level,
    early_met,
    early_score,
    early_student,
    titled,
    titled_result,
    transcript,
    write,
)
from tests.campaign.intake.importing import bring, rows

STATE, READINESS, COLLEGE = (
    "State summative assessment 3-8 general",
    "Reading readiness test",
    "College entrance exam",
)
BANDS = (
    early_level("W", 120, 179),
    early_level("B", 180, 230),
    early_level("S", 231, 277),
    early_level("E", 278, 364),
)
SCORES = "SELECT scale_score, level, status FROM score ORDER BY source_key"
BY_STUDENT = (
    "FROM score JOIN student_identifier i USING (student_id) WHERE i.system = 'edfi' ORDER BY i.value"
)
REFUSED = "SELECT code, column_name FROM refused_row WHERE NOT accepted"
NOTES = "SELECT code FROM refused_row WHERE accepted ORDER BY 1"


def _folder(folder: Path, described: str = "", *results: str, marks: str = "") -> Path:
    files = {
        "places": EARLY_PLACES,
        "people": early("Student", *(early_student(f"90000000{n}") for n in range(1, 9))),
    }
    files |= {"tests": early("AssessmentMetadata", described)} if described else {}
    files |= {"results": early("StudentAssessment", *results)} if results else {}
    files |= {"marks": early("StudentGrade", marks)} if marks else {}
    return write(folder, **files)


def test_the_method_is_an_attribute(engine: Engine, tmp_path: Path) -> None:
    told = titled_result(
        "900000001",
        "Reading 4",
        early_score("4", "Percentile"),
        early_score("45", "Other"),
        early_score("240"),
    )
    assert bring(engine, _folder(tmp_path, titled("Reading 4", STATE, *BANDS), told)).refused == 0
    assert rows(engine, SCORES) == [(240.0, None, "valid")]


def test_codes_of_levels_in_students_records_mean_those_of_the_test(engine: Engine, tmp_path: Path) -> None:
    codes = {"AW": "W", "BS": "B", "MS": "S", "ES": "E", "W": "W", "B": "B", "S": "S", "E": "E"}
    folder = _folder(
        tmp_path,
        titled("Reading 4", STATE, *BANDS),
        *(titled_result(f"90000000{n}", "Reading 4", early_met(code)) for n, code in enumerate(codes, 1)),
    )
    assert bring(engine, folder).refused == 0
    assert [level for (level,) in rows(engine, f"SELECT level {BY_STUDENT}")] == list(codes.values())
    assert rows(engine, "SELECT floor_level, cut FROM assessment") == [("S", 231.0)]


def test_level_1_is_the_highest_band(engine: Engine, tmp_path: Path) -> None:
    bands = [
        early_level(f"Level {number}", lowest, highest, "Composite Score")
        for number, lowest, highest in ((1, 113, 380), (2, 97, 112), (3, 0, 96))
    ]
    told = titled_result("900000001", "READ", early_score("140", "Composite Score"), early_met("Level 1"))
    bring(engine, _folder(tmp_path, titled("READ", READINESS, *bands), told))
    ((levels, floor, cut),) = rows(engine, "SELECT levels, floor_level, cut FROM assessment")
    assert [entry["code"] for entry in levels] == ["Level 3", "Level 2", "Level 1"]
    # Nothing says which band is at grade level, so none is taken.
    assert (floor, cut) == (None, None)
    assert set(rows(engine, NOTES)) == {("no_floor",)}
    assert rows(engine, SCORES) == [(140.0, "Level 1", "valid")]


def test_a_college_test_without_subject_is_kept_without_one_and_asks_for_no_cut(
    engine: Engine, tmp_path: Path
) -> None:
    told = titled_result("900000001", "ACT", early_score("24"), subject="")
    bring(engine, _folder(tmp_path, titled("ACT", COLLEGE, subject=""), told))
    assert rows(
        engine, "SELECT kind, subject, scale_score FROM score JOIN assessment a ON a.id = assessment_id"
    ) == [("college", None, 24.0)]
    assert rows(engine, NOTES) == []


def test_a_result_that_names_the_subject_finds_the_test_that_does_not(engine: Engine, tmp_path: Path) -> None:
    told = titled_result("900000001", "ACT", early_score("24"), subject="English")
    assert bring(engine, _folder(tmp_path, titled("ACT", COLLEGE, subject=""), told)).refused == 0
    assert rows(engine, SCORES) == [(24.0, None, "valid")]


def test_a_result_of_another_grade_is_not_of_the_test_with_the_same_title(
    engine: Engine, tmp_path: Path
) -> None:
    told = titled_result("900000001", "Reading 4", early_score("240"), grade="Fifth grade")
    bring(engine, _folder(tmp_path, titled("Reading 4", STATE, *BANDS), told))
    assert rows(engine, REFUSED) == [("unknown_assessment", "AssessmentReference")]


WAIVED = "<ReasonNotTested>Medical waiver</ReasonNotTested>"


def test_a_score_beside_a_medical_waiver_is_kept_and_does_not_count(engine: Engine, tmp_path: Path) -> None:
    told = titled_result("900000001", "Reading 4", WAIVED, early_score("240"), early_met("MS"))
    bring(engine, _folder(tmp_path, titled("Reading 4", STATE, *BANDS), told))
    assert rows(engine, SCORES) == [(240.0, "S", "invalidated")]


def test_pass_beside_a_letter_is_not_the_mark(engine: Engine, tmp_path: Path) -> None:
    letters = ["F", "D-", "A-"]
    told = [
        transcript(f"90000000{n}", f"<FinalLetterGradeEarned>{letter}</FinalLetterGradeEarned>")
        for n, letter in enumerate(letters, 1)
    ]
    bring(engine, _folder(tmp_path, marks="".join((*told, transcript("900000004", "")))))
    assert rows(
        engine, "SELECT mark, scale, is_final, percent, grade_level, subject FROM mark ORDER BY mark"
    ) == [(letter, "letter", True, None, 4, "math") for letter in sorted(letters)]
    assert rows(engine, REFUSED) == [("no_mark", "FinalLetterGradeEarned")]


def test_a_letter_and_a_number_are_one_mark(engine: Engine, tmp_path: Path) -> None:
    both = "<FinalLetterGradeEarned>A-</FinalLetterGradeEarned><FinalNumericGradeEarned>90</FinalNumericGradeEarned>"
    bring(engine, _folder(tmp_path, marks=transcript("900000001", both)))
    assert rows(engine, "SELECT mark, percent FROM mark") == [("A-", 90.0)]


def test_three_addresses_with_the_type_as_attribute(engine: Engine, tmp_path: Path) -> None:
    parent = (
        "<Parent><ParentUniqueStateId>64</ParentUniqueStateId><Name><FirstName>Ti</FirstName>"
        '<LastSurname>Reed</LastSurname></Name><Telephone TelephoneNumberType="Home" '
        'PrimaryTelephoneNumberIndicator="true"><TelephoneNumber>3095550000</TelephoneNumber></Telephone>'
        '<Telephone TelephoneNumberType="Other"><TelephoneNumber>3095555341</TelephoneNumber></Telephone>'
        '<ElectronicMail EmailAddressType="Work"><EmailAddress>w@example.org</EmailAddress></ElectronicMail>'
        '<ElectronicMail EmailAddressType="Home/Personal"><EmailAddress>h@example.org</EmailAddress></ElectronicMail>'
        "<ElectronicMail><EmailAddress>o@example.org</EmailAddress></ElectronicMail></Parent>"
    )
    tied = (
        "<StudentParentAssociation><StudentReference><StudentIdentity><StudentUniqueStateId>900000001"
        "</StudentUniqueStateId></StudentIdentity></StudentReference><ParentReference><ParentIdentity>"
        "<ParentUniqueStateId>64</ParentUniqueStateId></ParentIdentity></ParentReference>"
        "<Relation>Mother</Relation></StudentParentAssociation>"
    )
    folder = _folder(tmp_path)
    write(folder, families=early("StudentParent", parent, tied))
    assert bring(engine, folder).refused == 0
    assert rows(engine, "SELECT email, phone, phone_type FROM contact") == [
        ("h@example.org", "3095550000", "landline")
    ]
