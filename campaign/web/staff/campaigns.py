"""Campaigns: the list, new ones, from a file, and the button that holds all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, text

from campaign import database
from campaign.access import ENGINE
from campaign.approval import approving, holding
from campaign.approval.approvals import ApprovalError, Standing
from campaign.definitions import building, campaign_exchange, own_messages
from campaign.definitions.building import Draft
from campaign.definitions.campaign_file import LONGEST_FILE, read
from campaign.definitions.definition import CampaignError
from campaign.definitions.own_messages import OwnMessage
from campaign.store import holding as held
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff import campaign_words
from campaign.web.staff.blueprint import OFFICE, blueprint
from campaign.web.staff.campaign_desk import author, delivery, shipped
from campaign.web.staff.norms import choose
from content.catalog import ContentError


@dataclass(frozen=True)
class Listed:
    """`standing` and `next_at` are None while a campaign is not ready to run or has nothing ahead."""

    draft: Draft
    title: str
    steps: int
    paused: bool
    standing: Standing | None
    next_step: str | None
    next_at: datetime | None


@blueprint.get("/campaigns")
@allow(*OFFICE)
def campaigns(problem: str = "", typed: str = "") -> ResponseReturnValue:
    with as_principal() as connection:
        districts, chosen = choose(connection)
        database.assume(connection, ENGINE)
        listed, own = [], dict[str, OwnMessage]()
        if chosen:
            listed = [_listed(connection, one) for one in building.every(connection, chosen["id"], shipped())]
            own = own_messages.every(connection, chosen["id"])
        pauses = {one.district_id: one for one in held.pauses(connection)}
        in_hand = held.in_hand(connection, chosen["id"]) if chosen else None
    return render_template(
        "staff/campaigns.html",
        districts=districts,
        chosen=chosen,
        listed=[one for one in listed if not one.draft.removed],
        removed=[one for one in listed if one.draft.removed],
        messages=own,
        ready_made=shipped(),
        like=request.form.get("like", ""),
        paused=chosen and pauses.get(chosen["id"]),
        in_hand=in_hand,
        problem=problem,
        typed=typed,
        told=campaign_words.TOLD.get(request.args.get("told", "")),
        says=campaign_words,
    )


@blueprint.post("/campaigns")
@allow(*OFFICE)
def make_campaign() -> ResponseReturnValue:
    """Empty, or as one that ships, or (`copy:` and its short name) as one of the district is now."""
    title, like = request.form.get("title", ""), request.form.get("like", "")
    try:
        with as_principal() as connection:
            district_id = _district(connection)
            database.assume(connection, ENGINE)
            known = {f"copy:{one.slug}": one for one in building.every(connection, district_id, shipped())}
            found = shipped().get(like) or known.get(like)
            document = found.document if found else {}
            campaign_id = building.create(connection, district_id, title, document, author())
    except CampaignError as error:
        return campaigns(str(error), title), 422  # type: ignore[return-value]
    return redirect(url_for("staff.campaign", campaign_id=campaign_id, told="made"), code=303)


@blueprint.post("/campaigns/import")
@allow(*OFFICE)
def import_campaign() -> ResponseReturnValue:
    """A TOML file: a new campaign, or the next version of the one of its slug, with its own messages."""
    sent = request.files.get("file")
    content = sent.stream.read(LONGEST_FILE + 1) if sent else b""
    name = (sent.filename if sent else "") or "The file"
    try:
        file = read(content.decode("utf-8-sig"), name)
        with as_principal() as connection:
            district_id = _district(connection)
            database.assume(connection, ENGINE)
            campaign_id = campaign_exchange.take_in(delivery(), connection, district_id, file, author())
    except UnicodeDecodeError:
        return campaigns(f"{name}: is not UTF-8 text; nothing was changed."), 422  # type: ignore[return-value]
    except (CampaignError, ContentError) as error:
        return campaigns(f"{error}. Nothing was changed."), 422  # type: ignore[return-value]
    return redirect(url_for("staff.campaign", campaign_id=campaign_id, told="imported"), code=303)


@blueprint.post("/campaigns/<any(pause, resume):hold>-all")
@allow(*OFFICE)
def hold_all(hold: str) -> ResponseReturnValue:
    """Every campaign of every district in the reader's reach."""
    with as_principal() as connection:
        reach = list(connection.scalars(text("SELECT id FROM district ORDER BY id")))
        database.assume(connection, ENGINE)
        for district_id in reach:
            (holding.pause_all if hold == "pause" else holding.resume_all)(connection, district_id, author())
    return redirect(url_for("staff.campaigns", told=f"{hold.removesuffix('e')}ed"), code=303)


def _district(connection: Connection) -> int:
    _, chosen = choose(connection)
    return int((chosen or abort(404))["id"])


def _listed(connection: Connection, draft: Draft) -> Listed:
    now = parts().clock()
    ahead = next((one for one in held.sendings(connection, draft.campaign_id) if one.due_at > now), None)
    paused = connection.scalar(text("SELECT paused FROM campaign WHERE id = :id"), {"id": draft.campaign_id})
    standing = None
    if draft.definition is not None and not draft.removed:
        try:
            one = approving.take(delivery(), connection, draft.district_id, draft.slug)
            standing = approving.standing(delivery(), connection, one)
        except ApprovalError:
            standing = None
    return Listed(
        draft=draft,
        title=str(draft.document.get("title", draft.slug)),
        steps=len(draft.document.get("step", [])),
        paused=bool(paused),
        standing=standing,
        next_step=ahead.step if ahead else None,
        next_at=ahead.due_at if ahead else None,
    )


@blueprint.context_processor
def pause_bar() -> dict[str, object]:
    """Whether everything is paused, for the bar on every page; asked only where the bar is shown."""

    def all_paused() -> bool:
        with as_principal() as connection:
            return bool(held.pauses(connection))

    return {"all_paused": all_paused, "may_pause": g.get("principal") and g.principal.role in OFFICE}
