"""Rows read together, column by column: what a fast reader hands to staging instead of one list of facts a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from campaign.intake.problems import RowRefused


@dataclass(frozen=True)
class Words:
    """Columns that say the same in many rows: for each row the one tuple, over `names`, of all that say it."""

    names: Sequence[str]
    said: Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Columns:
    """Facts for one staging table: column → values, all of one length; columns left out are null.

    `rows` says which of the batch's lines each fact came from, as positions in `Batch.lines`; None = one a line, in
    order. Shared facts belong to the file, not to a row, and stay when the row is refused. `words` are further columns;
    only facts of one a line have them, beside no other facts than those that say who the student is.
    """

    table: str
    values: Mapping[str, Sequence[Any]]
    rows: Sequence[int] | None = None
    shared: bool = False
    words: Words | None = None

    def at(self, number: int) -> dict[str, Any]:
        """All columns of one fact."""
        said = dict(zip(self.words.names, self.words.said[number], strict=True)) if self.words else {}
        return {**said, **{name: values[number] for name, values in self.values.items()}}


@dataclass(frozen=True)
class Batch:
    """Some thousand rows of one file. Every row that was read is in `lines` or in `refused`, never in both.

    `refused`: line, why, and the record's own id where it has one. `passed`: kind of unused record → how many.
    """

    lines: Sequence[int]
    facts: Sequence[Columns] = ()
    refused: Sequence[tuple[int, RowRefused, str | None]] = ()
    passed: Mapping[str, int] = field(default_factory=dict)
