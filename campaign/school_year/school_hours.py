"""The hours in which somebody reads at a school, and clocks that run in them alone. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaign.school_year.calendar import SchoolYear, moment

_HORIZON_DAYS = 366


@dataclass(frozen=True)
class OfficeHours:
    """From `opens` until `closes`, local time of `zone`, on the school days of `year`."""

    year: SchoolYear
    opens: time
    closes: time
    zone: str

    @property
    def day(self) -> timedelta:
        """How long the office is open on one day, as the clock on the wall has it."""
        return _span(self.opens, self.closes)

    def is_open(self, now: datetime) -> bool:
        return any(begin <= now < end for begin, end in self._open(now, now + timedelta(minutes=1)))

    def next_opening(self, now: datetime) -> datetime | None:
        """`now` while the office is open, else when it opens next; None where it does not within a year."""
        for begin, end in self._open(now, now + timedelta(days=_HORIZON_DAYS)):
            if end > now:
                return max(begin, now)
        return None

    def after(self, since: datetime, amount: timedelta) -> datetime:
        """The moment at which the office has been open for `amount` since `since`.

        Where the calendar has no open hours for it within a year, that many days on: a clock always ends.
        """
        left = amount
        for begin, end in self._open(since, since + timedelta(days=_HORIZON_DAYS)):
            begin = max(begin, since)
            if end - begin >= left:
                return begin + left
            left -= max(end - begin, timedelta(0))
        return since + timedelta(days=_HORIZON_DAYS)

    def between(self, begin: datetime, end: datetime) -> timedelta:
        """How long the office is open from `begin` until `end`; below zero where `end` lies before `begin`."""
        if end < begin:
            return -self.between(end, begin)
        spans = (min(closes, end) - max(opens, begin) for opens, closes in self._open(begin, end))
        return sum((span for span in spans if span > timedelta(0)), timedelta(0))

    def _open(self, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open hours of each school day from the local day of `begin` to that of `end`."""
        zone = ZoneInfo(self.zone)
        day, last = begin.astimezone(zone).date(), end.astimezone(zone).date()
        while day <= last:
            if self.year.is_school_day(day):
                yield moment(day, self.opens, self.zone), moment(day, self.closes, self.zone)
            day += timedelta(days=1)


def _span(opens: time, closes: time) -> timedelta:
    return timedelta(hours=closes.hour - opens.hour, minutes=closes.minute - opens.minute)
