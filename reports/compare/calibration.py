"""Did it come true? Of the students with this chance of being at grade level, how many later were, on the state test.

Two questions are never mixed. (a) "Is the child at grade level?" is a statement about the child; the later test that
it is held against has an error of its own, so that even a perfect answer comes true a little less often than it says
near 0 and 100 percent. (b) "Will the child score proficient on the state test?" is a projection of that very score.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.compare.norms import wilson
from reports.compare.small_cells import STAFF_EACH, STAFF_STUDENTS, Shown, coded_percents, staff_cells
from reports.records import Evidence

FloatArray = npt.NDArray[np.float64]
_BINS: Final = 10


class Question(StrEnum):
    IS_AT_GRADE_LEVEL = "a"
    WILL_SCORE_PROFICIENT = "b"


QUESTION_MEANS: Final[dict[str, str]] = {
    Question.IS_AT_GRADE_LEVEL: "(a) Is the child at grade level?",
    Question.WILL_SCORE_PROFICIENT: "(b) Will the child score proficient on the state test?",
}

# One row a forecast and the state test that came after it, of one student and subject; no alternate assessments.
FORECAST_COLUMNS: Final[dict[str, str]] = {
    "question": "a Question",
    "source": "what made the forecast, as staff know it",
    "subject": "math, reading …",
    "grade_level": "of the state test",
    "probability": "of the forecast, 0 to 1",
    "outcome": "True where the state test was at or above its floor",
}
_SOURCE: Final = ["question", "source"]


@dataclass(frozen=True)
class Bin:
    """Forecasts from `low` to `high`: their number, their mean, and the share that came true with its 95 % interval."""

    low: float
    high: float
    students: int
    forecast: float
    came_true: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Calibration:
    """How good some forecasts were.

    `brier` is the mean squared error (0 best), `ece` the mean distance of forecast and share come true over `bins`,
    `decided` the share of forecasts that were certain one way or the other. `right` is the share of these that came
    true, None where so few were wrong (or right) that `right_limit` says at least (at most) how many percent instead,
    and both are None where hardly any were decided.
    """

    students: int
    came_true: float
    brier: float
    ece: float
    decided: float
    right: float | None
    right_limit: int | None
    bins: tuple[Bin, ...]


class TooSmall(ValueError):
    """Too few forecasts, or too few of one outcome, to say anything without saying it of single students."""

    def __init__(self, reason: Shown) -> None:
        super().__init__(f"not calculated: {reason.replace('_', ' ')}")
        self.reason = reason


def reliability(probability: npt.ArrayLike, outcome: npt.ArrayLike, certainty: float) -> Calibration:
    """How forecasts (0 to 1) and outcomes (True or False) agree; `certainty` as in the ComparisonPolicy.

    Raises TooSmall, and ValueError for a forecast that is missing or outside 0 to 1.
    """
    p, came = np.asarray(probability, float), np.asarray(outcome, bool)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("a forecast must lie between 0 and 1")
    state = staff_cells([len(p)], [came.sum()])[0]
    if state != Shown.YES:
        raise TooSmall(state)
    bins = _bins(p, came)
    decided = (p >= certainty) | (1 - p >= certainty)
    right, limit = _share_right(decided, (p >= certainty) == came)
    return Calibration(
        students=len(p),
        came_true=float(came.mean()),
        brier=float(np.mean((p - came) ** 2)),
        ece=float(sum(one.students * abs(one.came_true - one.forecast) for one in bins) / len(p)),
        decided=float(decided.mean()),
        right=right,
        right_limit=limit,
        bins=bins,
    )


def _share_right(
    decided: npt.NDArray[np.bool_], right: npt.NDArray[np.bool_]
) -> tuple[float | None, int | None]:
    students, well = int(decided.sum()), int((decided & right).sum())
    state = staff_cells([students], [well])
    if state[0] == Shown.YES:
        return well / students, None
    return None, coded_percents(state, [students])[0]


def _bins(p: FloatArray, came: npt.NDArray[np.bool_]) -> tuple[Bin, ...]:
    """Tenths; one with too few students, or too few of one outcome, is joined to its neighbours."""
    tenth = np.minimum((p * _BINS).astype(int), _BINS - 1)
    students = np.bincount(tenth, minlength=_BINS)
    reached = np.bincount(tenth, weights=came, minlength=_BINS).astype(int)
    edges = [0]
    for end in range(1, _BINS + 1):
        n, s = students[edges[-1] : end].sum(), reached[edges[-1] : end].sum()
        if n >= STAFF_STUDENTS and min(s, n - s) >= STAFF_EACH:
            edges.append(end)
    edges[-1:] = [_BINS] if len(edges) > 1 else [0, _BINS]
    return tuple(_bin(p, came, tenth, low, high) for low, high in pairwise(edges))


def _bin(p: FloatArray, came: npt.NDArray[np.bool_], tenth: npt.NDArray[Any], low: int, high: int) -> Bin:
    rows = (tenth >= low) & (tenth < high)
    ends = wilson(came[rows].sum(), rows.sum())
    return Bin(
        low=low / _BINS,
        high=high / _BINS,
        students=int(rows.sum()),
        forecast=float(p[rows].mean()),
        came_true=float(came[rows].mean()),
        interval=(float(ends[0]), float(ends[1])),
    )


def calibrate(forecasts: pd.DataFrame, certainty: float) -> pd.DataFrame:
    """A row a question, source and subject, and below it one a grade level, from FORECAST_COLUMNS.

    Columns: these four (`grade_level` is NaN for all grades); `shown` (a `Shown`: why a row says nothing);
    `calibration` (a Calibration, None unless shown). Small cells are refused, and larger ones that would uncover them.
    """
    _require(forecasts)
    by_subject = _rows(forecasts, [*_SOURCE, "subject"], _SOURCE, certainty)
    by_grade = _rows(forecasts, [*_SOURCE, "subject", "grade_level"], [*_SOURCE, "subject"], certainty)
    hidden = by_subject.loc[by_subject["shown"] != Shown.YES, [*_SOURCE, "subject"]]
    of_hidden = pd.MultiIndex.from_frame(by_grade[hidden.columns]).isin(pd.MultiIndex.from_frame(hidden))
    by_grade.loc[of_hidden & (by_grade["shown"] == Shown.YES).to_numpy(), ["shown", "calibration"]] = [
        Shown.COVER,
        None,
    ]
    both = pd.concat([by_subject.assign(grade_level=np.nan), by_grade], ignore_index=True)
    order = [*_SOURCE, "subject", "grade_level"]
    return both.sort_values(order, na_position="first", ignore_index=True)[[*order, "shown", "calibration"]]


def diagrams(
    forecasts: pd.DataFrame, table: pd.DataFrame, certainty: float
) -> dict[tuple[str, str], Calibration]:
    """One Calibration a question and source, of the subjects that the `table` of `calibrate` shows."""
    said = table[(table["shown"] == Shown.YES) & table["grade_level"].isna()]
    shown = forecasts.merge(said[[*_SOURCE, "subject"]], on=[*_SOURCE, "subject"])
    return {
        (str(rows["question"].iloc[0]), str(rows["source"].iloc[0])): reliability(
            rows["probability"], rows["outcome"], certainty
        )
        for _, rows in shown.groupby(_SOURCE)
    }


def by_evidence(forecasts: pd.DataFrame, certainty: float) -> pd.DataFrame:
    """How often each word came true: a row a source, subject and Evidence, of forecasts that answer question (a).

    Columns: source, subject, evidence, `shown`, `students`, `came_true` (share at or above the floor; NaN unless
    shown), `limit` (percent that a coded share is at least or at most).
    """
    _require(forecasts)
    rows = forecasts[forecasts["question"] == Question.IS_AT_GRADE_LEVEL]
    p = rows["probability"].to_numpy(float)
    said = np.select([p >= certainty, 1 - p >= certainty], [Evidence.AT, Evidence.NOT_YET], Evidence.CLOSE)
    counted = rows.assign(evidence=said).groupby(["source", "subject", "evidence"], as_index=False)
    table = counted.agg(students=("outcome", "size"), reached=("outcome", "sum"))
    n, s = table["students"].to_numpy(np.int64), table["reached"].to_numpy(np.int64)
    table["shown"] = staff_cells(n, s, [(table["source"] + "|" + table["subject"]).to_numpy(object)])
    table["limit"] = coded_percents(table["shown"].to_numpy(object), n)
    table["came_true"] = s / n
    numbers = ["students", "came_true"]
    table[numbers] = table[numbers].astype(float).where(table["shown"] == Shown.YES)
    return table.drop(columns="reached")


def _require(forecasts: pd.DataFrame) -> None:
    missing = [name for name in FORECAST_COLUMNS if name not in forecasts]
    if missing:
        raise ValueError(f"forecasts: the column {missing[0]} is missing ({FORECAST_COLUMNS[missing[0]]})")


def _rows(forecasts: pd.DataFrame, keys: list[str], sum_of: list[str], certainty: float) -> pd.DataFrame:
    groups = [(key, rows) for key, rows in forecasts.groupby(keys)]
    table = pd.DataFrame([key for key, _ in groups], columns=keys)
    students = [len(rows) for _, rows in groups]
    reached = [int(rows["outcome"].sum()) for _, rows in groups]
    sums = (
        table[sum_of].astype(str).agg("|".join, axis=1).to_numpy(object) if groups else np.array([], object)
    )
    table["shown"] = staff_cells(students, reached, [sums])
    table["calibration"] = pd.Series(
        [
            reliability(rows["probability"], rows["outcome"], certainty) if state == Shown.YES else None
            for state, (_, rows) in zip(table["shown"], groups, strict=True)
        ],
        dtype=object,
    )
    return table
