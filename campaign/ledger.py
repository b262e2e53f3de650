"""What the clock pokes: write down who is to hear what, then send what is due. Safe to call any number of times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from campaign import drafts, noticing, required_languages
from campaign.access import ENGINE
from campaign.database import transaction
from campaign.definition import CampaignDefinition, parse
from campaign.deliver import Delivery, deliver_due
from campaign.gate import AudienceRow, Reason, Rules
from campaign.plan import Decision, Occurrence, decide, occurrences
from campaign.settling import settle
from campaign.store import audience, calendar_moves, dispatch, events
from campaign.store import occurrences as store
from campaign.store.occurrences import District, DueOccurrence
from content.catalog import Catalog, ContentError

# Messages are written down this long before they are due in the district's zone: early enough for families in zones
# to the east, late enough to know about yesterday's changes.
PLAN_AHEAD = timedelta(hours=12)
CONTACTS_AT_ONCE = 2000


@dataclass
class PlanSummary:
    """`planned` and `withheld` count messages; `reasons`, `languages` and `channels` say more about them.
    `fallbacks`: languages in whose place English goes out. `waiting`: of the planned ones, by message, those that
    wait for a language that the school needs."""

    planned: int = 0
    withheld: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)
    fallbacks: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)

    @property
    def decisions(self) -> int:
        return self.planned + self.withheld

    def add(self, decision: Decision) -> None:
        if decision.reason is not None:
            self.withheld += 1
            self.reasons[decision.reason] += 1
            return
        self.planned += 1
        self.languages[decision.wording.language] += 1
        if decision.wording.fallback_from is not None:
            self.fallbacks[decision.wording.fallback_from] += 1
        self.channels[decision.channel] += 1
        if decision.waits:
            self.waiting[decision.template] += 1


@dataclass(frozen=True)
class Span:
    """A stretch of time, `since` included and `until` not."""

    since: datetime
    until: datetime


def tick(delivery: Delivery, now: datetime) -> int:
    """One pulse: settle what is in doubt, write down what comes due, send what is due; the number handed over."""
    settle(delivery, now)
    plan(delivery, now)
    return deliver_due(delivery, now)


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
        for occurrence, decision in _preview(delivery, district, dry_run):
            summary.add(decision)
            if each is not None:
                each(occurrence, decision)
    return summary


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
        rules = delivery.rules(connection, district.id)
        for definition in delivery.campaigns(connection, district.id):
            _resolve(connection, delivery, district, definition, now=now, rules=rules)
    while True:
        with transaction(delivery.engine, ENGINE) as connection:
            due = store.to_plan(connection, district.id, now + PLAN_AHEAD)
        if not due:
            return
        for occurrence in due:
            _plan_occurrence(delivery, district, occurrence, now, rules=rules, summary=summary)


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
    here = noticing.Here(campaign_id, district.id, zone)
    follows = noticing.following(connection, definition, here, rules.year, now)
    found = occurrences(definition, rules, zone) + follows
    on_days = [step.id for step in definition.steps.values() if step.anchor]
    calendar_moves.follow_calendar(connection, campaign_id, on_days, found, now)
    store.put(connection, campaign_id, revision_id, district.id, found=found, now=now)


def _plan_occurrence(
    delivery: Delivery,
    district: District,
    due: DueOccurrence,
    now: datetime,
    *,
    rules: Rules,
    summary: PlanSummary,
) -> None:
    """Chunk by chunk of contacts, each its own transaction; begun again, it goes on where rows are missing."""
    definition = parse(due.document, f"campaign {due.slug}")
    occurrence = Occurrence(definition.steps[due.step], due.day, due.due_at, due.expires_at)
    if occurrence.step.event:
        with transaction(delivery.engine, ENGINE) as connection:
            events.close(connection, due.id)
            occurrence = replace(occurrence, concerned=events.concerned(connection, due.id))
    after = 0
    while True:
        with transaction(delivery.engine, ENGINE) as connection:
            rows, after = _chunk(connection, delivery, district, definition, after)
            if after == 0:
                store.mark_planned(connection, due.id, now)
                return
            decisions = list(decide(occurrence, rows, rules))
            catalog = delivery.texts(connection, district.id).catalog
            dispatch.write_planned(
                connection,
                [_row(delivery, catalog, due, decision) for decision in decisions],
                district_id=district.id,
                campaign_id=due.campaign_id,
                occurrence_id=due.id,
                step=due.step,
                template=occurrence.step.message,
                now=now,
            )
        for decision in decisions:
            summary.add(decision)


def _chunk(
    connection: Connection,
    delivery: Delivery,
    district: District,
    definition: CampaignDefinition,
    after: int,
) -> tuple[list[AudienceRow], int]:
    """Rows of the next contacts, and the last contact's id; 0 when there is none left."""
    contacts = audience.contacts_after(connection, district.id, after, CONTACTS_AT_ONCE)
    if not contacts:
        return [], 0
    zone = district.time_zone or delivery.settings.installation.time_zone
    templates = report_messages(delivery.texts(connection, district.id).catalog, definition)
    rows = audience.rows(connection, contacts, slug=definition.slug, zone=zone, report_templates=templates)
    return rows, contacts[-1]


def _preview(delivery: Delivery, district: District, span: Span) -> Iterator[tuple[Occurrence, Decision]]:
    with transaction(delivery.engine, ENGINE) as connection:
        rules = delivery.rules(connection, district.id)
        zone = district.time_zone or delivery.settings.installation.time_zone
        for definition in delivery.campaigns(connection, district.id):
            found = [o for o in occurrences(definition, rules, zone) if span.since <= o.due_at < span.until]
            after = 0
            while found:
                rows, after = _chunk(connection, delivery, district, definition, after)
                if after == 0:
                    break
                for occurrence in found:
                    for decision in decide(occurrence, rows, rules):
                        yield occurrence, decision


def _row(delivery: Delivery, catalog: Catalog, due: DueOccurrence, decision: Decision) -> dict[str, Any]:
    version, digest = _text(catalog, decision)
    # A message is one of a kind; of withheld ones there may be one a reason, beside the message about a sibling, and
    # so may be one that waits for a language of the other child's school.
    reason = Reason.LANGUAGE_REQUIRED if decision.apart else decision.reason
    last = f"{decision.channel}|{reason}" if reason else decision.channel
    key = f"{due.campaign_id}|{due.step}|{due.day}|{decision.contact_id}|{last}"
    return {
        "public_id": delivery.public_id(key),
        "contact_id": decision.contact_id,
        "student_ids": decision.student_ids,
        "household": decision.household,
        "channel": decision.channel,
        "language": decision.wording.language,
        "fallback_from": decision.wording.fallback_from,
        "template_version": version,
        "template_hash": digest,
        "dedupe_key": key,
        "state": "withheld" if decision.reason else "planned",
        "reason": decision.reason,
        "due_at": decision.due_at,
        "expires_at": decision.expires_at,
    }


def _text(catalog: Catalog, decision: Decision) -> tuple[int, str]:
    """Version and hash of the text; (0, "") where a message is withheld because it is not written."""
    try:
        template = catalog.message(decision.template, decision.channel, decision.wording.language)
    except ContentError:
        return 0, ""
    return template.version, template.hash


def report_messages(catalog: Catalog, definition: CampaignDefinition) -> list[str]:
    """The messages of a campaign that carry a link to the report."""
    messages = {step.message: step for step in definition.steps.values() if step.message in catalog.messages}
    return sorted(
        message
        for message, step in messages.items()
        if "reports" in catalog.message(message, step.channels[0], "en").fields
    )
