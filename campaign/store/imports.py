"""Runs, files and refused rows: what came in and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping, text

LOCK = 7281605
"""Key of the lock that an import holds while it works; it ends with its connection, however the process ends."""


@dataclass(frozen=True)
class FileRecord:
    """One file as the table of files shows it."""

    name: str
    sha256: str
    bytes: int
    format: str
    status: str
    rows_in: int = 0
    accepted: int = 0
    unchanged: int = 0
    refused: int = 0
    message: str | None = None


class RunNotWaiting(Exception):
    """The run that was to begin is not waiting any more: somebody called it off, or it has begun before."""


def begin_run(connection: Connection, now: datetime, waiting: int | None = None) -> int:
    """Begin the run that waits under this id, or a new one. Raises RunNotWaiting.

    Runs that were cut off are marked as interrupted; the caller holds the import lock.
    """
    connection.execute(
        text("UPDATE import_run SET status = 'interrupted', finished_at = :now WHERE status = 'running'"),
        {"now": now},
    )
    begun = connection.scalar(text(_BEGIN if waiting else _NEW), {"now": now, "run": waiting})
    if begun is None:
        raise RunNotWaiting(waiting)
    return int(begun)


_BEGIN = """
    UPDATE import_run SET status = 'running', started_at = :now WHERE id = :run AND status = 'waiting' RETURNING id
"""
_NEW = "INSERT INTO import_run (status, started_at) VALUES ('running', :now) RETURNING id"


def end_run(connection: Connection, run: int, status: str, now: datetime) -> None:
    """The run's district is the one it was asked for, or the one that all its files belong to."""
    connection.execute(
        text(
            """
            UPDATE import_run SET status = :status, finished_at = :now, district_id = coalesce(district_id,
                (SELECT min(district_id) FROM source_file f WHERE f.import_run_id = :run
                 HAVING count(DISTINCT district_id) = 1))
            WHERE id = :run
            """
        ),
        {"run": run, "status": status, "now": now},
    )


def tell_planner(engine: Engine) -> None:
    """Count what an import has filled, so that the next question is planned for it, not for empty tables."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(
            text("ANALYZE student, student_identifier, contact, student_contact, enrollment, mark, score")
        )


def add_file(connection: Connection, run: int, district: int | None, file: FileRecord) -> int:
    return int(
        connection.scalar(
            text(
                """
                INSERT INTO source_file (import_run_id, district_id, name, sha256, bytes, format, status,
                                         rows_in, accepted, unchanged, refused, message)
                VALUES (:run, :district, :name, :sha256, :bytes, :format, :status,
                        :rows_in, :accepted, :unchanged, :refused, :message)
                RETURNING id
                """
            ),
            {"run": run, "district": district, **vars(file)},
        )
        or 0
    )


def settle_file(connection: Connection, file_id: int, file: FileRecord) -> None:
    """Write the outcome of a file that was added before its rows were merged."""
    connection.execute(
        text(
            """
            UPDATE source_file SET status = :status, rows_in = :rows_in, accepted = :accepted,
                unchanged = :unchanged, refused = :refused, message = :message
            WHERE id = :id
            """
        ),
        {"id": file_id, **vars(file)},
    )


def refused_by_code(connection: Connection, district: int, prefix: str) -> list[RowMapping]:
    """The refused rows still in the staging tables, one a row.

    That is: number of the file, line, column_name, code, detail, and school_id and subject where the row tells them, or
    its section, course or student does. `prefix` keeps places of two issuers apart.
    """
    refused = list(connection.execute(text(_REFUSED), {"district": district, "prefix": prefix}).mappings())
    connection.execute(text("TRUNCATE refused_about"))
    return refused


# What two facts of one row say differently is not known. A student is known while the part is in work.
_REFUSED = """
    WITH named AS (
        SELECT a.file, a.row, a.student_row, a.subject,
            (SELECT h.id FROM school h
             WHERE h.district_id = :district AND h.source_id = :prefix || a.school) AS school_id,
            (SELECT c.id FROM section c
             WHERE c.district_id = :district AND c.source_id = :prefix || coalesce(a.section, l.section)) AS section_id,
            (SELECT k.id FROM course k
             WHERE k.district_id = :district AND k.source_id = :prefix || a.course) AS course_id
        FROM refused_about a
        LEFT JOIN (SELECT source_id, min(section) AS section FROM staged_line_item GROUP BY source_id) l
            ON l.source_id = a.line_item
    ), found AS (
        SELECT n.file, n.row,
            coalesce(n.school_id, (SELECT c.school_id FROM section c WHERE c.id = n.section_id), (
                SELECT s.school_id FROM student s WHERE s.id = (
                    SELECT min(f.student_id) FROM found_reference f
                    WHERE f.file = n.file AND f.row = n.student_row AND f.student_id = f.other_id))) AS school_id,
            coalesce(n.subject, (SELECT k.subject FROM course k WHERE k.id = coalesce(
                n.course_id, (SELECT c.course_id FROM section c WHERE c.id = n.section_id)))) AS subject
        FROM named n
    ), about AS (
        SELECT file, row, CASE WHEN min(school_id) = max(school_id) THEN min(school_id) END AS school_id,
               CASE WHEN min(subject) = max(subject) THEN min(subject) END AS subject
        FROM found GROUP BY file, row
    )
    SELECT DISTINCT ON (r.file, r.row) r.file, r.line, r.column_name, r.code, coalesce(r.detail, '') AS detail,
           a.school_id, a.subject
    FROM staged_refused r LEFT JOIN about a USING (file, row) ORDER BY r.file, r.row, r.code
"""


def add_problems(connection: Connection, problems: Iterable[Mapping[str, object]]) -> None:
    """Rows of refused_row, with all of its columns but the id."""
    batch = list(problems)
    if batch:
        connection.execute(
            text(
                """
                INSERT INTO refused_row
                    (source_file_id, district_id, line, column_name, code, reason, remedy, accepted, school_id, subject)
                VALUES (:source_file_id, :district_id, :line, :column_name, :code, :reason, :remedy, :accepted,
                        :school_id, :subject)
                """
            ),
            batch,
        )


# A file is known by its name and what it was read as: what an earlier import of it said no longer counts. One that
# could not be read is followed by whatever bears its name. Nor does what a person has set aside.
NEWEST_FILES = """
    SELECT f.id, f.name, f.format, f.status, f.message FROM source_file f
    WHERE f.set_aside_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM source_file g
        WHERE g.name = f.name AND g.id > f.id
          AND (g.format = f.format AND g.district_id IS NOT DISTINCT FROM f.district_id
               OR f.status = 'failed' AND (f.district_id IS NULL OR g.district_id = f.district_id))
    )
"""
_OPEN_PROBLEMS = """
    WITH newest AS ({newest})
    SELECT n.name AS file, n.format, r.line, r.column_name, r.code, r.reason, r.remedy, r.accepted
    FROM newest n JOIN refused_row r ON r.source_file_id = n.id
    UNION ALL
    SELECT n.name, n.format, 0, NULL, 'file_failed', n.message, 'Correct the file and import it again.', false
    FROM newest n WHERE n.status = 'failed'
    ORDER BY file, line, code
"""


def open_problems(connection: Connection) -> list[RowMapping]:
    """Problems of the newest import of each file: file, format, line, column_name, code, reason, remedy, accepted."""
    query = text(_OPEN_PROBLEMS.format(newest=NEWEST_FILES))
    return list(connection.execute(query).mappings())
