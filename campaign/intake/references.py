"""Rows that name their student in the very same words share one reference: a file says the same thing many times."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

from campaign.intake.batches import Batch, Columns


class References:
    """Remembers which row first stated which reference; forgets when there are too many, which costs a repeat.

    `remembered` is how many are too many; each takes some 300 bytes. No row points to one before `since` any more.
    """

    TABLES = frozenset({"student_ref", "student_named"})

    def __init__(self, remembered: int) -> None:
        self.since = 0
        self._remembered = remembered
        self._first: dict[tuple[Any, ...], dict[Hashable, int]] = {}

    def once(self, file: int, first: int, batch: Batch) -> tuple[list[Columns], Sequence[int]]:
        """The batch's facts with each reference stated once, and for each line the row that states its reference.

        `first` is the number of the batch's first row in the file.
        """
        stated = [columns for columns in batch.facts if columns.table in self.TABLES]
        others = [columns for columns in batch.facts if columns.table not in self.TABLES]
        shape, keys = _told_apart(stated, len(batch.lines))
        if sum(map(len, self._first.values())) > self._remembered:
            self._first.clear()
            self.since = first
        known = self._first.setdefault((file, *shape), {})
        rows, fresh = list(map(known.get, keys)), []
        if None in rows:
            for place, key in enumerate(keys):
                if key not in known:
                    known[key] = first + place
                    fresh.append(place)
            rows = list(map(known.get, keys))
        return [*others, *(_only(columns, fresh) for columns in stated if fresh)], rows  # type: ignore[return-value]


def _told_apart(stated: Sequence[Columns], lines: int) -> tuple[list[Hashable], Sequence[Hashable]]:
    """What all lines say of their students, and for each line what tells its student from those of other lines."""
    shape: list[Hashable] = [(columns.table, *columns.values) for columns in stated]
    telling: list[Sequence[Any]] = []
    for columns in stated:
        for values in columns.values.values():
            if columns.rows is None and lines and values.count(values[0]) == lines:
                shape.append(values[0])
            elif columns.rows is None and not any(values is other for other in telling):
                telling.append(values)
        if columns.rows is not None:
            telling.append(_per_line(columns, columns.rows, lines))
    if len(telling) == 1:
        return shape, telling[0]
    return shape, list(zip(*telling, strict=True)) if telling else [()] * lines


def _per_line(columns: Columns, rows: Sequence[int], lines: int) -> Sequence[tuple[Any, ...]]:
    said: list[tuple[Any, ...]] = [()] * lines
    for place, values in zip(rows, zip(*columns.values.values(), strict=True), strict=True):
        said[place] += values
    return said


def _only(columns: Columns, places: Sequence[int]) -> Columns:
    wanted = set(places)
    rows = range(len(next(iter(columns.values.values())))) if columns.rows is None else columns.rows
    kept = [index for index, place in enumerate(rows) if place in wanted]
    values = {name: [given[index] for index in kept] for name, given in columns.values.items()}
    return replace(columns, values=values, rows=[rows[index] for index in kept])
