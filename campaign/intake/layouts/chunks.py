"""Some thousand lines of a file at a time, as columns: separated values or fixed width."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
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
    width = len(header.columns)
    with open_text(file, encoding) as text:
        reader = csv.reader(text, delimiter=header.separator, strict=True)
        next(reader, None)
        while True:
            rows, lines, refused, ended = _take(reader, file.name)
            kept, lines = _whole(rows, lines, width, refused)
            if kept or refused:
                yield Chunk(lines, _columns(kept, needed), refused)
            if ended:
                return


def _take(reader: Any, name: str) -> tuple[list[list[str]], list[int], Refused, bool]:
    """Up to SIZE rows with the line each begins on; a row with misplaced quotes ends the chunk, refused."""
    rows: list[list[str]] = []
    ends = [reader.line_num]
    try:
        for cells in islice(reader, SIZE):
            rows.append(cells)
            ends.append(reader.line_num)
    except csv.Error as error:
        line = ends[-1] + 1
        if "unexpected end of data" in str(error):
            raise IntakeError(
                f"{name}, line {line}: a quoted value never ends, so the file was cut off or a "
                "quotation mark is missing. Export it again.",
                name,
            ) from None
        return rows, [end + 1 for end in ends[:-1]], [(line, RowRefused("malformed_row"))], False
    return rows, [end + 1 for end in ends[:-1]], [], len(rows) < SIZE


def _whole(
    rows: list[list[str]], lines: list[int], width: int, refused: Refused
) -> tuple[list[list[str]], list[int]]:
    """The rows that fit the header, with their lines; the others go to `refused`."""
    if set(map(len, rows)) <= {width} and all(map(any, rows)):
        return rows, lines
    kept, places = [], []
    for line, cells in zip(lines, rows, strict=True):
        if not any(cells):
            continue
        if len(cells) < width:
            refused.append((line, RowRefused("ragged_row", detail="fewer columns")))
        elif any(cells[width:]):
            refused.append((line, RowRefused("ragged_row", detail="more columns")))
        else:
            kept.append(cells)
            places.append(line)
    return kept, places


def _columns(rows: list[list[str]], needed: Sequence[int]) -> dict[int, Sequence[str]]:
    if not rows:
        return {place: () for place in needed}
    # One position more than needed, so that even a single one comes as a tuple.
    pick = itemgetter(*needed, needed[0])
    return dict(zip(needed, zip(*map(pick, rows), strict=True), strict=False))


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
