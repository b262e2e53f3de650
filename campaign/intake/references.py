"""Rows that name their student in the very same words share one reference: a file says the same thing many times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from campaign.intake.batches import Batch, Columns

_REMEMBERED = 100_000


class References:
    """Remembers which row first stated which reference; forgets when there are too many, which costs a repeat."""

    TABLES = frozenset({"student_ref", "student_named"})

    def __init__(self) -> None:
        self._first: dict[tuple[Any, ...], dict[tuple[Any, ...], int]] = {}

    def once(self, file: int, first: int, batch: Batch) -> tuple[list[Columns], Sequence[int]]:
        """The batch's facts with each reference stated once, and for each line the row that states its reference.

        `first` is the number of the batch's first row in the file.
        """
        stated = [columns for columns in batch.facts if columns.table in self.TABLES]
        others = [columns for columns in batch.facts if columns.table not in self.TABLES]
        shape = (file, *((columns.table, *columns.values) for columns in stated))
        known = self._first.setdefault(shape, {})
        if len(known) > _REMEMBERED:
            known.clear()
        rows, fresh = [], []
        wide = [values for columns in stated for values in _per_line(columns, len(batch.lines))]
        for place, said in enumerate(zip(*wide, strict=True) if wide else [()] * len(batch.lines)):
            row = known.get(said)
            if row is None:
                known[said] = row = first + place
                fresh.append(place)
            rows.append(row)
        return [*others, *(_only(columns, fresh) for columns in stated if fresh)], rows


def _per_line(columns: Columns, lines: int) -> list[Sequence[Any]]:
    if columns.rows is None:
        return list(columns.values.values())
    said: list[tuple[Any, ...]] = [()] * lines
    for place, values in zip(columns.rows, zip(*columns.values.values(), strict=True), strict=True):
        said[place] += values
    return [said]


def _only(columns: Columns, places: Sequence[int]) -> Columns:
    wanted = set(places)
    rows = range(len(next(iter(columns.values.values())))) if columns.rows is None else columns.rows
    kept = [index for index, place in enumerate(rows) if place in wanted]
    values = {name: [given[index] for index in kept] for name, given in columns.values.items()}
    return replace(columns, values=values, rows=[rows[index] for index in kept])
