"""School years and the seasons of tests within them.

Days are whole numbers since 1970-01-01, `NO_DAY` where there is none; what depends on the day alone is worked out once
for each different day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from reports.compare.codes import NONE, BoolArray, IntArray, ObjectArray, none

# Far enough from every day to be told apart, near enough to be calculated with.
NO_DAY: Final = -100_000_000

# A school year runs from 1 July and is named by the year in which it ends.
FIRST_MONTH: Final = 7

SEASONS: Final = ("fall", "winter", "spring")
# Days after 1 July on which a score may meet the cut of each season; the last pair is a cut for the end of the year.
# Windows of vendors overlap by some weeks, so these do: winter cuts from 1 November, spring cuts from 15 February.
_DAYS_OF_CUT: Final = np.array([(0, 198), (123, 288), (229, 366), (243, 366)])
# A season nobody knows has no days at all.
_UNKNOWN: Final = len(SEASONS)
# First days of the seasons, counted from 1 July: 1 July, 1 December, 1 March.
_FIRST_DAY: Final = np.array([0, 153, 243], np.int32)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


def school_year(day: date) -> int:
    """The school year a day belongs to: 2026-11-02 lies in 2027."""
    return day.year + (day.month >= FIRST_MONTH)


def school_years(days: IntArray) -> npt.NDArray[np.float32]:
    """The same for a column of days; NaN where there is none."""
    return _by_day(days, _year_of, np.float32(np.nan))


def day_of_school_year(days: IntArray) -> npt.NDArray[np.int32]:
    """Days since 1 July of the school year; -1 where there is no date."""
    return _by_day(days, lambda d: (d - _first_of_july(_year_of(d) - 1)).astype(np.int32), np.int32(NONE))


def _year_of(days: IntArray) -> npt.NDArray[np.float32]:
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(1970 + (months + 12 - FIRST_MONTH + 1) // 12, np.float32)


def _first_of_july(years: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    months = ((years.astype(np.int64) - 1970) * 12 + FIRST_MONTH - 1).astype("datetime64[M]")
    return months.astype("datetime64[D]").astype(np.int64)


def _by_day(days: IntArray, work: Callable[[IntArray], Any], nothing: Any) -> npt.NDArray[Any]:
    dated = days > NO_DAY
    if not dated.any():
        return np.full(len(days), nothing)
    first, last = int(days[dated].min()), int(days.max())
    if last - first > 4 * len(days) + 100_000:
        different, place = np.unique(days, return_inverse=True)
        found = np.where(different > NO_DAY, work(np.maximum(different, first)), nothing)
        return np.asarray(found[place])
    table = np.append(work(np.arange(first, last + 1)), nothing)
    return np.asarray(table[np.where(dated, days - first, len(table) - 1)])


def season_codes(words: ObjectArray) -> npt.NDArray[np.int8]:
    """The code of each of these words as a season: -1 = none stated, 3 = one nobody knows."""
    known = {name: code for code, name in enumerate(SEASONS)}
    return np.array([NONE if word is None else known.get(word, _UNKNOWN) for word in words], np.int8)


def season_by_date(day_of_year: IntArray) -> npt.NDArray[np.int8]:
    """The season in which a day of the school year lies; -1 where there is no date."""
    found = none(len(day_of_year))
    for season, first in enumerate(_FIRST_DAY):
        found[day_of_year >= first] = season
    return found


def earliest_day(days: IntArray, season: IntArray, years: npt.NDArray[np.float32]) -> npt.NDArray[np.int32]:
    """The day of each score; where it is not given, the first on which it can have been (a year-end test: 1 March)."""
    missing = (days <= NO_DAY) & ~np.isnan(years)
    if not missing.any():
        return np.asarray(days, np.int32)
    found = np.array(days, np.int32)
    first = _FIRST_DAY[np.where((season[missing] < 0) | (season[missing] == _UNKNOWN), 2, season[missing])]
    found[missing] = _first_of_july(years[missing] - 1) + first
    return found


def cut_of_another_season(
    interim: BoolArray, season: IntArray, day_of_year: IntArray, has_line: BoolArray
) -> BoolArray:
    """Rule 4: interim scores that would be held against the cut of another season.

    A fall score against a year-end cut calls half the children "not yet"; a spring score against a fall cut calls too
    many "at". An interim score without a date is trusted only where its test states a season.
    """
    window = np.vstack([_DAYS_OF_CUT[:_UNKNOWN], [(1, 0)], _DAYS_OF_CUT[_UNKNOWN:]]).astype(np.int32)
    lowest, highest = window[season, 0], window[season, 1]
    undated = day_of_year < 0
    outside = np.where(undated, season < 0, (day_of_year < lowest) | (day_of_year > highest))
    return np.asarray(interim & outside & has_line, dtype=bool)
