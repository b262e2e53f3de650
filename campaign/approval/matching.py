"""How many a step would reach if it were due now: counted from the facts of now, nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from campaign import rules
from campaign.access import ENGINE
from campaign.database import transaction
from campaign.definitions.definition import CampaignDefinition, Step
from campaign.dispatch.deliver import Delivery
from campaign.plans.alike import decide_alike
from campaign.plans.plan import Occurrence, occurrences
from campaign.plans.plan_summary import PlanSummary
from campaign.plans.planning import Planner
from campaign.store import occurrences as store


@dataclass
class DayCount:
    """One step on one day: who would get it, by channel and language, and who would not, and why."""

    step: str
    day: date
    due_at: datetime
    summary: PlanSummary = field(default_factory=PlanSummary)


def planner(delivery: Delivery, district_id: int, definition: CampaignDefinition) -> Planner:
    """For one campaign of a district, whether it is kept yet or not. Raises LookupError where there is no district."""
    with transaction(delivery.engine, ENGINE) as connection:
        districts = {one.id: one for one in store.districts(connection)}
        texts = delivery.texts(connection, district_id)
        sendable = rules.sendable([definition], texts, delivery.settings)
        found = replace(delivery.rules(connection, district_id), sendable=sendable)
        return Planner(delivery, districts[district_id], found)


def count_step(at: Planner, definition: CampaignDefinition, step: Step, now: datetime) -> PlanSummary:
    """Everybody whom the step would concern now, whatever it hangs on."""
    occurrence = Occurrence(step, now.date(), now, now + timedelta(hours=1))
    return _counted(at, definition, [DayCount(step.id, now.date(), now)], [occurrence])[0].summary


def coming(at: Planner, definition: CampaignDefinition, since: datetime, until: datetime) -> list[DayCount]:
    """Each step that falls on a day of the stretch, in order of time."""
    found = [o for o in occurrences(definition, at.rules, at.zone) if since <= o.due_at < until]
    return _counted(at, definition, [DayCount(o.step.id, o.day, o.due_at) for o in found], found)


def total(days: Iterable[DayCount]) -> PlanSummary:
    whole = PlanSummary()
    for one in days:
        whole.planned += one.summary.planned
        whole.withheld += one.summary.withheld
        for name in ("reasons", "languages", "channels", "fallbacks", "waiting"):
            counter: Counter[str] = getattr(whole, name)
            counter.update(getattr(one.summary, name))
        whole.steps |= one.summary.steps
    return whole


def _counted(
    at: Planner, definition: CampaignDefinition, days: list[DayCount], found: list[Occurrence]
) -> list[DayCount]:
    for groups in at.foreseen(definition, found) if found else ():
        for day, occurrence in zip(days, found, strict=True):
            for told in decide_alike(occurrence, groups, at.rules):
                day.summary.foresee(definition, occurrence, told, at.zone, at.rules)
    return days
