"""One imported file: what became of it, its problems by kind, and the ways to mend it."""

from __future__ import annotations

from pathlib import PurePath

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaign import database
from campaign.access import ENGINE
from campaign.store import problems, retries
from campaign.store.problems import ImportedFile, Wanted
from campaign.store.retries import Retry
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.reception import NoRoom, take, takes_files
from campaign.web.staff import asking
from campaign.web.staff.asking import ask
from campaign.web.staff.blueprint import OFFICE, blueprint


@blueprint.get("/imports/files/<int:file_id>")
@allow(*OFFICE)
def import_file(file_id: int) -> ResponseReturnValue:
    file, retry = _find(file_id)
    with as_principal() as connection:
        refused = problems.kinds(connection, Wanted(file_id=file_id))
        notes = problems.kinds(connection, Wanted(file_id=file_id, notes=True))
    return render_template(
        "staff/import_file.html",
        file=file,
        retry=retry,
        own_name=own_name(file, retry),
        refused=refused,
        notes=notes,
        trouble=asking.TROUBLES.get(request.args.get("told", "")),
        describe_url=asking.describe_url(file),
        keep_days=parts().settings.intake.keep_uploads_days,
    )


@blueprint.post("/imports/files/<int:file_id>/again")
@allow(*OFFICE)
def retry_file(file_id: int) -> ResponseReturnValue:
    file, retry = _find(file_id)
    if not retry.is_possible:
        return redirect(url_for("staff.import_file", file_id=file_id), code=303)
    run_id = ask(file.district_id or asking.bound_district(), again=retry)
    return redirect(url_for("staff.import_run", run_id=run_id), code=303)


@blueprint.post("/imports/files/<int:file_id>/corrected")
@allow(*OFFICE)
@takes_files
def correct_file(file_id: int) -> ResponseReturnValue:
    """The file that is sent takes the name of the one that it corrects, so that its problems are settled by it."""
    file, retry = _find(file_id)
    name = own_name(file, retry)
    if retry.superseded or name is None:
        return redirect(url_for("staff.import_file", file_id=file_id), code=303)
    try:
        reception = take(parts().settings.home, asking.maximum_bytes(), rename=name)
    except NoRoom:
        return _back(file_id, "no_room")
    if not reception.names:
        return _back(file_id, "no_file")
    if reception.sent_suffix != PurePath(name).suffix.casefold():
        reception.discard()
        return _back(file_id, "other_kind")
    district_id = file.district_id or asking.bound_district()
    beside = retry if not retry.is_gone else None
    run_id = ask(district_id, received=reception.received()[:1], again=beside)
    return redirect(url_for("staff.import_run", run_id=run_id), code=303)


@blueprint.post("/imports/files/<int:file_id>/set-aside")
@allow(*OFFICE)
def set_file_aside(file_id: int) -> ResponseReturnValue:
    return _set_aside(file_id, aside=True)


@blueprint.post("/imports/files/<int:file_id>/take-up")
@allow(*OFFICE)
def take_file_up(file_id: int) -> ResponseReturnValue:
    return _set_aside(file_id, aside=False)


def own_name(file: ImportedFile, retry: Retry) -> str | None:
    """The name under which a corrected file comes in; None where it lies in an archive that is not stored any more."""
    if retry.own:
        return retry.own.name
    return None if "/" in file.name else file.name


def _find(file_id: int) -> tuple[ImportedFile, Retry]:
    with as_principal() as connection:
        file = problems.one_file(connection, asking.number(file_id))
        if file is None:
            abort(404)
        return file, retries.of_file(connection, file)


def _back(file_id: int, told: str) -> ResponseReturnValue:
    return redirect(url_for("staff.import_file", file_id=file_id, told=told), code=303)


def _set_aside(file_id: int, *, aside: bool) -> ResponseReturnValue:
    file, _ = _find(file_id)
    with as_principal() as connection:
        database.assume(connection, ENGINE)
        retries.set_aside(connection, file_id, parts().clock() if aside else None)
        action = "set_aside_file" if aside else "took_up_file"
        asking.note(connection, action, f"source_file:{file_id}", file.district_id)
    return redirect(url_for("staff.import_file", file_id=file_id), code=303)
