"""CSV files that people open in a spreadsheet program: no cell of ours can run there as a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from typing import TextIO

# What a spreadsheet program takes for the start of a formula, also behind space that it skips, and also in the wide
# and small forms that it turns into the plain sign (OWASP, CSV injection).
_BEGINS_A_FORMULA = re.compile(r"[\s\ufeff\u200b]*[=+\-@＝＋－＠﹦﹢﹣﹫\t\r\n\0]")


def safe_cell(value: object) -> object:
    """A text that would begin a formula gets an apostrophe in front; all else, numbers too, stays as it is."""
    if isinstance(value, str) and _BEGINS_A_FORMULA.match(value):
        return f"'{value}"
    return value


def row_writer(stream: TextIO) -> Callable[[Iterable[object]], object]:
    """A function that writes one row of safe cells; None becomes an empty cell. Open the stream with `newline=""`."""
    rows = csv.writer(stream)
    return lambda row: rows.writerow([safe_cell(value) for value in row])


def write_csv(stream: TextIO, heading: Iterable[object], rows: Iterable[Iterable[object]]) -> int:
    """Write the heading and the rows, all cells safe; how many rows there were. The stream as for `row_writer`."""
    write = row_writer(stream)
    write(heading)
    count = 0
    for row in rows:
        write(row)
        count += 1
    return count
