"""Frames as they come in, brought to one form: checked columns, plain types, one order whatever the rows' order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.records import MARK_COLUMNS, SCORE_COLUMNS, STUDENT_COLUMNS

BoolArray = npt.NDArray[np.bool_]
ObjectArray = npt.NDArray[Any]

_DATES: Final = ("period_begins_on", "period_ends_on", "administered_on", "us_entry_date")
_NUMBERS: Final = (
    "grade_level",
    "school_year",
    "percent",
    "scale_score",
    "csem",
    "test_sem",
    "score_sd",
    "cut",
    "score_minimum",
    "score_maximum",
)
_FLAGS: Final = ("is_final", "modified_curriculum", "credit_recovery", "english_learner")


def tidy_marks(marks: pd.DataFrame) -> pd.DataFrame:
    """Marks in the order of their ids. Raises ValueError for a column that is missing or cannot be read."""
    return _tidy("marks", marks, MARK_COLUMNS, ["mark_id"])


def tidy_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores in the order of their ids. Raises ValueError for a column that is missing or cannot be read."""
    return _tidy("scores", scores, SCORE_COLUMNS, ["score_id"])


def tidy_students(students: pd.DataFrame) -> pd.DataFrame:
    """Students in the order of their ids. Raises ValueError for a column that is missing or cannot be read."""
    frame = students if "subject" in students else students.assign(subject=None)
    return _tidy("students", frame, STUDENT_COLUMNS, ["student_id", "subject"])


def _tidy(what: str, frame: pd.DataFrame, columns: Mapping[str, str], order: list[str]) -> pd.DataFrame:
    missing = [name for name in columns if name not in frame]
    if missing:
        raise ValueError(f"{what}: the column {missing[0]} is missing ({columns[missing[0]]})")
    tidy = frame[list(columns)].copy()
    for name in tidy.columns.intersection(list(_DATES)):
        tidy[name] = _readable(what, name, tidy[name]).astype("datetime64[s]")
    for name in tidy.columns.intersection(list(_NUMBERS)):
        tidy[name] = pd.to_numeric(tidy[name]).astype(float)
    for name in tidy.columns.intersection(list(_FLAGS)):
        tidy[name] = tidy[name].astype("boolean").fillna(False).to_numpy(bool)
    return tidy.sort_values(order, kind="stable", ignore_index=True)


def _readable(what: str, name: str, column: pd.Series[Any]) -> pd.Series[Any]:
    try:
        return pd.to_datetime(column)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{what}: {name} must hold dates: {error}") from error


def plain(column: pd.Series[Any]) -> list[Any]:
    """Values as JSON knows them: missing and infinite are None, dates are ISO text."""
    if str(column.dtype).startswith("datetime64"):
        values = np.datetime_as_string(column.to_numpy("datetime64[D]")).astype(object)
    else:
        values = column.to_numpy(object, copy=True)
    values[column.isna().to_numpy()] = None
    if column.dtype == float:
        values[np.isinf(column.to_numpy())] = None
    return list(values)


def whole(column: pd.Series[Any]) -> list[int | None]:
    """A float column of whole numbers (years, grades) as ints; missing is None."""
    return plain(column.astype("Int64").astype(object))


def first_of(values: ObjectArray, among: Iterable[Any]) -> BoolArray:
    """Where `values` is one of `among`."""
    return np.asarray(pd.Series(values, dtype=object).isin(list(among)), dtype=bool)
