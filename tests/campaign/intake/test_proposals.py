"""What the program thinks a table is: headers and values of different systems, and the traps among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from campaign.intake.plans import Examined
from campaign.intake.problems import IntakeError
from campaign.intake.sources import find_files, fingerprint
from campaign.intake.spreadsheet.proposal import Proposal, propose
from campaign.intake.spreadsheet.sample import header_of, sample_of
from tests.campaign.intake.importing import LIMITS

KNOWN = {"local": frozenset({"1001", "1002", "1003"}), "state": frozenset({"0081", "0082"})}


def examined(path: Path) -> Examined:
    (file,) = find_files(path, LIMITS)
    assert not isinstance(file, IntakeError)
    return Examined(file, fingerprint(file))


def proposal_of(path: Path, text: str, kind: str | None = None) -> Proposal:
    path.write_text(text, encoding="utf-8")
    file = examined(path)
    return propose(sample_of(file, header_of(file)), KNOWN, kind)


@dataclass(frozen=True)
class Case:
    """A made-up file of a system: its header, its rows, and what is to be proposed."""

    header: str
    rows: Sequence[str]
    kind: str | None
    columns: dict[str, str]
    scale: str | None = None
    order: str | None = None
    asked: Sequence[str] = field(default_factory=tuple)
    name: str = "table.csv"


CASES = {
    "letters with plus and minus": Case(
        "Student_Number,Course_Name,Grade_Level,TermID,StoreCode,Grade",
        ["1001,Math 4,4,3600,Q1,B+", "1002,Math 4,4,3600,Q1,A-", "1003,ELA 4,4,3600,Q1,C"],
        "grades",
        {
            "student_local_id": "Student_Number",
            "course_title": "Course_Name",
            "grade_level": "Grade_Level",
            "period_title": "StoreCode",
            "mark": "Grade",
        },
        scale="letter",
    ),
    "percent": Case(
        "Student ID;Subject;School Year;Final Grade",
        ["1001;Math;2026-27;88", "1002;Math;2026-27;71.5", "1003;Reading;2026-27;93"],
        "grades",
        {
            "student_local_id": "Student ID",
            "subject": "Subject",
            "school_year": "School Year",
            "mark": "Final Grade",
        },
        scale="percent",
    ),
    "one to four, beside a grade level": Case(
        "StudentID,Subject,Grade Level,Mark",
        ["1001,Math,3,4", "1002,Math,3,2", "1003,ELA,4,1", "1001,ELA,4,3"],
        "grades",
        {"student_local_id": "StudentID", "subject": "Subject", "grade_level": "Grade Level", "mark": "Mark"},
        scale="standards_4",
    ),
    "Spanish": Case(
        "Matrícula,Nombre,Apellidos,Fecha de nacimiento,Materia,Grado,Calificación final,Período",
        ["1001,Ana,Abrego,14/05/2016,Math,4,A,1", "1002,Luz,Paz,03/12/2016,Math,4,B-,1"],
        "grades",
        {
            "student_local_id": "Matrícula",
            "student_given_name": "Nombre",
            "student_family_name": "Apellidos",
            "student_birth_date": "Fecha de nacimiento",
            "subject": "Materia",
            "grade_level": "Grado",
            "mark": "Calificación final",
            "period_title": "Período",
        },
        scale="letter",
        order="dmy",
    ),
    "scores with levels of a known test": Case(
        "State Student ID\tSubject\tGrade\tTest Date\tScale Score\tPerformance Level",
        [
            "0081\tMath\t4\t5/14/2026\t1510\tDid Not Meet",
            "0082\tMath\t5\t5/3/2026\t1610\tMeets",
            "0083\tELA\t6\t5/3/2026\t1710\tApproaches",
        ],
        "scores",
        {
            "student_state_id": "State Student ID",
            "subject": "Subject",
            "grade_level": "Grade",
            "administered_on": "Test Date",
            "scale_score": "Scale Score",
            "level": "Performance Level",
        },
        order="mdy",
    ),
    "scores with levels nobody knows": Case(
        "Student Id,Subject Area,Window,RIT,Level",
        ["1001,Math,Fall,201,Orange", "1002,Math,Fall,188,Blue", "1003,Math,Fall,222,Green"],
        "scores",
        {
            "student_local_id": "Student Id",
            "subject": "Subject Area",
            "season": "Window",
            "scale_score": "RIT",
            "level": "Level",
        },
        asked=["Which of the levels is the lowest that means “at grade level”?"],
    ),
    "dates nobody can tell apart": Case(
        "Student Number,Subject,Date Tested,Score",
        ["1001,Math,5/6/2026,201", "1002,Math,6/5/2026,188"],
        "scores",
        {
            "student_local_id": "Student Number",
            "subject": "Subject",
            "administered_on": "Date Tested",
            "scale_score": "Score",
        },
        asked=["Does the day or the month come first in dates?"],
    ),
    "attendance": Case(
        "Local ID,School Year,Membership Days,Total Absences",
        ["1001,2026-27,80,3", "1002,2026-27,80,0"],
        "attendance",
        {
            "student_local_id": "Local ID",
            "school_year": "School Year",
            "days_enrolled": "Membership Days",
            "days_absent": "Total Absences",
        },
    ),
    "contacts": Case(
        "Student Number,Guardian First Name,Guardian Last Name,Relationship,Email,Cell Phone,Correspondence Language",
        [
            "1001,Rosa,Abrego,Mother,rosa@example.org,202-555-0101,Spanish",
            "1002,Bill,Baker,Father,b@example.org,,English",
        ],
        "contacts",
        {
            "student_local_id": "Student Number",
            "given_name": "Guardian First Name",
            "family_name": "Guardian Last Name",
            "relation": "Relationship",
            "email": "Email",
            "phone": "Cell Phone",
            "written_language": "Correspondence Language",
        },
    ),
    "ids that we know, under a name that says nothing": Case(
        "Key,Subject,Final Mark",
        ["1001,Math,A", "1002,Math,B", "1003,Math,C+"],
        "grades",
        {"student_local_id": "Key", "subject": "Subject", "mark": "Final Mark"},
        scale="letter",
    ),
    "state ids under the name of local ones": Case(
        "Student ID,Subject,Letter Grade",
        ["0081,Math,A", "0082,Math,B"],
        "grades",
        {"student_state_id": "Student ID", "subject": "Subject", "mark": "Letter Grade"},
        scale="letter",
    ),
    "marks that fit two scales": Case(
        "Student ID,Subject,Mark",
        ["1001,Math,N", "1002,Math,NI"],
        "grades",
        {"student_local_id": "Student ID", "subject": "Subject", "mark": "Mark"},
        asked=["Which scale are the marks on?"],
    ),
    "letters under a name that says nothing": Case(
        "Student ID,Subject,Outcome",
        ["1001,Math,A", "1002,Math,B+", "1003,Math,F"],
        "grades",
        {"student_local_id": "Student ID", "subject": "Subject", "mark": "Outcome"},
        scale="letter",
    ),
    "a table of colours": Case("Colour,Shape", ["red,round", "blue,square"], None, {}),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_table_is_proposed(case: Case, tmp_path: Path) -> None:
    found = proposal_of(tmp_path / case.name, "\n".join([case.header, *case.rows]) + "\n")
    assert (found.kind, found.columns) == (case.kind, case.columns)
    assert (found.scale.scale if found.scale else None) == case.scale
    assert found.dates.order == case.order
    for question in case.asked:
        assert question in found.questions
    assert all(guess.why for guess in found.fields.values())


@pytest.mark.parametrize(
    ("marks", "field"), [("K 3 5 12", "grade_level"), ("A B+ C F", "mark"), ("88 71 93.5", "mark")]
)
def test_what_a_column_named_grade_holds_is_told_by_its_values(
    tmp_path: Path, marks: str, field: str
) -> None:
    rows = "".join(f"1001,Math,{mark}\n" for mark in marks.split())
    found = proposal_of(tmp_path / "t.csv", f"Student ID,Subject,Grade\n{rows}", "grades")
    assert found.columns.get(field) == "Grade"


def test_a_column_named_grade_that_could_be_either_is_asked(tmp_path: Path) -> None:
    found = proposal_of(tmp_path / "t.csv", "Student ID,Subject,Grade\n1001,Math,3\n1002,Math,4\n", "grades")
    assert not {"mark", "grade_level"} & set(found.columns)
    assert found.fields["mark"].rivals == ("Grade",)
    assert any("could be this or something else" in question for question in found.questions)


def test_several_columns_of_marks_are_asked(tmp_path: Path) -> None:
    found = proposal_of(tmp_path / "t.csv", "Student ID,Subject,Q1,Q2\n1001,Math,A,B\n", "grades")
    assert found.fields["mark"].column is None
    assert found.fields["mark"].rivals == ("Q1", "Q2")


def test_levels_of_a_known_test_have_their_order_and_floor(tmp_path: Path) -> None:
    case = CASES["scores with levels of a known test"]
    found = proposal_of(tmp_path / "t.csv", "\n".join([case.header, *case.rows]) + "\n").levels
    assert found is not None
    assert (found.order, found.floor) == (("Did Not Meet", "Approaches", "Meets"), "Meets")


def test_numbered_levels_are_never_put_in_order(tmp_path: Path) -> None:
    rows = "".join(f"1001,Math,{200 + level},{level}\n" for level in (1, 2, 3, 4))
    found = proposal_of(tmp_path / "t.csv", f"Student ID,Subject,Score,Level\n{rows}").levels
    assert found is not None
    assert (found.known, found.floor) == (False, None)


def test_marks_that_do_not_stand_on_the_scale_are_named(tmp_path: Path) -> None:
    rows = "".join(f"1001,Math,{mark}\n" for mark in ["A", "B", "C", "D", "F", "Seen", "INC"])
    found = proposal_of(tmp_path / "t.csv", f"Student ID,Subject,Mark\n{rows}").scale
    assert found is not None
    assert (found.scale, found.reads, found.marks) == ("letter", 5, 6)
    assert found.why.endswith("these do not: Seen.")
