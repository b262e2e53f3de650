"""Cells of a column → values, each distinct cell read once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from campaign.intake.dates import read_date, read_month_year
from campaign.intake.layouts.checking import folded_column
from campaign.intake.layouts.language import Assessment, folded_word
from campaign.intake.layouts.source import Source, fixed_value
from campaign.intake.problems import RowRefused
from campaign.intake.quantities import read_number
from campaign.intake.vocabulary import folded

_REMEMBERED = 50_000


class Memo(dict[Any, Any]):
    """Cell → value. A cell that cannot be read gives its refusal, is not remembered, and sets `refused`."""

    def __init__(self, read: Callable[[Any], Any]) -> None:
        super().__init__()
        self._read = read
        self.refused = False

    def __missing__(self, cell: Any) -> Any:
        try:
            value = self._read(cell)
        except RowRefused as refusal:
            self.refused = True
            return refusal
        if len(self) < _REMEMBERED:
            self[cell] = value
        return value

    def values_of(self, column: Sequence[Any]) -> list[Any]:
        self.refused = False
        return list(map(self.__getitem__, column))


@dataclass(frozen=True)
class FileColumns:
    """The columns of one file: folded name → position, in the order in which chunks hold them."""

    test: Assessment
    file_name: str
    positions: Mapping[str, int]

    def position(self, name: str | None) -> int | None:
        return None if name is None else self.positions.get(folded_column(name))

    def cleaned(self, cell: str, name: str) -> str:
        """The cell trimmed; empty if it is declared to mean nothing, or repeats the name of its column."""
        text = cell.strip()
        word = folded_word(text)
        return "" if word in self.test.no_value or word == folded_column(name) else text


class FieldReader:
    """One field in one file: the positions it looks at and the text their cells stand for."""

    def __init__(self, source: Source, columns: FileColumns) -> None:
        self.source = source
        self._columns = columns
        self.fixed = fixed_value(source, columns.positions, columns.file_name)
        there = [name for name in source.columns if columns.position(name) is not None][:1]
        there += [name for name in source.first_of if columns.position(name) is not None]
        self.names = [] if self.fixed is not None else there
        self.positions = [columns.positions[folded_column(name)] for name in self.names]
        self.shown = next(iter(self.names), source.shown)

    def text(self, cells: Sequence[str]) -> str:
        """`cells` stand in the order of `positions`. Raises RowRefused for an empty cell that must not be."""
        if self.fixed is not None:
            return self.fixed
        found = map(self._columns.cleaned, cells, self.names)
        raw = next(filter(None, found), "")
        if not raw and self.source.required:
            raise RowRefused("missing_value", self.shown)
        return self._meant(raw)

    def _meant(self, raw: str) -> str:
        source = self.source
        if source.pattern and (match := source.pattern.search(raw)):
            raw = match[1] or ""
        word = folded(raw)
        if word in source.words:
            return source.words[word]
        if meant := next((ours for part, ours in source.contains.items() if part in word), None):
            return meant
        if source.otherwise is not None and (not raw or source.words or source.contains):
            return source.otherwise
        return raw


def number_memo(field: FieldReader) -> Memo:
    """Numbers of one column, or of the first filled of several; probabilities as 0 to 1."""
    source, shown = field.source, field.shown or ""

    def read(cells: Any) -> float | None:
        number = read_number(
            field.text((cells,) if isinstance(cells, str) else cells), shown, source.minimum, source.maximum
        )
        return number / 100 if source.percent and number is not None else number

    return Memo(read)


def date_memo(field: FieldReader, order: str | None) -> Memo:
    shown = field.shown or ""

    def read(cells: Any) -> date | None:
        text = field.text((cells,) if isinstance(cells, str) else cells)
        return read_month_year(text, shown) if field.source.month_year else read_date(text, shown, order)

    return Memo(read)
