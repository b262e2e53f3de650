"""Results in brief, as large tables are staged: what many rows say alike is kept once, beside what differs.

`brief_TABLE` holds file, row, line, student_row, words and the columns of `own`; `brief_TABLE_words` the other columns
of `staged_TABLE`, by words. Rows that are new come into the register straight from here; wherever more has to be
asked, they are first written out into `staged_TABLE` and take the way of all rows (`said`).
"""
# ruff: noqa: S608  table and column names come from the code, values are always bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from campaign.store import references
from campaign.store.said import Register


@dataclass(frozen=True)
class Brief:
    """`own`: columns that differ from row to row; `words`: those that do not."""

    table: str
    own: Sequence[str]
    words: Sequence[str]


MARKS = Brief(
    "mark",
    ("source_key", "percent"),
    (
        "course_code", "course_title", "subject", "grade_level", "school_year", "period_title", "period_begins_on",
        "period_ends_on", "is_final", "mark", "scale", "modified_curriculum", "credit_recovery",
    ),
)  # fmt: skip
SCORES = Brief(
    "score",
    ("source_key", "scale_score", "csem", "projected_probability"),
    (
        "family", "version", "title", "kind", "subject", "season", "grade_level", "grade_from_enrollment",
        "administered_on", "school_year", "level", "status", "status_reason", "test_language",
    ),
)  # fmt: skip
BRIEFS = {brief.table: brief for brief in (MARKS, SCORES)}
# So many parts may turn out not to be new before the import stops trying.
_TRIES = 3
# Before, one row in so many is looked up, and the first hundred.
_APART = 1009


def begin(connection: Connection) -> None:
    """Make what is remembered from part to part.

    known_reference: rows that named a student, who is held until the end, and the student's grade today.
    asked_reference: rows of which more has to be asked than that, with the student and the case that says so, or why
    there is none. slow_part: one row for each part that turned out not to be all new.
    """
    for table in (
        "known_reference (file int, row int, student_id bigint, grade_level int)",
        "asked_reference (file int, row int, student_id bigint, case_id bigint,"
        " column_name text, code text, detail text)",
        "slow_part (seen boolean DEFAULT true)",
    ):
        connection.execute(text(f"CREATE TEMP TABLE {table} ON COMMIT DROP"))


def forget(connection: Connection, file: int, before: int) -> None:
    """Drop what is remembered of the rows of a file before the given one: nothing points to them any more."""
    for table in ("known_reference", "asked_reference"):
        query = text(f"DELETE FROM {table} WHERE file = :file AND row < :before")
        connection.execute(query, {"file": file, "before": before})


def staged(connection: Connection, brief: Brief) -> bool:
    return bool(connection.scalar(text(f"SELECT EXISTS (SELECT 1 FROM brief_{brief.table})")))


def write_out(connection: Connection, brief: Brief, where: str = "true") -> None:
    """Turn rows into staged rows like all others, and look up whom they name. `where` is about `b`, a row in brief."""
    if connection.scalar(text(f"SELECT EXISTS (SELECT 1 FROM brief_{brief.table} b WHERE {where})")):
        connection.execute(text(_WRITE_OUT.format(where=where, **_names(brief))))
        connection.execute(text(_FORGET_WORDS.format(table=brief.table)))
        connection.execute(text(_ADD_REFERENCES.format(table=brief.table)))
        connection.execute(text(f"ANALYZE staged_row, staged_{brief.table}, found_reference"))


def _names(brief: Brief) -> dict[str, str]:
    return {
        "table": brief.table,
        "columns": ", ".join([*brief.own, *brief.words]),
        "values": ", ".join([*(f"m.{c}" for c in brief.own), *(f"w.{c}" for c in brief.words)]),
    }


_WRITE_OUT = """
    WITH moved AS (
        DELETE FROM brief_{table} b WHERE {where} RETURNING b.*
    ), numbered AS (
        INSERT INTO staged_row (file, row, line) SELECT file, row, line FROM moved
    )
    INSERT INTO staged_{table} (file, row, line, student_row, {columns})
    SELECT m.file, m.row, m.line, m.student_row, {values}
    FROM moved m JOIN brief_{table}_words w ON w.file = m.file AND w.words = m.words
"""

# What nobody says in brief any more is no news of its own.
_FORGET_WORDS = """
    DELETE FROM brief_{table}_words w
    WHERE NOT EXISTS (SELECT 1 FROM brief_{table} b WHERE b.file = w.file AND b.words = w.words)
"""

_ADD_REFERENCES = """
    INSERT INTO found_reference (file, row, student_id, other_id, case_id)
    SELECT k.file, k.row, k.student_id, k.student_id, k.case_id
    FROM (SELECT file, row, student_id, NULL AS case_id FROM known_reference
          UNION ALL SELECT file, row, student_id, case_id FROM asked_reference WHERE code IS NULL) k
    WHERE (k.file, k.row) IN (SELECT file, student_row FROM staged_{table})
      AND NOT EXISTS (SELECT 1 FROM found_reference f WHERE f.file = k.file AND f.row = k.row)
"""

# Rows of which more must be asked than whose they are: nobody was found, or whoever was by a case, or that waits.
ASKED = """
    (b.file, b.student_row) IN (
        SELECT file, row FROM found_reference WHERE student_id IS NULL OR case_id IS NOT NULL
        UNION ALL SELECT file, row FROM asked_reference UNION ALL SELECT file, row FROM waiting_reference)
"""


def remember(connection: Connection) -> None:
    """Keep whom the part's references name, for later parts, or why nobody; students are held as by a foreign key."""
    connection.execute(text(_REMEMBER_ASKED))
    if connection.execute(text(_REMEMBER_KNOWN)).rowcount:
        connection.execute(text("ANALYZE known_reference"))


_REMEMBER_ASKED = """
    INSERT INTO asked_reference
    SELECT DISTINCT ON (f.file, f.row) f.file, f.row, f.student_id, f.case_id, r.column_name, r.code, r.detail
    FROM found_reference f LEFT JOIN staged_refused r ON r.file = f.file AND r.row = f.row
    WHERE f.unknown_id IS NOT NULL AND (f.case_id IS NOT NULL OR r.code IS NOT NULL) ORDER BY f.file, f.row, r.code
"""
_REMEMBER_KNOWN = """
    WITH held AS (
        SELECT id, grade_level FROM student WHERE id IN (SELECT student_id FROM found_reference) FOR KEY SHARE
    )
    INSERT INTO known_reference
    SELECT f.file, f.row, f.student_id, held.grade_level FROM found_reference f JOIN held ON held.id = f.student_id
    WHERE f.case_id IS NULL AND f.unknown_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM staged_refused r WHERE r.file = f.file AND r.row = f.row)
"""


def add(
    connection: Connection, brief: Brief, register: Register, words: str, district: int
) -> dict[int, int]:
    """Add the rows to the register if all are new and whole; how many came in, by number of file.

    `words` selects file, words, and the register's columns that do not differ from row to row. Where anything stands in
    the way, the rows are written out instead.
    """
    found = connection.execute(text(_COUNTED.format(table=brief.table))).all()
    if not found:
        return {}
    own = {"student_id", *brief.own}
    columns = ", ".join(register.columns)
    values = ", ".join(
        _GRADE if column == "grade_level" else f"{'b' if column in own else 'w'}.{column}"
        for column in register.columns
    )
    query = _ADD.format(table=brief.table, columns=columns, values=values, words=words)
    ids = {
        "district": district,
        "first": min(one.first for one in found),
        "last": max(one.last for one in found),
    }
    rows = sum(one.rows for one in found)
    if _slow(connection, brief, district) or not _all_added(connection, query, ids, rows):
        write_out(connection, brief)
        return {}
    return {int(one.file): int(one.rows) for one in found}


def _all_added(connection: Connection, query: str, ids: Mapping[str, int], rows: int) -> bool:
    """Whether the query added so many rows; if not, none."""
    try:
        with connection.begin_nested(), references.unchecked(connection, ids["district"]) as free:
            if not free or connection.execute(text(query), ids).rowcount < rows:
                raise _NotAll
    except (IntegrityError, _NotAll):
        connection.execute(text("INSERT INTO slow_part DEFAULT VALUES"))
        return False
    return True


class _NotAll(Exception):
    """Some row found no student or no words."""


_COUNTED = """
    SELECT file, count(*) AS rows, min(student_row) AS first, max(student_row) AS last FROM brief_{table} GROUP BY file
"""


def _slow(connection: Connection, brief: Brief, district: int) -> bool:
    """True if a few of the rows are in the register already, or too many parts held some that were."""
    values = {"district": district, "tries": _TRIES, "apart": _APART}
    return bool(connection.scalar(text(_SOME_ARE_THERE.format(table=brief.table)), values))


_SOME_ARE_THERE = """
    SELECT (SELECT count(*) FROM slow_part) >= :tries OR EXISTS (
        SELECT 1 FROM (
            SELECT source_key FROM brief_{table} WHERE row % :apart = 0
            UNION ALL (SELECT source_key FROM brief_{table} LIMIT 100)
        ) b CROSS JOIN LATERAL (
            SELECT 1 FROM {table} r WHERE r.district_id = :district AND r.source_key = b.source_key OFFSET 0) there)
"""

_GRADE = (
    "coalesce(w.grade_level, b.grade_now - (coalesce(newest.school_year, w.school_year) - w.school_year))"
)
# In order of students: the index of keys grows where the words of this part belong, whatever the order of the rest. Of
# the students remembered, which may be a million, only those are looked through whom this part can name.
_ADD = """
    WITH said AS MATERIALIZED ({words})
    INSERT INTO {table} (district_id, source_key, source_file_id, source_line, {columns})
    SELECT :district, b.source_key, f.id, b.line, {values}
    FROM (
        SELECT b.*, k.student_id, k.grade_level AS grade_now
        FROM brief_{table} b JOIN known_reference k ON k.file = b.file AND k.row = b.student_row
        WHERE k.row BETWEEN :first AND :last
        ORDER BY k.student_id OFFSET 0
    ) b
    CROSS JOIN (SELECT max(school_year) AS school_year FROM grading_period WHERE district_id = :district) newest
    JOIN said w ON w.file = b.file AND w.words = b.words
    JOIN staged_file f ON f.number = b.file
"""
