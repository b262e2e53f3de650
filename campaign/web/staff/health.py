"""The health of the data: fresh, complete, matched, mapped, and families within reach; each with what to do."""

from __future__ import annotations

from math import ceil
from zoneinfo import ZoneInfo

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from campaign.health import Health, examine
from campaign.store import reachability
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff.blueprint import OFFICE, WHOLE_SCHOOLS, blueprint
from reports.compare.rules import REFUSAL_MEANING

PER_PAGE = 100


@blueprint.get("/health")
@allow(*WHOLE_SCHOOLS)
def health() -> ResponseReturnValue:
    return render_template(
        "staff/health.html",
        health=_examined(),
        refusals={str(refusal): meaning for refusal, meaning in REFUSAL_MEANING.items()},
        is_office=g.principal.role in OFFICE,
    )


@blueprint.get("/health/summary")
@allow(*WHOLE_SCHOOLS)
def health_summary() -> ResponseReturnValue:
    """Three lines for the first page, which fetches them by themselves: they take longer than the rest of it."""
    return render_template("staff/health_lines.html", health=_examined())


@blueprint.get("/health/unreached")
@allow(*WHOLE_SCHOOLS)
def unreached() -> ResponseReturnValue:
    number = min(max(request.args.get("page", 1, type=int), 1), 10**6)
    with as_principal() as connection:
        total = reachability.students(connection).unreached
        students = reachability.unreached(connection, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    return render_template(
        "staff/unreached.html",
        students=students,
        total=total,
        number=number,
        pages=max(ceil(total / PER_PAGE), 1),
    )


def _examined() -> Health:
    settings = parts().settings
    today = parts().clock().astimezone(ZoneInfo(settings.installation.time_zone)).date()
    with as_principal() as connection:
        return examine(connection, today, settings.comparison.expiry_days)
