"""Temporary tables that rows wait in until the whole source is read, and the writer that fills them with COPY.

Every fact carries the number of its file and row, so that a refusal found later by SQL still names the line.
The tables live as long as the transaction: a killed process leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from campaign.intake.batches import Batch
from campaign.intake.problems import RowRefused, explain

_ASSESSMENT_KEY = {
    "family": "text",
    "version": "text",
    "subject": "text",
    "grade_level": "smallint",
    "season": "text",
}

TABLES: dict[str, dict[str, str]] = {
    "row": {"line": "int"},
    "refused": {"line": "int", "column_name": "text", "code": "text", "detail": "text", "key": "text"},
    "changed": {},
    "district": {"source_id": "text", "code": "text", "name": "text", "state_code": "text"},
    "school": {"source_id": "text", "name": "text", "parent": "text", "phone": "text"},
    "person": {
        "key": "text",
        "defines": "boolean",
        "given_name": "text",
        "family_name": "text",
        "preferred_name": "text",
        "email": "text",
        "phone": "text",
        "phone_type": "text",
        "birth_date": "date",
        "grade_level": "smallint",
        "school": "text",
        "as_of": "date",
        "home_language": "text",
        "home_language_raw": "text",
        "home_language_code_system": "text",
        "written_language": "text",
        "spoken_language": "text",
        "language_raw": "text",
        "interpreter_needed": "boolean",
        "english_learner": "boolean",
        "us_entry_date": "date",
        "confidential": "boolean",
        "address_line": "text",
        "city": "text",
        "state_code": "text",
        "postal_code": "text",
        "relation": "text",
        "may_receive": "boolean",
        "court_restriction": "boolean",
        "adult_consent": "boolean",
        "withdrawn": "boolean",
    },
    # kind: student, staff or contact
    "role": {"key": "text", "kind": "text", "school": "text", "relation": "text"},
    "identifier": {"key": "text", "system": "text", "value": "text"},
    # A name by which other rows of the source point to a person.
    "alias": {"key": "text", "name": "text"},
    # Two people of whom one looks after the other; which is which, their roles say.
    "agent": {"key": "text", "agent_key": "text"},
    "relation": {
        "student_key": "text",
        "contact_key": "text",
        "contact_alias": "text",
        "relation": "text",
        "may_receive": "boolean",
        "court_restriction": "boolean",
        "lives_with": "boolean",
        "primary_contact": "boolean",
        "adult_consent": "boolean",
    },
    "course": {"source_id": "text", "title": "text", "subject": "text", "grade_level": "smallint"},
    "offering": {"source_id": "text", "course": "text"},
    "section": {
        "source_id": "text",
        "offering": "text",
        "title": "text",
        "course": "text",
        "school": "text",
        "subject": "text",
        "grade_level": "smallint",
    },
    "teaching": {"section": "text", "staff_key": "text", "is_primary": "boolean"},
    "enrollment": {"section": "text", "gone": "boolean"},
    "period": {
        "source_id": "text",
        "title": "text",
        "kind": "text",
        "school_year": "smallint",
        "begins_on": "date",
        "ends_on": "date",
    },
    "line_item": {
        "source_id": "text",
        "section": "text",
        "period": "text",
        "maximum": "double precision",
        "scale": "text",
        "report_card": "boolean",
        "says_whole": "boolean",
        "says_part": "boolean",
    },
    # Identifiers of the student a mark, score or enrolment is about. exclusive: a student has one id of this system.
    "student_ref": {"system": "text", "value": "text", "exclusive": "boolean"},
    # Name and birth date of that student, for rows whose identifiers find nobody.
    "student_named": {"given_name": "text", "family_name": "text", "birth_date": "date"},
    "mark": {
        "source_key": "text",
        "section": "text",
        "course": "text",
        "period": "text",
        "line_item": "text",
        "course_code": "text",
        "course_title": "text",
        "subject": "text",
        "grade_level": "smallint",
        "school_year": "smallint",
        "period_title": "text",
        "period_begins_on": "date",
        "period_ends_on": "date",
        "is_final": "boolean",
        "mark": "text",
        "percent": "double precision",
        "scale": "text",
        "modified_curriculum": "boolean",
        "credit_recovery": "boolean",
        "gone": "boolean",
    },
    "assessment": {
        **_ASSESSMENT_KEY,
        "title": "text",
        "kind": "text",
        "levels": "jsonb",
        "floor_level": "text",
        "cut": "double precision",
        "test_sem": "double precision",
        "score_sd": "double precision",
        "score_minimum": "double precision",
        "score_maximum": "double precision",
        "applies_to_all_grades": "boolean",
    },
    "score": {
        "source_key": "text",
        **_ASSESSMENT_KEY,
        "title": "text",
        "kind": "text",
        "administered_on": "date",
        "school_year": "smallint",
        "scale_score": "double precision",
        "csem": "double precision",
        "level": "text",
        "status": "text",
        "status_reason": "text",
        "test_language": "text",
        "projected_probability": "double precision",
        "grade_from_enrollment": "boolean",
    },
}


class Fact(NamedTuple):
    """One row for one staging table; columns left out are null.

    A shared fact belongs to the file, not to the row it was met in, and stays when that row is refused.
    """

    table: str
    values: Mapping[str, Any]
    shared: bool = False


@dataclass(frozen=True)
class Passed:
    """The record is of a kind the program does not use; it is counted by kind, not as a row."""

    kind: str


@dataclass
class FileTally:
    """What became of one file's records, kept while reading; SQL adds the refusals it finds."""

    number: int
    name: str
    rows_in: int = 0
    passed: dict[str, int] = field(default_factory=dict)
    notes: dict[tuple[str, str, str | None], int] = field(default_factory=dict)

    def note(self, code: str, detail: str = "", column: str | None = None) -> None:
        """A row that came in, with something a person should look at; told once per file, code and detail."""
        key = (code, detail, column)
        self.notes[key] = self.notes.get(key, 0) + 1


_BATCH = 5000


class Stage:
    """Creates the staging tables in the connection's transaction and writes to them in batches."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._buffers: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TABLES}
        # Merges join whole sets, and tables just filled have no statistics: a nested loop is always a wrong guess.
        connection.execute(text("SET LOCAL enable_nestloop = off"))
        for name, columns in TABLES.items():
            rest = "".join(f", {column} {kind}" for column, kind in columns.items())
            connection.execute(
                text(f"CREATE TEMP TABLE staged_{name} (file smallint, row int{rest}) ON COMMIT DROP")
            )

    def accept(self, tally: FileTally, line: int, facts: Iterable[Fact]) -> None:
        tally.rows_in += 1
        self._put("row", (tally.number, tally.rows_in, line))
        for table, values, shared in facts:
            row = 0 if shared else tally.rows_in
            self._put(table, (tally.number, row, *(values.get(column) for column in TABLES[table])))

    def accept_batch(self, tally: FileTally, batch: Batch) -> None:
        """Stage whole columns. A row of the batch is one that is in `lines`; the refused and passed are counted too."""
        first = tally.rows_in + 1
        numbers = range(first, first + len(batch.lines))
        tally.rows_in += len(batch.lines)
        self._put_columns("row", [repeat(tally.number), numbers, batch.lines])
        for columns in batch.facts:
            length = len(next(iter(columns.values.values())))
            rows: Iterable[int] = numbers
            if columns.shared:
                rows = repeat(0)
            elif columns.rows is not None:
                rows = [first + place for place in columns.rows]
            given = [columns.values.get(name, repeat(None, length)) for name in TABLES[columns.table]]
            self._put_columns(columns.table, [repeat(tally.number), rows, *given])
        for line, refusal, key in batch.refused:
            self.refuse(tally, line, refusal, key)
        for kind, count in batch.passed.items():
            tally.passed[kind] = tally.passed.get(kind, 0) + count

    def _put_columns(self, table: str, columns: Sequence[Iterable[Any]]) -> None:
        self._buffers[table].extend(zip(*columns, strict=False))
        if len(self._buffers[table]) >= _BATCH:
            self._flush(table)

    def refuse(self, tally: FileTally, line: int, refusal: RowRefused, key: str | None) -> None:
        """`key` is the record's own id where it has one, so that its absence elsewhere is not taken for leaving."""
        tally.rows_in += 1
        explain(refusal.code)
        told = (line, refusal.column, refusal.code, refusal.detail, key)
        self._put("refused", (tally.number, tally.rows_in, *told))

    def _put(self, table: str, row: tuple[Any, ...]) -> None:
        buffer = self._buffers[table]
        buffer.append(row)
        if len(buffer) >= _BATCH:
            self._flush(table)

    def _flush(self, table: str) -> None:
        buffer = self._buffers[table]
        if not buffer:
            return
        driver = self.connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY staged_{table} FROM STDIN") as copy:  # type: ignore[union-attr]
            for row in buffer:
                copy.write_row(row)
        buffer.clear()

    def finish(self) -> None:
        """Write what is left and let the planner know how much there is."""
        for table in TABLES:
            self._flush(table)
            self.connection.execute(text(f"ANALYZE staged_{table}"))
