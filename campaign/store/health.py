"""How healthy the data are: how fresh, how complete by school and subject, how well they match, what is not mapped.

Every function takes a transaction under the reader's own role, so that row-level security narrows the rows. `since` is
the day from which a mark or a score counts as current.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Newest:
    """The newest data of one kind: roster, marks, or the kind of a family of tests (summative, interim …).

    `day` is what the data are about, and `came` when they last came in; None where that is not known. `records` are
    enrolled students, marks or scores.
    """

    kind: str
    name: str
    day: date | None
    came: datetime | None
    records: int


@dataclass(frozen=True)
class School:
    """Enrolled students of one school; None stands for students without a school."""

    school_id: int | None
    name: str | None
    students: int


@dataclass(frozen=True)
class Coverage:
    """How many enrolled students of a school have a current mark, a current valid score, or both in a subject."""

    school_id: int | None
    subject: str
    marked: int
    tested: int
    both: int


@dataclass(frozen=True)
class Match:
    """Rows of results of one open file, and how many of them found no student."""

    file_id: int
    name: str
    format: str
    rows: int
    unmatched: int

    @property
    def share(self) -> float:
        """Share of the rows that found their student, 0 to 1."""
        return 1 - self.unmatched / self.rows if self.rows else 1.0


@dataclass(frozen=True)
class Unmapped:
    """Something of the district's that the program cannot place.

    `kind` is course (it has no subject), test (nor has it), level (nothing says which one means at grade level), or
    refusal: students without a comparison for such a reason, whose code is the name.
    """

    kind: str
    name: str
    students: int


_DAY_OF_MARK = "coalesce(m.period_ends_on, make_date(m.school_year, 6, 30))"
_DAY_OF_SCORE = "coalesce(c.administered_on, make_date(c.school_year, 6, 30))"


def make_room(connection: Connection) -> None:
    """Let the transaction count in memory: a large district's students by subject do not fit into the usual 4 MB."""
    connection.execute(text("SET LOCAL work_mem = '64MB'"))


def newest(connection: Connection, today: date) -> Sequence[Newest]:
    """Rosters first, then marks, then the families of tests by name. Days to come do not count."""
    rows = connection.execute(
        text(
            f"""
            WITH taken AS MATERIALIZED (
                SELECT c.assessment_id, max(least({_DAY_OF_SCORE}, :today)) AS day, count(*) AS records FROM score c
                WHERE coalesce(c.administered_on, '-infinity') <= :today GROUP BY c.assessment_id
            )
            SELECT 'roster' AS kind, '' AS name, NULL::date AS day, max(r.finished_at) AS came,
                   (SELECT count(*) FROM student WHERE NOT withdrawn) AS records
            FROM source_file f JOIN import_run r ON r.id = f.import_run_id
            WHERE f.status = 'done' AND f.accepted > 0
              AND f.format ~* '(user|student|person|enrollment|roster)' AND f.format !~* '(score|grade|assess|test)'
            UNION ALL
            SELECT 'marks', '', max(least({_DAY_OF_MARK}, :today)), NULL, count(*)
            FROM mark m WHERE NOT m.withdrawn AND coalesce(m.period_ends_on, '-infinity') <= :today
            UNION ALL
            (SELECT a.kind, a.family, max(t.day), NULL, CAST(sum(t.records) AS bigint)
             FROM taken t JOIN assessment a ON a.id = t.assessment_id
             GROUP BY a.family, a.kind ORDER BY a.family, a.kind)
            """  # noqa: S608  the pieces are constants
        ),
        {"today": today},
    )
    return [Newest(**row._mapping) for row in rows]


def schools(connection: Connection) -> Sequence[School]:
    rows = connection.execute(
        text(
            """
            SELECT s.school_id, c.name, count(*) AS students
            FROM student s LEFT JOIN school c ON c.id = s.school_id
            WHERE NOT s.withdrawn GROUP BY s.school_id, c.name ORDER BY c.name NULLS LAST, s.school_id
            """
        )
    )
    return [School(**row._mapping) for row in rows]


def coverage(connection: Connection, since: date) -> Sequence[Coverage]:
    """One row for each school and subject of which anything current is known."""
    rows = connection.execute(
        text(
            f"""
            WITH enrolled AS MATERIALIZED (
                SELECT id, school_id FROM student WHERE NOT withdrawn
            ), marked AS MATERIALIZED (
                SELECT m.student_id, m.subject FROM mark m
                WHERE NOT m.withdrawn AND m.subject IS NOT NULL AND {_DAY_OF_MARK} >= :since
                GROUP BY m.student_id, m.subject
            ), valid AS MATERIALIZED (
                SELECT c.student_id, c.assessment_id FROM score c
                WHERE c.status = 'valid' AND {_DAY_OF_SCORE} >= :since
            ), tested AS MATERIALIZED (
                SELECT v.student_id, a.subject FROM valid v JOIN assessment a ON a.id = v.assessment_id
                WHERE a.subject IS NOT NULL GROUP BY v.student_id, a.subject
            ), known AS (
                SELECT student_id, subject, bool_or(marked) AS marked, bool_or(tested) AS tested FROM (
                    SELECT student_id, subject, true AS marked, false AS tested FROM marked
                    UNION ALL SELECT student_id, subject, false, true FROM tested
                ) each GROUP BY student_id, subject
            )
            SELECT s.school_id, k.subject, count(*) FILTER (WHERE k.marked) AS marked,
                   count(*) FILTER (WHERE k.tested) AS tested, count(*) FILTER (WHERE k.marked AND k.tested) AS both
            FROM known k JOIN enrolled s ON s.id = k.student_id
            GROUP BY s.school_id, k.subject ORDER BY s.school_id, k.subject
            """  # noqa: S608  the pieces are constants
        ),
        {"since": since},
    )
    return [Coverage(**row._mapping) for row in rows]


def matches(connection: Connection, newest_files: str) -> Sequence[Match]:
    """Files of results among the open ones, the worst first. `newest_files` is `imports.NEWEST_FILES`."""
    rows = connection.execute(
        text(
            f"""
            WITH lost AS MATERIALIZED (
                SELECT source_file_id, count(*) AS rows FROM refused_row
                WHERE NOT accepted AND code IN ('unknown_student', 'identity_conflict') GROUP BY source_file_id
            )
            SELECT f.id AS file_id, f.name, f.format, f.rows_in AS rows, coalesce(l.rows, 0) AS unmatched
            FROM source_file f LEFT JOIN lost l ON l.source_file_id = f.id
            WHERE f.id IN (SELECT id FROM ({newest_files}) n) AND f.status = 'done' AND f.rows_in > 0
              AND f.format <> 'assessment settings'
              AND (f.format !~* '^(oneroster|ed-?fi|sds)' OR f.format ~* '(result|grade|assessment|transcript)')
            ORDER BY coalesce(l.rows, 0)::float / f.rows_in DESC, f.name
            """  # noqa: S608  the piece is a constant
        )
    )
    return [Match(**row._mapping) for row in rows]


def unmapped(connection: Connection, since: date) -> Sequence[Unmapped]:
    """Courses and tests without a subject, tests without a line for grade level, and what that refuses today."""
    rows = connection.execute(
        text(
            f"""
            WITH taken AS MATERIALIZED (
                SELECT c.student_id, c.assessment_id FROM score c WHERE {_DAY_OF_SCORE} >= :since
            )
            SELECT 'course' AS kind, coalesce(m.course_title, m.course_code, '?') AS name,
                   count(DISTINCT m.student_id) AS students
            FROM mark m WHERE NOT m.withdrawn AND m.subject IS NULL AND {_DAY_OF_MARK} >= :since GROUP BY 2
            UNION ALL
            SELECT CASE WHEN a.subject IS NULL THEN 'test' ELSE 'level' END, a.title, count(DISTINCT t.student_id)
            FROM taken t JOIN assessment a ON a.id = t.assessment_id
            WHERE a.kind IN ('summative', 'interim') AND (a.subject IS NULL OR a.cut IS NULL AND a.floor_level IS NULL)
            GROUP BY 1, 2
            UNION ALL
            SELECT 'refusal', k.refusal, count(DISTINCT k.student_id) FROM comparison k
            WHERE k.superseded_at IS NULL AND k.refusal IN ('subject_not_mapped', 'mark_not_comparable', 'no_cut')
            GROUP BY 2
            ORDER BY kind, students DESC, name
            """  # noqa: S608  the pieces are constants
        ),
        {"since": since},
    )
    return [Unmapped(**row._mapping) for row in rows]
