"""Look at what happened to students and say on which days which steps follow it. Safe to call any number of times."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from campaign.definitions.definition import CampaignDefinition, Step
from campaign.plans.plan import Occurrence
from campaign.school_year.calendar import SchoolYear, moment
from campaign.school_year.student_events import EventKind
from campaign.school_year.triggers import follow_day
from campaign.store import event_detectors, events


@dataclass(frozen=True)
class Here:
    """A campaign of a district as the store knows it, with the district's zone. `may_begin`: steps that may follow
    events from now on, if they do not yet."""

    campaign_id: int
    district_id: int
    zone: str
    may_begin: frozenset[str]


def following(
    connection: Connection, definition: CampaignDefinition, here: Here, year: SchoolYear, now: datetime
) -> list[Occurrence]:
    """The occurrences, written down or to come, of a campaign's steps that follow events.

    Looks for new events first. A step follows what happens from the first time on that it may begin: neither a new
    installation nor a new step says anything about what was before.
    """
    all_steps = [step for step in definition.steps.values() if step.event]
    if not all_steps:
        return []
    beginning = [step for step in all_steps if step.id in here.may_begin]
    events.watch(connection, here.district_id, here.campaign_id, beginning, now)
    watched = events.watched(connection, here.campaign_id)
    steps = {step.id: step for step in all_steps if (step.id, step.event) in watched}
    since = {step.id: watched[step.id, str(step.event)] for step in steps.values()}
    _detect(connection, here, list(steps.values()), since, now)
    for step in steps.values():
        events.follow(connection, here.campaign_id, step, now)
    settled = events.closed(connection, here.campaign_id, steps.keys())
    closed: dict[str, set[date]] = defaultdict(set)
    for one in settled:
        closed[one.step].add(one.day)
    placed = {
        (one.step, one.happened_on): follow_day(
            steps[one.step], one.happened_on, year, here.zone, now=now, closed=closed[one.step]
        )
        for one in events.waiting(connection, here.campaign_id)
        if one.step in steps
    }
    events.place(connection, here.campaign_id, placed)
    begun = [one for one in settled if not one.is_planned]
    found = [Occurrence(steps[one.step], one.day, one.due_at, one.expires_at) for one in begun]
    days = sorted({(step, day) for (step, _), day in placed.items() if day})
    return found + [_occurrence(steps[step], day, here.zone) for step, day in days]


def _detect(
    connection: Connection, here: Here, steps: Sequence[Step], since: Mapping[str, datetime], now: datetime
) -> None:
    kinds: dict[EventKind, datetime] = {}
    for step in steps:
        if step.event:
            kinds[step.event] = min(since[step.id], kinds.get(step.event, since[step.id]))
    thresholds = {step.at_least for step in steps if step.at_least}
    event_detectors.detect(
        connection, here.district_id, kinds, thresholds=thresholds, zone=here.zone, now=now
    )


def _occurrence(step: Step, day: date, zone: str) -> Occurrence:
    due_at = moment(day, step.at, zone)
    return Occurrence(step, day, due_at, due_at + step.expires_after)
