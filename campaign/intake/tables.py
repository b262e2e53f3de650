"""Separated values some thousand rows at a time, as columns; what a cell means is worked out once per distinct text."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, compress, islice
from typing import Any

from campaign.intake.batches import Columns
from campaign.intake.delimited import Header, is_private, never_ends
from campaign.intake.problems import RowRefused
from campaign.intake.sources import InputFile, open_text

_ROWS = 2000
_REMEMBERED = 100_000
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass
class Table:
    """Some rows of a file: where each begins, and its cells by folded column, private columns left out.

    `refused`: places in `lines` that cannot be used, and why; whoever reads the cells adds to it.
    """

    lines: Sequence[int]
    columns: Mapping[str, Sequence[str]]
    unread: Sequence[tuple[int, RowRefused]] = ()
    refused: dict[int, RowRefused] = field(default_factory=dict)

    def raw(self, column: str) -> Sequence[str]:
        """The cells as they stand; empty texts where the file has no such column."""
        found = self.columns.get(column.casefold())
        return [""] * len(self.lines) if found is None else found

    def cells(self, column: str) -> list[str]:
        """Trimmed; empty texts where the file has no such column."""
        return [cell.strip() for cell in self.raw(column)]

    def needed(self, column: str) -> list[str]:
        """The cells; rows where it is empty are refused."""
        found = self.cells(column)
        if "" in found:
            for place, cell in enumerate(found):
                if not cell:
                    self.refused.setdefault(place, RowRefused("missing_value", column))
        return found

    def worked(self, memory: Memory, given: Iterable[Any]) -> list[Any]:
        """What the memory makes of each; rows it refuses are refused."""
        found = list(map(memory.__getitem__, given))
        if memory.refuses:
            for place, value in enumerate(found):
                if isinstance(value, RowRefused):
                    self.refused.setdefault(place, value)
        return found

    def kept(self, values: Sequence[Any]) -> list[Any]:
        """The values of the rows that are not refused."""
        if not self.refused:
            return values if isinstance(values, list) else list(values)
        refused = self.refused
        return list(compress(values, (place not in refused for place in range(len(values)))))

    def moved(self, columns: Columns) -> Columns:
        """The same facts, by places among the kept rows."""
        if not self.refused:
            return columns
        places = range(len(self.lines)) if columns.rows is None else columns.rows
        kept = [place not in self.refused for place in places]
        passed = list(accumulate(place in self.refused for place in range(len(self.lines))))
        rows = [place - passed[place] for place in compress(places, kept)]
        return replace(
            columns, values={name: list(compress(v, kept)) for name, v in columns.values.items()}, rows=rows
        )

    def turned_away(
        self, keys: Sequence[str | None] | None = None
    ) -> list[tuple[int, RowRefused, str | None]]:
        """Line, why, and the row's own id from `keys`, of all rows that could not be read or used."""
        found: list[tuple[int, RowRefused, str | None]] = [(line, why, None) for line, why in self.unread]
        for place, why in self.refused.items():
            found.append((self.lines[place], why, keys[place] or None if keys else None))
        return found


class Memory(dict[Any, Any]):
    """What a function made of each text or texts it was given, refusals too; forgets when there are too many."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        super().__init__()
        self._work = work
        self.refuses = False

    def __missing__(self, given: Any) -> Any:
        if len(self) >= _REMEMBERED:
            self.clear()
        try:
            made = self._work(given)
        except RowRefused as refusal:
            made, self.refuses = refusal, True
        self[given] = made
        return made


def read_tables(file: InputFile, encoding: str, header: Header) -> Iterator[Table]:
    """The rows after the header. Blank lines are skipped; a ragged or malformed row is in `unread` with its line.

    Raises IntakeError if a quoted value never ends, which means that the file was cut off.
    """
    keys = [None if is_private(column) else column.casefold() for column in header.columns]
    with open_text(file, encoding) as text:
        reader = csv.reader(text, delimiter=header.separator, strict=True)
        next(reader, None)
        more = True
        while more:
            rows: list[list[str]] = []
            begins, broken = reader.line_num + 1, None
            try:
                # What was read before an error stays in the list.
                rows.extend(islice(reader, _ROWS))
                more = len(rows) == _ROWS
            except csv.Error as error:
                broken = error
            lines = _lines(rows, begins, reader.line_num)
            if broken is not None:
                line = lines[-1] + _height(rows[-1]) if rows else begins
                never_ends(broken, file.name, line)
                yield _table(keys, rows, lines, [(line, RowRefused("malformed_row"))])
            elif rows:
                yield _table(keys, rows, lines, [])


def _height(row: Sequence[str]) -> int:
    """On how many lines a row stands: a quoted cell may hold line ends."""
    return 1 + sum(len(_LINE_END.findall(cell)) for cell in row if "\n" in cell or "\r" in cell)


def _lines(rows: Sequence[list[str]], begins: int, last: int) -> Sequence[int]:
    """The line on which each row begins."""
    if last - begins + 1 == len(rows):
        return range(begins, last + 1)
    return list(accumulate(map(_height, rows[:-1]), initial=begins)) if rows else []


def _table(
    keys: Sequence[str | None],
    rows: list[list[str]],
    lines: Sequence[int],
    unread: list[tuple[int, RowRefused]],
) -> Table:
    width = len(keys)
    if set(map(len, rows)) != {width} or not all(map(any, rows)):
        rows, lines = _even(width, rows, lines, unread)
    columns = zip(*rows, strict=True) if rows else [()] * width
    return Table(lines, {key: cells for key, cells in zip(keys, columns, strict=True) if key}, unread)


def _even(
    width: int, rows: list[list[str]], lines: Sequence[int], unread: list[tuple[int, RowRefused]]
) -> tuple[list[list[str]], list[int]]:
    """Only the rows that have a cell for each column; the others are added to `unread`."""
    kept, at = [], []
    for line, row in zip(lines, rows, strict=True):
        if not any(row):
            continue
        if len(row) < width:
            unread.append((line, RowRefused("ragged_row", detail="fewer columns")))
        elif any(row[width:]):
            unread.append((line, RowRefused("ragged_row", detail="more columns")))
        else:
            kept.append(row[:width])
            at.append(line)
    return kept, at
