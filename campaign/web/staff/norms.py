"""What a grade means here: last year's grades beside the state test of the same spring, for a district's office."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from zoneinfo import ZoneInfo

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, RowMapping

from campaign.comparing import comparisons
from campaign.comparing.norms import (
    SHOWN_MEANS,
    DistrictNorms,
    GradeNorm,
    district_norms,
    statement_words,
    write_rows,
)
from campaign.store.rosters import districts
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff.blueprint import OFFICE, blueprint
from reports.compare.scales import load


@dataclass(frozen=True)
class _Found:
    """The districts the reader sees, the one chosen of them, and its norms; None where there is no district."""

    districts: Sequence[RowMapping]
    chosen: RowMapping | None
    norms: DistrictNorms | None


@blueprint.get("/norms")
@allow(*OFFICE)
def norms() -> ResponseReturnValue:
    with as_principal() as connection:
        found = _found(connection)
    return render_template(
        "staff/norms.html",
        districts=found.districts,
        chosen=found.chosen,
        norms=found.norms,
        subjects=_by_subject(found.norms.rows) if found.norms else [],
        means=SHOWN_MEANS,
        statement_words=statement_words,
    )


@blueprint.get("/norms.csv")
@allow(*OFFICE)
def norms_csv() -> ResponseReturnValue:
    with as_principal() as connection:
        found = _found(connection)
    out = io.StringIO(newline="")
    write_rows(out, [(found.chosen["code"], found.norms)] if found.chosen and found.norms else [])
    headers = {"Content-Disposition": 'attachment; filename="what-grades-mean.csv"'}
    # The mark at the start tells spreadsheet programs that the text is UTF-8.
    return Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def choose(connection: Connection) -> tuple[Sequence[RowMapping], RowMapping | None]:
    """The districts that the reader sees, and the one that the address names, or the first."""
    seen = districts(connection, None)
    wanted = request.args.get("district")
    return seen, next((one for one in seen if one["code"] == wanted), seen[0] if seen else None)


def today() -> date:
    """The day it is where the installation is."""
    return parts().clock().astimezone(ZoneInfo(parts().settings.installation.time_zone)).date()


def _found(connection: Connection) -> _Found:
    seen, chosen = choose(connection)
    if chosen is None:
        return _Found(seen, None, None)
    settings = parts().settings
    scales = comparisons.scales_of(settings.home, chosen["code"]) or load()
    found = district_norms(connection, chosen["id"], today(), scales, settings.privacy.minimum_group)
    return _Found(seen, chosen, found)


def _by_subject(rows: Sequence[GradeNorm]) -> list[tuple[str, list[GradeNorm]]]:
    return [(subject, list(some)) for subject, some in groupby(rows, key=lambda row: row.subject)]
