"""Did it come true? How often forecasts of earlier tests agreed with the next state test, for a district's office."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from campaign.comparing.calibration import WORDS, forecasts_seen, reason, report, right
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff.blueprint import OFFICE, blueprint
from campaign.web.staff.norms import choose, today
from reports.compare.calibration import QUESTION_MEANS
from reports.compare.reliability import svg


@blueprint.get("/calibration")
@allow(*OFFICE)
def calibration() -> ResponseReturnValue:
    with as_principal() as connection:
        seen, chosen = choose(connection)
        found = report(
            forecasts_seen(connection, chosen["id"], today()) if chosen else (),
            parts().settings.comparison.certainty,
        )
    return render_template(
        "staff/calibration.html",
        districts=seen,
        chosen=chosen,
        found=found,
        # Our own drawing; every name in it is escaped by its template.
        picture=Markup(svg(found.panels)) if found.panels else None,  # noqa: S704
        sources=[(key, rows.to_dict("records")) for key, rows in found.table.groupby(["question", "source"])],
        evidence=found.evidence.to_dict("records"),
        questions=QUESTION_MEANS,
        said=WORDS,
        right=right,
        reason=reason,
    )
