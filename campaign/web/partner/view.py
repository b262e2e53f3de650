"""What the partner page shows, from published cells alone: labels, ranges, the places of bars. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from campaign.web.staff import words
from reports.groups.counts import ALL, DISTRICT, KEYS, NOT_KNOWN, OTHER_LANGUAGES, SCHOOL

# Statement → heading of its column.
STATEMENTS = {
    "grade_high_test_not_yet": "B or better, not yet at grade level on the test",
    "grade_high_test_close": "B or better, close to grade level",
    "grade_high_test_at": "B or better, at grade level",
    "other": "Every other combination",
}
GAP = "grade_high_test_not_yet"


@dataclass(frozen=True)
class Range:
    """A share in percent: from `low` to `high`, no finer."""

    low: int
    high: int

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2

    @property
    def width(self) -> int:
        return self.high - self.low

    def __str__(self) -> str:
        if self.low == 0:
            return f"under {self.high}%"
        return f"{self.low}% or more" if self.high == 100 else f"{self.low}–{self.high}%"


@dataclass(frozen=True)
class Row:
    """One group; `students` and `shares` are None when it is hidden."""

    label: str
    students: int | None
    shares: dict[str, Range] | None

    @property
    def gap(self) -> Range | None:
        return self.shares[GAP] if self.shares else None


def table(cells: pd.DataFrame, place: str, dimension: str) -> list[Row]:
    """The rows of one place (DISTRICT or a school's name) by grade level or language."""
    return _rows(cells[(cells["place"] == place) & (cells["dimension"] == dimension)])


def schools(cells: pd.DataFrame) -> list[Row]:
    """All students of each school."""
    return _rows(cells[(cells["geography"] == SCHOOL) & (cells["dimension"] == ALL)])


def everyone(cells: pd.DataFrame) -> Row:
    """All students of the district."""
    return _rows(cells[(cells["geography"] == DISTRICT) & (cells["dimension"] == ALL)])[0]


def headline(subject: str, row: Row) -> str:
    """The one sentence that a reader takes along."""
    name = words.subject(subject).lower()
    if row.students is None or row.gap is None:
        return f"There are not enough students with results in {name} to show a share."
    return (
        f"In {name}, {_about(row.gap)} of {row.students:,} students have a B or better on the report card "
        "while the test says: not yet at grade level."
    )


def _about(share: Range) -> str:
    if share.low == 0:
        return f"fewer than {share.high}%"
    if share.high == 100:
        return f"at least {share.low}%"
    return f"between {share.low}% and {share.high}%"


def _rows(cells: pd.DataFrame) -> list[Row]:
    return [_row(tuple(map(str, keys)), group) for keys, group in cells.groupby(KEYS, sort=False)]


def _row(keys: Sequence[str], group: pd.DataFrame) -> Row:
    label = _label(*keys)
    if not group["shown"].all():
        return Row(label, None, None)
    numbers = zip(group["measure"], group["percent_low"], group["percent_high"], strict=True)
    shares = {str(measure): Range(int(low), int(high)) for measure, low, high in numbers}
    return Row(label, int(group["students"].iloc[0]), shares)


def _label(geography: str, place: str, dimension: str, member: str) -> str:
    if dimension == ALL:
        return "All schools" if geography == DISTRICT else place
    if member == NOT_KNOWN:
        return "Not known"
    if dimension == "grade_level":
        return words.grade(int(member))
    return "Other languages" if member == OTHER_LANGUAGES else words.language(member)
