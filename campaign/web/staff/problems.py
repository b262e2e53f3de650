"""What came in and what did not: files with their counts, refused rows and notes with what to do."""

from __future__ import annotations

import io
from dataclasses import astuple, fields, replace
from math import ceil

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from campaign.spreadsheets import write_csv
from campaign.store import problems as store
from campaign.web.guard import allow
from campaign.web.parts import as_principal
from campaign.web.staff.blueprint import OFFICE, blueprint

PER_PAGE = 100


@blueprint.get("/imports")
@allow(*OFFICE)
def imports() -> ResponseReturnValue:
    with as_principal() as connection:
        files = store.imported_files(connection)
    return render_template("staff/imports.html", files=files)


@blueprint.get("/problems")
@allow(*OFFICE)
def problems() -> ResponseReturnValue:
    number = min(max(request.args.get("page", 1, type=int), 1), 10**6)
    wanted = _wanted()
    with as_principal() as connection:
        kinds = store.kinds(connection, replace(wanted, code=None))
        files = store.imported_files(connection)
        rows = store.problems(connection, wanted, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
        total = store.count(connection, wanted)
        notes = store.count(connection, store.Wanted(notes=True))
    return render_template(
        "staff/problems.html",
        kinds=kinds,
        files=[file for file in files if file.file_id == wanted.file_id or file.is_newest],
        rows=rows,
        total=total,
        notes=notes,
        wanted=wanted,
        show=_show(wanted),
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
    file_id = request.args.get("file", type=int)
    return store.Wanted(
        notes=request.args.get("show") == "notes",
        code=request.args.get("code") or None,
        file_id=file_id if file_id is not None and abs(file_id) < 2**63 else None,
    )


def _show(wanted: store.Wanted) -> str | None:
    """What stands in the address of this list: nothing for refused rows."""
    return "notes" if wanted.notes else None
