"""Dates and school years as sources write them."""

from __future__ import annotations

import re
from datetime import date

from campaign.intake.problems import RowRefused

_DASHED = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?")
_EARLIEST, _LATEST = 1900, 2100


def read_date(value: str, column: str, order: str | None = None) -> date | None:
    """A date written 2026-05-14, 20260514, 05142026 or with slashes; blank gives None.

    `order` is "mdy" or "dmy" where a layout states how slashed dates are meant; without it, a slashed date that
    could be two days is refused as ambiguous. Eight digits cannot be mistaken: no month begins with 19 to 21.
    Raises RowRefused.
    """
    value = value.strip()
    if not value:
        return None
    if match := _DASHED.fullmatch(value):
        return _day(int(match[1]), int(match[2]), int(match[3]), column)
    if match := _SLASHED.fullmatch(value):
        return _slashed(int(match[1]), int(match[2]), int(match[3]), column, order)
    if re.fullmatch(r"\d{8}", value):
        if _EARLIEST <= int(value[:4]) <= _LATEST:
            return _day(int(value[:4]), int(value[4:6]), int(value[6:]), column)
        return _day(int(value[4:]), int(value[:2]), int(value[2:4]), column)
    raise RowRefused("unreadable_date", column)


def _slashed(first: int, second: int, year: int, column: str, order: str | None) -> date:
    if order is None and first != second and max(first, second) <= 12:
        raise RowRefused("ambiguous_date", column)
    day_first = order == "dmy" or (order is None and first > 12)
    month, day = (second, first) if day_first else (first, second)
    return _day(year, month, day, column)


def _day(year: int, month: int, day: int, column: str) -> date:
    try:
        made = date(year, month, day)
    except ValueError:
        raise RowRefused("unreadable_date", column) from None
    if not _EARLIEST <= year <= _LATEST:
        raise RowRefused("unreadable_date", column)
    return made


def read_month_year(value: str, column: str) -> date | None:
    """The first day of a month written MMYY, as test administrations are; blank gives None."""
    value = value.strip()
    if not value:
        return None
    if not re.fullmatch(r"\d{4}", value):
        raise RowRefused("unreadable_date", column)
    return _day(2000 + int(value[2:]), int(value[:2]), 1, column)


def school_year_of(day: date) -> int:
    """The school year a day lies in, named by the year in which it ends; the year turns on 1 July."""
    return day.year + 1 if day.month >= 7 else day.year


def read_school_year(value: str, column: str) -> int | None:
    """2027, 2026-2027 or 2026-27 → 2027; blank gives None."""
    value = value.strip()
    if not value:
        return None
    match = re.fullmatch(r"(\d{4})(?:\s*[-/–]\s*(\d{4}|\d{2}))?", value)
    if match is None or not _EARLIEST <= int(match[1]) <= _LATEST:
        raise RowRefused("unreadable_date", column)
    begins, ends = int(match[1]), match[2]
    if ends is None:
        return begins
    if int(ends[-2:]) != (begins + 1) % 100:
        raise RowRefused("unreadable_date", column)
    return begins + 1
