"""Who the rows are about: identifiers, and name and birth date beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import compress
from typing import Any

from campaign.intake.batches import Columns
from campaign.intake.layouts.cells import FieldReader, FileColumns, date_memo
from campaign.intake.layouts.source import Source
from campaign.intake.problems import RowRefused


class StudentReader:
    """The identifiers of every row of a chunk. Call `read`, then ask; each chunk replaces the last."""

    def __init__(self, columns: FileColumns) -> None:
        student = columns.test.student
        self._no_value = columns.test.no_value
        self._systems = [
            (position, systems)
            for column, systems in student.identifiers.items()
            if (position := columns.position(column)) is not None
        ]
        self.shown = next(iter(student.identifiers))
        names = [columns.position(name) for name in (student.given_name, student.family_name)]
        self._names = [position for position in names if position is not None]
        birth = FieldReader(Source(columns=(student.birth_date or "",)), columns)
        self._birth = (birth.positions, date_memo(birth, columns.test.date_order))
        self._identifiers: dict[int, list[str]] = {}
        self._named: dict[str, Sequence[Any]] | None = None
        self.keys: list[str] = []

    @property
    def positions(self) -> Iterator[int]:
        yield from (position for position, _ in self._systems)
        yield from self._names
        yield from self._birth[0]

    def read(self, columns: Mapping[int, Sequence[str]], count: int) -> None:
        self._identifiers = {position: self._clean(columns[position]) for position, _ in self._systems}
        self.keys = next(iter(self._identifiers.values()), [""] * count)
        for more in self._identifiers.values():
            if "" in self.keys:
                self.keys = [mine or other for mine, other in zip(self.keys, more, strict=True)]
        self._read_names(columns)

    def _clean(self, column: Sequence[str]) -> list[str]:
        cells = list(map(str.strip, column))
        if self._no_value:
            cells = ["" if cell.casefold() in self._no_value else cell for cell in cells]
        return cells

    def _read_names(self, columns: Mapping[int, Sequence[str]]) -> None:
        self._named = None
        if len(self._names) == 2 and self._birth[0]:
            given, family = (list(map(str.strip, columns[position])) for position in self._names)
            days: list[Any] = self._birth[1].values_of(columns[self._birth[0][0]])
            if self._birth[1].refused:
                days = [None if isinstance(day, RowRefused) else day for day in days]
            self._named = {"given_name": given, "family_name": family, "birth_date": list(days)}

    def missing(self) -> Iterator[int]:
        """Rows without any identifier."""
        if "" in self.keys:
            yield from (place for place, key in enumerate(self.keys) if not key)

    def facts(self, kept: Sequence[bool] | None, numbers: Sequence[int]) -> list[Columns]:
        found = []
        for position, systems in self._systems:
            values = self._identifiers[position]
            mask = [bool(value) for value in values] if "" in values else None
            if kept is not None:
                mask = [stays and bool(value) for stays, value in zip(kept, values, strict=True)]
            mine = values if mask is None else list(compress(values, mask))
            rows = None if mask is None else list(compress(numbers, mask))
            for place, system in enumerate(systems if mine else ()):
                told: dict[str, Sequence[Any]] = {
                    "value": mine,
                    "system": [system] * len(mine),
                    "exclusive": [place == 0] * len(mine),
                }
                found.append(Columns("student_ref", told, rows))
        return found + self._named_facts(kept, numbers)

    def _named_facts(self, kept: Sequence[bool] | None, numbers: Sequence[int]) -> list[Columns]:
        """Names that can tell a student: with family name and birth date."""
        if self._named is None:
            return []
        told = zip(self._named["family_name"], self._named["birth_date"], strict=True)
        mask = [bool(name and day) for name, day in told]
        if kept is not None:
            mask = [stays and here for stays, here in zip(kept, mask, strict=True)]
        if all(mask):
            return [Columns("student_named", self._named)]
        values = {name: list(compress(column, mask)) for name, column in self._named.items()}
        return [Columns("student_named", values, list(compress(numbers, mask)))] if any(mask) else []
