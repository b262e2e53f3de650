"""A campaign's year as a picture: months across, steps one below the other, their days as marks, days off greyed.

Numbers only; the page draws them as SVG. Units are those of its view box, `WIDTH` wide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from campaign.definitions.definition import Step
from campaign.plans.plan import Occurrence
from campaign.school_year.calendar import DayKind, SchoolYear

WIDTH, LEFT, ROW, TOP = 1000.0, 190.0, 30.0, 34.0
_LONGEST_YEAR = 400


@dataclass(frozen=True)
class Mark:
    x: float
    day: date
    is_past: bool


@dataclass(frozen=True)
class Row:
    """One step; one that follows what happens to students has no days."""

    step: Step
    y: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Month:
    x: float
    first: date


@dataclass(frozen=True)
class DaysOff:
    x: float
    width: float


@dataclass(frozen=True)
class CampaignPicture:
    """`today` is None where it lies outside."""

    height: float
    months: tuple[Month, ...]
    days_off: tuple[DaysOff, ...]
    rows: tuple[Row, ...]
    today: float | None


def picture(
    steps: Iterable[Step], found: Sequence[Occurrence], year: SchoolYear, today: date
) -> CampaignPicture | None:
    """`steps` in their order, `found` their days. None where no step falls on any day."""
    if not found:
        return None
    begins, ends = _months_around([one.day for one in found])

    def x(day: date) -> float:
        return round(LEFT + (WIDTH - LEFT) * (day - begins).days / (ends - begins).days, 1)

    rows = []
    for number, step in enumerate(steps):
        days = sorted({one.day for one in found if one.step.id == step.id})
        marks = tuple(Mark(x(day), day, day < today) for day in days if begins <= day < ends)
        rows.append(Row(step, TOP + ROW * number + ROW / 2, marks))
    off = _off(year, begins, ends)
    return CampaignPicture(
        height=TOP + ROW * len(rows) + 8,
        months=tuple(Month(x(first), first) for first in _firsts(begins, ends)),
        days_off=tuple(DaysOff(x(a), round(x(b + timedelta(days=1)) - x(a), 1)) for a, b in off),
        rows=tuple(rows),
        today=x(today) if begins <= today < ends else None,
    )


def _months_around(days: Sequence[date]) -> tuple[date, date]:
    """From the first of the first month to the first after the last, at most about a year."""
    begins = min(days).replace(day=1)
    last = min(max(days), begins + timedelta(days=_LONGEST_YEAR))
    return begins, _next_first(last)


def _firsts(begins: date, ends: date) -> list[date]:
    found = [begins]
    while (after := _next_first(found[-1])) < ends:
        found.append(after)
    return found


def _next_first(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _off(year: SchoolYear, begins: date, ends: date) -> list[tuple[date, date]]:
    """Stretches of holidays."""
    days = sorted(day for day in year.days[DayKind.HOLIDAY] if begins <= day < ends)
    stretches = groupby(enumerate(days), key=lambda pair: pair[1] - timedelta(days=pair[0]))
    whole = [[day for _, day in some] for _, some in stretches]
    return [(some[0], some[-1]) for some in whole]
