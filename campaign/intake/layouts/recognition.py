"""How a file is recognised as one of a test's layouts: by its columns, or by the length and fields of its lines."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from campaign.intake.layouts.checking import Checked, folded_column


@dataclass(frozen=True)
class Layout:
    """How one year's file is recognised. `positions`: field, start, width of a fixed-width file."""

    name: str
    needs: frozenset[str]
    without: frozenset[str]
    record_length: int | None
    positions: tuple[tuple[str, int, int], ...]
    match: Mapping[str, re.Pattern[str]]

    def fits_header(self, columns: AbstractSet[str]) -> bool:
        """`columns` are folded."""
        return self.record_length is None and self.needs <= columns and not self.without & columns

    def fits_line(self, line: str) -> bool:
        """The first line of a fixed-width file; the last character may be missing."""
        if self.record_length is None or len(line) not in (self.record_length, self.record_length - 1):
            return False
        fields = {name: line[start : start + width] for name, start, width in self.positions}
        return all(pattern.fullmatch(fields[name].strip()) for name, pattern in self.match.items())


def read_layout(entry: Checked, folder: Path) -> Layout:
    length = entry.get("record_length", int)
    positions = _positions(entry, folder / entry.need("fields", str)) if length is not None else ()
    layout = Layout(
        name=entry.need("name", str),
        needs=frozenset(map(folded_column, entry.texts("needs"))),
        without=frozenset(map(folded_column, entry.texts("without"))),
        record_length=length,
        positions=positions,
        match={folded_column(name): _expression(entry, text) for name, text in entry.words("match").items()},
    )
    entry.done()
    if length is None and not layout.needs:
        raise entry.fail("needs must name columns.")
    if unknown := set(layout.match) - {name for name, _, _ in positions}:
        raise entry.fail(f"match names {min(unknown)}, which is no field.")
    return layout


def _expression(entry: Checked, text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise entry.fail(f"match cannot be used: {error}.") from None


def _positions(entry: Checked, file: Path) -> tuple[tuple[str, int, int], ...]:
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            rows = [
                (folded_column(row["field"]), int(row["start"]), int(row["width"]))
                for row in csv.DictReader(stream, strict=True)
            ]
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, TypeError, ValueError):
        raise entry.fail(f"{file.name} must have the columns field, start and width.") from None
    if any(start < 0 or width < 1 for _, start, width in rows) or not rows:
        raise entry.fail(f"{file.name} has a field without room.")
    return tuple(rows)
