"""One campaign: its year as a picture, its steps, and what was done with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from campaign.approval import approving, holding
from campaign.approval.approvals import ApprovalError, Standing
from campaign.approval.holding import HoldingError, Send
from campaign.approval.matching import planner
from campaign.definitions import building, campaign_exchange, own_messages, steps
from campaign.definitions.building import Draft
from campaign.definitions.campaign_file import write
from campaign.definitions.campaign_picture import CampaignPicture, picture
from campaign.definitions.definition import CampaignDefinition, CampaignError
from campaign.plans.plan import occurrences
from campaign.plans.planning import Planner
from campaign.school_year.preparations import preparations
from campaign.store import approvals, versions
from campaign.store import holding as held
from campaign.store.holding import Cancellation, InHand, Sending
from campaign.web.guard import allow
from campaign.web.parts import parts
from campaign.web.staff import campaign_changes, campaign_words, step_forms
from campaign.web.staff.blueprint import OFFICE, blueprint
from campaign.web.staff.campaign_desk import at_campaign, author, delivery
from campaign.web.staff.norms import today


@dataclass(frozen=True)
class Coming:
    """One step on one day; `in_hand` once its messages are written down."""

    sending: Sending
    cancelled: Cancellation | None
    in_hand: InHand | None


@blueprint.get("/campaigns/<int:campaign_id>")
@allow(*OFFICE)
def campaign(campaign_id: int, problem: str = "") -> ResponseReturnValue:
    with at_campaign(campaign_id) as (connection, draft):
        history = versions.history(connection, campaign_id)
        standing = standing_of(connection, draft)
        called_off = held.cancellations(connection, campaign_id)
        coming = _coming(connection, draft, called_off)
        whole = next((one for one in called_off if one.step is None), None)
        in_hand = held.in_hand(connection, draft.district_id, campaign_id)
        messages = delivery().texts(connection, draft.district_id).catalog.messages
        waits = approvals.waiting(connection, campaign_id, parts().clock())
    at = planner(delivery(), draft.district_id, draft.definition) if draft.definition else None
    return render_template(
        "staff/campaign.html",
        draft=draft,
        entries=steps.entries(draft.document),
        year=_picture(draft.definition, at) if at and draft.definition else None,
        preparations=preparations(at.rules.year, today()) if at else [],
        history=history,
        standing=standing,
        changes=campaign_changes.between(standing.before, standing.content.document)
        if standing and standing.before
        else [],
        waits=waits,
        coming=coming,
        cancelled=whole,
        in_hand=in_hand,
        messages=messages,
        problem=problem,
        now=parts().clock(),
        told=campaign_words.TOLD.get(request.args.get("told", "")),
        may_undo=request.args.get("told") == "kept" and len(history) > 1,
        says=campaign_words,
    )


@blueprint.post("/campaigns/<int:campaign_id>/<any('undo', 'remove', 'copy', 'bring-back'):change>")
@allow(*OFFICE)
def change_campaign(campaign_id: int, change: str) -> ResponseReturnValue:
    """Undo the last change, remove the whole, make a second one like it, or bring back the form's `version`."""
    try:
        with at_campaign(campaign_id) as (connection, draft):
            if change == "undo":
                building.undo(connection, draft, author())
            elif change == "copy":
                campaign_id = building.copy(connection, draft, author())
            elif change == "bring-back":
                building.bring_back(connection, draft, request.form.get("version", 0, int), author())
            else:
                building.remove(connection, draft, author())
    except CampaignError as error:
        return campaign(campaign_id, str(error)), 422  # type: ignore[return-value]
    if change == "remove":
        return redirect(url_for("staff.campaigns", told="removed"), code=303)
    return _back(campaign_id, {"undo": "undone", "copy": "copied"}.get(change, "brought_back"))


@blueprint.post("/campaigns/<int:campaign_id>/steps/<step>/<any(copy, up, down, remove):move>")
@allow(*OFFICE)
def change_steps(campaign_id: int, step: str, move: str) -> ResponseReturnValue:
    try:
        with at_campaign(campaign_id) as (connection, draft):
            document = draft.document
            if move == "copy":
                document = steps.copy(document, step)
            elif move == "remove":
                document = steps.remove(document, step)
            else:
                document = steps.move(document, step, -1 if move == "up" else 1)
            said = {"copy": "copied", "remove": "removed"}.get(move, "moved")
            building.save(connection, draft, document, f"step {step} {said}", author())
    except CampaignError as error:
        return campaign(campaign_id, str(error)), 422  # type: ignore[return-value]
    return _back(campaign_id, "kept", step if move in {"up", "down"} else "")


@blueprint.post("/campaigns/<int:campaign_id>/title")
@allow(*OFFICE)
def rename_campaign(campaign_id: int) -> ResponseReturnValue:
    """Its name, its place between campaigns, and what becomes of e-mails without a clear answer."""
    try:
        with at_campaign(campaign_id) as (connection, draft):
            document = step_forms.whole_of(request.form, draft.document)
            building.save(connection, draft, document, "name or place changed", author())
    except CampaignError as error:
        return campaign(campaign_id, str(error)), 422  # type: ignore[return-value]
    return _back(campaign_id, "kept")


@blueprint.post("/campaigns/<int:campaign_id>/<any(cancel, uncancel):off>")
@allow(*OFFICE)
def cancel_send(campaign_id: int, off: str) -> ResponseReturnValue:
    """One step on one day, or without a step the whole campaign."""
    step = request.form.get("step") or None
    try:
        with at_campaign(campaign_id) as (connection, draft):
            send = _send(connection, draft, step)
            if off == "cancel":
                holding.cancel(connection, send, author())
            else:
                holding.undo_cancel(connection, send, author())
    except HoldingError as error:
        return campaign(campaign_id, str(error)), 422  # type: ignore[return-value]
    return _back(campaign_id, "cancelled" if off == "cancel" else "uncancelled")


@blueprint.get("/campaigns/<int:campaign_id>/campaign.toml")
@allow(*OFFICE)
def export_campaign(campaign_id: int) -> ResponseReturnValue:
    with at_campaign(campaign_id) as (connection, draft):
        own = own_messages.every(connection, draft.district_id)
    content = write(campaign_exchange.file_of(draft, own))
    headers = {"Content-Disposition": f'attachment; filename="{draft.slug}.toml"'}
    return Response(content, content_type="application/toml; charset=utf-8", headers=headers)


def standing_of(connection: Connection, draft: Draft) -> Standing | None:
    """None while the campaign is not ready to run."""
    if draft.definition is None:
        return None
    try:
        one = approving.take(delivery(), connection, draft.district_id, draft.slug)
    except ApprovalError:
        return None
    return approving.standing(delivery(), connection, one)


def _send(connection: Connection, draft: Draft, step: str | None) -> Send:
    if step is None:
        return Send(draft.campaign_id, draft.district_id)
    day = _day(request.form.get("day", ""))
    for one in held.sendings(connection, draft.campaign_id):
        if (one.step, one.day) == (step, day):
            return Send(draft.campaign_id, draft.district_id, step, day, one.due_at)
    abort(404)


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        abort(404)


def _coming(connection: Connection, draft: Draft, called_off: Sequence[Cancellation]) -> list[Coming]:
    """What is still ahead, and what was due in the last days and is not over."""
    off = {(one.step, one.day): one for one in called_off}
    found = []
    for one in held.sendings(connection, draft.campaign_id):
        if one.expires_at <= parts().clock():
            continue
        in_hand = (
            held.in_hand(connection, draft.district_id, draft.campaign_id, one.step, one.day)
            if one.is_planned
            else None
        )
        found.append(Coming(one, off.get((one.step, one.day)), in_hand))
    return found


def _picture(definition: CampaignDefinition, at: Planner) -> CampaignPicture | None:
    return picture(
        definition.steps.values(),
        occurrences(definition, at.rules, at.zone),
        at.rules.year,
        today(),
    )


def _back(campaign_id: int, told: str, step: str = "") -> ResponseReturnValue:
    """To the page; after a move to the row that was moved, so that the next press finds it."""
    at = f"step-{step}" if step else None
    return redirect(url_for("staff.campaign", campaign_id=campaign_id, told=told, _anchor=at), code=303)
