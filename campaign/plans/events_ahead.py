"""What a dry run foresees of steps that follow what happens to students: what is known today, and no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from campaign.access import ENGINE
from campaign.database import transaction
from campaign.definitions.definition import CampaignDefinition
from campaign.plans.alike import Told, one_by_one
from campaign.plans.plan import Decision, Occurrence, decide
from campaign.plans.planning import Planner, report_messages
from campaign.school_year import noticing
from campaign.store import audience, events, occurrences


@dataclass(frozen=True)
class Stretch:
    """From `since`, which counts as now, until before `until`."""

    since: datetime
    until: datetime


def ahead(
    planner: Planner, definition: CampaignDefinition, stretch: Stretch
) -> Iterator[tuple[Occurrence, Told]]:
    """The decisions on events that are known: noticed ones, birthdays and booked talks. Nothing is kept."""
    if not any(step.event for step in definition.steps.values()):
        return
    with transaction(planner.delivery.engine, ENGINE) as connection:
        trial = connection.begin_nested()
        found = _known(connection, planner, definition, stretch)
        decided = [
            (occurrence, told)
            for occurrence in found
            for told in one_by_one(_decide(connection, planner, definition, occurrence))
        ]
        trial.rollback()
    yield from decided


def _known(
    connection: Connection, planner: Planner, definition: CampaignDefinition, stretch: Stretch
) -> Sequence[Occurrence]:
    """Looks for events and gives them their days, as planning does."""
    district = planner.district.id
    campaign_id = occurrences.ensure_campaign(connection, district, definition.slug, definition.title)
    here = noticing.Here(campaign_id, district, planner.zone, frozenset(definition.steps))
    year = planner.rules.year
    return [
        replace(one, concerned=events.concerned_on(connection, campaign_id, one.step.id, one.day))
        for one in noticing.following(connection, definition, here, year, stretch.since)
        if stretch.since <= one.due_at < stretch.until
    ]


def _decide(
    connection: Connection, planner: Planner, definition: CampaignDefinition, occurrence: Occurrence
) -> Iterator[Decision]:
    contacts = events.contacts_of(connection, list(occurrence.concerned or ()))
    catalog = planner.delivery.texts(connection, planner.district.id).catalog
    rows = audience.rows(
        connection,
        contacts,
        slug=definition.slug,
        zone=planner.zone,
        report_templates=report_messages(catalog, definition),
    )
    return decide(occurrence, rows, planner.rules)
