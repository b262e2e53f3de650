"""Trying again: which stored files an import of one file, or of a whole run, would need, and what stands against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from campaign.store import uploads
from campaign.store.uploads import Upload


@dataclass(frozen=True)
class ImportedFile:
    """One file of one import, with the run and district it belongs to."""

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
    message: str | None
    set_aside_at: datetime | None

    @property
    def is_unknown_table(self) -> bool:
        """Nobody has described it yet. Settings and mappings are not tables."""
        return self.format == "unknown" and not self.name.endswith(".toml")


@dataclass(frozen=True)
class Retry:
    """The stored files to import again. `own` is the one in question; None for a whole run."""

    run_id: int
    uploads: Sequence[Upload]
    own: Upload | None
    superseded: bool

    @property
    def is_gone(self) -> bool:
        return any(upload.deleted_at for upload in self.uploads)

    @property
    def is_possible(self) -> bool:
        """Importing an old file over what a newer one said would turn the clock back."""
        return bool(self.uploads) and not self.is_gone and not self.superseded


def file(connection: Connection, file_id: int) -> ImportedFile | None:
    """The file, or None outside the reader's scope."""
    row = connection.execute(
        text(
            """
            SELECT f.id AS file_id, f.import_run_id AS run_id, f.district_id, r.started_at, f.name, f.format, f.status,
                   f.rows_in, f.accepted, f.unchanged, f.refused, f.message, f.set_aside_at
            FROM source_file f JOIN import_run r ON r.id = f.import_run_id WHERE f.id = :file_id
            """
        ),
        {"file_id": file_id},
    ).first()
    return ImportedFile(**row._mapping) if row else None


def of_run(connection: Connection, run_id: int) -> Retry:
    """All files of a run."""
    needed = uploads.of_run(connection, run_id)
    return Retry(run_id, needed, None, _superseded(connection, run_id, needed))


def of_file(connection: Connection, wanted: ImportedFile) -> Retry:
    """The file, and what it can only be read with: the rest of its package and the mappings beside it."""
    needed = _companions(connection, wanted)
    own = next((upload for upload in needed if _holds(upload, wanted.name)), None)
    return Retry(wanted.run_id, needed if own else [], own, _superseded(connection, wanted.run_id, needed))


def set_aside(connection: Connection, file_id: int, at: datetime | None) -> None:
    """Take the problems of a file off the open list; None puts them back."""
    connection.execute(
        text("UPDATE source_file SET set_aside_at = :at WHERE id = :file_id"), {"file_id": file_id, "at": at}
    )


def _holds(upload: Upload, name: str) -> bool:
    """Whether the file of this name is the upload, or lies in it."""
    return name == upload.name or name.startswith(f"{upload.name}/")


def _companions(connection: Connection, wanted: ImportedFile) -> Sequence[Upload]:
    beside = connection.execute(
        text(
            """
            SELECT name FROM source_file
            WHERE import_run_id = :run_id
              AND (name = :name OR status = 'failed' OR name LIKE '%.toml'
                   OR split_part(format, ' ', 1) = split_part(:format, ' ', 1))
            """
        ),
        {"run_id": wanted.run_id, "name": wanted.name, "format": wanted.format},
    ).scalars()
    names = list(beside)
    return [
        upload
        for upload in uploads.of_run(connection, wanted.run_id)
        if any(_holds(upload, name) for name in names)
    ]


def _superseded(connection: Connection, run_id: int, needed: Sequence[Upload]) -> bool:
    """Whether a later import has brought a file of one of these names in."""
    return bool(
        connection.scalar(
            text(
                """
                SELECT EXISTS (
                    SELECT 1 FROM source_file g JOIN unnest(CAST(:names AS text[])) AS u (name)
                      ON g.name = u.name OR starts_with(g.name, u.name || '/')
                    WHERE g.import_run_id > :run_id AND g.status = 'done' AND g.district_id IN (
                        SELECT district_id FROM source_file WHERE import_run_id = :run_id
                        UNION SELECT district_id FROM import_run WHERE id = :run_id
                    )
                )
                """
            ),
            {"run_id": run_id, "names": [upload.name for upload in needed]},
        )
    )
