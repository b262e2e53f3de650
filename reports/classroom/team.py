"""What a grade team looks at together: shares of students, protected, never a name.

Tests by class and team; grades beside tests for the team alone, because a class is one teacher's, and how often grades
and tests differ must not be told of one teacher. Rules of protection: `reports.groups.protect`, with what tests say in
the place of its statements.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.groups.counts import ALL, DISTRICT, STATEMENTS, cube
from reports.groups.protect import hidden_rows, share_range
from reports.records import CATEGORY_OF, Category, Evidence, GradeBand

BANDS: Final = (GradeBand.HIGH, GradeBand.MIDDLE, GradeBand.LOW)
STATES: Final = (Evidence.AT, Evidence.CLOSE, Evidence.NOT_YET)
_PAIR_OF: Final = {category: pair for pair, category in CATEGORY_OF.items()}
_STATEMENT: Final = dict(zip(STATES, STATEMENTS, strict=False))

Range = tuple[int, int]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Seat:
    """One student and subject without a name: the class, "" if none is known, and the category."""

    student_id: int
    group: str
    subject: str
    category: str


@dataclass(frozen=True)
class GroupShares:
    """Students of a group at, close to and not yet at grade level, each as percent from and to; None: not shown."""

    group: str
    students: int | None
    shares: Mapping[str, Range] | None


@dataclass(frozen=True)
class SubjectCharts:
    """One subject: the team first in `groups`, then its classes; `cross` by (grade band, state), None: not shown."""

    subject: str
    groups: tuple[GroupShares, ...]
    cross: Mapping[tuple[str, str], Range] | None


def charts(seats: Sequence[Seat], team: str, minimum: int) -> list[SubjectCharts]:
    """The charts of a team, a subject each; students whom nothing was compared of are in none of them."""
    subjects = dict.fromkeys(seat.subject for seat in seats)
    return [
        _subject(subject, [s for s in seats if s.subject == subject], team, minimum) for subject in subjects
    ]


def _subject(subject: str, seats: Sequence[Seat], team: str, minimum: int) -> SubjectCharts:
    placed = [
        (seat, _PAIR_OF[Category(seat.category)]) for seat in seats if Category(seat.category) in _PAIR_OF
    ]
    if len(placed) < minimum:
        return SubjectCharts(subject, (GroupShares(team, None, None),), None)
    counted = pd.DataFrame(
        {
            "student_id": [seat.student_id for seat, _ in placed],
            "place": [seat.group for seat, _ in placed],
            "grade_level": ALL,
            "home_language": ALL,
            "statement": [_STATEMENT[state] for _, (_, state) in placed],
        }
    ).astype({"place": object, "grade_level": object, "home_language": object})
    rows = cube(counted.assign(grade_level="0"))
    hidden = hidden_rows(rows, minimum)
    shown = rows.assign(hidden=hidden)[rows["dimension"] == ALL]
    groups = tuple(_group(row, team) for row in shown.to_dict("records"))
    pairs = [(str(band), str(state)) for _, (band, state) in placed]
    return SubjectCharts(subject, groups, _cross(pairs) if groups[0].shares else None)


def _group(row: Mapping[Hashable, object], team: str) -> GroupShares:
    name = team if row["geography"] == DISTRICT else str(row["place"])
    if row["hidden"]:
        return GroupShares(name, None, None)
    students = int(str(row["students"]))
    counts = np.array([int(str(row[_STATEMENT[state]])) for state in STATES])
    return GroupShares(name, students, dict(zip(map(str, STATES), _ranges(counts, students), strict=True)))


def _ranges(counts: Counts, students: int) -> list[Range]:
    """Shares as percent from and to. The largest is told more widely, always: ranges that begin where their counts do
    would otherwise add up to the whole and so to single counts."""
    low, high = share_range(counts, np.full(len(counts), students))
    largest = int(np.argmax(counts))
    step = int(high[largest] - low[largest])
    low[largest], high[largest] = max(low[largest] - step, 0), min(high[largest] + step, 100)
    return [(int(a), int(b)) for a, b in zip(low, high, strict=True)]


def _cross(pairs: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Range] | None:
    """Ranges of the nine cells, or None where they and the shares of tests leave a single count for one of them."""
    cells = [(str(band), str(state)) for band, state in product(BANDS, STATES)]
    counts = np.array([pairs.count(cell) for cell in cells])
    shares = _ranges(counts, len(pairs))
    tests = _ranges(counts.reshape(len(BANDS), len(STATES)).sum(axis=0), len(pairs))
    least, most = bounds(shares, tests, len(pairs))
    return None if (least >= most).any() else dict(zip(cells, shares, strict=True))


def bounds(shares: Sequence[Range], tests: Sequence[Range], students: int) -> tuple[Counts, Counts]:
    """Least and most students in each cell, bands by states, for whom adds and subtracts what is shown."""
    least, most = (side.reshape(len(BANDS), len(STATES)) for side in _counts(shares, students))
    column_least, column_most = _counts(tests, students)
    for _ in range(least.size):
        rest_most, rest_least = most.sum(axis=0) - most, least.sum(axis=0) - least
        all_most, all_least = most.sum() - most, least.sum() - least
        least = np.maximum.reduce([least, column_least - rest_most, students - all_most])
        most = np.minimum.reduce([most, column_most - rest_least, students - all_least])
    return least, most


def _counts(shares: Sequence[Range], students: int) -> tuple[Counts, Counts]:
    low, high = np.array(shares).T
    return -(-low * students // 100), np.where(high == 100, students, -(-high * students // 100) - 1)
