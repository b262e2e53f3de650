"""The days that students missed this fall, as a school office's list of absences: one row a student and day."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from importlib.resources import files

from campaign.demo.chance import Chance
from campaign.demo.neighbourhood import Neighbourhood
from campaign.demo.packages import local_id
from campaign.demo.tables import Table

COLUMNS = ["Student ID", "Attendance Date", "Attendance Code"]
_FROM, _TO = date(2026, 8, 17), date(2026, 10, 30)
_WORDS = ("Excused", "Excused", "Unexcused", "Half day", "Tardy")
# Most students are away now and then, a few often: the chance of a day away, by cumulative shares of students.
_RATES, _SHARES = (0.02, 0.05, 0.15), (0.62, 0.92, 1.0)


def write(neighbourhood: Neighbourhood, table: Table) -> None:
    """Its draws are its own, so that all other files are the same with it and without."""
    chance = Chance(neighbourhood.chance.generator.spawn(1)[0])
    days = _school_days()
    for student in neighbourhood.students:
        rate = _RATES[chance.weighted(_SHARES)]
        for day in days:
            if chance.happens(rate):
                table.write_cells([local_id(student), day.isoformat(), chance.pick(_WORDS)])


def _school_days() -> list[date]:
    lines = files("campaign.demo").joinpath("school_year.csv").read_text(encoding="utf-8").splitlines()
    holidays = {row["day"] for row in csv.DictReader(lines) if row["kind"] == "holiday"}
    days = [_FROM + timedelta(days=number) for number in range((_TO - _FROM).days + 1)]
    return [day for day in days if day.weekday() < 5 and day.isoformat() not in holidays]
