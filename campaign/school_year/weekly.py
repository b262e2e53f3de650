"""The day and hour of a district's weekly message, in which what can wait comes together. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaign.school_year.calendar import SendDay, moment

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


@dataclass(frozen=True)
class Weekly:
    """`weekday` from 0 = Monday; `at` is the family's own time."""

    weekday: int
    at: time

    @classmethod
    def of(cls, day: str, at: str) -> Weekly:
        """From "thursday" and "17:30"."""
        return cls(WEEKDAYS.index(day), time.fromisoformat(at))

    @property
    def send_on(self) -> SendDay:
        """A day off moves it on; it falls on a Saturday only where the district chose Saturday."""
        return SendDay.SATURDAY if WEEKDAYS[self.weekday] == "saturday" else SendDay.SCHOOL_DAY

    def first(self, since: datetime, zone: str) -> datetime:
        """The first such moment in `zone` that is not before `since`."""
        day = since.astimezone(ZoneInfo(zone)).date()
        day += timedelta(days=(self.weekday - day.weekday()) % 7)
        found = moment(day, self.at, zone)
        return found if found >= since else moment(day + timedelta(days=7), self.at, zone)
