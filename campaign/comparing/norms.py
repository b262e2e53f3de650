"""What a grade means in a district: its last completed school year counted, for staff and for families."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TextIO, cast

import pandas as pd
from sqlalchemy import Connection

from campaign.spreadsheets import write_csv
from campaign.store import norms as store
from reports.compare.norms import (
    Statement,
    StatementCode,
    cells,
    family_statements,
    last_completed_year,
    staff_table,
)
from reports.compare.scales import GradeScale, GradeScales
from reports.compare.small_cells import Shown

_COURSE = ["subject", "grade_level", "course", "scale"]

# Why a cell has no number, for staff.
SHOWN_MEANS: Mapping[str, str] = {
    Shown.YES: "",
    Shown.TOP: "Fewer than 5 students did not meet it.",
    Shown.BOTTOM: "Fewer than 5 students met it.",
    Shown.TOO_FEW: "Fewer than 10 students.",
    Shown.COVER: "Hidden so that a smaller group cannot be worked out.",
}


# What families could read, as staff see it in a list.
_STATEMENTS: Mapping[str, str] = {
    StatementCode.ABOUT: "about {tenths} in 10 met grade level",
    StatementCode.FEWER_THAN_ONE: "fewer than 1 in 10 met grade level",
    StatementCode.MORE_THAN_NINE: "more than 9 in 10 met grade level",
    StatementCode.FEWER_THAN_HALF: "fewer than half met grade level",
    StatementCode.MORE_THAN_HALF: "more than half met grade level",
}


@dataclass(frozen=True)
class GradeNorm:
    """One row of the table of staff; shares are 0 to 1 and None unless `shown` says that they are shown."""

    subject: str
    grade_level: int
    scale: str
    grade: str
    shown: str
    students: int | None
    raw: float | None
    pooled: float | None
    low: float | None
    high: float | None
    limit: int | None


@dataclass(frozen=True)
class CourseStatement:
    """What families of one course could read about one grade."""

    subject: str
    grade_level: int
    course: str
    grade: str
    statement: Statement
    scale: str


@dataclass(frozen=True)
class DistrictNorms:
    """`grades` is how many grades of courses were counted; `statements` are those of which a family could read."""

    school_year: int
    rows: Sequence[GradeNorm]
    statements: Sequence[CourseStatement]
    grades: int


def district_norms(
    connection: Connection, district_id: int, as_of: date, scales: GradeScales, minimum_group: int
) -> DistrictNorms:
    """The last school year completed on `as_of`; without rows where no final mark stands beside a state test."""
    year = last_completed_year(as_of)
    counted = cells(store.pairs(connection, district_id, year), scales)
    order = sorted(range(len(counted)), key=lambda row: _order(counted.iloc[row], scales))
    counted = counted.iloc[order]
    rows = staff_table(counted).to_dict("records")
    rows.sort(key=lambda row: _order(row, scales))
    return DistrictNorms(
        school_year=year,
        rows=[_norm(row, scales) for row in rows],
        statements=_statements(counted, minimum_group),
        grades=len(counted),
    )


def family_norms(
    connection: Connection, district_id: int, as_of: date, scales: GradeScales, minimum_group: int
) -> list[CourseStatement]:
    """What families may read about each grade of each course of the last school year completed on `as_of`."""
    counted = cells(store.pairs(connection, district_id, last_completed_year(as_of)), scales)
    return _statements(counted, minimum_group)


def statement_words(statement: Statement) -> str:
    """A family's statement in a few words, for staff; its own words stand in the catalog."""
    return _STATEMENTS[statement.code].format(tenths=statement.tenths)


def export(norms: Sequence[tuple[str, DistrictNorms]], file: Path) -> int:
    """Write the tables of (district, norms) as CSV, readable by its owner alone; the number of rows.

    The file appears complete or not at all.
    """
    partial = file.with_name(file.name + ".part")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
        rows = write_rows(out, norms)
    partial.replace(file)
    return rows


def write_rows(stream: TextIO, norms: Sequence[tuple[str, DistrictNorms]]) -> int:
    """The same into a stream opened with `newline=""`."""
    columns = list(GradeNorm.__dataclass_fields__)
    return write_csv(
        stream,
        ["district", "school_year", *columns, "because"],
        (
            [district, one.school_year, *(getattr(row, name) for name in columns), SHOWN_MEANS[row.shown]]
            for district, one in norms
            for row in one.rows
        ),
    )


def _statements(counted: pd.DataFrame, minimum_group: int) -> list[CourseStatement]:
    found = []
    for keys, course in counted.groupby(_COURSE, sort=False):
        subject, level, title, scale = cast("tuple[str, int, str, str]", keys)
        for grade, statement in family_statements(course, minimum_group).items():
            found.append(CourseStatement(subject, int(level), title, grade, statement, scale))
    return found


def _norm(row: Mapping[Any, Any], scales: GradeScales) -> GradeNorm:
    def number(name: str) -> float | None:
        return None if pd.isna(row[name]) else round(float(row[name]), 3)

    students = number("students")
    return GradeNorm(
        subject=row["subject"],
        grade_level=int(row["grade_level"]),
        scale=scales.scales[row["scale"]].title,
        grade=row["grade"],
        shown=str(row["shown"]),
        students=None if students is None else int(students),
        raw=number("raw"),
        pooled=number("pooled"),
        low=number("low"),
        high=number("high"),
        limit=row["limit"],
    )


def _order(row: Any, scales: GradeScales) -> tuple[Any, ...]:
    """Subjects, grade levels and courses in order, the best grade of a scale first."""
    scale: GradeScale = scales.scales[row["scale"]]
    place = list(scale.marks).index(row["grade"]) if row["grade"] in scale.marks else 0
    number = -int(row["grade"].partition("–")[0]) if scale.ranges else 0
    return row["subject"], row["grade_level"], scale.title, row.get("course", ""), place, number, row["grade"]
