"""What staff do before families hear of results, and until when: dates from the district's own calendar. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from campaign.school_year.calendar import DayKind, SchoolYear, SendDay, step_day


class Work(StrEnum):
    CONTACTS = "contacts"
    TEACHERS = "teachers"


_BEFORE = {Work.CONTACTS: timedelta(weeks=6), Work.TEACHERS: timedelta(weeks=3)}


@dataclass(frozen=True)
class Preparation:
    """Work to be done by a school day, ahead of a day on which reports go out; `is_late`: that day is over."""

    work: Work
    by: date
    ahead_of: date
    is_late: bool


def preparations(year: SchoolYear, today: date) -> list[Preparation]:
    """Six weeks before the next report cards contacts and languages, three weeks before it the teachers' look."""
    ahead_of = next((day for day in year.anchors(DayKind.REPORT_CARD) if day >= today), None)
    if ahead_of is None:
        return []
    found = []
    for work, before in _BEFORE.items():
        by = step_day(year, ahead_of, -before.days, "days", SendDay.SCHOOL_DAY)
        found.append(Preparation(work, by, ahead_of, by < today))
    return found
