"""A district's calendar from a file: CSV with the columns day, kind and title, or TOML with the same keys.

day,kind,title                         [[day]]
2026-11-10,report_card,Quarter 1       from = 2026-12-21      # or day = …
2026-11-26,holiday,Thanksgiving        until = 2027-01-01
                                       kind = "holiday"
                                       title = "Winter break"
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

from campaign.plain_error import PlainError
from campaign.school_year.calendar import DayKind
from campaign.spreadsheets import write_csv

Day = tuple[date, str, str | None]

_COLUMNS = ("day", "kind", "title")
_KEYS = {"day", "from", "until", "kind", "title"}
_LONGEST_BREAK = 366
_WEEK, _SATURDAY = 7, 5


class CalendarError(PlainError):
    """The file cannot be used; the message names file, line or entry, field and what to write. Nothing was changed."""


def read(file: Path) -> list[Day]:
    """All days of the file, each kind of a day once, in order. Raises CalendarError."""
    try:
        return read_content(str(file), file.read_bytes())
    except OSError as error:
        raise CalendarError(f"{file}: cannot be read: {error}") from error


def read_content(file: str, content: bytes) -> list[Day]:
    """The same from what a file of this name holds."""
    try:
        said = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CalendarError(f"{file}: cannot be read as UTF-8 text: {error}") from error
    days = list(_toml_days(file, said) if file.lower().endswith(".toml") else _csv_days(file, said))
    if not days:
        raise CalendarError(
            f"{file}: has no days; write at least one line such as 2026-11-10,report_card,Quarter 1"
        )
    first_said: dict[tuple[date, str], Day] = {}
    for found in days:
        if found[:2] in first_said:
            raise CalendarError(f"{file}: {found[0]} {found[1]} stands there twice; remove one")
        first_said[found[:2]] = found
    return sorted(days, key=lambda one: (*one[:2], one[2] or ""))


def _csv_days(file: str, content: str) -> Iterator[Day]:
    reader = csv.DictReader(content.splitlines(), strict=True)
    missing = {"day", "kind"} - set(reader.fieldnames or ())
    if missing:
        raise CalendarError(
            f"{file}, line 1: no column {', '.join(sorted(missing))}; write {','.join(_COLUMNS)}"
        )
    try:
        for row in reader:
            where = f"{file}, line {reader.line_num}"
            day = _day(where, "day", row["day"])
            yield day, _kind(where, row["kind"]), (row.get("title") or "").strip() or None
    except csv.Error as error:
        # The inner reader has counted the line that failed; the outer one counts lines that came through.
        raise CalendarError(
            f"{file}, line {reader.reader.line_num}: cannot be read as CSV: {error}"
        ) from error


def _toml_days(file: str, content: str) -> Iterator[Day]:
    try:
        entries = tomllib.loads(content).get("day", [])
    except tomllib.TOMLDecodeError as error:
        raise CalendarError(f"{file}: cannot be read as TOML: {error}") from error
    if not isinstance(entries, list):
        raise CalendarError(f"{file}: day: write [[day]] with the keys day, kind and title below it")
    for number, entry in enumerate(entries, start=1):
        where = f"{file}, day {number}"
        if not isinstance(entry, dict) or entry.keys() - _KEYS:
            raise CalendarError(f"{where}: knows only the keys {', '.join(sorted(_KEYS))}")
        kind, title = _kind(where, entry.get("kind")), entry.get("title")
        for day in days_of(_stretch(where, entry), kind):
            yield day, kind, str(title) if title else None


def checked(where: str, first: str, last: str, kind: str, title: str) -> list[Day]:
    """A stretch of days of one kind as a person typed it. Raises CalendarError that begins with `where`."""
    found = days_of(_stretch(where, {"from": first, "until": last or first}), _kind(where, kind))
    return [(day, _kind(where, kind), " ".join(title.split()) or None) for day in found]


def days_of(stretch: Sequence[date], kind: str) -> list[date]:
    """The days that a stretch of a kind stands for: of a week or more of school, Monday to Friday."""
    is_term = kind == DayKind.SCHOOL and len(stretch) >= _WEEK
    return [day for day in stretch if not is_term or day.weekday() < _SATURDAY]


def write(stream: TextIO, days: Iterable[Day]) -> None:
    """The days as `read` takes them; the stream is opened with `newline=""`."""
    listed: list[Day] = sorted(days, key=lambda one: one[:2])
    write_csv(stream, _COLUMNS, listed)


def _stretch(where: str, entry: dict[str, Any]) -> list[date]:
    if "day" in entry:
        return [_day(where, "day", entry["day"])]
    first, last = _day(where, "from", entry.get("from")), _day(where, "until", entry.get("until"))
    if not 0 <= (last - first).days < _LONGEST_BREAK:
        raise CalendarError(f"{where}: until: {last} must come after {first}, within a year")
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _day(where: str, field: str, value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value or "").strip())
    except ValueError:
        raise CalendarError(f"{where}: {field}: {value!r} is not a day; write it as 2026-11-10") from None


def _kind(where: str, value: Any) -> str:
    try:
        return DayKind(str(value or "").strip())
    except ValueError:
        known = ", ".join(DayKind)
        raise CalendarError(f"{where}: kind: {value!r} is not known; write one of {known}") from None
