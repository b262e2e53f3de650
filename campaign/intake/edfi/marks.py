"""Report-card grades and the final marks of transcripts. Gradebook entries are assignments and are passed over."""

from __future__ import annotations

from campaign.intake.dates import read_date, read_school_year
from campaign.intake.edfi.records import (
    Context,
    course_of,
    first,
    need,
    school_of,
    section_of,
    session_of,
    student_of,
    student_reference,
)
from campaign.intake.elements import Element, nodes, text
from campaign.intake.marks import scale_of
from campaign.intake.plans import Facts
from campaign.intake.problems import RowRefused
from campaign.intake.quantities import read_number
from campaign.intake.staging import Fact, FileTally, Passed
from campaign.intake.vocabulary import read_grade_level, table


def course_transcript(element: Element, context: Context, tally: FileTally) -> Facts:
    """The final mark of a course. The result of the attempt ("Pass") says nothing about the mark and is not read."""
    record = next(iter(nodes(element, "StudentAcademicRecordReference/StudentAcademicRecordIdentity")), None)
    if record is None:
        raise RowRefused("missing_value", "StudentAcademicRecordReference")
    letter, number = text(element, "FinalLetterGradeEarned"), text(element, "FinalNumericGradeEarned")
    mark = letter or number
    if not mark:
        raise RowRefused("no_mark", "FinalLetterGradeEarned")
    student, course, session = student_of(record), course_of(element), session_of(record)
    year = text(record, "SchoolYear")
    return [
        Fact(
            "mark",
            {
                "source_key": f"edfi transcript|{student}|{course}|{session}|{year}",
                "course": course,
                "grade_level": read_grade_level(text(element, "GradeLevelWhenTaken"), "GradeLevelWhenTaken"),
                "school_year": read_school_year(year, "SchoolYear"),
                "period": session or None,
                "period_title": session.partition("/")[2] or None,
                "is_final": True,
                "mark": mark,
                "percent": read_number(number, "FinalNumericGradeEarned", 0),
                "scale": scale_of(mark),
            },
        ),
        student_reference(record),
    ]


def grade(element: Element, context: Context, tally: FileTally) -> Facts:
    types = table("layout.toml", __package__)["grade_types"]
    kind = need(element, "GradeType")
    if kind in types["passed_over"]:
        return Passed(f"grades of the type {kind}")
    association = next(
        iter(nodes(element, "StudentSectionAssociationReference/StudentSectionAssociationIdentity")), None
    )
    if association is None:
        raise RowRefused("missing_value", "StudentSectionAssociationReference")
    letter, number = text(element, "LetterGradeEarned"), text(element, "NumericGradeEarned")
    mark = letter or number
    if not mark:
        raise RowRefused("no_mark", "LetterGradeEarned")
    student, section = student_of(association), section_of(association)
    period, year, facts = _period(element)
    return [
        Fact(
            "mark",
            {
                "source_key": f"edfi grade|{student}|{section}|{period}|{kind}",
                "section": section,
                "is_final": kind in types["final"],
                "mark": mark,
                "percent": read_number(number, "NumericGradeEarned", 0),
                "scale": scale_of(mark),
                "period": period,
                "school_year": read_school_year(year, "SchoolYear"),
                **facts,
            },
        ),
        student_reference(association),
    ]


def _period(element: Element) -> tuple[str, str, dict[str, object]]:
    """(key, school year, what the reference itself says) of the grading period."""
    identity = next(iter(nodes(element, "GradingPeriodReference/GradingPeriodIdentity")), None)
    if identity is None:
        raise RowRefused("missing_value", "GradingPeriodReference")
    year = text(element, "SchoolYear") or text(identity, "SchoolYear")
    descriptor = need(identity, "GradingPeriod")
    said: dict[str, object] = {
        "period_title": first(identity, "GradingPeriodName", "GradingPeriod"),
        "period_begins_on": read_date(text(identity, "BeginDate"), "BeginDate"),
    }
    return f"{school_of(identity)}/{descriptor}/{year}", year, said
