"""Some thousand lines of a file at a time, as columns: separated values or fixed width."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from operator import itemgetter
from typing import Any

from campaign.intake.delimited import Header
from campaign.intake.problems import IntakeError, RowRefused
from campaign.intake.sources import InputFile, open_text

SIZE = 4096
Refused = list[tuple[int, RowRefused]]


@dataclass(frozen=True)
class Chunk:
    """`columns`: position in the file → the cells of `lines`, untouched."""

    lines: Sequence[int]
    columns: Mapping[int, Sequence[str]]
    refused: Refused


def separated(file: InputFile, encoding: str, header: Header, needed: Sequence[int]) -> Iterator[Chunk]:
    """Blank lines are skipped, rows of another width refused. Raises IntakeError if a quoted value never ends."""
    with open_text(file, encoding) as text:
        reader = csv.reader(text, delimiter=header.separator, strict=True)
        next(reader, None)
        # One position more than needed, so that even a single one comes as a tuple.
        taking = _Taking(reader, len(header.columns), itemgetter(*needed, needed[0]))
        while not taking.ended:
            rows, lines, refused = taking.take(file.name)
            columns = zip(*rows, strict=True) if rows else repeat(())
            yield Chunk(lines, dict(zip(needed, columns, strict=False)), refused)


@dataclass
class _Taking:
    """Rows of one reader. Only the cells that are needed are kept: exports have hundreds of columns."""

    reader: Any
    width: int
    pick: Callable[[Sequence[str]], tuple[str, ...]]
    ended: bool = False

    def take(self, name: str) -> tuple[list[tuple[str, ...]], list[int], Refused]:
        """Up to SIZE rows with the line each begins on; a row with misplaced quotes ends the chunk, refused."""
        rows: list[tuple[str, ...]] = []
        lines: list[int] = []
        refused: Refused = []
        reader, width, pick = self.reader, self.width, self.pick
        line = reader.line_num + 1
        taken = 0
        try:
            for cells in islice(reader, SIZE):
                taken += 1
                if (len(cells) == width and (cells[0] or any(cells))) or self._fits(cells, line, refused):
                    rows.append(pick(cells))
                    lines.append(line)
                line = reader.line_num + 1
            self.ended = taken < SIZE
        except csv.Error as error:
            refused.append((line, _misquoted(error, name, line)))
        return rows, lines, refused

    def _fits(self, cells: Sequence[str], line: int, refused: Refused) -> bool:
        """False for a blank line, and for a row of another width, which is refused."""
        if not any(cells):
            return False
        detail = "fewer columns" if len(cells) < self.width else "more columns"
        if len(cells) < self.width or any(cells[self.width :]):
            refused.append((line, RowRefused("ragged_row", detail=detail)))
            return False
        return True


def _misquoted(error: csv.Error, name: str, line: int) -> RowRefused:
    if "unexpected end of data" in str(error):
        raise IntakeError(
            f"{name}, line {line}: a quoted value never ends, so the file was cut off or a "
            "quotation mark is missing. Export it again.",
            name,
        ) from None
    return RowRefused("malformed_row")


def fixed_width(file: InputFile, encoding: str, length: int, places: Mapping[int, slice]) -> Iterator[Chunk]:
    """`places`: position of a field → its characters. Lines may be one character short; others are refused."""
    with open_text(file, encoding) as text:
        first = 1
        while taken := list(islice(text, SIZE)):
            lines, kept, refused = [], [], []
            for line, record in enumerate((one.rstrip("\r\n") for one in taken), first):
                if not record.strip():
                    continue
                if length - 1 <= len(record) <= length:
                    lines.append(line)
                    kept.append(record)
                else:
                    detail = "fewer columns" if len(record) < length else "more columns"
                    refused.append((line, RowRefused("ragged_row", detail=detail)))
            first += len(taken)
            yield Chunk(lines, {n: [one[part] for one in kept] for n, part in places.items()}, refused)
