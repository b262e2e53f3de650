"""What values look like: which share of a column's cells could be a value of a field."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cache

from campaign.intake.assessments.settings_file import KINDS, SEASONS
from campaign.intake.dates import read_date, read_school_year
from campaign.intake.problems import RowRefused
from campaign.intake.quantities import read_number, read_truth
from campaign.intake.spreadsheet import level_words
from campaign.intake.spreadsheet.mark_scales import comparable, read_by_scale, scales
from campaign.intake.vocabulary import (
    folded,
    read_grade_level,
    read_language,
    subject_of,
    subject_of_title,
    table,
)

_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/\d{4}(?: .*)?")
_EARLIEST_SCHOOL_YEAR, _LATEST_SCHOOL_YEAR = 1990, 2100


def share(shape: str, values: Counter[str]) -> float:
    """The share of the cells, 0 to 1, that look like `shape`; 1.0 where there is no cell to look at."""
    whole = values.total()
    if not whole:
        return 1.0
    if shape == "mark":
        return _marks(values) / whole
    if shape == "level" and len(values) > level_words.MOST_LEVELS:
        return 0.0
    looks = SHAPES[shape]
    return sum(count for value, count in values.items() if looks(value)) / whole


def date_orders(values: Iterable[str]) -> set[str]:
    """The orders of day and month that slashed dates allow: both, one, or none where they contradict each other."""
    orders = {"mdy", "dmy"}
    for value in values:
        if match := _SLASHED.fullmatch(value):
            if int(match[1]) > 12:
                orders.discard("mdy")
            if int(match[2]) > 12:
                orders.discard("dmy")
    return orders


def has_slashed_dates(values: Iterable[str]) -> bool:
    return any(_SLASHED.fullmatch(value) for value in values)


def _marks(values: Counter[str]) -> int:
    """Cells that stand on the scale that reads most of them; marks that mean nothing anywhere speak for none."""
    asked = comparable(values)
    read = read_by_scale(asked).values()
    best = max((sum(values[mark] for mark in marks) for marks in read), default=0)
    return best and best + values.total() - sum(values[mark] for mark in asked)


def _reads(read: Callable[[str], object]) -> Callable[[str], bool]:
    def looks(value: str) -> bool:
        try:
            return read(value) is not None
        except RowRefused:
            return False

    return looks


def _is_date(value: str) -> bool:
    found: Sequence[date | None] = [_date(value, order) for order in ("mdy", "dmy")]
    return any(found)


def _date(value: str, order: str) -> date | None:
    try:
        return read_date(value, "", order)
    except RowRefused:
        return None


def _is_school_year(value: str) -> bool:
    try:
        year = read_school_year(value, "")
    except RowRefused:
        return False
    return year is not None and _EARLIEST_SCHOOL_YEAR <= year <= _LATEST_SCHOOL_YEAR


def _is_language(value: str) -> bool:
    language = read_language(value)
    return language is not None and language.tag is not None


@cache
def _attendance_codes() -> frozenset[str]:
    codes = table("layout.toml", "campaign.intake.attendance")["codes"]
    return frozenset(folded(word) for words in codes.values() for word in words)


SHAPES: dict[str, Callable[[str], bool]] = {
    "id": lambda value: bool(re.fullmatch(r"[\w.\-]{1,64}", value)) and any(map(str.isdigit, value)),
    "name": lambda value: any(map(str.isalpha, value)) and not re.search(r"[\d@]", value),
    "text": lambda value: True,
    "date": _is_date,
    "school_year": _is_school_year,
    "grade_level": _reads(lambda value: read_grade_level(value, "")),
    "subject": lambda value: (subject_of(value) or subject_of_title(value)) is not None,
    "number": _reads(lambda value: read_number(value, "")),
    "percent": _reads(lambda value: read_number(value, "", 0, 120)),
    "share": _reads(lambda value: read_number(value, "", 0, 1)),
    "truth": _reads(lambda value: read_truth(value, "")),
    "email": lambda value: bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value)),
    "phone": lambda value: (
        len(re.sub(r"\D", "", value)) >= 7 and bool(re.fullmatch(r"[\d\s().+\-x]+", value))
    ),
    "language": _is_language,
    "season": lambda value: value.casefold() in SEASONS,
    "assessment_kind": lambda value: value.casefold() in KINDS,
    "attendance": lambda value: folded(value) in _attendance_codes(),
    "scale": lambda value: value in scales().scales,
    "level": lambda value: len(value) <= 60,
    "level_word": level_words.is_known,
    "letter": lambda value: value.strip().upper() in scales().scales["letter"].marks,
}
