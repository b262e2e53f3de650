"""When a step follows what happened to a student: on which day, or too late. Pure functions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from campaign.definitions.definition import Step
from campaign.school_year.calendar import SchoolYear, moment, step_day

# No school is closed longer; whoever looks further has found that every day is taken.
_MOST_DAYS = 400


def send_by(step: Step, happened_on: date, year: SchoolYear, zone: str) -> datetime:
    """Until when a step may begin to follow an event of this day: its hours count from the day it should have come."""
    return moment(_first_day(step, happened_on, year), step.at, zone) + step.expires_after


def follow_day(
    step: Step,
    happened_on: date,
    year: SchoolYear,
    zone: str,
    *,
    now: datetime,
    closed: Collection[date] = (),
) -> date | None:
    """The day on which a step follows an event of the day `happened_on`; None when it is too late for it.

    `closed` are the days whose messages of this step are written down already. What is noticed late, after the hour of
    its own day or after that day was closed, comes on the next day on which the step may fall, before its send-by; but
    what was meant to come before the event never comes after it.
    """
    day = _first_day(step, happened_on, year)
    last = send_by(step, happened_on, year, zone)
    for _ in range(_MOST_DAYS):
        due_at = moment(day, step.at, zone)
        if due_at >= last or (step.offset < 0 and day >= happened_on):
            return None
        if due_at > now and day not in closed:
            return day
        day = step_day(year, day + timedelta(days=1), 0, "days", step.send_on)
    return None


def _first_day(step: Step, happened_on: date, year: SchoolYear) -> date:
    return step_day(year, happened_on, step.offset, step.unit, step.send_on)
