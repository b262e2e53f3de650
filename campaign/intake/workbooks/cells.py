"""Cells of a sheet as text: what the workbook kept as text stays as it is, numbers and dates become plain."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Sequence

from campaign.intake.problems import RowRefused

# A workbook keeps 15 digits of a number; of longer ones the last are lost.
_LARGEST = 10.0**15
_HEADER_SHARE = 0.6


def as_text(value: object) -> str:
    """4.0 → "4", dates → ISO, truth values → true and false. Raises RowRefused for a number whose digits are lost."""
    if isinstance(value, str):
        return re.sub(r"[\r\n\t]+", " ", value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(float(value))
    if isinstance(value, datetime.datetime):
        at_midnight = value.time() == datetime.time()
        return value.date().isoformat() if at_midnight else value.isoformat(timespec="seconds")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def _number(value: float) -> str:
    if not math.isfinite(value) or abs(value) >= _LARGEST:
        raise RowRefused("digits_lost")
    return str(int(value)) if value.is_integer() else format(value, ".15g")


def header_place(rows: Sequence[Sequence[object]]) -> int:
    """Which of the first rows is the header: the first that names most columns, in words that do not repeat.

    Titles and groups above it name few. Without such a row it is the first that holds anything. Raises ValueError if
    none does.
    """
    filled = [[cell for cell in row if cell not in ("", None)] for row in rows]
    widest = max((len(cells) for cells in filled), default=0)
    if not widest:
        raise ValueError("no row holds anything")
    for place, cells in enumerate(filled):
        words = {cell.strip().casefold() for cell in cells if isinstance(cell, str) and cell.strip()}
        if len(words) == len(cells) >= max(1, _HEADER_SHARE * widest):
            return place
    return next(place for place, cells in enumerate(filled) if cells)


def column_name(number: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """A → 0, AA → 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
