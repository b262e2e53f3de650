"""All tests of each student and subject weighed together: one chance to be at grade level, for staff and for groups.

What a family reads never rests on it (`gap.compare`): it leans on where the district's students lie. It answers "is the
child at grade level?", which is not "will the child pass the state test?"; the vendor's projections answer that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.compare import scales as grade_scales
from reports.compare.explanation import assessment_ids
from reports.compare.gap import in_portions
from reports.compare.links import Population
from reports.compare.portions import Material, Portion, work
from reports.compare.weighing import Cells, Scores, Weighed, weigh
from reports.records import MARK_COLUMNS, ComparisonPolicy

# One row a student and subject whose tests could be weighed.
COMBINED_COLUMNS: Final[dict[str, str]] = {
    "student_id": "id of the student",
    "subject": "as in scores",
    "combined_probability": "chance to be at or above the state test's cut given all tests, 0-1; staff only",
    "combined_tests": "number of tests that took part",
    "tests_conflict": "True where they differ more than their errors allow; staff only",
}


@dataclass(frozen=True)
class Combined:
    """What was weighed of one portion: `rows` are places in its scores, `weighed` has its keys."""

    rows: npt.NDArray[np.intp]
    weighed: Weighed


def combined(
    scores: pd.DataFrame,
    students: pd.DataFrame,
    population: Population,
    policy: ComparisonPolicy,
    as_of: date,
) -> pd.DataFrame:
    """All tests of each student and subject together, with COMBINED_COLUMNS, sorted by both.

    `scores` and `students` have SCORE_ and STUDENT_COLUMNS. Whoever has no score that can be weighed has no row: the
    untested are not guessed. Raises ValueError for a missing column or a column that cannot be read.
    """
    marks = pd.DataFrame(columns=list(MARK_COLUMNS), dtype=object)
    material = Material.of(marks, scores, students, grade_scales.load())
    cells = Cells.of(population)

    def task(cut: Any) -> tuple[npt.NDArray[Any], ...]:
        portion = work(material, cut, policy, as_of)
        return combined_columns(portion, weigh_portion(material, portion, cells))

    parts = list(zip(*in_portions(material, task), strict=True))
    student, subject, probability, tests, conflict = (np.concatenate(part) for part in parts)
    return pd.DataFrame(
        {
            "student_id": material.students[student],
            "subject": material.subjects[subject],
            "combined_probability": probability,
            "combined_tests": tests,
            "tests_conflict": conflict,
        }
    )


def combined_columns(portion: Portion, found: Combined) -> tuple[npt.NDArray[Any], ...]:
    """Codes of student and subject, chance, number of tests and conflict, of the keys that have a chance."""
    posterior = found.weighed.posterior
    keys = np.flatnonzero(np.isfinite(posterior.probability))
    return (
        portion.student[keys],
        portion.subject[keys],
        posterior.probability[keys],
        posterior.tests[keys],
        posterior.conflict[keys],
    )


def weigh_portion(material: Material, portion: Portion, cells: Cells) -> Combined:
    """Weigh the scores of a portion of students that may speak, or may at least stand among others."""
    found = portion.facts.found
    rows = np.flatnonzero(found.weighable)
    scores = Scores(
        key=portion.facts.of_scores.key[rows],
        cell=cells.places(
            assessment_ids(material),
            found.test[rows] if len(rows) else rows,
            found.table["grade_level"][rows],
            found.school_year[rows],
        ),
        day=found.day[rows],
        score=found.table["scale_score"][rows],
        error=found.judged.error[rows],
    )
    return Combined(rows, weigh(scores, portion.facts.keys, cells))
