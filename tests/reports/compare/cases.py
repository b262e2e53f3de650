"""Frames for the tests of the comparison: one student, one mark, one score, changed where a case needs it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from reports.compare.explanation import explanations
from reports.compare.gap import compare
from reports.records import MARK_COLUMNS, SCORE_COLUMNS, STUDENT_COLUMNS, ComparisonPolicy

# A day in the summer after the school year 2025-26: marks are final, the state test is in.
JUNE = date(2026, 6, 20)

LEVELS = [
    {"code": "1", "name": "Did Not Meet", "minimum": 2220, "maximum": 2454},
    {"code": "2", "name": "Approaches", "minimum": 2455, "maximum": 2527},
    {"code": "3", "name": "Meets", "minimum": 2528, "maximum": 2578},
    {"code": "4", "name": "Masters", "minimum": 2579, "maximum": 2740},
]
LEVELS_WITHOUT_SCORES = [{**level, "minimum": None, "maximum": None} for level in LEVELS]

MARK: dict[str, Any] = {
    "mark_id": 100,
    "student_id": 1,
    "subject": "math",
    "grade_level": 5,
    "school_year": 2026,
    "course_title": "Mathematics 5",
    "period_title": "Year",
    "period_begins_on": date(2025, 8, 18),
    "period_ends_on": date(2026, 5, 29),
    "is_final": True,
    "mark": "B",
    "percent": None,
    "scale": "letter",
    "modified_curriculum": False,
    "credit_recovery": False,
    "teacher_name": "Ms. Rivera",
}

SCORE: dict[str, Any] = {
    "score_id": 200,
    "student_id": 1,
    "assessment_id": 30,
    "family": "State Test",
    "title": "State Test Mathematics 5",
    "version": "2026",
    "kind": "summative",
    "subject": "math",
    "season": "spring",
    "grade_level": 5,
    "school_year": 2026,
    "administered_on": date(2026, 4, 28),
    "scale_score": 2600.0,
    "csem": 26.0,
    "test_sem": None,
    "score_sd": None,
    "cut": 2528.0,
    "level": None,
    "levels": LEVELS,
    "floor_level": "3",
    "score_minimum": 2220.0,
    "score_maximum": 2740.0,
    "status": "valid",
    "test_language": "en",
    "projected_probability": None,
}

STUDENT: dict[str, Any] = {
    "student_id": 1,
    "grade_level": 5,
    "english_learner": False,
    "us_entry_date": None,
    "english_proficiency": None,
    "subject": None,
}

# What a score says with an error of 26, and a test of another family beside the state test.
AT, CLOSE, NOT_YET = {"scale_score": 2600.0}, {"scale_score": 2530.0}, {"scale_score": 2450.0}
OTHER_FAMILY = {"score_id": 201, "assessment_id": 40, "family": "Growth Test", "kind": "interim"}

# A fall test during 2025-26, with a line of its own season, and the mark of the term in which it was taken.
FALL_SCORE = {
    **SCORE,
    "score_id": 210,
    "assessment_id": 31,
    "family": "Growth Test",
    "title": "Growth Test Mathematics",
    "kind": "interim",
    "season": "fall",
    "administered_on": date(2025, 9, 22),
}
TERM_MARK = {
    **MARK,
    "mark_id": 110,
    "is_final": False,
    "period_title": "Quarter 1",
    "period_ends_on": date(2025, 10, 24),
}
NOVEMBER = date(2025, 11, 3)


def marks(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([{**MARK, **row} for row in rows], columns=list(MARK_COLUMNS), dtype=object)


def scores(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([{**SCORE, **row} for row in rows], columns=list(SCORE_COLUMNS), dtype=object)


def students(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([{**STUDENT, **row} for row in rows], columns=list(STUDENT_COLUMNS), dtype=object)


def explained(*given: Any) -> pd.DataFrame:
    """What `compare` says, as plain values, with what each row rests on."""
    rows = compare(*given).astype(object)
    rows = rows.where(rows.notna(), None)
    rows["rules"] = rows["rules"].map(str.split)
    rows["explanation"] = pd.Series(explanations(*given), index=rows.index, dtype=object)
    rows["score_ids"] = [
        [test["id"] for test in explanation["tests"] if test["used"]] for explanation in rows["explanation"]
    ]
    return rows


def outcome(
    mark: dict[str, Any] | list[dict[str, Any]] | None = None,
    score: dict[str, Any] | list[dict[str, Any]] | None = None,
    student: dict[str, Any] | None = None,
    as_of: date = JUNE,
    policy: ComparisonPolicy | None = None,
) -> pd.Series:
    """The one row of math for student 1; a list gives all marks or scores, a dict changes the usual one."""
    the_marks = mark if isinstance(mark, list) else [mark or {}]
    the_scores = score if isinstance(score, list) else [score or {}]
    rows = explained(
        marks(*the_marks), scores(*the_scores), students(student or {}), policy or ComparisonPolicy(), as_of
    )
    found = rows[(rows["student_id"] == 1) & (rows["subject"] == "math")]
    assert len(found) == 1
    return found.iloc[0]


def said(row: pd.Series) -> tuple[str, str | None]:
    return row["category"], row["refusal"]
