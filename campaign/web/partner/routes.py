"""Totals for partners: published cells and nothing else, read under the role of whoever asks."""

from __future__ import annotations

import pandas as pd
from flask import Blueprint, Response, abort, g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, RowMapping

from campaign.access import Role
from campaign.publish import HIDDEN, as_csv
from campaign.store import publications
from campaign.web.guard import allow
from campaign.web.partner import view
from campaign.web.parts import as_principal, parts
from campaign.web.staff import words
from reports.groups.counts import DISTRICT, SCHOOL

blueprint = Blueprint("partner", __name__, url_prefix="/partner", template_folder="templates")

READERS = (Role.PARTNER, Role.DISTRICT, Role.STATE)


@blueprint.get("/")
@allow(*READERS)
def page() -> ResponseReturnValue:
    with as_principal() as connection:
        district_id = _district(connection)
        found = publications.current(connection, district_id) if district_id else []
        districts = publications.districts(connection) if g.principal.role == Role.STATE else []
        if not found:
            return render_template("partner/empty.html", districts=districts)
        chosen = _chosen(found)
        tables = {row["subject"]: publications.cells(connection, row["id"]) for row in found}
    cells = tables[chosen["subject"]]
    place = _place(cells)
    return render_template(
        "partner/page.html",
        words=words,
        subjects=list(tables),
        chosen=chosen,
        headlines={
            subject: view.headline(subject, view.everyone(table)) for subject, table in tables.items()
        },
        everyone=view.everyone(cells),
        schools=view.schools(cells),
        place=place,
        statements=view.STATEMENTS,
        by_grade=view.table(cells, place, "grade_level"),
        by_language=view.table(cells, place, "home_language"),
        hidden=HIDDEN.format(minimum=parts().settings.privacy.minimum_group),
        minimum=parts().settings.privacy.minimum_group,
        districts=districts,
        district_id=district_id,
        district_place=DISTRICT,
    )


@blueprint.get("/totals.csv")
@allow(*READERS)
def download() -> ResponseReturnValue:
    """The same ranges as on the page."""
    with as_principal() as connection:
        district_id = _district(connection) or abort(404)
        found = publications.current(connection, district_id)
        tables = {row["subject"]: publications.cells(connection, row["id"]) for row in found}
    content = as_csv(tables, parts().settings.privacy.minimum_group)
    response = Response(content, mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="totals.csv"'
    return response


def _district(connection: Connection) -> int | None:
    """The reader's own district; a state agency chooses one, by default the first with a publication."""
    if g.principal.role != Role.STATE:
        return int(g.principal.district_id)
    wanted = request.args.get("district", type=int)
    return wanted or publications.first_district(connection)


def _chosen(found: list[RowMapping]) -> RowMapping:
    wanted = request.args.get("subject", found[0]["subject"])
    return next((row for row in found if row["subject"] == wanted), None) or abort(404)


def _place(cells: pd.DataFrame) -> str:
    """The school asked for, else the whole district."""
    wanted = request.args.get("school")
    if wanted is None:
        return DISTRICT
    known = cells.loc[cells["geography"] == SCHOOL, "place"]
    return wanted if (known == wanted).any() else abort(404)
