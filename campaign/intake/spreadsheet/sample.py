"""The first rows of a table, column by column: what a proposal is made from."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from campaign.intake.delimited import Header, read_header, read_rows
from campaign.intake.plans import Examined
from campaign.intake.problems import IntakeError, RowRefused

ROWS = 2000


@dataclass(frozen=True)
class Sample:
    """`values`: column as printed → how often each trimmed text stands in it, in the order in which they came.

    Columns without a name and private ones are not among them. `longer` and `shorter`: rows with more or fewer values
    than the header has names.
    """

    name: str
    values: Mapping[str, Counter[str]]
    rows: int
    private: tuple[str, ...] = ()
    unnamed: int = 0
    longer: int = 0
    shorter: int = 0
    broken: int = 0
    first: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def sample_of(examined: Examined, header: Header, rows: int = ROWS) -> Sample:
    """Reads the first rows. Raises IntakeError for a file that was cut off within them."""
    columns = [column for column in header.columns if column and column not in header.private]
    values: dict[str, Counter[str]] = {column: Counter() for column in columns}
    told: Counter[str] = Counter()
    for _, row in islice(read_rows(examined.file, examined.fingerprint.encoding, header), rows):
        told["rows"] += 1
        if isinstance(row, RowRefused):
            told[row.detail or "broken"] += 1
            continue
        for column in columns:
            if cell := row.get(column.casefold(), "").strip():
                values[column][cell] += 1
    return Sample(
        examined.file.name,
        values,
        told["rows"],
        tuple(header.private),
        sum(not column for column in header.columns),
        told["more columns"],
        told["fewer columns"],
        told["broken"],
        {column: tuple(islice(counted, 3)) for column, counted in values.items()},
    )


def header_of(examined: Examined) -> Header:
    """The names of the columns. Raises IntakeError that says why the first line cannot be one of names."""
    name = examined.file.name
    line = examined.file.head().decode(examined.fingerprint.encoding, errors="replace").split("\n")[0]
    if header := read_header(line):
        return header
    if twice := _named_twice(line):
        raise IntakeError(
            f"{name}: two columns are called {twice[0]}, so nothing tells which is meant. Give each column a name of "
            "its own and send the file again.",
            name,
        )
    raise IntakeError(
        f"{name}: the first line does not name the columns of a table. Save the table with one row of names at the "
        "top, as CSV or as a workbook, and send it again.",
        name,
    )


def _named_twice(line: str) -> list[str]:
    shown = line.lstrip("\ufeff").rstrip("\r\n")
    if "\x00" in shown or not shown.strip():
        return []
    try:
        cells = next(csv.reader(io.StringIO(shown), delimiter=max(",\t;|", key=shown.count), strict=True), [])
    except csv.Error:
        return []
    names = Counter(cell.strip().casefold() for cell in cells if cell.strip())
    return [cell.strip() for cell in cells if names[cell.strip().casefold()] > 1]
