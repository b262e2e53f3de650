"""The plan as a timeline: what goes out on which day, and the button that holds everything."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

from flask import abort, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from campaign import database
from campaign.access import ENGINE
from campaign.store import audit, messages, overview
from campaign.store.messages import OccurrenceCounts
from campaign.store.overview import Withheld
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff.blueprint import OFFICE, STAFF, blueprint
from campaign.web.staff.home import held_reports

# What is older stands folded away: a year is some sixty sends.
_RECENT = timedelta(days=14)


@blueprint.get("/plan")
@allow(*STAFF)
def plan() -> ResponseReturnValue:
    with as_principal() as connection:
        sends = messages.timeline(connection, date.min, date.max)
        whole = messages.reconcile(connection)
        reasons = overview.withheld_by_reason(connection)
        campaigns = overview.campaigns(connection)
    now = parts().clock()
    since = (now - _RECENT).date()
    return render_template(
        "staff/plan.html",
        earlier=by_day([one for one in sends if one.day < since]),
        days=by_day([one for one in sends if one.day >= since]),
        reasons=by_occurrence(reasons),
        whole=whole,
        campaigns=campaigns,
        now=now,
        meanings={name: message.audience for name, message in parts().catalog.messages.items()},
    )


@blueprint.get("/plan/held")
@allow(*STAFF)
def plan_held() -> ResponseReturnValue:
    """How many reports wait for teachers, for the plan, which fetches it by itself: it takes longer than the rest."""
    with as_principal() as connection:
        return render_template("staff/plan_held.html", held=held_reports(connection))


@blueprint.post("/plan/campaigns/<int:campaign_id>/pause")
@allow(*OFFICE)
def pause(campaign_id: int) -> ResponseReturnValue:
    return _set_paused(campaign_id, True)


@blueprint.post("/plan/campaigns/<int:campaign_id>/resume")
@allow(*OFFICE)
def resume(campaign_id: int) -> ResponseReturnValue:
    return _set_paused(campaign_id, False)


def by_day(sends: Sequence[OccurrenceCounts]) -> list[tuple[date, list[OccurrenceCounts]]]:
    return [(day, list(some)) for day, some in groupby(sends, key=lambda send: send.day)]


def by_occurrence(reasons: Sequence[Withheld]) -> dict[int, list[Withheld]]:
    found: dict[int, list[Withheld]] = defaultdict(list)
    for withheld in reasons:
        found[withheld.occurrence_id].append(withheld)
    return dict(found)


def _set_paused(campaign_id: int, paused: bool) -> ResponseReturnValue:
    if campaign_id >= 2**63:
        abort(404)
    with as_principal() as connection:
        campaign = overview.set_paused(connection, campaign_id, paused)
        if campaign is None:
            abort(404)
        # In the same transaction, so that nothing is paused without a trace; the audit is the engine's to write.
        database.assume(connection, ENGINE)
        audit.write(
            connection,
            audit.Entry(
                at=parts().clock(),
                actor=g.principal.actor,
                action="paused_campaign" if paused else "resumed_campaign",
                target=f"campaign:{campaign.campaign_id}",
                district_id=campaign.district_id,
            ),
        )
    return redirect(url_for("staff.plan"), code=303)
