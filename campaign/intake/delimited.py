"""Separated values, row by row: header tidied, ragged and malformed rows refused with their line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from campaign.intake.problems import IntakeError, RowRefused
from campaign.intake.sources import InputFile, open_text
from campaign.intake.vocabulary import table

Row = Mapping[str, str]
_SEPARATORS = ",\t;|^"
_WIDER = "more columns"
# Rows looked at for a name that is missing from the header, and from how many on they tell without further signs.
_LOOKED_AT, _TELLING = 200, 10


@cache
def _private_names() -> frozenset[str]:
    return frozenset(table("private_columns.toml")["names"])


@cache
def is_private(column: str) -> bool:
    """True for a column nobody needs here and whose loss would hurt: passwords, social security, place of birth."""
    return re.sub(r"[^a-z]", "", column.casefold().removeprefix("metadata.")) in _private_names()


@dataclass(frozen=True)
class Header:
    """Columns as printed, trimmed, empty ones at the end dropped; `open_end` if there were any."""

    columns: tuple[str, ...]
    separator: str
    open_end: bool = False

    @property
    def private(self) -> list[str]:
        return [column for column in self.columns if is_private(column)]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(column.casefold() for column in self.columns)


def read_header(first_line: str) -> Header | None:
    """The header in a file's first line, with the separator that splits it most; None if it is not one."""
    line = first_line.lstrip("﻿").rstrip("\r\n")
    if not line.strip() or "\x00" in line:
        return None
    separator = max(_SEPARATORS, key=line.count)
    try:
        cells = next(csv.reader(io.StringIO(line), delimiter=separator, strict=True))
    except (csv.Error, StopIteration):
        return None
    columns = [cell.strip() for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    named = [column.casefold() for column in columns if column]
    if not columns or len(set(named)) != len(named):
        return None
    return Header(tuple(columns), separator, len(columns) < len(cells))


def read_rows(file: InputFile, encoding: str, header: Header) -> Iterator[tuple[int, Row | RowRefused]]:
    """(line, row) for each line after the header; a row that cannot be told apart comes as its refusal.

    Keys are the columns folded to lower case; private columns are dropped here. Blank lines are skipped. Raises
    IntakeError if a quoted value never ends, which means that the file was cut off.
    """
    keys = [None if is_private(column) else column.casefold() for column in header.columns]
    with open_text(file, encoding) as text:
        reader = csv.reader(text, delimiter=header.separator, strict=True)
        next(reader, None)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                never_ends(error, file.name, line)
                yield line, RowRefused("malformed_row")
                continue
            if cells and any(cells):
                yield line, _row(keys, cells)


def refuse_shifted(file: InputFile, encoding: str, header: Header) -> None:
    """Raises IntakeError if most rows hold more values than the header has names.

    Then a name is missing somewhere, and every value behind that place stands under the name of its neighbour, in the
    rows too whose last value happens to be empty. A header that ends in a separator hides it: the counts agree.
    """
    sample = [row for _, row in islice(read_rows(file, encoding, header), _LOOKED_AT)]
    wide = sum(isinstance(row, RowRefused) and row.detail == _WIDER for row in sample)
    if 2 * wide > len(sample) and (header.open_end or len(sample) >= _TELLING):
        raise IntakeError(
            f"{file.name}: the header names {len(header.columns)} columns, but most rows hold more values, so a name "
            "is missing and values stand under wrong names. Add the missing name in the first line, or export again.",
            file.name,
        )


def never_ends(error: csv.Error, name: str, line: int) -> None:
    """Raises IntakeError if the error means that the file ends within a quoted value."""
    if "unexpected end of data" in str(error):
        raise IntakeError(
            f"{name}, line {line}: a quoted value never ends, so the file was cut off or a quotation mark is "
            "missing. Export it again.",
            name,
        ) from None


def _row(keys: Sequence[str | None], cells: list[str]) -> Row | RowRefused:
    if len(cells) < len(keys):
        return RowRefused("ragged_row", detail="fewer columns")
    if any(cells[len(keys) :]):
        return RowRefused("ragged_row", detail=_WIDER)
    return {key: cell for key, cell in zip(keys, cells, strict=False) if key}
