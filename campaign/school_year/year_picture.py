"""A school year as a picture of months, and which steps of campaigns fall on which of its days. Pure."""

from __future__ import annotations

from calendar import Calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from campaign.definitions.definition import CampaignDefinition
from campaign.school_year.calendar import DayKind, SchoolYear, step_day
from campaign.school_year.calendar_file import Day

_SUNDAY_FIRST = Calendar(firstweekday=6)
_JULY = 7
LETTERS: Mapping[str, str] = {
    DayKind.SCHOOL: "S",
    DayKind.HOLIDAY: "H",
    DayKind.FIRST_DAY: "F",
    DayKind.REPORT_CARD: "R",
    DayKind.RESULTS: "T",
    DayKind.CONFERENCE: "C",
    DayKind.CONFERENCE_WEEK: "W",
    DayKind.SIGN_UP: "P",
    DayKind.CORRECTION: "X",
}
"""One letter a kind, so that nobody needs to see colours."""


@dataclass(frozen=True)
class Falls:
    """One step of a campaign that falls on a day."""

    campaign: str
    step: str
    at: str


@dataclass(frozen=True)
class Square:
    """One day of a month. `kinds` with the most telling first, `steps` in order of their hour."""

    day: date
    kinds: Sequence[str]
    titles: Sequence[str]
    steps: Sequence[Falls]
    is_school_day: bool


@dataclass(frozen=True)
class Month:
    """`weeks` begin on Sunday; None stands for a day of another month."""

    first: date
    weeks: Sequence[Sequence[Square | None]]


def begins(day: date) -> int:
    """The calendar year in which the school year of a day begins."""
    return day.year if day.month >= _JULY else day.year - 1


def school_year(days: Iterable[Day], begins_in: int | None = None) -> SchoolYear:
    """The days of a calendar, or those of the one school year that begins in a calendar year."""
    return SchoolYear.of(
        (day, kind) for day, kind, _ in days if begins_in is None or begins(day) == begins_in
    )


def months(
    year: SchoolYear, days: Iterable[Day], falls: Mapping[date, Sequence[Falls]], first_year: int
) -> list[Month]:
    """July to June."""
    kinds: dict[date, list[str]] = defaultdict(list)
    titles: dict[date, list[str]] = defaultdict(list)
    for day, kind, title in days:
        kinds[day].append(kind)
        if title:
            titles[day].append(title)
    order = {kind: number for number, kind in enumerate(reversed(DayKind))}

    def square(day: date) -> Square:
        return Square(
            day,
            sorted(kinds.get(day, ()), key=lambda kind: order[DayKind(kind)]),
            titles.get(day, ()),
            falls.get(day, ()),
            year.is_school_day(day),
        )

    found = []
    for number in range(12):
        month, of_year = (_JULY + number - 1) % 12 + 1, first_year + (number > 12 - _JULY)
        weeks = [
            [square(day) if day.month == month else None for day in week]
            for week in _SUNDAY_FIRST.monthdatescalendar(of_year, month)
        ]
        found.append(Month(date(of_year, month, 1), weeks))
    return found


def falls_on(campaigns: Iterable[CampaignDefinition], year: SchoolYear) -> dict[date, list[Falls]]:
    """The steps that hang on the calendar, by day; those that follow events are not known beforehand."""
    found: dict[date, list[Falls]] = defaultdict(list)
    for definition in campaigns:
        for step in definition.steps.values():
            for anchor in year.anchors(step.anchor) if step.anchor else ():
                day = step_day(year, anchor, step.offset, step.unit, step.send_on)
                found[day].append(Falls(definition.title, step.message, f"{step.at:%H:%M}"))
    return {day: sorted(some, key=lambda one: (one.at, one.campaign)) for day, some in found.items()}
