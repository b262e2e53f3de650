"""Separated values, row by row: header tidied, ragged and malformed rows refused with their line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from campaign.intake.problems import IntakeError, RowRefused
from campaign.intake.sources import InputFile, open_text
from campaign.intake.vocabulary import table

Row = Mapping[str, str]
_SEPARATORS = ",\t;|^"


@cache
def _private_names() -> frozenset[str]:
    return frozenset(table("private_columns.toml")["names"])


@cache
def is_private(column: str) -> bool:
    """True for a column nobody needs here and whose loss would hurt: passwords, social security, place of birth."""
    return re.sub(r"[^a-z]", "", column.casefold().removeprefix("metadata.")) in _private_names()


@dataclass(frozen=True)
class Header:
    """Columns as printed, trimmed, empty ones at the end dropped."""

    columns: tuple[str, ...]
    separator: str

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
    return Header(tuple(columns), separator)


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
        return RowRefused("ragged_row", detail="more columns")
    return {key: cell for key, cell in zip(keys, cells, strict=False) if key}
