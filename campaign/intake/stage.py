"""The temporary tables of one source, and the writer that fills them with COPY.

The tables live as long as the transaction: a killed process leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from campaign.intake.batches import Batch, Columns
from campaign.intake.copying import copy_columns, sql_type
from campaign.intake.problems import RowRefused, explain
from campaign.intake.references import References
from campaign.intake.staging import TABLES, Fact, FileTally

_BUFFERED = 5000
# student_row: the row of the same file whose references to a student hold for this one too.
_ALL_HAVE = {"file": "int", "row": "int"}
_RESULTS_HAVE = {"line": "int", "student_row": "int"}
_RESULTS = frozenset({"mark", "score"})
# What later parts of a file can point to, or say again.
_LASTING = ("school", "period", "line_item", "assessment")


def columns_of(table: str) -> dict[str, str]:
    """Column → type of the staging table, with what the stage itself adds."""
    return {**_ALL_HAVE, **(_RESULTS_HAVE if table in _RESULTS else {}), **TABLES[table]}


class Stage:
    """Creates the staging tables in the connection's transaction and writes to them in batches.

    `waiting`: rows that were staged since the last `clear`.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.waiting = 0
        self._buffers: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TABLES}
        self._references = References()
        # Merges join whole sets, and tables just filled have no statistics: a nested loop is always a wrong guess.
        connection.execute(text("SET LOCAL enable_nestloop = off"))
        connection.execute(text("SET LOCAL work_mem = '128MB'"))
        for name in TABLES:
            columns = ", ".join(f"{column} {sql_type(kind)}" for column, kind in columns_of(name).items())
            connection.execute(text(f"CREATE TEMP TABLE staged_{name} ({columns}) ON COMMIT DROP"))

    def accept(self, tally: FileTally, line: int, facts: Iterable[Fact]) -> None:
        tally.rows_in += 1
        self.waiting += 1
        self._put("row", (tally.number, tally.rows_in, line))
        for table, values, shared in facts:
            row = 0 if shared else tally.rows_in
            place = (line, row) if table in _RESULTS else ()
            self._put(table, (tally.number, row, *place, *(values.get(column) for column in TABLES[table])))

    def accept_batch(self, tally: FileTally, batch: Batch) -> None:
        """Stage whole columns. A row of the batch is one that is in `lines`; the refused and passed are counted too."""
        first = tally.rows_in + 1
        numbers = range(first, first + len(batch.lines))
        tally.rows_in += len(batch.lines)
        self.waiting += len(batch.lines)
        facts: Sequence[Columns] = batch.facts
        students: Sequence[int] = numbers
        if all(columns.shared or columns.table in _RESULTS | References.TABLES for columns in facts):
            facts, students = self._references.once(tally.number, first, batch)
        self._copy("row", {"file": [tally.number] * len(numbers), "row": numbers, "line": batch.lines})
        for columns in facts:
            self._copy(columns.table, _placed(tally.number, first, batch.lines, students, columns))
        for line, refusal, key in batch.refused:
            self.refuse(tally, line, refusal, key)
        for kind, count in batch.passed.items():
            tally.passed[kind] = tally.passed.get(kind, 0) + count

    def refuse(self, tally: FileTally, line: int, refusal: RowRefused, key: str | None) -> None:
        """`key` is the record's own id where it has one, so that its absence elsewhere is not taken for leaving."""
        tally.rows_in += 1
        self.waiting += 1
        explain(refusal.code)
        told = (line, refusal.column, refusal.code, refusal.detail, key)
        self._put("refused", (tally.number, tally.rows_in, *told))

    def _put(self, table: str, row: tuple[Any, ...]) -> None:
        buffer = self._buffers[table]
        buffer.append(row)
        if len(buffer) >= _BUFFERED:
            self._flush(table)

    def _flush(self, table: str) -> None:
        buffer = self._buffers[table]
        if buffer:
            columns = dict(zip(columns_of(table), map(list, zip(*buffer, strict=True)), strict=True))
            self._copy(table, columns)
            buffer.clear()

    def _copy(self, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
        copy_columns(self.connection, f"staged_{table}", columns_of(table), columns)

    def finish(self) -> None:
        """Write what is left and let the planner know how much there is."""
        for table in TABLES:
            self._flush(table)
        self.connection.execute(text(f"ANALYZE {', '.join(f'staged_{table}' for table in TABLES)}"))

    def clear(self) -> None:
        """Make room for the next part of a file: what was merged goes, what later rows can point to stays."""
        merged = ", ".join(f"staged_{table}" for table in TABLES if table not in _LASTING)
        self.connection.execute(text(f"TRUNCATE {merged}"))
        self._references = References()
        self.waiting = 0


def _placed(
    file: int, first: int, lines: Sequence[int], students: Sequence[int], columns: Columns
) -> dict[str, Sequence[Any]]:
    """The columns with the place of each fact in its file."""
    length = len(next(iter(columns.values.values())))
    places = range(length) if columns.rows is None else columns.rows
    placed: dict[str, Sequence[Any]] = {"file": [file] * length}
    placed["row"] = [0] * length if columns.shared else [first + place for place in places]
    if columns.table in _RESULTS:
        placed["line"] = [lines[place] for place in places]
        placed["student_row"] = [students[place] for place in places]
    return {**placed, **columns.values}
