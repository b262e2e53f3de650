"""Imports that staff ask for: the run, the files it is about, how far it has come, and its place in the history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from campaign.store import uploads
from campaign.store.imports import LOCK
from campaign.store.uploads import Upload


@dataclass(frozen=True)
class Request:
    """Who asks for an import, and into which district its files go; None leaves that to the files."""

    district_id: int | None
    account_id: int | None
    now: datetime
    repeats_id: int | None = None


@dataclass(frozen=True)
class Run:
    """One import with its totals. `repeated_by` is the run that was asked for in its place."""

    run_id: int
    district_id: int | None
    district: str | None
    status: str
    started_at: datetime
    finished_at: datetime | None
    account_id: int | None
    repeats_id: int | None
    repeated_by: int | None
    uploads: int
    files: int
    failed: int
    rows_in: int
    accepted: int
    unchanged: int
    refused: int
    works: bool

    @property
    def state(self) -> str:
        """The status; a run whose worker is gone is interrupted, whatever it says itself.

        Where the files that failed belong to others, the reader's own came in.
        """
        if self.status == "running" and not self.works:
            return "interrupted"
        return "done" if self.status == "failed" and self.files and not self.failed else self.status

    @property
    def is_under_way(self) -> bool:
        return self.state in {"waiting", "running"}


@dataclass(frozen=True)
class Expected:
    """A file that a run will read; `expected_rows` is a guess from its size, None where there is none."""

    name: str
    bytes: int
    expected_rows: int | None


@dataclass(frozen=True)
class FileProgress:
    name: str
    bytes: int
    expected_rows: int | None
    rows: int
    state: str

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1. What is not in yet is never quite done."""
        if self.state in {"waiting", "reading"}:
            return min(self.rows / self.expected_rows, 0.9) if self.expected_rows else 0.0
        return 0.9 if self.state == "merging" else 1.0


@dataclass(frozen=True)
class ToDo:
    """What a worker needs to know of a run that waits.

    Whoever works for the state may say of a roster that it is the district's, whatever name stands in it.
    """

    district: str | None
    confirmed: bool
    uploads: Sequence[Upload]


def ask(connection: Connection, request: Request, upload_ids: Sequence[int]) -> int:
    """A new run that waits for a worker; its id."""
    run = connection.execute(
        text(
            """
            INSERT INTO import_run (district_id, status, started_at, account_id, repeats_id)
            VALUES (:district_id, 'waiting', :now, :account_id, :repeats_id) RETURNING id
            """
        ),
        asdict(request),
    ).scalar_one()
    connection.execute(
        text("INSERT INTO import_run_upload (import_run_id, upload_id) VALUES (:run, :upload)"),
        [{"run": run, "upload": upload} for upload in upload_ids],
    )
    return int(run)


def cancel(connection: Connection, run_id: int, now: datetime) -> bool:
    """Call off a run that has not begun; False if it has."""
    return bool(
        connection.execute(
            text(
                """
                UPDATE import_run SET status = 'cancelled', finished_at = :now
                WHERE id = :run_id AND status = 'waiting'
                """
            ),
            {"run_id": run_id, "now": now},
        ).rowcount
    )


def to_do(connection: Connection, run_id: int) -> ToDo | None:
    """What the run is about, or None if it does not wait."""
    run = connection.execute(
        text(
            """
            SELECT r.id, d.code, coalesce(a.role = 'state', false) AS confirmed FROM import_run r
            LEFT JOIN district d ON d.id = r.district_id LEFT JOIN account a ON a.id = r.account_id
            WHERE r.id = :run_id AND r.status = 'waiting'
            """
        ),
        {"run_id": run_id},
    ).first()
    return ToDo(run.code, run.confirmed, uploads.of_run(connection, run_id)) if run else None


def waiting(connection: Connection) -> list[int]:
    return list(connection.scalars(text("SELECT id FROM import_run WHERE status = 'waiting' ORDER BY id")))


def end(connection: Connection, run_id: int, now: datetime, *, interrupted: bool) -> None:
    """Write the moment at which the work on a run ended."""
    connection.execute(
        text(
            """
            UPDATE import_run SET finished_at = :now,
                status = CASE WHEN :interrupted AND status IN ('waiting', 'running') THEN 'interrupted' ELSE status END
            WHERE id = :run_id
            """
        ),
        {"run_id": run_id, "now": now, "interrupted": interrupted},
    )


def expect(connection: Connection, run_id: int, files: Iterable[Expected]) -> None:
    """Write down which files a run will read."""
    values = [{"run": run_id, "position": n, **asdict(file)} for n, file in enumerate(files)]
    if values:
        connection.execute(
            text(
                """
                INSERT INTO import_progress (import_run_id, name, position, bytes, expected_rows, state)
                VALUES (:run, :name, :position, :bytes, :expected_rows, 'waiting') ON CONFLICT DO NOTHING
                """
            ),
            values,
        )


def tell(connection: Connection, run_id: int, name: str, rows: int) -> None:
    """Write how many rows of a file are read so far."""
    connection.execute(
        text(
            """
            INSERT INTO import_progress (import_run_id, name, position, bytes, rows, state)
            VALUES (:run, :name, 0, 0, :rows, 'reading')
            ON CONFLICT (import_run_id, name) DO UPDATE SET rows = EXCLUDED.rows, state = EXCLUDED.state
            """
        ),
        {"run": run_id, "name": name, "rows": rows},
    )


def merging(connection: Connection, run_id: int, names: Sequence[str]) -> None:
    """Write that all rows of these files are read, and that they are being merged."""
    connection.execute(
        text(
            "UPDATE import_progress SET state = 'merging' WHERE import_run_id = :run AND name = ANY (:names)"
        ),
        {"run": run_id, "names": list(names)},
    )


def progress(connection: Connection, run_id: int) -> Sequence[FileProgress]:
    """Every file of the run in its order; one that is in or was refused has the state of its record."""
    rows = connection.execute(
        text(
            """
            SELECT p.name, p.bytes, p.expected_rows, coalesce(f.rows_in, p.rows) AS rows,
                   coalesce(f.status, p.state) AS state
            FROM import_progress p
            LEFT JOIN source_file f ON f.import_run_id = p.import_run_id AND f.name = p.name
            WHERE p.import_run_id = :run_id ORDER BY p.position, p.name
            """
        ),
        {"run_id": run_id},
    )
    return [FileProgress(**row._mapping) for row in rows]


# Who holds the import lock, works; see `campaign.intake.run`.
_RUNS = f"""
    SELECT r.id AS run_id, r.district_id, d.name AS district, r.status, r.started_at, r.finished_at, r.account_id,
           r.repeats_id, (SELECT max(n.id) FROM import_run n WHERE n.repeats_id = r.id) AS repeated_by,
           (SELECT count(*) FROM import_run_upload u WHERE u.import_run_id = r.id) AS uploads,
           coalesce(f.files, 0) AS files, coalesce(f.failed, 0) AS failed, coalesce(f.rows_in, 0) AS rows_in,
           coalesce(f.accepted, 0) AS accepted, coalesce(f.unchanged, 0) AS unchanged,
           coalesce(f.refused, 0) AS refused,
           EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = {LOCK}
                   AND objsubid = 1 AND granted
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS works
    FROM import_run r LEFT JOIN district d ON d.id = r.district_id
    LEFT JOIN LATERAL (
        SELECT count(*) AS files, count(*) FILTER (WHERE status = 'failed') AS failed, sum(rows_in) AS rows_in,
               sum(accepted) AS accepted, sum(unchanged) AS unchanged, sum(refused) AS refused
        FROM source_file WHERE import_run_id = r.id
    ) f ON true
"""  # noqa: S608  the piece is a number of ours


def one(connection: Connection, run_id: int) -> Run | None:
    row = connection.execute(text(_RUNS + " WHERE r.id = :run_id"), {"run_id": run_id}).first()
    return Run(**row._mapping) if row else None


def history(connection: Connection, *, limit: int, offset: int = 0) -> Sequence[Run]:
    """Newest run first."""
    rows = connection.execute(
        text(_RUNS + " ORDER BY r.id DESC LIMIT :limit OFFSET :offset"), {"limit": limit, "offset": offset}
    )
    return [Run(**row._mapping) for row in rows]


def count(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM import_run")).scalar_one())


def askers(connection: Connection, runs: Iterable[Run]) -> dict[int, str]:
    """Names of the people who asked for the runs, by account id; as the engine, for accounts are closed to staff."""
    wanted = sorted({run.account_id for run in runs if run.account_id is not None})
    rows = connection.execute(text("SELECT id, name FROM account WHERE id = ANY (:ids)"), {"ids": wanted})
    return {row.id: row.name for row in rows}
