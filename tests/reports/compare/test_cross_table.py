"""The share of students with high marks below a line of the test, on real students and on made-up ones."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from reports.compare.cross_table import mark_by_test, protected, share_below
from reports.compare.small_cells import Shown


@pytest.fixture(scope="module")
def grade_8(shared_data: Path) -> pd.DataFrame:
    """8th-grade math of 13,865 real students against the national mean of 50 (HSLS:09)."""
    students = pd.read_csv(
        shared_data / "validation" / "hsls09_grade8math_vs_test_dev.csv", dtype={"S1M8GRADE": str}
    )
    return mark_by_test(students["S1M8GRADE"], students["X1TXMTSCOR"], cut=50)


@pytest.mark.shared_data
def test_more_than_a_third_of_a_and_b_students_are_below_the_national_mean(grade_8: pd.DataFrame) -> None:
    assert round(100 * share_below(grade_8, ["A", "B"]), 1) == 36.6
    assert round(100 * share_below(grade_8, ["B"])) == 50
    assert grade_8["students"].sum() == 13_865


@pytest.mark.shared_data
def test_the_mean_score_falls_with_the_mark(grade_8: pd.DataFrame) -> None:
    means = grade_8.set_index("mark")["mean"].round(1).to_dict()
    assert means == {
        "A": 56.4,
        "B": 49.7,
        "C": 46.2,
        "D": 44.3,
        "Below D": 43.0,
        "Class was not graded": 49.2,
    }
    with_high_marks = grade_8.loc[grade_8["mark"].isin(["A", "B"]), "students"].sum()
    assert round(100 * with_high_marks / grade_8["students"].sum()) == 76


def test_students_without_mark_or_score_are_left_out_and_the_cut_is_not_below_itself() -> None:
    table = mark_by_test(pd.Series(["A", "A", None, "B"]), pd.Series([50, 49.9, 10, None]), cut=50)
    assert table.to_dict("records") == [
        {"mark": "A", "students": 2, "mean": 49.95, "below": 1, "share_below": 0.5}
    ]
    assert pd.isna(share_below(table, ["B"]))


def test_small_cells_say_nothing() -> None:
    marks = pd.Series(["A"] * 40 + ["B"] * 30 + ["C"] * 9 + ["D"] * 12)
    scores = pd.Series([1.0] * 20 + [0.0] * 20 + [0.0] * 28 + [1.0] * 2 + [0.0] * 9 + [1.0] * 6 + [0.0] * 6)
    table = protected(mark_by_test(marks, scores, cut=0.5)).set_index("mark")
    assert table["shown"].to_dict() == {"A": Shown.YES, "B": Shown.TOP, "C": Shown.TOO_FEW, "D": Shown.YES}
    assert table.loc["B", "limit"] == 80
    assert table.loc[["B", "C"], ["students", "mean", "below", "share_below"]].isna().all(axis=None)
