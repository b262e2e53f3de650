"""Data coming in: files are sent, wait for a worker, are watched while they are read, and stay in the history."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaign import database
from campaign.access import ENGINE
from campaign.store import import_runs, retries
from campaign.store import problems as problem_store
from campaign.store.import_runs import Run
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.reception import NoRoom, take, takes_files
from campaign.web.staff import asking
from campaign.web.staff.asking import ask, writable_districts
from campaign.web.staff.blueprint import OFFICE, blueprint

PER_PAGE = 20


@blueprint.get("/imports")
@allow(*OFFICE)
def imports() -> ResponseReturnValue:
    number = min(max(request.args.get("page", 1, type=int), 1), 10**6)
    with as_principal() as connection:
        total = import_runs.count(connection)
        runs = import_runs.history(connection, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
        districts = writable_districts(connection)
        database.assume(connection, ENGINE)
        askers = import_runs.askers(connection, runs)
    return render_template(
        "staff/imports.html",
        runs=runs,
        askers=askers,
        districts=districts,
        trouble=asking.TROUBLES.get(request.args.get("told", "")),
        intake=parts().settings.intake,
        number=number,
        pages=max(ceil(total / PER_PAGE), 1),
    )


@blueprint.post("/imports")
@allow(*OFFICE)
@takes_files
def send_files() -> ResponseReturnValue:
    settings = parts().settings
    try:
        reception = take(settings.home, asking.maximum_bytes())
    except NoRoom:
        return redirect(url_for("staff.imports", told="no_room"), code=303)
    if not reception.names:
        return redirect(url_for("staff.imports", told="no_file"), code=303)
    district_id = _chosen_district()
    if district_id == -1:
        reception.discard()
        abort(404)
    run_id = ask(district_id, received=reception.received())
    return redirect(url_for("staff.import_run", run_id=run_id), code=303)


def _chosen_district() -> int | None:
    """The district of the form; None leaves it to the files, -1 is one the person may not write to."""
    with as_principal() as connection:
        allowed = writable_districts(connection)
    if asking.bound_district() is not None:
        return asking.bound_district()
    wanted = request.form.get("district", "")
    if not wanted:
        return None
    return next((id for id, _ in allowed if str(id) == wanted), -1)


@blueprint.get("/imports/<int:run_id>")
@allow(*OFFICE)
def import_run(run_id: int) -> ResponseReturnValue:
    with as_principal() as connection:
        run = _found(import_runs.one(connection, asking.number(run_id)))
        progress = import_runs.progress(connection, run_id)
        files = problem_store.files_of_run(connection, run_id)
        retry = retries.of_run(connection, run_id)
        database.assume(connection, ENGINE)
        askers = import_runs.askers(connection, [run])
    return render_template(
        "staff/import_run.html",
        run=run,
        progress=progress,
        files=files,
        retry=retry,
        describe_url=asking.describe_url,
        asker=askers.get(run.account_id or 0),
        share=_share(run, progress),
        waits_for_worker=run.state == "waiting" and not asking.has_worker(),
        keep_days=parts().settings.intake.keep_uploads_days,
    )


def _share(run: Run, progress: Sequence[import_runs.FileProgress]) -> int:
    """How much of a run is done, in percent of its bytes."""
    whole = sum(file.bytes for file in progress)
    done = sum(file.bytes * file.share for file in progress)
    return round(100 * done / whole) if whole else 0


def _found(run: Run | None) -> Run:
    if run is None:
        abort(404)
    return run


@blueprint.post("/imports/<int:run_id>/cancel")
@allow(*OFFICE)
def cancel_import(run_id: int) -> ResponseReturnValue:
    with as_principal() as connection:
        run = _found(import_runs.one(connection, asking.number(run_id)))
        database.assume(connection, ENGINE)
        if import_runs.cancel(connection, run_id, parts().clock()):
            asking.note(connection, "cancelled_import", f"import:{run_id}", run.district_id)
    return redirect(url_for("staff.import_run", run_id=run_id), code=303)


@blueprint.post("/imports/<int:run_id>/again")
@allow(*OFFICE)
def repeat_import(run_id: int) -> ResponseReturnValue:
    with as_principal() as connection:
        run = _found(import_runs.one(connection, asking.number(run_id)))
        retry = retries.of_run(connection, run_id)
    if run.is_under_way or not retry.is_possible:
        return redirect(url_for("staff.import_run", run_id=run_id), code=303)
    again = ask(run.district_id, again=retry)
    return redirect(url_for("staff.import_run", run_id=again), code=303)
