"""Trying again: which stored files an import of one file, or of a whole run, would need, and what stands against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from campaign.store import uploads
from campaign.store.problems import ImportedFile
from campaign.store.uploads import Upload


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
