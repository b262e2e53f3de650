"""What the clock pokes: write down who is to hear what, then send what is due. Safe to call any number of times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.definitions.definition import CampaignDefinition
from campaign.dispatch.deliver import Clock, Delivery, deliver_due
from campaign.dispatch.settling import settle
from campaign.gate import Rules
from campaign.plans import cascading, events_ahead
from campaign.plans.alike import Told, decide_alike
from campaign.plans.plan import Decision, Occurrence, occurrences
from campaign.plans.plan_summary import PlanSummary
from campaign.plans.planning import Planner
from campaign.school_year import noticing
from campaign.store import audience, calendar_moves, suppressions, tally, waiting_messages
from campaign.store import occurrences as store
from campaign.store.occurrences import District
from campaign.wordings import drafts, required_languages

__all__ = ["PLAN_AHEAD", "PlanSummary", "Span", "awaited", "plan", "students_without_contact", "tick"]

# Messages are written down this long before they are due in the district's zone: early enough for families in zones
# to the east, late enough to know about yesterday's changes.
PLAN_AHEAD = timedelta(hours=12)


@dataclass(frozen=True)
class Span:
    """A stretch of time, `since` included and `until` not."""

    since: datetime
    until: datetime


def tick(
    delivery: Delivery, now: datetime, *, clock: Clock | None = None, until: datetime | None = None
) -> int:
    """One pulse: open addresses whose time is over, settle what is in doubt, write down what comes due, send what is
    due; the number handed over. `clock` and `until` as in `deliver_due`."""
    with transaction(delivery.engine, ENGINE) as connection:
        suppressions.let_pass(connection, now)
    settle(delivery, now)
    plan(delivery, now)
    return deliver_due(delivery, now, clock=clock, until=until)


def left(delivery: Delivery, now: datetime) -> waiting_messages.Left:
    """What is due and has yet to go."""
    with transaction(delivery.engine, ENGINE) as connection:
        return waiting_messages.left(connection, now)


def plan(
    delivery: Delivery,
    now: datetime,
    *,
    dry_run: Span | None = None,
    each: Callable[[Occurrence, Decision], None] | None = None,
    district_id: int | None = None,
) -> PlanSummary:
    """Write down the messages of every occurrence that comes due, or (`dry_run`) only say what a stretch would bring.

    `each` is called with every decision. A dry run judges by the facts of now and writes nothing.
    """
    summary = PlanSummary()
    with transaction(delivery.engine, ENGINE) as connection:
        districts = store.districts(connection)
    for district in districts:
        if district_id not in (None, district.id):
            continue
        if dry_run is None:
            _plan_district(delivery, district, now, summary)
            continue
        summary.follows_events |= _follows_events(delivery, district)
        for planner, definition, occurrence, told in _preview(delivery, district, dry_run):
            summary.foresee(definition, occurrence, told, planner.zone, planner.rules)
            if each is not None:
                for decision in told.each():
                    each(occurrence, decision)
    if dry_run is None:
        with transaction(delivery.engine, ENGINE) as connection:
            tally.fold(connection)
    return summary


def _follows_events(delivery: Delivery, district: District) -> bool:
    with transaction(delivery.engine, ENGINE) as connection:
        campaigns = delivery.campaigns(connection, district.id)
    return any(step.event for one in campaigns for step in one.steps.values())


def awaited(delivery: Delivery) -> list[str]:
    """Which schools wait for which language, a sentence each; nothing of these campaigns leaves for them before."""
    with transaction(delivery.engine, ENGINE) as connection:
        return [
            line
            for district in store.districts(connection)
            for line in required_languages.sentences(delivery.awaited(connection, district.id), drafts.name)
        ]


def students_without_contact(engine: Engine) -> int:
    """Students whom no message can concern because no contact of theirs is known; the school has to ask."""
    with transaction(engine, ENGINE) as connection:
        return audience.students_without_contact(connection)


def _plan_district(delivery: Delivery, district: District, now: datetime, summary: PlanSummary) -> None:
    with transaction(delivery.engine, ENGINE) as connection:
        store.lock(connection, district.id)
        rules = delivery.rules(connection, district.id)
        for definition in delivery.campaigns(connection, district.id):
            _resolve(connection, delivery, district, definition, now=now, rules=rules)
    while True:
        with transaction(delivery.engine, ENGINE) as connection:
            due = store.to_plan(connection, district.id, now + PLAN_AHEAD)
        if not due:
            summary.followed += cascading.advance(delivery, district, rules, now)
            return
        planner = Planner(delivery, district, rules)
        for occurrence in due:
            for told in planner.write_down(occurrence, now):
                for one in told:
                    summary.add(one)


def _resolve(
    connection: Connection,
    delivery: Delivery,
    district: District,
    definition: CampaignDefinition,
    *,
    now: datetime,
    rules: Rules,
) -> None:
    """Bring the district's occurrences up to date with its calendar."""
    zone = district.time_zone or delivery.settings.installation.time_zone
    campaign_id = store.ensure_campaign(connection, district.id, definition.slug, definition.title)
    revision_id = store.ensure_revision(
        connection,
        campaign_id,
        district.id,
        definition.content_hash,
        document=dict(definition.document),
        now=now,
    )
    approved = delivery.approved(connection, district.id, rules.year)
    may_begin = {step.id for step in definition.steps.values() if approved.covers(definition.slug, step)}
    here = noticing.Here(campaign_id, district.id, zone, frozenset(may_begin))
    follows = noticing.following(connection, definition, here, rules.year, now)
    found = occurrences(definition, rules, zone) + follows
    on_days = [step.id for step in definition.steps.values() if step.anchor]
    calendar_moves.follow_calendar(connection, campaign_id, on_days, found, now)
    store.put(connection, campaign_id, revision_id, district.id, found=found, now=now)


def _preview(
    delivery: Delivery, district: District, span: Span
) -> Iterator[tuple[Planner, CampaignDefinition, Occurrence, Told]]:
    with transaction(delivery.engine, ENGINE) as connection:
        planner = Planner(delivery, district, delivery.rules(connection, district.id))
        definitions = delivery.campaigns(connection, district.id)
    for definition in definitions:
        resolved = occurrences(definition, planner.rules, planner.zone)
        found = [occurrence for occurrence in resolved if span.since <= occurrence.due_at < span.until]
        for groups in planner.foreseen(definition, found) if found else ():
            for occurrence in found:
                for told in decide_alike(occurrence, groups, planner.rules):
                    yield planner, definition, occurrence, told
        stretch = events_ahead.Stretch(span.since, span.until)
        for occurrence, told in events_ahead.ahead(planner, definition, stretch):
            yield planner, definition, occurrence, told
