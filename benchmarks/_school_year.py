"""A made-up school year as a database would hand it over: whole numbers, categoricals, days; rows in no order.

Each student has five marks (four quarters, the year) and three scores (state test, fall and winter interim) in each of
two subjects. An ability lies behind both, so that every category of the grid occurs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

AS_OF = date(2026, 6, 20)
SUBJECTS = ("math", "reading")
MARKS_EACH, SCORES_EACH = 5, 3
LETTERS = ("F", "D", "C", "B", "A")
LEVELS = [
    {"code": "1", "name": "Below", "minimum": 2200, "maximum": 2527},
    {"code": "2", "name": "At", "minimum": 2528, "maximum": 2800},
]
_TERMS = ("Quarter 1", "Quarter 2", "Quarter 3", "Quarter 4", "Year")
_BEGINS = ("2025-08-18", "2025-10-27", "2026-01-20", "2026-03-16", "2025-08-18")
_ENDS = ("2025-10-24", "2026-01-16", "2026-03-13", "2026-05-29", "2026-05-29")
_FAMILIES = ("State Test", "Growth Test", "Growth Test")
_SEASONS = ("spring", "fall", "winter")
_TESTED_ON = ("2026-04-28", "2025-09-22", "2026-01-14")
_GRADES = np.arange(3, 9)


@dataclass(frozen=True)
class SchoolYear:
    marks: pd.DataFrame
    scores: pd.DataFrame
    students: pd.DataFrame


def made_up(students: int, seed: int) -> SchoolYear:
    """Frames with all columns of `reports.records`, the same for the same seed."""
    random = np.random.default_rng(seed)
    grade = random.choice(_GRADES, students).astype(np.int8)
    ability = random.normal(0.0, 1.0, (students, len(SUBJECTS))).astype(np.float32)
    ids = np.arange(1, students + 1, dtype=np.int32)
    about = pd.DataFrame(
        {
            "student_id": ids,
            "grade_level": grade,
            "english_learner": random.random(students) < 0.1,
            "us_entry_date": np.full(students, np.datetime64("NaT"), "datetime64[s]"),
        }
    )
    return SchoolYear(_marks(grade, ability, ids, random), _scores(grade, ability, ids, random), about)


def _shuffled(students: int, each: int, random: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Student, subject and number of each row, in an order of chance."""
    order = random.permutation(students * len(SUBJECTS) * each)
    of_pair, which = np.divmod(order, each)
    student, subject = np.divmod(of_pair, len(SUBJECTS))
    return student, subject.astype(np.int8), which.astype(np.int8)


def _words(codes: np.ndarray, words: Any) -> pd.Categorical:
    return pd.Categorical.from_codes(codes.astype(np.int8), categories=list(words))


def _same(value: Any, count: int) -> pd.Categorical:
    return _words(np.zeros(count, np.int8), [value])


def _days(days: tuple[str, ...], which: np.ndarray) -> np.ndarray:
    return np.array(days, "datetime64[s]")[which]


def _marks(
    grade: np.ndarray, ability: np.ndarray, ids: np.ndarray, random: np.random.Generator
) -> pd.DataFrame:
    student, subject, which = _shuffled(len(ids), MARKS_EACH, random)
    count = len(student)
    noise = random.normal(0.0, 0.7, count).astype(np.float32)
    letter = np.clip(np.round(2.8 + ability[student, subject] + noise), 0, len(LETTERS) - 1)
    courses = [f"{subject.title()} {level}" for subject in SUBJECTS for level in _GRADES]
    return pd.DataFrame(
        {
            "mark_id": np.arange(1, count + 1),
            "student_id": ids[student],
            "subject": _words(subject, SUBJECTS),
            "grade_level": grade[student],
            "school_year": np.full(count, 2026, np.int16),
            "course_title": _words(subject * len(_GRADES) + grade[student] - _GRADES[0], courses),
            "period_title": _words(which, _TERMS),
            "period_begins_on": _days(_BEGINS, which),
            "period_ends_on": _days(_ENDS, which),
            "is_final": which == MARKS_EACH - 1,
            "mark": _words(letter, LETTERS),
            "percent": np.full(count, np.nan, np.float32),
            "scale": _same("letter", count),
            "modified_curriculum": np.zeros(count, bool),
            "credit_recovery": np.zeros(count, bool),
            "teacher_name": _words(student % 100, [f"Teacher {n}" for n in range(100)]),
        }
    )


def _scores(
    grade: np.ndarray, ability: np.ndarray, ids: np.ndarray, random: np.random.Generator
) -> pd.DataFrame:
    student, subject, which = _shuffled(len(ids), SCORES_EACH, random)
    count = len(student)
    points = 2520 + 90 * ability[student, subject] + random.normal(0, 26, count).astype(np.float32)
    scores = pd.DataFrame(
        {
            "score_id": np.arange(1, count + 1),
            "student_id": ids[student],
            "assessment_id": (
                (which * len(SUBJECTS) + subject) * len(_GRADES) + grade[student] - _GRADES[0]
            ).astype(np.int32),
            "family": _words(np.array([0, 1, 1])[which], dict.fromkeys(_FAMILIES)),
            "title": _words(np.array([0, 1, 1])[which], dict.fromkeys(_FAMILIES)),
            "version": _same("2026", count),
            "kind": _words(np.array([0, 1, 1])[which], ["summative", "interim"]),
            "subject": _words(subject, SUBJECTS),
            "season": _words(which, _SEASONS),
            "grade_level": grade[student],
            "school_year": np.full(count, 2026, np.int16),
            "administered_on": _days(_TESTED_ON, which),
            "scale_score": np.clip(np.round(points), 2200, 2800).astype(np.float64),
            "csem": np.full(count, 26.0),
            "test_sem": np.full(count, np.nan),
            "score_sd": np.full(count, 90.0),
            "cut": np.full(count, 2528.0),
            "level": _words((points >= 2527.5), ["1", "2"]),
            "floor_level": _same("2", count),
            "score_minimum": np.full(count, 2200.0),
            "score_maximum": np.full(count, 2800.0),
            "status": _same("valid", count),
            "test_language": _same("en", count),
        }
    )
    levels = np.empty(count, object)
    levels[:] = [LEVELS] * count
    return scores.assign(levels=levels)
