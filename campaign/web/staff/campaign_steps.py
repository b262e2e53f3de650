"""One step of a campaign: when, whom, what; with a count of who matches now before it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, text

from campaign.approval.matching import count_step, planner
from campaign.definitions import building, steps
from campaign.definitions.building import Draft
from campaign.definitions.definition import CampaignDefinition, CampaignError, parse
from campaign.plans import step_days
from campaign.plans.plan import occurrences
from campaign.plans.plan_summary import PlanSummary
from campaign.plans.planning import Planner
from campaign.plans.step_days import Neighbour, StepDays
from campaign.web.guard import allow
from campaign.web.parts import parts
from campaign.web.staff import campaign_words, step_forms, words
from campaign.web.staff.blueprint import OFFICE, blueprint
from campaign.web.staff.campaign_desk import at_campaign, author, delivery
from campaign.web.staff.norms import today
from content.languages import languages
from reports.records import Category

_SUBJECTS = ("math", "reading", "writing", "science", "social_studies")


@blueprint.get("/campaigns/<int:campaign_id>/steps/new")
@blueprint.get("/campaigns/<int:campaign_id>/steps/<step>")
@allow(*OFFICE)
def step(campaign_id: int, step: str | None = None) -> ResponseReturnValue:
    with at_campaign(campaign_id) as (connection, draft):
        try:
            entry = steps.find(draft.document, step) if step else step_forms.NEW
        except CampaignError:
            return redirect(url_for("staff.campaign", campaign_id=campaign_id), code=303)
        return _form(connection, draft, entry, step)


@blueprint.post("/campaigns/<int:campaign_id>/steps/new")
@blueprint.post("/campaigns/<int:campaign_id>/steps/<step>")
@allow(*OFFICE)
def keep_step(campaign_id: int, step: str | None = None) -> ResponseReturnValue:
    """The form says `do`: keep, or count, which keeps nothing and says who matches now."""
    try:
        with at_campaign(campaign_id) as (connection, draft):
            entry = step_forms.entry_of(request.form, step)
            document = steps.put(draft.document, entry, step)
            if request.form.get("do") == "count":
                return _form(connection, draft, entry, step, found=_count(connection, draft, entry))
            catalog = delivery().texts(connection, draft.district_id).catalog
            note = f"step {entry['id']} {'changed' if step else 'added'}"
            building.save(connection, draft, document, note, author(), catalog)
    except CampaignError as error:
        return _again(campaign_id, step, _said(error))
    return redirect(url_for("staff.campaign", campaign_id=campaign_id, told="kept"), code=303)


@blueprint.post("/campaigns/<int:campaign_id>/count")
@blueprint.post("/campaigns/<int:campaign_id>/steps/<step>/count")
@allow(*OFFICE)
def count_matches(campaign_id: int, step: str = "step") -> ResponseReturnValue:
    """The count alone, for a form that is being filled in."""
    with at_campaign(campaign_id) as (connection, draft):
        try:
            found, days = _count(connection, draft, step_forms.entry_of(request.form, step))
        except CampaignError as error:
            return render_template("staff/campaign_count.html", problem=_said(error), found=None)
        return render_template("staff/campaign_count.html", found=found, days=days, draft=draft, problem="")


def _count(connection: Connection, draft: Draft, entry: Mapping[str, Any]) -> tuple[PlanSummary, StepDays]:
    """Who matches now, and on which days the step comes, beside which others."""
    document = {"slug": draft.slug, "title": draft.slug, "step": [{**entry, "id": entry["id"] or "step"}]}
    definition = parse(document, "The step")
    at = planner(delivery(), draft.district_id, definition)
    found = next(iter(definition.steps.values()))
    return count_step(at, definition, found, parts().clock()), _days(connection, draft, at, definition)


def _days(connection: Connection, draft: Draft, at: Planner, edited: CampaignDefinition) -> StepDays:
    step, rules = next(iter(edited.steps.values())), at.rules
    if step.event:
        return step_days.follows_events(rules.household_cap, rules.household_cap_days)
    others = [
        Neighbour(one.title, found.step.id, found.day)
        for one in delivery().campaigns(connection, draft.district_id)
        for found in occurrences(one, rules, at.zone)
        if (one.slug, found.step.id) != (draft.slug, step.id)
    ]
    own = occurrences(edited, rules, at.zone)
    return step_days.step_days(
        own, others, today(), cap=rules.household_cap, cap_days=rules.household_cap_days
    )


def _again(campaign_id: int, step: str | None, problem: str) -> ResponseReturnValue:
    """The form as it was filled in, and what is wrong with it; the campaign where the step has gone meanwhile."""
    with at_campaign(campaign_id) as (connection, draft):
        try:
            entry = steps.find(draft.document, step) if step else {}
        except CampaignError:
            return redirect(url_for("staff.campaign", campaign_id=campaign_id), code=303)
        with suppress(CampaignError):
            entry = step_forms.entry_of(request.form, step)
        return _form(connection, draft, {**step_forms.NEW, **entry}, step, problem=problem), 422


def _form(
    connection: Connection,
    draft: Draft,
    entry: Mapping[str, Any],
    step: str | None,
    *,
    problem: str = "",
    found: tuple[PlanSummary, StepDays] | None = None,
) -> str:
    messages = delivery().texts(connection, draft.district_id).catalog.messages
    joined = ",".join(entry["channels"])
    return render_template(
        "staff/campaign_step.html",
        draft=draft,
        step=step,
        entry=entry,
        audience=entry.get("audience", {}),
        hangs_on=f"event:{entry['event']}" if entry.get("event") else f"anchor:{entry.get('anchor')}",
        problem=problem,
        found=found and found[0],
        days=found and found[1],
        choices=_choices(connection, draft.district_id),
        messages=messages,
        channels={**{joined: campaign_words.channels(entry)}, **campaign_words.CHANNELS},
        joined=joined,
        levels=range(-1, 13),
        says=campaign_words,
        ways=step_forms.WAYS,
        rungs={rung["by"]: rung for rung in entry.get("follow_up", ())},
    )


def _choices(connection: Connection, district_id: int) -> dict[str, list[tuple[str, str]]]:
    """What an audience can be narrowed to: value and words."""
    query = text("SELECT source_id, name FROM school WHERE district_id = :district_id ORDER BY name")
    schools = connection.execute(query, {"district_id": district_id})
    return {
        "subjects": [(code, words.subject(code)) for code in _SUBJECTS],
        "categories": [(str(code), words.CATEGORIES[code]) for code in Category],
        "languages": [(code, one.english) for code, one in languages().items()],
        "schools": [(source_id, name) for source_id, name in schools],
    }


def _said(error: CampaignError) -> str:
    """What is wrong, without the place in a file that nobody here has opened."""
    return str(error).removeprefix("The campaign: ").removeprefix("The step: ")
