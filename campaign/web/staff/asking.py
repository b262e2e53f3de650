"""Asking for an import: who may write where, and the run, the audit entry and the job in their order."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, g, url_for
from sqlalchemy import Connection, text

from campaign import database, jobs
from campaign.access import ENGINE, Role
from campaign.store import audit, import_runs, uploads
from campaign.store.import_runs import Request
from campaign.store.problems import ImportedFile
from campaign.store.retries import Retry
from campaign.store.uploads import Received
from campaign.web.parts import as_principal, parts

# What a page says where nothing could be asked for.
TROUBLES = {
    "no_file": "No file was chosen. Choose one or more files, or a zip, and send them again.",
    "no_room": "The disk of the server has no room for these files. Ask the person who runs this program to make room, "
    "then send them again.",
    "other_kind": "This is another kind of file than the one it stands in for. Send one with the same ending.",
}
_MEGABYTE = 1024 * 1024


def maximum_bytes() -> int:
    """The most that one form with files may hold; the form itself takes a little beside its files."""
    return (parts().settings.intake.maximum_file_megabytes + 1) * _MEGABYTE


def number(wanted: int) -> int:
    """The id, if the database can hold it; else there is nothing under it."""
    if wanted >= 2**63:
        abort(404)
    return wanted


def bound_district() -> int | None:
    """The one district that all files of this person go into; None for the state, which may choose."""
    return None if g.principal.role == Role.STATE else g.principal.district_id


def writable_districts(connection: Connection) -> list[tuple[int, str]]:
    """Id and name of the districts that the person may send files for."""
    rows = connection.execute(text("SELECT id, name FROM district ORDER BY name"))
    return [(row.id, row.name) for row in rows if bound_district() in (None, row.id)]


def ask(district_id: int | None, *, received: Sequence[Received] = (), again: Retry | None = None) -> int:
    """A run over files that have just come in, and over stored ones that are tried again; its id."""
    now = parts().clock()
    repeats = again.run_id if again else None
    wanted = Request(district_id, g.principal.account_id, now, repeats)
    # What was sent as a correction stands in for the file that it corrects.
    replaced = {file.name for file in received}
    kept = [upload.upload_id for upload in (again.uploads if again else ()) if upload.name not in replaced]
    with as_principal() as connection:
        database.assume(connection, ENGINE)
        new = uploads.receive(connection, district_id, received, now)
        run_id = import_runs.ask(connection, wanted, [*kept, *new])
        note(connection, "asked_for_import", f"import:{run_id}", district_id)
    # A job that is lost here is found by the next poke of any worker's clock.
    jobs.prepare(parts().engine)
    with jobs.door(parts().engine) as door:
        jobs.defer_import(door, run_id)
    return run_id


def has_worker() -> bool:
    return jobs.has_worker(parts().engine)


def note(connection: Connection, action: str, target: str, district_id: int | None) -> None:
    """Leave a trace in the audit; the connection acts as the engine."""
    audit.write(
        connection,
        audit.Entry(
            at=parts().clock(),
            actor=g.principal.actor,
            action=action,
            target=target,
            district_id=district_id,
        ),
    )


def describe_url(file: ImportedFile) -> str | None:
    """Where a person can say what an unknown table means."""
    return url_for("staff.describe_table", source_file_id=file.file_id) if file.is_unknown_table else None
