"""Small cells of tables about students: which numbers may be shown, and which are hidden to cover others.

A cell counts students and how many of them reached grade level. Hiding one cell alone is no protection where a total
is known: the others are taken off it. So cells that are summed up together hide nothing, or at least two that hold
enough students with both outcomes among them (NCES SLDS Technical Brief 3, 2011-603).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

BoolArray = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

# Of a table that staff read; what families read is stricter (`reports.compare.norms`).
STAFF_STUDENTS: Final = 10
STAFF_EACH: Final = 5

# Least students of a cell, and the percent that a share with fewer than STAFF_EACH others surely reaches then.
_CODED: Final = ((300, 98), (60, 90), (20, 80), (0, 60))


class Shown(StrEnum):
    """How much of a cell a table of staff says."""

    YES = "shown"
    TOP = "top_coded"
    BOTTOM = "bottom_coded"
    TOO_FEW = "too_few_students"
    COVER = "hidden_to_protect_another"


def staff_cells(
    students: npt.ArrayLike, reached: npt.ArrayLike, sums: Sequence[npt.ArrayLike] = ()
) -> npt.NDArray[Any]:
    """A `Shown` for each cell of a table that staff read.

    `students` and `reached` (of them, at or above the floor) are counts; each of `sums` labels the cells, and cells
    with the same label add up to a total that someone may know.
    """
    n, s = np.asarray(students, np.int64), np.asarray(reached, np.int64)
    small = n < STAFF_STUDENTS
    uncovered = small | (np.minimum(s, n - s) < STAFF_EACH)
    hidden = cover(uncovered, uncovered, (n, s), sums, STAFF_STUDENTS)
    state: npt.NDArray[Any] = np.full(n.shape, Shown.YES, object)
    state[hidden] = Shown.COVER
    state[uncovered & (n - s < STAFF_EACH)] = Shown.TOP
    state[uncovered & (s < STAFF_EACH)] = Shown.BOTTOM
    state[small] = Shown.TOO_FEW
    return state


def cover(
    hidden: BoolArray,
    private: BoolArray,
    counts: tuple[Counts, Counts],
    sums: Sequence[npt.ArrayLike],
    minimum: int,
) -> BoolArray:
    """`hidden`, and the cells that must be hidden with them.

    `private` are the hidden cells that must not be worked out; the others merely have nothing to say. `counts` are
    students and those who reached grade level, `sums` as in `staff_cells`, `minimum` the least students that may be
    hidden together.
    """
    hidden, private = hidden.copy(), private.copy()
    relations = [
        np.flatnonzero(codes == code)
        for codes in (pd.factorize(np.asarray(labels))[0] for labels in sums)
        for code in range(codes.max(initial=-1) + 1)
    ]
    before = -1
    while before != hidden.sum():
        before = int(hidden.sum())
        for rows in relations:
            while _gives_away(rows, hidden, private, counts, minimum):
                next_one = _cheapest(rows[~hidden[rows]], hidden, counts[0], relations)
                hidden[next_one] = private[next_one] = True
    return hidden


def coded_percents(states: npt.NDArray[Any], students: npt.ArrayLike) -> npt.NDArray[Any]:
    """Percent that a coded share is at least (top) or at most (bottom); None for a cell that is not coded."""
    limits = [next((p for least, p in _CODED if n >= least), 0) for n in np.asarray(students).tolist()]
    coded = [
        {Shown.TOP: p, Shown.BOTTOM: 100 - p}.get(Shown(s))
        for s, p in zip(states.tolist(), limits, strict=True)
    ]
    return np.array(coded, dtype=object)


def _cheapest(
    visible: npt.NDArray[np.int64],
    hidden: BoolArray,
    students: Counts,
    relations: Sequence[npt.NDArray[np.int64]],
) -> int:
    """The smallest cell, of those that need the fewest further cells hidden in the other sums they stand in."""
    alone = np.array([sum(cell in rows and not hidden[rows].any() for rows in relations) for cell in visible])
    return int(visible[np.lexsort((visible, students[visible], alone))[0]])


def _gives_away(
    rows: npt.NDArray[np.int64],
    hidden: BoolArray,
    private: BoolArray,
    counts: tuple[Counts, Counts],
    minimum: int,
) -> bool:
    students, reached = counts
    behind = rows[hidden[rows] & (students[rows] > 0)]
    if not private[behind].any() or hidden[rows].all():
        return False
    together, with_grade_level = int(students[behind].sum()), int(reached[behind].sum())
    alike = with_grade_level in (0, together)
    return len(behind) < 2 or together < minimum or alike
