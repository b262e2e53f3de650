"""Batches made ready for the database: every row numbered, every reference stated once, written in COPY's format.

All of this needs no connection, so that it can be done while the database is at work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaign.intake.batches import Batch, Columns
from campaign.intake.copying import Rows, written
from campaign.intake.problems import RowRefused, explain
from campaign.intake.references import References
from campaign.intake.staging import TABLES

RESULTS = frozenset({"mark", "score"})
_ALL_HAVE = {"file": "int", "row": "int"}
# student_row: the row of the same file whose references to a student hold for this one too.
_RESULTS_HAVE = {"line": "int", "student_row": "int"}


def columns_of(table: str) -> dict[str, str]:
    """Column → type of the staging table, with what staging itself adds."""
    return {**_ALL_HAVE, **(_RESULTS_HAVE if table in RESULTS else {}), **TABLES[table]}


@dataclass(frozen=True)
class Load:
    """One batch: `count` rows in, and what is to be written. `ends_part`: nothing later refers to it or before it."""

    count: int
    rows: Sequence[Rows]
    passed: Mapping[str, int]
    ends_part: bool

    @property
    def size(self) -> int:
        return sum(len(rows.document) for rows in self.rows)


def loads(file: int, batches: Iterable[Batch], rows_per_part: int) -> Iterator[Load]:
    """The batches of one file in their order. A row of a batch is one in `lines`, or one that is refused."""
    references = References()
    first, begun = 1, 1
    for batch in batches:
        load_rows = list(_rows(file, first, batch, references))
        count = len(batch.lines) + len(batch.refused)
        first += count
        ends = first - begun >= rows_per_part
        if ends:
            references, begun = References(), first
        yield Load(count, load_rows, batch.passed, ends)


def _rows(file: int, first: int, batch: Batch, references: References) -> Iterator[Rows]:
    numbers = range(first, first + len(batch.lines))
    facts: Sequence[Columns] = batch.facts
    students: Sequence[int] = numbers
    if all(columns.shared or columns.table in RESULTS | References.TABLES for columns in facts):
        facts, students = references.once(file, first, batch)
    staged = {"row": {"file": [file] * len(numbers), "row": numbers, "line": batch.lines}}
    made = [*staged.items(), *((c.table, _placed(file, first, batch.lines, students, c)) for c in facts)]
    if batch.refused:
        made.append(("refused", _refused(file, first + len(batch.lines), batch.refused)))
    for table, columns in made:
        rows = written(f"staged_{table}", columns_of(table), columns)
        if rows is not None:
            yield rows


def _placed(
    file: int, first: int, lines: Sequence[int], students: Sequence[int], columns: Columns
) -> dict[str, Sequence[Any]]:
    """The columns with the place of each fact in its file."""
    length = len(next(iter(columns.values.values())))
    places = range(length) if columns.rows is None else columns.rows
    placed: dict[str, Sequence[Any]] = {"file": [file] * length}
    if columns.shared:
        placed["row"] = [0] * length
    elif columns.rows is None:
        placed["row"] = range(first, first + length)
    else:
        placed["row"] = [first + place for place in places]
    if columns.table in RESULTS:
        one_a_line = columns.rows is None
        placed["line"] = lines if one_a_line else [lines[place] for place in places]
        placed["student_row"] = students if one_a_line else [students[place] for place in places]
    return {**placed, **columns.values}


def _refused(
    file: int, first: int, refused: Sequence[tuple[int, RowRefused, str | None]]
) -> dict[str, Sequence[Any]]:
    for _, why, _ in refused:
        explain(why.code)
    return {
        "file": [file] * len(refused),
        "row": range(first, first + len(refused)),
        "line": [line for line, _, _ in refused],
        "column_name": [why.column for _, why, _ in refused],
        "code": [why.code for _, why, _ in refused],
        "detail": [why.detail for _, why, _ in refused],
        "key": [key for _, _, key in refused],
    }
