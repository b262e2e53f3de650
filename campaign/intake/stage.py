"""The temporary tables of one source, and the writer that fills them with COPY.

The tables live as long as the transaction: a killed process leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from campaign.intake.copying import Rows, copy_rows, sql_type, written
from campaign.intake.loads import BRIEF_TABLES, RESULTS, Load, columns_of
from campaign.intake.problems import RowRefused, explain
from campaign.intake.staging import TABLES, Fact, FileTally

_BUFFERED = 5000
_SENT_AT_ONCE = 4 << 20
# Columns by which large tables are joined; to look at the others would take time and change no plan.
_JOINED = {
    "staged_mark": "(file, row, student_row, line_item)",
    "staged_score": "(file, row, student_row)",
    "brief_mark": "(file, student_row, words)",
    "brief_score": "(file, student_row, words)",
}
# What later parts of a file can point to, or say again.
_LASTING = ("school", "period", "line_item", "assessment")


def _keep_in_memory(connection: Connection) -> None:
    """Let a part of a file fit into the memory of temporary tables; once a session has some, it is too late."""
    with suppress(DBAPIError), connection.begin_nested():
        connection.execute(text("SET LOCAL temp_buffers = '192MB'"))


class Stage:
    """Creates the staging tables in the connection's transaction and writes to them in batches.

    `waiting`: rows that were staged since the last `clear`. `since`: for each file by number, the first row to which
    those that wait can point.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.waiting = 0
        self.since: dict[int, int] = {}
        self._filled: set[str] = set()
        self._unsent: dict[tuple[str, tuple[str, ...]], list[bytes]] = {}
        self._unsent_bytes = 0
        self._buffers: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TABLES}
        # Merges join whole sets, and tables just filled have no statistics: a nested loop is always a wrong guess.
        connection.execute(text("SET LOCAL enable_nestloop = off"))
        connection.execute(text("SET LOCAL work_mem = '128MB'"))
        _keep_in_memory(connection)
        for name, kinds in {
            **{f"staged_{name}": columns_of(name) for name in TABLES},
            **BRIEF_TABLES,
        }.items():
            columns = ", ".join(f"{column} {sql_type(kind)}" for column, kind in kinds.items())
            connection.execute(text(f"CREATE TEMP TABLE {name} ({columns}) ON COMMIT DROP"))

    def accept(self, tally: FileTally, line: int, facts: Iterable[Fact]) -> None:
        tally.rows_in += 1
        self.waiting += 1
        self._put("row", (tally.number, tally.rows_in, line))
        for table, values, shared in facts:
            row = 0 if shared else tally.rows_in
            place = (line, row) if table in RESULTS else ()
            self._put(table, (tally.number, row, *place, *(values.get(column) for column in TABLES[table])))

    def load(self, tally: FileTally, load: Load) -> None:
        """Stage a batch of which all rows have their numbers."""
        tally.rows_in += load.count
        self.waiting += load.count
        self.since.setdefault(tally.number, load.since)
        for rows in load.rows:
            self._copy(rows)
        for kind, count in load.passed.items():
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
            rows = written(f"staged_{table}", columns_of(table), columns)
            if rows is not None:
                self._copy(rows)
            buffer.clear()

    def _copy(self, rows: Rows) -> None:
        """Gather what goes into one table: many small COPY would cost more than their rows."""
        self._unsent.setdefault((rows.table, rows.columns), []).append(rows.document)
        self._unsent_bytes += len(rows.document)
        if self._unsent_bytes > _SENT_AT_ONCE:
            self._send()

    def _send(self) -> None:
        for (table, columns), documents in self._unsent.items():
            copy_rows(self.connection, Rows(table, columns, b"".join(documents)))
            self._filled.add(table)
        self._unsent, self._unsent_bytes = {}, 0

    def finish(self) -> None:
        """Write what is left and let the planner know how much there is."""
        for table in TABLES:
            self._flush(table)
        self._send()
        if self._filled:
            told = (table + _JOINED.get(table, "") for table in sorted(self._filled))
            self.connection.execute(text(f"ANALYZE {', '.join(told)}"))
            self._filled.clear()

    def clear(self) -> None:
        """Make room for the next part of a file: what was merged goes, what later rows can point to stays."""
        merged = [f"staged_{table}" for table in TABLES if table not in _LASTING]
        self.connection.execute(text(f"TRUNCATE {', '.join([*merged, *BRIEF_TABLES])}"))
        self.waiting = 0
        self.since = {}
