"""What did not come in, and why: problems by kind with what to do, row by row, and as a table to take along."""

from __future__ import annotations

import io
from dataclasses import astuple, fields, replace
from math import ceil

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from campaign.spreadsheets import write_csv
from campaign.store import import_runs
from campaign.store import problems as store
from campaign.web.guard import allow
from campaign.web.parts import as_principal
from campaign.web.staff.blueprint import OFFICE, blueprint

PER_PAGE = 100
# An older import is found through the list of imports.
OFFERED_RUNS = 30


@blueprint.get("/problems")
@allow(*OFFICE)
def problems() -> ResponseReturnValue:
    number = min(max(request.args.get("page", 1, type=int), 1), 10**6)
    wanted = _wanted()
    with as_principal() as connection:
        kinds = store.kinds(connection, replace(wanted, code=None))
        files = store.open_files(connection)
        chosen = store.one_file(connection, wanted.file_id) if wanted.file_id else None
        runs = import_runs.history(connection, limit=OFFERED_RUNS)
        rows = store.problems(connection, wanted, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
        total = store.count(connection, wanted)
        notes = store.count(connection, replace(wanted, notes=True, code=None, school_id=None, subject=None))
        schools = store.schools(connection, wanted)
        subjects = store.subjects(connection, wanted)
    return render_template(
        "staff/problems.html",
        kinds=kinds,
        schools=schools,
        subjects=subjects,
        files=files,
        chosen=chosen,
        runs=[run for run in runs if run.files],
        rows=rows,
        total=total,
        notes=notes,
        wanted=wanted,
        address=_address(wanted),
        number=number,
        pages=max(ceil(total / PER_PAGE), 1),
    )


@blueprint.get("/problems.csv")
@allow(*OFFICE)
def problems_csv() -> ResponseReturnValue:
    wanted = _wanted()
    with as_principal() as connection:
        rows = store.problems(connection, wanted, limit=None)
    out = io.StringIO(newline="")
    write_csv(out, [field.name for field in fields(store.Problem)], map(astuple, rows))
    name = "notes" if wanted.notes else "refused-rows"
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    # The mark at the start tells spreadsheet programs that the text is UTF-8.
    return Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _wanted() -> store.Wanted:
    return store.Wanted(
        notes=request.args.get("show") == "notes",
        code=request.args.get("code") or None,
        file_id=_id("file"),
        run_id=_id("run"),
        school_id=_id("school"),
        subject=request.args.get("subject") or None,
    )


def _id(name: str) -> int | None:
    """An id that the database can hold, or None."""
    wanted = request.args.get(name, type=int)
    return wanted if wanted is not None and abs(wanted) < 2**63 else None


def _address(wanted: store.Wanted) -> dict[str, object]:
    """What stands in the address of this list; refused rows of all newest files need nothing."""
    return {
        "show": "notes" if wanted.notes else None,
        "code": wanted.code,
        "file": wanted.file_id,
        "run": wanted.run_id,
        "school": wanted.school_id,
        "subject": wanted.subject,
    }
