"""Before a campaign is approved: who gets what when, the cost, what stands in the way, what has changed, the word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from campaign.approval import approvals, approving, by_people_cases, message_tests, worst_cases
from campaign.approval.approvals import ApprovalError
from campaign.approval.matching import DayCount, coming, planner, total
from campaign.approval.message_tests import NotTested
from campaign.approval.worst_cases import Bench, Case
from campaign.definitions import steps
from campaign.definitions.building import Draft
from campaign.definitions.campaigns import messages_of
from campaign.definitions.definition import CampaignDefinition
from campaign.dispatch.deliver import Delivery
from campaign.plans import forecast, prospect
from campaign.store import message_tests as tests
from campaign.web.guard import allow
from campaign.web.parts import as_principal, parts
from campaign.web.staff import campaign_changes, campaign_words, translation_words
from campaign.web.staff.blueprint import OFFICE, blueprint
from campaign.web.staff.call_words import LINES
from campaign.web.staff.campaign import standing_of
from campaign.web.staff.campaign_by_people import by_people
from campaign.web.staff.campaign_desk import at_campaign, author, bench, delivery, person
from campaign.web.staff.home import held_reports
from campaign.wordings import drafts, required_languages
from campaign.wordings.texts import REVIEWED, Texts

AHEAD = timedelta(days=45)


@dataclass(frozen=True)
class Hardest:
    """One message with its languages and the text message of it that travels in most parts."""

    message: str
    name: str
    languages: Sequence[str]
    drafts: Sequence[str]
    by_people: Sequence[str]
    sms: Case | None
    rtl: bool
    problems: int


@blueprint.get("/campaigns/<int:campaign_id>/review")
@allow(*OFFICE)
def review(campaign_id: int, problem: str = "") -> ResponseReturnValue:
    now = parts().clock()
    with at_campaign(campaign_id) as (connection, draft):
        definition = draft.definition or abort(404)
        standing = standing_of(connection, draft) or abort(404)
        at = bench(connection, draft)
        hardest = list(_hardest(definition, at))
        blocks = list(_blocks(connection, delivery(), draft, at.texts))
        sent = tests.sent(connection, campaign_id, g.principal.account_id)
    days = coming(planner(delivery(), draft.district_id, definition), definition, now, now + AHEAD)
    whole = total(days)
    price = parts().settings.sms.cost_per_segment
    return render_template(
        "staff/campaign_review.html",
        draft=draft,
        entries={entry["id"]: entry for entry in steps.entries(draft.document)},
        standing=standing,
        objection=approvals.objection(standing, person()),
        mine=any(one.account_id == g.principal.account_id for one in standing.given),
        changes=campaign_changes.between(standing.before, standing.content.document)
        if standing.before
        else [],
        texts=translation_words,
        hardest=hardest,
        blocks=blocks,
        days=days,
        whole=whole,
        cost=forecast.cost(whole.texts, prospect.parts_of(delivery(), whole), price),
        through=[_through(day) for day in days],
        worst=at.worst,
        sender=standing.content.document["sender"],
        tests=sent,
        problem=problem,
        told=campaign_words.TOLD.get(request.args.get("told", "")),
        says=campaign_words,
    )


@blueprint.post("/campaigns/<int:campaign_id>/<any(approve, withdraw):word>")
@allow(*OFFICE)
def give_word(campaign_id: int, word: str) -> ResponseReturnValue:
    """The form carries the hash of what was seen: what changed meanwhile is not approved unread."""
    try:
        with at_campaign(campaign_id) as (connection, draft):
            if word == "withdraw":
                approvals.withdraw(connection, campaign_id, draft.district_id, person(), author().at)
            else:
                one = approving.take(delivery(), connection, draft.district_id, draft.slug)
                if one.content.hash != request.form.get("seen"):
                    raise ApprovalError("Something has changed since you opened this page. Look at it again.")
                if barred := approving.obstacle(delivery(), connection, draft.district_id, author().at):
                    raise ApprovalError(barred)
                approving.approve(delivery(), connection, one, person(), author().at)
    except ApprovalError as error:
        return review(campaign_id, str(error)), 422  # type: ignore[return-value]
    told = "approved" if word == "approve" else "withdrawn"
    return redirect(url_for("staff.review", campaign_id=campaign_id, told=told), code=303)


@blueprint.get("/campaigns/<int:campaign_id>/words/<message>")
@allow(*OFFICE)
def worst(campaign_id: int, message: str, problem: str = "") -> ResponseReturnValue:
    """One message in every language, as the unluckiest family would read it."""
    with at_campaign(campaign_id) as (connection, draft):
        at = bench(connection, draft)
        unit = at.texts.catalog.messages.get(message) or abort(404)
    found = worst_cases.cases(message, at)
    return render_template(
        "staff/campaign_worst.html",
        draft=draft,
        message=message,
        about=unit.audience,
        name=campaign_words.message(message, unit.audience),
        cases=found,
        carried=by_people(draft.definition, message, at),
        lines=LINES,
        worst=at.worst,
        problem=problem,
        told=campaign_words.TOLD.get(request.args.get("told", "")),
    )


@blueprint.post("/campaigns/<int:campaign_id>/words/<message>/test")
@allow(*OFFICE)
def send_test(campaign_id: int, message: str) -> ResponseReturnValue:
    """To the address of whoever is signed in, and to nobody else."""
    channel, language = request.form.get("channel", ""), request.form.get("language", "")
    try:
        with at_campaign(campaign_id) as (connection, draft):
            at = bench(connection, draft)
        wanted = message_tests.Wanted(campaign_id, draft.district_id, message, channel, language)
        to = message_tests.Oneself(g.principal.account_id, g.account.email, g.principal.actor)
        message_tests.send(parts().engine, at, wanted, to, parts().clock())
    except NotTested as error:
        return worst(campaign_id, message, str(error)), 422  # type: ignore[return-value]
    address = url_for("staff.worst", campaign_id=campaign_id, message=message, told="tested")
    return redirect(address, code=303)


def _hardest(definition: CampaignDefinition, at: Bench) -> Iterator[Hardest]:
    for message in sorted(messages_of([definition], at.texts)):
        found = worst_cases.cases(message, at)
        yield Hardest(
            message=message,
            name=campaign_words.message(message, at.texts.catalog.messages[message].audience),
            languages=sorted({one.language for one in found if one.fallback_from is None}),
            drafts=sorted({one.language for one in found if one.state != REVIEWED and not one.fallback_from}),
            by_people=sorted(by_people_cases.ways(definition, message), reverse=True),
            sms=worst_cases.hardest(found),
            rtl=any(one.direction == "rtl" for one in found),
            problems=sum(bool(one.problem) for one in found),
        )


def _blocks(connection: Connection, at: Delivery, draft: Draft, texts: Texts) -> Iterator[str]:
    """What would keep messages from families after the approval, a sentence each."""
    definition = draft.definition
    if definition is None:
        return
    if barred := approving.obstacle(at, connection, draft.district_id, parts().clock()):
        yield barred
    chosen = at.settings.languages
    messages = messages_of([definition], texts)
    for step in definition.steps.values():
        if step.message not in texts.catalog.messages:
            yield f"Step {step.id}: its message {step.message} is not written."
    awaited = required_languages.awaited(connection, draft.district_id, texts, messages, chosen)
    yield from required_languages.sentences(awaited, drafts.name)
    with as_principal() as seen:
        yield from filter(None, [campaign_changes.waiting(held_reports(seen))])


def _through(day: DayCount) -> forecast.Finish | None:
    """When the last message of a day's step is out, by what the providers take; None where nobody gets it."""
    counted = next(iter(day.summary.steps.values()), None)
    return forecast.finish(counted, prospect.pace(parts().settings)) if counted else None
