"""Attendance by day and school. Attendance by section is not read: a missed lesson is no missed day."""

from __future__ import annotations

from campaign.intake.attendance.words import read_day
from campaign.intake.dates import read_date, school_year_of
from campaign.intake.edfi.records import Context, first, student_reference
from campaign.intake.elements import Element, text
from campaign.intake.plans import Facts
from campaign.intake.problems import RowRefused
from campaign.intake.quantities import read_number
from campaign.intake.staging import Fact, FileTally


def student_school_attendance_event(element: Element, context: Context, tally: FileTally) -> Facts:
    """One event; where its duration is stated, that share of a day was missed."""
    day = read_date(first(element, "EventDate", "AttendanceEvent/EventDate"), "EventDate")
    if day is None:
        raise RowRefused("missing_value", "EventDate")
    category = first(element, "AttendanceEventCategory", "AttendanceEvent/AttendanceEventCategory")
    if not category:
        raise RowRefused("missing_value", "AttendanceEventCategory")
    said = read_day(category)
    share = read_number(text(element, "EventDuration"), "EventDuration", 0, 1)
    if said["absent"] and share is not None:
        said["absent"] = share
    event = {"source": "ed-fi", "school_year": school_year_of(day), "day": day, **said}
    return [Fact("attendance", event), student_reference(element)]
