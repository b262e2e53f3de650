"""Files that came in through the browser: where each lies, which imports it belongs to, whether it is still there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Received:
    """A file that has just been stored in uploads/<folder>/<name>."""

    folder: str
    name: str
    bytes: int


@dataclass(frozen=True)
class Upload:
    upload_id: int
    folder: str
    name: str
    bytes: int
    received_at: datetime
    deleted_at: datetime | None


def receive(
    connection: Connection, district_id: int | None, files: Sequence[Received], now: datetime
) -> list[int]:
    """Write down files that have come in; their ids."""
    return [
        int(
            connection.execute(
                text(
                    """
                    INSERT INTO upload (district_id, folder, name, bytes, received_at)
                    VALUES (:district_id, :folder, :name, :bytes, :now) RETURNING id
                    """
                ),
                {**asdict(file), "district_id": district_id, "now": now},
            ).scalar_one()
        )
        for file in files
    ]


def of_run(connection: Connection, run_id: int) -> Sequence[Upload]:
    """The files of an import, in the order in which they came."""
    rows = connection.execute(
        text(
            """
            SELECT u.id AS upload_id, u.folder, u.name, u.bytes, u.received_at, u.deleted_at
            FROM upload u JOIN import_run_upload r ON r.upload_id = u.id
            WHERE r.import_run_id = :run_id ORDER BY u.id
            """
        ),
        {"run_id": run_id},
    )
    return [Upload(**row._mapping) for row in rows]


def folders(connection: Connection) -> set[str]:
    """Every folder that holds, or held, a file."""
    return set(connection.scalars(text("SELECT DISTINCT folder FROM upload")))


def outlived(connection: Connection, before: datetime) -> list[str]:
    """Folders of files that came in before that moment; those of an import that waits or works are left out."""
    return list(
        connection.scalars(
            text(
                """
                SELECT folder FROM upload WHERE deleted_at IS NULL
                GROUP BY folder HAVING max(received_at) < :before AND NOT EXISTS (
                    SELECT 1 FROM upload o JOIN import_run_upload l ON l.upload_id = o.id
                    JOIN import_run r ON r.id = l.import_run_id
                    WHERE o.folder = upload.folder AND r.status IN ('waiting', 'running')
                )
                """
            ),
            {"before": before},
        )
    )


def mark_deleted(connection: Connection, gone: Sequence[str], now: datetime) -> None:
    connection.execute(
        text("UPDATE upload SET deleted_at = :now WHERE folder = ANY (:gone) AND deleted_at IS NULL"),
        {"now": now, "gone": list(gone)},
    )
