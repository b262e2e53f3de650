"""Marks beside test scores in any table of students: what each mark meant on the test."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from reports.compare.small_cells import Shown, coded_percents, staff_cells


def mark_by_test(marks: pd.Series[Any], scores: pd.Series[Any], cut: float) -> pd.DataFrame:
    """A row a mark, in its order: `mark`, `students`, `mean` (points), `below` (students under the cut), `share_below`.

    `marks` and `scores` (points) belong to the same students; who lacks one of them is left out. A score on the cut
    is not below it. The counts are exact; `protected` makes them fit to be shown.
    """
    pairs = pd.DataFrame({"mark": marks.to_numpy(object), "score": pd.to_numeric(scores).to_numpy(float)})
    pairs = pairs.dropna().assign(below=lambda rows: rows["score"] < cut)
    table = pairs.groupby("mark", as_index=False).agg(
        students=("score", "size"), mean=("score", "mean"), below=("below", "sum")
    )
    return table.assign(share_below=table["below"] / table["students"])


def share_below(table: pd.DataFrame, marks: Collection[str]) -> float:
    """Of the students with one of these marks the share under the cut, 0 to 1; NaN where there is nobody."""
    rows = table[table["mark"].isin(marks)]
    students = rows["students"].sum()
    return float(rows["below"].sum() / students) if students else float("nan")


def protected(table: pd.DataFrame) -> pd.DataFrame:
    """`mark_by_test` for a table that staff read: `shown` (a `Shown`), numbers where shown, `limit` where coded.

    `limit` is the percent that the share below the cut is at least or at most.
    """
    students = table["students"].to_numpy(np.int64)
    shown = staff_cells(students, table["below"].to_numpy(np.int64), [np.zeros(len(table), int)])
    safe = table.assign(
        shown=shown,
        limit=coded_percents(shown, students),
    )
    numbers = ["students", "mean", "below", "share_below"]
    safe[numbers] = safe[numbers].astype(float).where(safe["shown"] == Shown.YES)
    return safe
