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


def refused_by_code(connection: Connection) -> list[RowMapping]:
    """(file number, line, column_name, code, detail) of the refused rows still in the staging tables, one a row."""
    return list(
        connection.execute(
            text(
                """
                SELECT DISTINCT ON (file, row) file, line, column_name, code, coalesce(detail, '') AS detail
                FROM staged_refused ORDER BY file, row, code
                """
            )
        ).mappings()
    )


def add_problems(connection: Connection, problems: Iterable[Mapping[str, object]]) -> None:
    """Rows of refused_row: source_file_id, district_id, line, column_name, code, reason, remedy, accepted."""
    batch = list(problems)
    if batch:
        connection.execute(
            text(
                """
                INSERT INTO refused_row
                    (source_file_id, district_id, line, column_name, code, reason, remedy, accepted)
                VALUES (:source_file_id, :district_id, :line, :column_name, :code, :reason, :remedy, :accepted)
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
