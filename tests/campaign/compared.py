"""Comparisons of made-up students as the database keeps them: a B in math beside a state score."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from reports.compare.explanation import explanations
from reports.compare.gap import compare
from reports.records import MARK_COLUMNS, SCORE_COLUMNS, STUDENT_COLUMNS, ComparisonPolicy

NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
LEVELS = [
    {"code": "1", "name": "Did Not Meet Grade Level", "minimum": 1000, "maximum": 1488},
    {"code": "2", "name": "Approaches Grade Level", "minimum": 1489, "maximum": 1588},
    {"code": "3", "name": "Meets Grade Level", "minimum": 1589, "maximum": 1659},
    {"code": "4", "name": "Masters Grade Level", "minimum": 1660, "maximum": 2000},
]


def store_comparisons(connection: Connection, scores: dict[int, float | None]) -> None:
    """What the comparison says of a B in math beside these state scores, as current rows."""
    given = (
        pd.DataFrame([mark(student) for student in scores]),
        pd.DataFrame([score(student, points) for student, points in scores.items()]),
        pd.DataFrame(
            [dict.fromkeys(STUDENT_COLUMNS) | {"student_id": student, "grade_level": 6} for student in scores]
        ),
        ComparisonPolicy(),
        date(2026, 11, 2),
    )
    compared = compare(*given).astype(object)
    compared["explanation"] = pd.Series(explanations(*given), dtype=object)
    compared["rules"] = compared["rules"].map(str.split)
    insert = text(
        """
        INSERT INTO comparison (district_id, student_id, subject, version, category, refusal, evidence, probability,
                                rules, explanation, inputs_hash, computed_at)
        VALUES (1, :student_id, :subject,
                (SELECT count(*) + 1 FROM comparison WHERE student_id = :student_id),
                :category, :refusal, :evidence, :probability, :rules, :explanation, 'x', :now)
        """
    ).bindparams(bindparam("explanation", type_=JSONB))
    connection.execute(
        text("UPDATE comparison SET superseded_at = :now WHERE student_id = ANY (:students)"),
        {"now": NOW, "students": list(scores)},
    )
    for row in compared.to_dict("records"):
        connection.execute(insert, {key: none_for_nan(value) for key, value in row.items()} | {"now": NOW})


def none_for_nan(value: object) -> object:
    return None if isinstance(value, float) and value != value else value


def mark(student: int) -> dict[str, object]:
    return dict.fromkeys(MARK_COLUMNS) | {
        "mark_id": student,
        "student_id": student,
        "subject": "math",
        "grade_level": 5,
        "school_year": 2026,
        "course_title": "Math 5",
        "period_title": "Year",
        "period_begins_on": date(2025, 8, 18),
        "period_ends_on": date(2026, 5, 28),
        "is_final": True,
        "mark": "B",
        "scale": "letter",
        "modified_curriculum": False,
        "credit_recovery": False,
        "teacher_name": "María Ortiz",
    }


def score(student: int, points: float | None) -> dict[str, object]:
    return dict.fromkeys(SCORE_COLUMNS) | {
        "score_id": student,
        "student_id": student,
        "assessment_id": 1,
        "family": "STAAR",
        "title": "STAAR Mathematics",
        "version": "2026",
        "kind": "summative",
        "subject": "math",
        "season": "spring",
        "grade_level": 5,
        "school_year": 2026,
        "administered_on": date(2026, 4, 22),
        "scale_score": points,
        "csem": 33.0,
        "cut": 1589.0,
        "level": "2" if points == 1571 else "4" if points else None,
        "levels": LEVELS,
        "floor_level": "3",
        "score_minimum": 1000.0,
        "score_maximum": 2000.0,
        "status": "valid" if points else "opt_out",
        "test_language": "en",
    }
