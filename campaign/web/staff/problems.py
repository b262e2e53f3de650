"""What came in and what did not: files with their counts, refused rows with what to do."""

from __future__ import annotations

import io
from dataclasses import astuple, fields
from math import ceil

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from campaign.spreadsheets import write_csv
from campaign.store import overview
from campaign.store.overview import RefusedRow
from campaign.web.guard import allow
from campaign.web.parts import as_principal
from campaign.web.staff.blueprint import OFFICE, blueprint

PER_PAGE = 100


@blueprint.get("/imports")
@allow(*OFFICE)
def imports() -> ResponseReturnValue:
    with as_principal() as connection:
        files = overview.imported_files(connection)
    return render_template("staff/imports.html", files=files)


@blueprint.get("/problems")
@allow(*OFFICE)
def problems() -> ResponseReturnValue:
    number = max(request.args.get("page", 1, type=int), 1)
    code, file_id = _narrowed()
    with as_principal() as connection:
        kinds = overview.refused_kinds(connection)
        files = [
            file for file in overview.imported_files(connection) if file.refused or file.status == "failed"
        ]
        rows = overview.refused_rows(
            connection, code=code, file_id=file_id, limit=PER_PAGE, offset=(min(number, 10**6) - 1) * PER_PAGE
        )
        total = overview.count_refused(connection, code=code, file_id=file_id)
    return render_template(
        "staff/problems.html",
        kinds=kinds,
        files=files,
        rows=rows,
        total=total,
        code=code,
        file_id=file_id,
        number=number,
        pages=max(ceil(total / PER_PAGE), 1),
    )


@blueprint.get("/problems.csv")
@allow(*OFFICE)
def problems_csv() -> ResponseReturnValue:
    code, file_id = _narrowed()
    with as_principal() as connection:
        rows = overview.refused_rows(connection, code=code, file_id=file_id, limit=None)
    out = io.StringIO(newline="")
    write_csv(out, [field.name for field in fields(RefusedRow)], map(astuple, rows))
    headers = {"Content-Disposition": 'attachment; filename="refused-rows.csv"'}
    # The mark at the start tells spreadsheet programs that the text is UTF-8.
    return Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _narrowed() -> tuple[str | None, int | None]:
    file_id = request.args.get("file", type=int)
    return request.args.get("code") or None, file_id if file_id is not None and abs(file_id) < 2**63 else None
