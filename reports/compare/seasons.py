"""School years and the seasons of tests within them."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.compare.frames import BoolArray

# A school year runs from 1 July and is named by the year in which it ends.
FIRST_MONTH: Final = 7

# Days after 1 July on which a score may meet the cut of a season; None is a cut for the end of the year.
# Windows of vendors overlap by some weeks, so these do: winter cuts from 1 November, spring cuts from 15 February.
_DAYS_OF_CUT: Final[dict[str | None, tuple[int, int]]] = {
    "fall": (0, 198),
    "winter": (123, 288),
    "spring": (229, 366),
    None: (243, 366),
}
# First days of the seasons, counted from 1 July: 1 July, 1 December, 1 March.
_FIRST_DAY: Final = {"fall": 0, "winter": 153, "spring": 243}


def school_year(day: date) -> int:
    """The school year a day belongs to: 2026-11-02 lies in 2027."""
    return day.year + (day.month >= FIRST_MONTH)


def school_years(days: pd.Series[Any]) -> npt.NDArray[np.float64]:
    """The same for a column of dates; NaN where there is none."""
    return np.asarray(days.dt.year + (days.dt.month >= FIRST_MONTH), dtype=float)


def day_of_school_year(days: pd.Series[Any]) -> npt.NDArray[np.float64]:
    """Days since 1 July of the school year; NaN where there is no date."""
    begins = pd.to_datetime(
        pd.DataFrame({"year": school_years(days) - 1, "month": FIRST_MONTH, "day": 1}, index=days.index),
        errors="coerce",
    )
    return np.asarray((days - begins).dt.days, dtype=float)


def season_of(scores: pd.DataFrame) -> npt.NDArray[Any]:
    """The season in which each score was earned: as its test says, else by its date, else None."""
    day = day_of_school_year(scores["administered_on"])
    by_date: npt.NDArray[Any] = np.full(len(scores), None, object)
    for season, first in _FIRST_DAY.items():
        by_date[day >= first] = season
    stated = scores["season"].to_numpy(object)
    return np.where(pd.isna(stated), by_date, stated)


def earliest_day(scores: pd.DataFrame) -> pd.Series[Any]:
    """The day of each score; where it is not given, the first on which it can have been (a year-end test: 1 March)."""
    stated = scores["season"].map(_FIRST_DAY).fillna(_FIRST_DAY["spring"])
    years = scores["school_year"].to_numpy(float) - 1
    begins = pd.to_datetime(
        pd.DataFrame({"year": years, "month": FIRST_MONTH, "day": 1}, index=scores.index), errors="coerce"
    )
    assumed = begins + pd.to_timedelta(stated.to_numpy(float), unit="D")
    return scores["administered_on"].fillna(assumed.astype("datetime64[s]"))


def cut_of_another_season(scores: pd.DataFrame) -> BoolArray:
    """Rule 4: interim scores that would be held against the cut of another season.

    A fall score against a year-end cut calls half the children "not yet"; a spring score against a fall cut calls too
    many "at". An interim score without a date is trusted only where its test states a season.
    """
    day = day_of_school_year(scores["administered_on"])
    season = scores["season"].to_numpy(object)
    season = np.where(pd.isna(season), None, season)  # type: ignore[call-overload]
    lowest = np.array([_DAYS_OF_CUT.get(s, (1, 0))[0] for s in season], dtype=float)
    highest = np.array([_DAYS_OF_CUT.get(s, (1, 0))[1] for s in season], dtype=float)
    undated = np.isnan(day)
    outside = np.where(undated, pd.isna(season), (day < lowest) | (day > highest))
    has_line = np.isfinite(scores["cut"].to_numpy(float)) | ~pd.isna(scores["floor_level"].to_numpy(object))
    return np.asarray((scores["kind"] == "interim").to_numpy(bool) & outside & has_line, dtype=bool)
