"""Frames as they come in, turned once into plain arrays: ids and days as whole numbers, text as codes, flags as bools.

Whatever pandas holds is welcome: objects, or compact columns (whole numbers, categoricals, datetime64, bool), which
are taken as they are and cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.compare.codes import NONE, BoolArray, IntArray, ObjectArray
from reports.compare.seasons import NO_DAY
from reports.records import MARK_COLUMNS, SCORE_COLUMNS, STUDENT_COLUMNS

Columns = dict[str, npt.NDArray[Any]]

_IDS: Final = ("mark_id", "score_id", "assessment_id", "student_id")
_DATES: Final = ("period_begins_on", "period_ends_on", "administered_on", "us_entry_date")
_SMALL: Final = ("grade_level", "school_year", "english_proficiency")
_POINTS: Final = (
    "scale_score",
    "csem",
    "test_sem",
    "score_sd",
    "cut",
    "score_minimum",
    "score_maximum",
    "projected_probability",
)
_FLAGS: Final = ("is_final", "modified_curriculum", "credit_recovery", "english_learner")
# Columns the rules never ask; `explanation` reads them from the frame itself.
# Few districts have these; a frame may lack the column, and then nobody has one.
_RARE: Final = ("english_proficiency", "projected_probability")
_UNASKED: Final = ("percent", "period_title", "teacher_name", "version", "levels")


@dataclass(frozen=True)
class Table:
    """A frame as arrays of one length. `words` holds what the codes of a text column mean; code -1 = missing."""

    columns: Columns
    words: dict[str, ObjectArray]
    rows: int

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        return self.columns[name]

    def coded(self, name: str, table: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """For each row the entry of `table` at the code of its text; the last entry stands for missing text."""
        return np.take(table, self.columns[name], mode="wrap")

    def is_word(self, name: str, *among: str) -> BoolArray:
        """Where a text column says one of these."""
        meant = np.array([*(word in among for word in self.words[name]), False], bool)
        return np.asarray(self.coded(name, meant), bool)

    def take(self, order: IntArray) -> Table:
        """Some rows, in an order."""
        columns = {name: np.take(values, order) for name, values in self.columns.items()}
        return Table(columns, self.words, len(order))


@dataclass(frozen=True)
class Packed:
    """A table row by row: rows picked from all over it cost one look into memory each, not one a column."""

    rows: npt.NDArray[np.uint8]
    shape: np.dtype[np.void]
    words: dict[str, ObjectArray]

    @classmethod
    def of(cls, table: Table) -> Packed:
        shape = np.dtype([(name, values.dtype) for name, values in table.columns.items()])
        rows = np.empty(table.rows, shape)
        for name, values in table.columns.items():
            rows[name] = values
        return cls(rows.view(np.uint8).reshape(table.rows, shape.itemsize), shape, table.words)

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, order: IntArray) -> Packed:
        """Some rows, in an order."""
        return Packed(np.take(self.rows, order, axis=0), self.shape, self.words)

    def column(self, name: str) -> npt.NDArray[Any]:
        return np.ascontiguousarray(self.rows.view(self.shape)[:, 0][name])

    def table(self) -> Table:
        """The same rows column by column."""
        return Table({name: self.column(name) for name in self.shape.names or ()}, self.words, len(self))


def tidy_marks(marks: pd.DataFrame) -> Table:
    """Raises ValueError for a column that is missing or cannot be read."""
    return _tidy("marks", marks, MARK_COLUMNS)


def tidy_scores(scores: pd.DataFrame) -> Table:
    """Raises ValueError for a column that is missing or cannot be read."""
    return _tidy("scores", scores, SCORE_COLUMNS)


def tidy_students(students: pd.DataFrame) -> Table:
    """Raises ValueError for a column that is missing or cannot be read."""
    frame = students if "subject" in students else students.assign(subject=None)
    return _tidy("students", frame, STUDENT_COLUMNS)


def _tidy(what: str, frame: pd.DataFrame, schema: Mapping[str, str]) -> Table:
    columns: Columns = {}
    words: dict[str, ObjectArray] = {}
    frame = frame.assign(**{name: np.nan for name in _RARE if name in schema and name not in frame})
    for name, meaning in schema.items():
        if name not in frame:
            raise ValueError(f"{what}: the column {name} is missing ({meaning})")
        if name in _DATES:
            columns[name] = _days(what, name, frame[name])
        elif name in _SMALL:
            columns[name] = numbers(frame[name], np.float32)
        elif name in _POINTS:
            columns[name] = numbers(frame[name], np.float64)
        elif name in _FLAGS:
            columns[name] = flags(frame[name])
        elif name in _IDS:
            columns[name], names = identifiers(frame[name])
            if names is not None:
                words[name] = names
        elif name not in _UNASKED:
            columns[name], words[name] = codes(frame[name])
    return Table(columns, words, len(frame))


def identifiers(column: pd.Series[Any]) -> tuple[IntArray, ObjectArray | None]:
    """Whole numbers as they are; other ids as their place in sorted order (-1 = missing), and the ids themselves."""
    if column.dtype.kind in "iu":
        return column.to_numpy(), None
    values = column.to_numpy(object)
    if pd.api.types.infer_dtype(values, skipna=False) == "integer":
        return values.astype(np.int64), None
    place, names = pd.factorize(values, sort=True)
    return place, np.asarray(names, object)


def codes(column: pd.Series[Any]) -> tuple[IntArray, ObjectArray]:
    """A code for each text, and the texts; -1 = missing. A categorical keeps the codes it has."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(), column.cat.categories.to_numpy(object)
    code, different = pd.factorize(column.to_numpy(object), use_na_sentinel=True)
    return code.astype(np.min_scalar_type(-len(different) - 1)), np.asarray(different, object)


def numbers(column: pd.Series[Any], kind: type[np.floating[Any]]) -> npt.NDArray[Any]:
    """Floats, NaN where missing. Raises ValueError for what is no number."""
    if column.dtype.kind in "iuf" and isinstance(column.dtype, np.dtype):
        return column.to_numpy().astype(kind, copy=False)
    return np.asarray(pd.to_numeric(column).to_numpy(float, na_value=np.nan), kind)


def flags(column: pd.Series[Any]) -> BoolArray:
    """True or False; missing is False."""
    if column.dtype == bool:
        return column.to_numpy()
    return np.asarray(column.astype("boolean").fillna(False).to_numpy(bool), bool)


def _days(what: str, name: str, column: pd.Series[Any]) -> npt.NDArray[np.int32]:
    if column.dtype.kind != "M" or not isinstance(column.dtype, np.dtype):
        try:
            column = pd.to_datetime(column)
        except (ValueError, TypeError) as error:
            raise ValueError(f"{what}: {name} must hold dates: {error}") from error
    days = column.to_numpy("datetime64[D]").view(np.int64)
    return np.maximum(days, NO_DAY).astype(np.int32)


def place_of(ids: IntArray, known: IntArray) -> npt.NDArray[np.int32]:
    """The place of each id in the sorted `known`, -1 where it is not among them."""
    if not len(known):
        return np.full(len(ids), NONE, np.int32)
    first, last = int(known[0]), int(known[-1])
    if last - first < 4 * (len(ids) + len(known)) + 100_000:
        table = np.full(last - first + 1, NONE, np.int32)
        table[known - first] = np.arange(len(known), dtype=np.int32)
        inside = (ids >= first) & (ids <= last)
        if inside.all():
            return np.take(table, ids - first)
        return np.where(inside, table[np.where(inside, ids - first, 0)], NONE)
    place = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return np.where(known[place] == ids, place, NONE).astype(np.int32)


def distinct(*columns: IntArray) -> IntArray:
    """The different whole numbers of several columns, sorted; without -1 where it stands for a missing id."""
    filled = [column for column in columns if len(column)]
    if not filled:
        return np.zeros(0, np.int64)
    first, last = min(int(c.min()) for c in filled), max(int(c.max()) for c in filled)
    if last - first < 4 * sum(map(len, filled)) + 100_000:
        there = np.zeros(last - first + 1, bool)
        for column in filled:
            there[column - first] = True
        return np.flatnonzero(there) + first
    return np.unique(np.concatenate([column.astype(np.int64) for column in filled]))
