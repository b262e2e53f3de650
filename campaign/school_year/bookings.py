"""Talks that families have booked, from the district's own booking program: CSV with the columns student and day."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, text

from campaign.school_year.calendar_file import CalendarError

_COLUMNS = ("student", "day")


@dataclass(frozen=True)
class Booking:
    """`student`: the district's own id; `line`: of the file."""

    student: str
    day: date
    line: int


@dataclass
class Kept:
    """How many talks are new, were known, are booked no more; `unknown`: lines whose student nobody knows."""

    new: int = 0
    known: int = 0
    gone: int = 0
    unknown: list[int] = field(default_factory=list)


def read(file: Path) -> list[Booking]:
    """All talks of the file. Raises CalendarError, which names line, field and remedy."""
    try:
        content = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CalendarError(f"{file}: cannot be read as UTF-8 text: {error}") from error
    reader = csv.DictReader(content.splitlines(), strict=True)
    if missing := set(_COLUMNS) - set(reader.fieldnames or ()):
        raise CalendarError(f"{file}, line 1: no column {', '.join(sorted(missing))}; write student,day")
    found = []
    try:
        for row in reader:
            where = f"{file}, line {reader.line_num}"
            found.append(Booking(_student(where, row["student"]), _day(where, row["day"]), reader.line_num))
    except csv.Error as error:
        raise CalendarError(
            f"{file}, line {reader.reader.line_num}: cannot be read as CSV: {error}"
        ) from error
    return found


def _student(where: str, said: str | None) -> str:
    if not (said or "").strip():
        raise CalendarError(f"{where}: student: is empty; write the id that the school uses")
    return str(said).strip()


def _day(where: str, said: str | None) -> date:
    try:
        return date.fromisoformat((said or "").strip())
    except ValueError:
        raise CalendarError(f"{where}: day: {said!r} is not a day; write it as 2026-11-24") from None


_LOCAL = (
    "SELECT value, student_id FROM student_identifier WHERE district_id = :district_id AND system = 'local'"
)
_ADD = text(
    """
    INSERT INTO student_event (district_id, student_id, kind, source, on_day, happened_at, noticed_at)
    VALUES (:district_id, :student_id, 'booking', :source, :day, :now, :now)
    ON CONFLICT (student_id, kind, source) DO NOTHING
    """
)
# What a step has followed already stays: its message may be on its way.
_FORGET = text(
    """
    DELETE FROM student_event e
    WHERE e.district_id = :district_id AND e.kind = 'booking' AND e.on_day >= (:now AT TIME ZONE :zone)::date
      AND NOT (e.student_id || ' ' || e.source) = ANY (:booked)
      AND NOT EXISTS (SELECT FROM event_step f WHERE f.student_event_id = e.id AND f.occurrence_id IS NOT NULL)
    """
)


def replace(
    connection: Connection, district_id: int, found: Sequence[Booking], *, zone: str, now: datetime
) -> Kept:
    """Make these the talks that are still to come; each is an event of its day, once. Runs as the engine."""
    ids = {
        value: student for value, student in connection.execute(text(_LOCAL), {"district_id": district_id})
    }
    kept = Kept(unknown=[one.line for one in found if one.student not in ids])
    booked = {(ids[one.student], one.day) for one in found if one.student in ids}
    for student_id, day in sorted(booked):
        values = {"district_id": district_id, "student_id": student_id, "day": day, "now": now}
        kept.new += connection.execute(_ADD, {**values, "source": day.isoformat()}).rowcount
    kept.known = len(booked) - kept.new
    named = [f"{student} {day.isoformat()}" for student, day in booked]
    values = {"district_id": district_id, "now": now, "zone": zone, "booked": named}
    kept.gone = connection.execute(_FORGET, values).rowcount
    return kept
