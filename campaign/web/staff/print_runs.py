"""Print runs: what was put into envelopes, what was left out and why. The files are made with `gbg print`."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from campaign.paper.print_list import REASONS
from campaign.store import print_runs as store
from campaign.web.guard import allow
from campaign.web.parts import as_principal
from campaign.web.staff.blueprint import OFFICE, blueprint

SHOWN = 100


@blueprint.get("/print-runs")
@allow(*OFFICE)
def print_runs() -> ResponseReturnValue:
    with as_principal() as connection:
        return render_template("staff/print_runs.html", runs=store.runs(connection, SHOWN), reasons=REASONS)
