"""What the next month would bring if it were planned from the facts of now: a dry run writes and sends nothing."""

from __future__ import annotations

from datetime import timedelta

from flask import g, render_template
from flask.typing import ResponseReturnValue

from campaign.dispatch import ledger
from campaign.dispatch.ledger import Span
from campaign.plans import forecast, prospect
from campaign.web.guard import allow
from campaign.web.parts import parts
from campaign.web.staff.blueprint import OFFICE, blueprint
from campaign.web.staff.campaign_desk import delivery

AHEAD = timedelta(days=30)


@blueprint.get("/plan/ahead")
@allow(*OFFICE)
def plan_ahead() -> ResponseReturnValue:
    now, settings = parts().clock(), parts().settings
    summary = ledger.plan(
        delivery(), now, dry_run=Span(now, now + AHEAD), district_id=g.principal.district_id
    )
    pace = prospect.pace(settings)
    parts_of = prospect.parts_of(delivery(), summary)
    full = forecast.crowded(summary.steps)
    steps = [
        (
            step,
            full[key],
            forecast.finish(step, pace),
            forecast.cost(step.texts, parts_of, settings.sms.cost_per_segment),
        )
        for key, step in sorted(summary.steps.items())
    ]
    return render_template(
        "staff/plan_ahead.html",
        summary=summary,
        steps=steps,
        cost=forecast.cost(summary.texts, parts_of, settings.sms.cost_per_segment),
        several=len({slug for _, _, slug in summary.steps}) > 1,
        until=now + AHEAD,
    )
