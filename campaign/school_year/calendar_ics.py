"""A district's year as iCalendar (RFC 5545): events read as days with a proposed kind, and the year written for others.

What is read is a proposal: titles are words, and only a person knows whether "Break" is one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
from dateutil.rrule import rrulestr

from campaign.school_year.calendar import NAMES, DayKind
from campaign.school_year.calendar_file import CalendarError, Day

_WORDS = Path(__file__).with_name("calendar_words.toml")
_PRODUCT = "-//Go Beyond Grades//School year//EN"
# A rule that repeats for ever is followed so far; a year of school has no more.
_MOST_REPEATS = 400
_REPEATS_FOR = timedelta(days=730)
_BY_DAYS = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_LONGEST = 366
_MOST_BYTES = 5_000_000


@dataclass(frozen=True)
class Proposal:
    """One event as days from `first` to `last`, both included, and what its title seems to say; None: nothing."""

    first: date
    last: date
    title: str
    kind: DayKind | None

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def read(content: bytes, name: str, zone: str) -> list[Proposal]:
    """Every event of a file, in order; a moment counts on its day in `zone`, an event of several kinds comes as often.

    Raises CalendarError, which names the file and the event.
    """
    if len(content) > _MOST_BYTES:
        raise CalendarError(
            f"{name}: is larger than {_MOST_BYTES // 1_000_000} MB; export one school year only"
        )
    try:
        calendars = icalendar.Calendar.from_ical(content, multiple=True)
    except (ValueError, IndexError, KeyError) as error:
        raise CalendarError(
            f"{name}: cannot be read as iCalendar: {error}; export it again as .ics"
        ) from error
    # Whatever kind of value a file gives a property; what does not fit is told as an error of its event.
    events: dict[str, Any] = {
        f"{name}: event {number} ({_title(event) or 'without a title'})": event
        for number, event in enumerate((e for c in calendars for e in c.walk("VEVENT")), start=1)
    }
    moved_away: set[tuple[str, float]] = set()
    for where, event in events.items():
        with _naming(where):
            if "RECURRENCE-ID" in event:
                moved_away.add((str(event.get("UID", "")), _instant(event["RECURRENCE-ID"].dt)))
    found: set[Proposal] = set()
    for where, event in events.items():
        with _naming(where):
            if str(event.get("STATUS", "")).upper() != "CANCELLED":
                found |= set(_proposals(event, where, ZoneInfo(zone), moved_away))
    if not found:
        raise CalendarError(
            f"{name}: has no events; export the calendar that shows days off and report cards"
        )
    return sorted(found, key=lambda one: (one.first, one.last, one.title, one.kind or ""))


@contextmanager
def _naming(where: str) -> Iterator[None]:
    """The library reads what it can and complains about the rest only when that is asked for."""
    try:
        yield
    except (ValueError, TypeError, OverflowError, AttributeError) as error:
        raise CalendarError(
            f"{where}: cannot be read: {error}; correct it in the calendar program and export again"
        ) from error


def _title(event: Any) -> str:
    return " ".join(str(event.get("SUMMARY", "")).split())


def _proposals(
    event: Any, where: str, zone: ZoneInfo, moved_away: set[tuple[str, float]]
) -> Iterator[Proposal]:
    if "DTSTART" not in event:
        raise CalendarError(
            f"{where}: has no DTSTART; give it a day in the calendar program and export again"
        )
    title, begins, length = _title(event), event["DTSTART"].dt, _length(event, where)
    uid, is_moved = str(event.get("UID", "")), "RECURRENCE-ID" in event
    for start in [begins] if is_moved else _repeats(event, begins):
        if not is_moved and (uid, _instant(start)) in moved_away:
            continue
        first, last = _day(start, zone), _last_day(start, length, zone)
        if not 0 <= (last - first).days < _LONGEST:
            raise CalendarError(f"{where}: lasts until {last}; an event may last a year at most")
        kinds: list[DayKind | None] = [*kinds_of(title)]
        for kind in kinds or [None]:
            is_week = kind is DayKind.CONFERENCE and last > first
            yield Proposal(first, last, title, DayKind.CONFERENCE_WEEK if is_week else kind)


def _length(event: Any, where: str) -> timedelta:
    begins = event["DTSTART"].dt
    if "DTEND" in event:
        ends = event["DTEND"].dt
        if isinstance(ends, datetime) is not isinstance(begins, datetime):
            raise CalendarError(f"{where}: DTSTART is a day and DTEND a moment, or the other way round")
        if isinstance(begins, datetime) and (begins.tzinfo is None) is not (ends.tzinfo is None):
            raise CalendarError(f"{where}: one of DTSTART and DTEND has a time zone and the other has none")
        return timedelta(seconds=max(0.0, (ends - begins).total_seconds()))
    if "DURATION" in event:
        length: timedelta = event["DURATION"].dt
        return length
    return timedelta(0) if isinstance(begins, datetime) else timedelta(days=1)


def _repeats(event: Any, begins: date) -> list[date]:
    """The starts of all repetitions, in the event's own clock, so that 9:00 stays 9:00 when the clocks change."""
    starts = {_plain(begins)}
    for rule in _listed(event.get("RRULE")):
        if str(rule.get("FREQ", [""])[0]) not in _BY_DAYS:
            raise ValueError("it repeats within a day; a school year has days only")
        until = rule.get("UNTIL", [None])[0]
        plain = {key: value for key, value in rule.items() if key != "UNTIL"}
        said: Any = icalendar.vRecur(plain)
        repeats = rrulestr(said.to_ical().decode(), dtstart=_plain(begins))
        last = _plain(begins) + _REPEATS_FOR
        if until is not None:
            last = min(last, _plain_in(until, begins))
        for count, start in enumerate(repeats):
            if start > last or count >= _MOST_REPEATS:
                break
            starts.add(start)
    starts |= {_plain_in(when.dt, begins) for some in _listed(event.get("RDATE")) for when in some.dts}
    left_out = [when.dt for some in _listed(event.get("EXDATE")) for when in some.dts]
    starts -= {_plain_in(when, begins) for when in left_out}
    # Some programs leave out a whole day of what has an hour.
    whole_days = {when for when in left_out if not isinstance(when, datetime)}
    starts = {start for start in starts if start.date() not in whole_days}
    if not isinstance(begins, datetime):
        return sorted(start.date() for start in starts)
    return sorted(start.replace(tzinfo=begins.tzinfo) for start in starts)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _plain(value: date) -> datetime:
    """The moment on the clock of the wall, without a zone."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime.combine(value, time(0))


def _plain_in(value: date, begins: date) -> datetime:
    """A moment on the same clock as `begins`; a day until its end where `begins` has an hour."""
    if isinstance(begins, datetime) and not isinstance(value, datetime):
        return datetime.combine(value, time.max)
    if isinstance(value, datetime) and value.tzinfo and isinstance(begins, datetime) and begins.tzinfo:
        return value.astimezone(begins.tzinfo).replace(tzinfo=None)
    return _plain(value) if isinstance(begins, datetime) else datetime.combine(_plain(value).date(), time(0))


def _instant(value: date) -> float:
    """One number for one start, whichever zone it is written in."""
    plain = value if isinstance(value, datetime) else _plain(value)
    return (plain if plain.tzinfo else plain.replace(tzinfo=UTC)).timestamp()


def _day(value: date, zone: ZoneInfo) -> date:
    if not isinstance(value, datetime):
        return value
    return (value.astimezone(zone) if value.tzinfo else value).date()


def _last_day(start: date, length: timedelta, zone: ZoneInfo) -> date:
    """RFC 5545: the end itself is no longer part of an event."""
    if not isinstance(start, datetime):
        return start + max(length - timedelta(days=1), timedelta(0))
    if not length:
        return _day(start, zone)
    # Lengths are of real time: an hour stays an hour over a change of the clocks.
    end = (start.astimezone(UTC) + length).astimezone(zone) if start.tzinfo else start + length
    return max(_day(start, zone), _day(end - timedelta(microseconds=1), zone))


def kinds_of(title: str) -> list[DayKind]:
    """The kinds of day that the words of a title propose."""
    return [
        kind for kind, words, no_words in _patterns() if words.search(title) and not no_words.search(title)
    ]


@cache
def _patterns() -> tuple[tuple[DayKind, re.Pattern[str], re.Pattern[str]], ...]:
    document = tomllib.loads(_WORDS.read_text(encoding="utf-8"))
    return tuple(
        (DayKind(kind), _any_of(entry["words"]), _any_of(entry["not"])) for kind, entry in document.items()
    )


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns) if patterns else r"(?!)", re.IGNORECASE)


def write(days: Iterable[Day], name: str, now: datetime) -> bytes:
    """The year as an .ics file: each run of days of one kind and title is one all-day event."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for first, last, kind, title in runs(days):
        event = icalendar.Event()
        event.add("uid", f"{first.isoformat()}-{kind}@go-beyond-grades")
        event.add("dtstamp", now.astimezone(UTC))
        event.add("dtstart", first)
        event.add("dtend", last + timedelta(days=1))
        event.add("summary", title or NAMES[DayKind(kind)])
        event.add("categories", [kind])
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def runs(days: Iterable[Day]) -> list[tuple[date, date, str, str | None]]:
    """First and last day of each unbroken run of one kind and title."""
    found: list[tuple[date, date, str, str | None]] = []
    for day, kind, title in sorted(days, key=lambda one: (one[1], one[2] or "", one[0])):
        if found and found[-1][2:] == (kind, title) and day - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], day, kind, title)
        else:
            found.append((day, day, kind, title))
    return sorted(found)
