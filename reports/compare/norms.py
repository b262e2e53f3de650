"""What a grade means here: of last year's students with this grade, how many met grade level on the state test?

Two readers, two rules. Staff see every cell of grade × subject × grade level, drawn towards its neighbours as far as
it is small (`pooled`), with small cells hidden or coded. A family reads one sentence about one course, or none
(`family_statement`). Both count students of one completed school year and a district or a school, never those of a
teacher, a section or a group of students.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, special

from reports.compare.contents import contents
from reports.compare.scales import GradeScales
from reports.compare.small_cells import Shown, coded_percents, cover, staff_cells

FloatArray = npt.NDArray[np.float64]
ObjectArray = npt.NDArray[Any]

# One row: students of one printed mark beside one result of a state test of the same year and subject.
PAIR_COLUMNS: Final[dict[str, str]] = {
    "subject": "math, reading …",
    "course": "title as the school prints it",
    "grade_level": "of the course, or None",
    "scale": "id of a grade scale",
    "mark": "final mark as printed",
    "kind": "of the test; only summative counts",
    "test": "title of the test",
    "tested_grade": "of the test taken, or None",
    "reached": "True at or above the floor of the test",
    "students": "how many",
}

# One row a course and grade (`letters` says which marks make one grade).
CELL_COLUMNS: Final[dict[str, str]] = {
    "subject": "math, reading …",
    "course": "title as printed",
    "grade_level": "of the course",
    "scale": "id of a grade scale",
    "grade": "A, 80–89, 3 …",
    "students": "with this grade and a valid state test",
    "reached": "of them at or above the floor",
}
_STAFF_KEYS: Final = ["subject", "grade_level", "scale", "grade"]

FAMILY_TENTHS: Final = 100
FAMILY_WORDS: Final = 30
FAMILY_EACH: Final = 10
_DECADES: Final = ((90, "90–100"), (80, "80–89"), (70, "70–79"), (60, "60–69"), (-math.inf, "0–59"))

# Weak prior of the size of the pool: log M is normal around log 50 with this variance.
_PRIOR_LOG_SIZE: Final = float(np.log(50))
_PRIOR_VARIANCE: Final = 4.0


class StatementCode(StrEnum):
    """The sentences of `content/report/`, section norms."""

    ABOUT = "about"
    FEWER_THAN_ONE = "fewer_than_one"
    MORE_THAN_NINE = "more_than_nine"
    FEWER_THAN_HALF = "fewer_than_half"
    MORE_THAN_HALF = "more_than_half"


@dataclass(frozen=True)
class Statement:
    """What a family may be told. `tenths` (1 to 9) is set for ABOUT alone."""

    code: StatementCode
    tenths: int | None = None


@dataclass(frozen=True)
class Pool:
    """Where the cells of one grade and subject are drawn to: their mean share, as if by `size` more students."""

    mean: float
    size: float


def last_completed_year(as_of: date) -> int:
    """The school year, named by the calendar year it ends in, that is over on this day: years end with June."""
    return as_of.year if as_of.month >= 7 else as_of.year - 1


def letters(marks: pd.Series[Any], scales: pd.Series[Any], known: GradeScales) -> ObjectArray:
    """The grade each mark is counted under: B for B+, B and B-, 80–89 for 84; None where a mark cannot be compared."""
    in_tens = [name in known.scales and bool(known.scales[name].ranges) for name in scales]
    grades = [_grade(mark, tens) for mark, tens in zip(marks, in_tens, strict=True)]
    comparable = known.bands(marks, scales)["band"].notna().to_numpy(bool)
    return np.where(comparable, np.array(grades, dtype=object), None)  # type: ignore[call-overload, no-any-return]


def _grade(mark: object, in_tens: bool) -> str:
    plain = str(mark).strip().upper().removesuffix("%").strip()
    try:
        number = float(plain)
    except ValueError:
        return "F" if plain in {"FAIL", "FAILING"} else re.sub(r"(?<=\w)[-+−–—]$", "", plain)
    return next(label for least, label in _DECADES if number >= least) if in_tens else str(int(number))


def cells(pairs: pd.DataFrame, known: GradeScales) -> pd.DataFrame:
    """CELL_COLUMNS from PAIR_COLUMNS: same subject, and a course mapped to the tested grade and content.

    Alternate assessments, interim tests and marks that cannot be compared are left out. Raises ValueError for a
    missing column.
    """
    missing = [name for name in PAIR_COLUMNS if name not in pairs]
    if missing:
        raise ValueError(f"pairs: the column {missing[0]} is missing ({PAIR_COLUMNS[missing[0]]})")
    rows = pairs.reset_index(drop=True)
    rows["grade"] = letters(rows["mark"], rows["scale"], known)
    of_course, of_test = (contents(rows[name].to_numpy(object))[:-1] for name in ("course", "test"))
    level, tested = (pd.to_numeric(rows[name]).astype(float) for name in ("grade_level", "tested_grade"))
    rows["grade_level"] = level.fillna(tested)
    same_grade = tested.isna() | level.isna() | (tested == level) | (of_test >= 0)
    fits = same_grade & (of_course == of_test) & rows["grade_level"].notna() & rows["grade"].notna()
    kept = rows[fits & (rows["kind"] == "summative")]
    kept = kept.assign(reached=kept["reached"].astype(bool) * kept["students"])
    keys = [name for name in CELL_COLUMNS if name not in ("students", "reached")]
    counted: pd.DataFrame = kept.groupby(keys, as_index=False)[["students", "reached"]].sum()
    return counted.astype({"students": int, "reached": int, "grade_level": int})[list(CELL_COLUMNS)]


def wilson(
    reached: npt.ArrayLike, students: npt.ArrayLike, confidence: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Low and high end of the score interval of a share, 0 to 1 (E. B. Wilson, JASA 22, 1927)."""
    n, z = np.asarray(students, float), float(special.ndtri(0.5 + confidence / 2))
    share = np.asarray(reached, float) / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - half, middle + half


def family_statement(course: pd.DataFrame, grade: str, minimum_group: int = FAMILY_EACH) -> Statement | None:
    """What a family may read about a grade of a course, or None where nothing may be said.

    The caller passes ALL grades of ONE course on one scale (`cells` of one subject, course, grade level and scale),
    counted in the last completed year of the district or the school (one of the two for the whole installation, never
    both: their difference would be a table of its own), and the grade on this child's card as `letters` names it.
    It must not pass the counts of a teacher, a section or a group of students. `minimum_group` is the state's
    smallest group where that is above ten. The words are `Catalog.norm`, which always adds that the sentence is
    about all students with this grade and no guess about the child.
    """
    statements = family_statements(course, minimum_group)
    return statements.get(grade)


def family_statements(course: pd.DataFrame, minimum_group: int = FAMILY_EACH) -> dict[str, Statement]:
    """The grades of one course about which a family may read something; see `family_statement`."""
    if len(course[["subject", "course", "grade_level", "scale"]].drop_duplicates()) > 1:
        raise ValueError("family statements are about one course: pass the grades of a single one")
    n, s = course["students"].to_numpy(np.int64), course["reached"].to_numpy(np.int64)
    least = max(FAMILY_EACH, minimum_group)
    private = (n < FAMILY_WORDS) | (np.minimum(s, n - s) < least)
    said = [None if hide else _said(int(a), int(b)) for hide, a, b in zip(private, s, n, strict=True)]
    silent = np.array([statement is None for statement in said], dtype=bool)
    hidden = cover(silent, private, (n, s), [np.zeros(len(n), int)], least)
    grades = course["grade"].tolist()
    return {
        grade: statement
        for grade, statement, hide in zip(grades, said, hidden, strict=True)
        if statement is not None and not hide
    }


def _said(reached: int, students: int) -> Statement | None:
    if students >= FAMILY_TENTHS:
        tenths = (20 * reached + students) // (2 * students)
        ends = {0: Statement(StatementCode.FEWER_THAN_ONE), 10: Statement(StatementCode.MORE_THAN_NINE)}
        return ends.get(tenths) or Statement(StatementCode.ABOUT, tenths)
    low, high = wilson(reached, students)
    if low <= 0.5 <= high:
        return None
    return Statement(StatementCode.MORE_THAN_HALF if low > 0.5 else StatementCode.FEWER_THAN_HALF)


def pool(reached: npt.ArrayLike, students: npt.ArrayLike) -> Pool:
    """The beta-binomial pool of some cells, by marginal maximum likelihood with the weak prior on its size.

    Raises ValueError where there is no student at all.
    """
    n = np.asarray(students, float)
    s, n = np.asarray(reached, float)[n > 0], n[n > 0]
    if not len(n):
        raise ValueError("a pool needs at least one cell with a student in it")

    def surprise(at: FloatArray) -> float:
        mean, size = special.expit(at[0]), np.exp(at[1])
        a, b = size * mean, size * (1 - mean)
        likelihood = special.betaln(s + a, n - s + b) - special.betaln(a, b)
        return float((at[1] - _PRIOR_LOG_SIZE) ** 2 / (2 * _PRIOR_VARIANCE) - likelihood.sum())

    start = np.array([special.logit(np.clip(s.sum() / n.sum(), 0.01, 0.99)), _PRIOR_LOG_SIZE])
    found = optimize.minimize(surprise, start, method="L-BFGS-B", bounds=[(-7, 7), (-3, 12)])
    return Pool(float(special.expit(found.x[0])), float(np.exp(found.x[1])))


def pooled(
    reached: npt.ArrayLike, students: npt.ArrayLike, around: Pool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Share of each cell drawn towards the pool, 0 to 1, and the ends of its interval of about 95 %.

    The interval takes the pool as known, so it covers a little less than 95 %.
    """
    s, n = np.asarray(reached, float), np.asarray(students, float)
    a, b = s + around.size * around.mean, n - s + around.size * (1 - around.mean)
    low, high = (np.asarray(special.betaincinv(a, b, at), dtype=float) for at in (0.025, 0.975))
    return np.asarray(a / (a + b), dtype=float), low, high


def staff_table(counted: pd.DataFrame) -> pd.DataFrame:
    """The table of staff, from `cells`: a row a subject, grade level, scale and grade.

    Columns: these four; `shown` (a `Shown`); `students`, `raw`, `pooled`, `low`, `high` (shares, 0 to 1; NaN unless
    shown); `limit` (percent that a coded share is at least or at most).
    """
    table = counted.groupby(_STAFF_KEYS, as_index=False)[["students", "reached"]].sum()
    n, s = table["students"].to_numpy(np.int64), table["reached"].to_numpy(np.int64)
    across: Sequence[ObjectArray] = [
        _label(table, ["subject", "scale", kind]) for kind in ("grade", "grade_level")
    ]
    table["shown"] = staff_cells(n, s, across)
    table["raw"] = s / np.maximum(n, 1)
    for name in ("pooled", "low", "high"):
        table[name] = np.nan
    for rows in table.groupby(["subject", "scale", "grade"]).indices.values():
        values = pooled(s[rows], n[rows], pool(s[rows], n[rows]))
        for name, column in zip(("pooled", "low", "high"), values, strict=True):
            table.loc[table.index[rows], name] = column
    table["limit"] = coded_percents(table["shown"].to_numpy(object), n)
    numbers = ["students", "raw", "pooled", "low", "high"]
    table[numbers] = table[numbers].astype(float).where(table["shown"] == Shown.YES)
    return table[[*_STAFF_KEYS, "shown", *numbers, "limit"]]


def _label(table: pd.DataFrame, names: list[str]) -> ObjectArray:
    labels: ObjectArray = np.full(len(table), "", object)
    for name in names:
        labels = labels + "|" + table[name].astype(str).to_numpy(object)
    return labels
