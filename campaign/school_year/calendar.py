"""A district's year: school days and the days a campaign hangs on, and how days become moments. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

# A year has no break longer than this; whoever looks further has a calendar without an open day.
_HORIZON_DAYS = 366
_SATURDAY = 5
# Report-card days nearer to each other than this are probably one day entered twice.
_CLOSE_DAYS = 14
# So many days of the week without a listed school day or a day off look like something forgotten; summer does not.
_LONG_DAYS, _JULY = 10, 7
# A day taken out, and one put in so near, are one day that was moved.
_MOVED_DAYS = timedelta(days=31)


class DayKind(StrEnum):
    SCHOOL = "school"
    HOLIDAY = "holiday"
    FIRST_DAY = "first_day"
    REPORT_CARD = "report_card"
    RESULTS = "results"
    CONFERENCE = "conference"
    CONFERENCE_WEEK = "conference_week"
    SIGN_UP = "sign_up"
    CORRECTION = "correction"


NAMES = {
    DayKind.SCHOOL: "School day",
    DayKind.HOLIDAY: "No school",
    DayKind.FIRST_DAY: "First day of school",
    DayKind.REPORT_CARD: "Report cards",
    DayKind.RESULTS: "Test results",
    DayKind.CONFERENCE: "Conferences",
    DayKind.CONFERENCE_WEEK: "Conference week",
    DayKind.SIGN_UP: "Sign-up for summer and tutoring opens",
    DayKind.CORRECTION: "Corrections",
}
"""What the days of a kind are called in plain words."""
ANCHORS = frozenset(DayKind) - {DayKind.SCHOOL, DayKind.HOLIDAY}
# Every year has these; a correction day is there only when something went wrong, talks come as a day or as a week, and
# not every district has programmes to sign up for.
YEARLY = ANCHORS - {DayKind.CORRECTION, DayKind.CONFERENCE_WEEK, DayKind.SIGN_UP}
# Days off may lie within a week of talks, and it is still one.
_WEEK_HOLDS_TOGETHER = timedelta(days=4)


class SendDay(StrEnum):
    """On which days of the week a step may fall."""

    SCHOOL_DAY = "school_day"
    SATURDAY = "saturday"


@dataclass(frozen=True)
class SchoolYear:
    """Days by kind. A listed school day counts; where none are listed around a day, Monday to Friday do.

    A Saturday or Sunday that is listed is a school day and lists none beside it: a day made up for does not close the
    weeks up to the next one.
    """

    days: Mapping[DayKind, frozenset[date]]

    @classmethod
    def of(cls, rows: Iterable[tuple[date, str]]) -> SchoolYear:
        """From rows of (day, kind)."""
        days: dict[DayKind, set[date]] = {kind: set() for kind in DayKind}
        for day, kind in rows:
            days[DayKind(kind)].add(day)
        return cls(MappingProxyType({kind: frozenset(found) for kind, found in days.items()}))

    @cached_property
    def _listed(self) -> tuple[date, date] | None:
        """The first and the last school day that are listed; every message that goes out asks for them."""
        days = [day for day in self.days[DayKind.SCHOOL] if day.weekday() < _SATURDAY]
        return (min(days), max(days)) if days else None

    def anchors(self, kind: DayKind) -> list[date]:
        """The days of a kind on which steps hang; of a week of talks the first."""
        days = sorted(self.days[kind])
        if kind is not DayKind.CONFERENCE_WEEK:
            return days
        return days[:1] + [b for a, b in pairwise(days) if b - a > _WEEK_HOLDS_TOGETHER]

    def is_holiday(self, day: date) -> bool:
        return day in self.days[DayKind.HOLIDAY]

    def is_school_day(self, day: date) -> bool:
        if self.is_holiday(day):
            return False
        if self._listed and self._listed[0] <= day <= self._listed[1]:
            return day in self.days[DayKind.SCHOOL]
        return day.weekday() < _SATURDAY or day in self.days[DayKind.SCHOOL]

    def unlisted(self) -> Iterator[tuple[date, date]]:
        """First and last day of each long stretch without a school day and without a name for its days off."""
        listed = sorted(self.days[DayKind.SCHOOL] | self.days[DayKind.HOLIDAY])
        for before, after in pairwise(day for day in listed if day.weekday() < _SATURDAY):
            inside = [before + timedelta(days=n) for n in range(1, (after - before).days)]
            weekdays = [day for day in inside if day.weekday() < _SATURDAY and not self.is_school_day(day)]
            if len(weekdays) >= _LONG_DAYS and not any(day.month == _JULY for day in weekdays):
                yield weekdays[0], weekdays[-1]

    def allows(self, day: date, send_day: SendDay) -> bool:
        """Whether a step of this kind may be sent on `day`: Saturdays only where they were planned."""
        if send_day is SendDay.SATURDAY and day.weekday() == _SATURDAY:
            return not self.is_holiday(day)
        return self.is_school_day(day)


@dataclass(frozen=True)
class Window:
    """The hours of a day, local time, in which families may be written to: from `opens` until before `closes`."""

    opens: time
    closes: time

    @classmethod
    def of(cls, opens: str, closes: str) -> Window:
        """From "09:00" and "19:30". Raises ValueError if it never opens."""
        window = cls(time.fromisoformat(opens), time.fromisoformat(closes))
        if window.opens >= window.closes:
            raise ValueError(f"the window opens at {opens} and closes at {closes}: it is never open")
        return window


def add_school_days(year: SchoolYear, day: date, count: int) -> date:
    """The day `count` school days after `day` (before it, if negative); 0 gives the day itself or the next open one.

    Raises ValueError when the calendar has no such day within a year.
    """
    step = timedelta(days=-1 if count < 0 else 1)
    found = day
    left = abs(count)
    if left == 0:
        return _move_to(year, day, SendDay.SCHOOL_DAY, step)
    for _ in range(_HORIZON_DAYS):
        found += step
        left -= year.is_school_day(found)
        if left == 0:
            return found
    raise ValueError(f"the calendar has no {abs(count)} school days within a year of {day}")


def step_day(year: SchoolYear, anchor: date, offset: int, unit: str, send_day: SendDay) -> date:
    """The day of a step `offset` "days" or "school_days" from its anchor, moved to a day it may fall on.

    A step before its anchor moves back, any other moves on, so that nothing meant to come before comes after.
    """
    day = add_school_days(year, anchor, offset) if unit == "school_days" else anchor + timedelta(days=offset)
    direction = timedelta(days=-1 if offset < 0 else 1)
    return _move_to(year, day, send_day, direction)


def _move_to(year: SchoolYear, day: date, send_day: SendDay, direction: timedelta) -> date:
    saturday = send_day is SendDay.SATURDAY
    start = day
    for _ in range(_HORIZON_DAYS):
        if year.allows(day, send_day) and (not saturday or day.weekday() == _SATURDAY):
            return day
        day += direction
    raise ValueError(f"the calendar has no {send_day.replace('_', ' ')} within a year of {start}")


def moment(day: date, at: time, zone: str) -> datetime:
    """The instant of a local time. A time the clocks skip becomes the same distance after the jump; of a time that
    comes twice, the first."""
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def next_opening(
    now: datetime, zones: Iterable[str], window: Window, year: SchoolYear, send_day: SendDay
) -> datetime | None:
    """`now` if every zone is in its window on a day that allows sending, else the first instant when all are.

    None when there is none within a year.
    """
    found = now
    zones = sorted(set(zones))
    for _ in range(_HORIZON_DAYS):
        later = found
        for zone in zones:
            opening = _opening_in(later, zone, window, year, send_day)
            if opening is None:
                return None
            later = opening
        if later == found:
            return found
        found = later
    return None


@lru_cache(maxsize=256)
def local_time(now: datetime, zone: str) -> datetime:
    """The moment by the clocks of a zone; messages by the hundred ask for the same one."""
    return now.astimezone(ZoneInfo(zone))


def _opening_in(
    now: datetime, zone: str, window: Window, year: SchoolYear, send_day: SendDay
) -> datetime | None:
    local = local_time(now, zone)
    if year.allows(local.date(), send_day) and window.opens <= local.time() < window.closes:
        return now
    for days in range(_HORIZON_DAYS):
        day = local.date() + timedelta(days=days)
        opening = moment(day, window.opens, zone)
        if opening > now and year.allows(day, send_day):
            return opening
    return None


def school_days_later(year: SchoolYear, since: datetime, count: int, zone: str) -> datetime:
    """The instant at which `count` whole school days have passed after the day of `since` in `zone`."""
    last = add_school_days(year, since.astimezone(ZoneInfo(zone)).date(), count)
    return moment(last + timedelta(days=1), time(0), zone)


def moved(gone: Iterable[date], new: Iterable[date]) -> dict[date, date]:
    """Which new day is taken to be which gone day, moved: the nearest within a month, each taken once, in order."""
    left = sorted(new)
    found: dict[date, date] = {}
    for day in sorted(gone):
        near = [other for other in left if abs(other - day) <= _MOVED_DAYS]
        if near:
            found[day] = min(near, key=lambda other: abs(other - day))
            left.remove(found[day])
    return found


def gaps(year: SchoolYear) -> list[str]:
    """What a person should look at in a calendar, in plain words; empty when nothing seems to be missing."""
    found = [
        f"no day of the kind “{NAMES[kind]}”: the steps that hang on it will not be sent"
        for kind in sorted(YEARLY)
        if not year.days[kind] and not (kind is DayKind.CONFERENCE and year.days[DayKind.CONFERENCE_WEEK])
    ]
    for kind in sorted(ANCHORS):
        found += [
            f"{day} is “{NAMES[kind]}” and a day without school"
            for day in sorted(year.days[kind])
            if year.is_holiday(day)
        ]
    close = [(a, b) for a, b in pairwise(year.anchors(DayKind.REPORT_CARD)) if (b - a).days < _CLOSE_DAYS]
    found += [f"report-card days {a} and {b} lie less than {_CLOSE_DAYS} days apart" for a, b in close]
    found += [
        f"school days are listed, and none from {a} to {b}: nothing goes out then; list them, or name the days off"
        for a, b in year.unlisted()
    ]
    return found
