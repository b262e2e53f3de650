"""The comparison on 13,865 real students: HSLS:09, the mark in 8th-grade math beside a standardised math score."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reports.compare.gap import compare
from reports.records import ComparisonPolicy
from tests.reports.compare.cases import MARK, SCORE, STUDENT

NATIONAL_MEAN = 50.0


pytestmark = pytest.mark.xdist_group("real_students")  # the fixture of the whole file is made once


@pytest.fixture(scope="module")
def compared(shared_data: Path) -> pd.DataFrame:
    """One row a student, the national mean as the line and next to no error, so that each stands on one side."""
    file = shared_data / "validation" / "hsls09_grade8math_vs_test_dev.csv"
    students = pd.read_csv(file).rename(columns={"STU_ID": "student_id"})
    same = {"grade_level": 8, "levels": [], "floor_level": None, "score_minimum": None, "score_maximum": None}
    marks = students[["student_id"]].assign(
        **{k: v for k, v in MARK.items() if k not in {"student_id", "mark", "mark_id"}} | {"grade_level": 8},
        mark=students["S1M8GRADE"],
        mark_id=students.index,
    )
    scores = students[["student_id"]].copy()
    for name, value in ({k: v for k, v in SCORE.items() if k != "student_id"} | same).items():
        scores[name] = pd.Series([value] * len(scores), dtype=object)
    scores = scores.assign(
        score_id=students.index, scale_score=students["X1TXMTSCOR"], cut=NATIONAL_MEAN, csem=1e-9
    )
    enrolled = students[["student_id"]].assign(
        **{k: v for k, v in STUDENT.items() if k not in {"student_id", "grade_level"}}, grade_level=8
    )
    rows = compare(marks, scores, enrolled, ComparisonPolicy(), date(2026, 6, 20))
    return rows.assign(mark=students.sort_values("student_id")["S1M8GRADE"].to_numpy())


def share_below(rows: pd.DataFrame) -> float:
    return float(np.mean(rows["evidence"] == "NOT_YET"))


def test_shares_of_high_marks_below_the_mean_are_the_published_ones(compared: pd.DataFrame) -> None:
    assert share_below(compared[compared["grade_band"] == "HIGH"]) == pytest.approx(0.366, abs=0.001)
    assert share_below(compared[compared["mark"] == "B"]) == pytest.approx(0.50, abs=0.005)


def test_nobody_is_lost(compared: pd.DataFrame) -> None:
    assert len(compared) == 13_865
    refused = compared[compared["refusal"].notna()]
    assert set(refused["mark"]) == {"Class was not graded", "Below D"}
    assert set(refused["refusal"]) == {"mark_not_comparable"}
