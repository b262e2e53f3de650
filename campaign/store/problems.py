"""What staff pages read about imported files: what came in, what was refused, and notes on what came in.

Open problems are those of the newest import of each file; an earlier import shows its own where it is asked for.
Every function takes a transaction under the reader's own role, so that row-level security narrows the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, TextClause, text

from campaign.store.imports import NEWEST_FILES


@dataclass(frozen=True)
class Wanted:
    """Which problems: refused rows, or notes on what came in all the same; of one code, one file, one import.

    school_id 0 and subject "unknown": those of which it is not known.
    """

    notes: bool = False
    code: str | None = None
    file_id: int | None = None
    run_id: int | None = None
    school_id: int | None = None
    subject: str | None = None


@dataclass(frozen=True)
class ProblemKind:
    """Problems of one kind. `reason` and `remedy` are the first of them; `reasons` counts the different reasons."""

    code: str
    reason: str
    remedy: str
    reasons: int
    rows: int
    files: int


@dataclass(frozen=True)
class Bucket:
    """Problems of one school or subject; `key` as in `Wanted`, `name` None = not known or not named."""

    key: int | str
    name: str | None
    rows: int


@dataclass(frozen=True)
class Problem:
    file: str
    line: int
    column_name: str | None
    code: str
    reason: str
    remedy: str
    school: str | None = None
    subject: str | None = None


@dataclass(frozen=True)
class ImportedFile:
    """A file of one import. `notes` counts what is to be looked at though it came in; `is_open`: its problems count."""

    file_id: int
    run_id: int
    district_id: int | None
    started_at: datetime
    name: str
    format: str
    status: str
    rows_in: int
    accepted: int
    unchanged: int
    refused: int
    notes: int
    message: str | None
    set_aside_at: datetime | None
    is_open: bool

    @property
    def adds_up(self) -> bool:
        return self.rows_in == self.accepted + self.refused

    @property
    def is_unknown_table(self) -> bool:
        """Nobody has described it yet. Settings and mappings are not tables."""
        return self.format == "unknown" and not self.name.endswith(".toml")


_WANTED = """
    r.accepted = :notes AND (CAST(:code AS text) IS NULL OR r.code = :code)
    AND (CAST(:school_id AS bigint) IS NULL OR coalesce(r.school_id, 0) = :school_id)
    AND (CAST(:subject AS text) IS NULL OR coalesce(r.subject, 'unknown') = :subject)
    AND CASE WHEN CAST(:file_id AS bigint) IS NOT NULL THEN r.source_file_id = :file_id
             WHEN CAST(:run_id AS bigint) IS NOT NULL
             THEN r.source_file_id IN (SELECT id FROM source_file WHERE import_run_id = :run_id)
             ELSE r.source_file_id IN (SELECT id FROM ({newest}) n) END
"""
_KINDS = """
    SELECT code, min(reason) AS reason, min(remedy) AS remedy, count(DISTINCT reason) AS reasons,
           CAST(sum(rows) AS bigint) AS rows, count(DISTINCT source_file_id) AS files
    FROM (
        SELECT code, reason, min(remedy) AS remedy, source_file_id, count(*) AS rows
        FROM refused_row r WHERE {wanted} GROUP BY code, reason, source_file_id
    ) alike
    GROUP BY code ORDER BY rows DESC, code
"""
_PROBLEMS = """
    SELECT f.name AS file, r.line, r.column_name, r.code, r.reason, r.remedy, h.name AS school, r.subject
    FROM refused_row r JOIN source_file f ON f.id = r.source_file_id LEFT JOIN school h ON h.id = r.school_id
    WHERE {wanted} ORDER BY f.id DESC, r.line, r.id LIMIT :limit OFFSET :offset
"""
_SCHOOLS = """
    SELECT coalesce(r.school_id, 0) AS key, h.name, count(*) AS rows
    FROM refused_row r LEFT JOIN school h ON h.id = r.school_id WHERE {wanted}
    GROUP BY r.school_id, h.name ORDER BY h.name NULLS LAST, r.school_id
"""
_SUBJECTS = """
    SELECT coalesce(r.subject, 'unknown') AS key, r.subject AS name, count(*) AS rows
    FROM refused_row r WHERE {wanted} GROUP BY r.subject ORDER BY r.subject NULLS LAST
"""
_COUNT = "SELECT count(*) FROM refused_row r WHERE {wanted}"
_FILES = """
    SELECT f.id AS file_id, f.import_run_id AS run_id, f.district_id, r.started_at, f.name, f.format, f.status,
           f.rows_in, f.accepted, f.unchanged, f.refused, f.message, f.set_aside_at,
           (SELECT count(*) FROM refused_row n WHERE n.source_file_id = f.id AND n.accepted) AS notes,
           f.id IN (SELECT id FROM ({newest}) n) AS is_open
    FROM source_file f JOIN import_run r ON r.id = f.import_run_id
    WHERE {which} ORDER BY r.started_at DESC, r.id DESC, f.id
"""


def kinds(connection: Connection, wanted: Wanted) -> Sequence[ProblemKind]:
    """Problems by kind, most rows first."""
    rows = connection.execute(_select(_KINDS), vars(wanted)).mappings()
    return [ProblemKind(**row) for row in rows]


def schools(connection: Connection, wanted: Wanted) -> Sequence[Bucket]:
    """How many problems each school has, by name; those of no known school last."""
    return _buckets(connection, _SCHOOLS, replace(wanted, school_id=None))


def subjects(connection: Connection, wanted: Wanted) -> Sequence[Bucket]:
    """How many problems each subject has; those of no known subject last."""
    return _buckets(connection, _SUBJECTS, replace(wanted, subject=None))


def _buckets(connection: Connection, query: str, wanted: Wanted) -> Sequence[Bucket]:
    rows = connection.execute(_select(query), vars(wanted)).mappings()
    return [Bucket(**row) for row in rows]


def problems(
    connection: Connection, wanted: Wanted, *, limit: int | None, offset: int = 0
) -> Sequence[Problem]:
    """Newest file first, in the order of their lines. `limit` None gives all of them."""
    values = {**vars(wanted), "limit": limit, "offset": offset}
    rows = connection.execute(_select(_PROBLEMS), values).mappings()
    return [Problem(**row) for row in rows]


def count(connection: Connection, wanted: Wanted) -> int:
    return int(connection.execute(_select(_COUNT), vars(wanted)).scalar_one())


def open_files(connection: Connection) -> Sequence[ImportedFile]:
    """The files whose problems count today: the newest import of each that nobody has set aside."""
    return _files(connection, "f.id IN (SELECT id FROM ({newest}) o)")


def files_of_run(connection: Connection, run_id: int) -> Sequence[ImportedFile]:
    """The files of one import, in the order in which they came in."""
    return _files(connection, "f.import_run_id = :run_id", run_id=run_id)


def one_file(connection: Connection, file_id: int) -> ImportedFile | None:
    found = _files(connection, "f.id = :file_id", file_id=file_id)
    return found[0] if found else None


def _files(connection: Connection, which: str, **values: int) -> Sequence[ImportedFile]:
    query = _FILES.replace("{which}", which).format(newest=NEWEST_FILES)
    rows = connection.execute(text(query), values).mappings()
    return [ImportedFile(**row) for row in rows]


def _select(query: str) -> TextClause:
    return text(query.format(wanted=_WANTED.format(newest=NEWEST_FILES)))
