"""From a student's stored comparisons to the facts of a report. What staff alone may see is left behind here."""

from __future__ import annotations

from datetime import date
from typing import Any

from campaign.documents.local_facts import LocalFacts
from campaign.store.reports import StudentRow
from reports.compare.rules import Rule
from reports.family.facts import (
    AttendanceFacts,
    Level,
    MarkFacts,
    NoteFacts,
    ReportFacts,
    ScoreFacts,
    SubjectFacts,
    TeacherFacts,
)
from reports.records import Category

NOTHING_LOCAL = LocalFacts()


def report_facts(row: StudentRow, local: LocalFacts = NOTHING_LOCAL) -> ReportFacts:
    """The facts of one student: tests that were used, marks as printed; no probability, no reason for a refusal."""
    name = row.preferred_name or row.given_name
    return ReportFacts(
        student=name,
        full_name=f"{name} {row.family_name}".strip(),
        grade_level=row.grade_level,
        school=row.school or "",
        school_phone=row.school_phone or "",
        teachers=tuple(TeacherFacts(**teacher) for teacher in row.teachers),
        subjects=tuple(_subject(comparison, local) for comparison in row.comparisons),
        attendance=_attendance(row.days_missed) if row.days_missed else None,
        programmes=local.programmes_for(row.grade_level),
        grading_policy=local.grading_policy(row.school_id),
        teacher_note=NoteFacts(**row.teacher_note) if row.teacher_note else None,
    )


def _attendance(days: dict[str, Any]) -> AttendanceFacts:
    return AttendanceFacts(days["days"], date.fromisoformat(days["since"]))


def _subject(comparison: dict[str, Any], local: LocalFacts) -> SubjectFacts:
    explanation = comparison["explanation"]
    used = [test for test in explanation["tests"] if test["used"]]
    mark = explanation["mark"]
    return SubjectFacts(
        subject=comparison["subject"],
        category=comparison["category"],
        evidence=comparison["evidence"],
        rules=tuple(comparison["rules"]),
        mark=_mark(mark) if mark else None,
        tests=tuple(sorted((_score(test) for test in used), key=_newest_first)),
        last_year=Rule.FROM_LAST_YEAR in comparison["rules"],
        # Students of a different state test are not among those whom the statement counts.
        norm=local.norm(comparison["subject"], mark)
        if mark and comparison["category"] != Category.OTHER_TEST
        else None,
    )


def _mark(mark: dict[str, Any]) -> MarkFacts:
    return MarkFacts(
        mark["mark"], mark["course"] or "", mark["school_year"], mark["term"] or "", mark["teacher"] or ""
    )


def _score(test: dict[str, Any]) -> ScoreFacts:
    # Several attempts are judged by their mean, which no official report shows: the level alone is drawn, no point.
    several = (test.get("attempts") or 1) > 1
    return ScoreFacts(
        title=test["title"],
        family=test["family"],
        kind=test["kind"],
        season=test["season"],
        administered_on=date.fromisoformat(test["date"]) if test["date"] else None,
        evidence=test["verdict"],
        score=None if several else test["score"],
        error=None if several else test["error"],
        cut=test["cut"],
        level=test["level"],
        floor_level=test["floor_level"],
        levels=tuple(
            Level(level["code"], level["name"], level.get("minimum"), level.get("maximum"))
            for level in test["levels"] or ()
        ),
        leads=test["leads"],
    )


def _newest_first(test: ScoreFacts) -> int:
    return -(test.administered_on or date.min).toordinal()
