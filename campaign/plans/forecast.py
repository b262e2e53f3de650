"""What a dry run foresees: text messages and their cost at the worst, and when each step will be through. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import inf
from zoneinfo import ZoneInfo

from campaign.plans.plan_summary import StepCount
from campaign.school_year.calendar import moment, next_opening
from campaign.wordings.wording import Wording

StepKey = tuple[date, str, str]
"""The day of a step, its id, and the campaign it belongs to."""
PartsOf = Callable[[str, Wording], int]
"""In how many parts a text message travels at its worst, by message and language."""


@dataclass(frozen=True)
class Cost:
    """Of text messages, each counted at its message's worst: longest names, most children."""

    texts: int
    parts: int
    dollars: float


def cost(texts: Counter[tuple[str, Wording]], parts_of: PartsOf, dollars_per_part: float) -> Cost:
    parts = sum(count * parts_of(message, wording) for (message, wording), count in texts.items())
    return Cost(texts.total(), parts, parts * dollars_per_part)


@dataclass(frozen=True)
class Finish:
    """When the last message of a step goes out; `too_late`: so many would be dropped, because their time has passed."""

    at: datetime
    too_late: int


@dataclass(frozen=True)
class Pace:
    """What providers take, by channel; a channel that is missing has no limit. `per_day`: messages, each at its
    longest."""

    per_second: Mapping[str, float] = field(default_factory=dict)
    per_day: Mapping[str, int] = field(default_factory=dict)

    def fit(self, channel: str, seconds: float) -> float:
        """How many messages go out in one stretch of a day."""
        return min(seconds * self.per_second.get(channel, inf), self.per_day.get(channel, inf))

    def limits(self, channel: str) -> bool:
        return channel in self.per_second or channel in self.per_day


def finish(step: StepCount, pace: Pace) -> Finish:
    """At this pace, in the hours in which families may be written to, in the zone of the district."""
    ends = [
        _finish(step, channel, count, pace)
        for channel, count in step.channels.items()
        if pace.limits(channel)
    ]
    return Finish(
        max((end.at for end in ends), default=step.occurrence.due_at), sum(end.too_late for end in ends)
    )


def crowded(steps: Mapping[StepKey, StepCount]) -> dict[StepKey, int]:
    """How many homes of each step will have had as many messages as they may when it comes.

    Those messages wait for room and are dropped where there is none before their send-by. What is due first goes
    first; of what is due at once the campaign of the higher priority does, and in it the step.
    """
    had: dict[str, list[datetime]] = defaultdict(list)
    found = dict.fromkeys(steps, 0)
    if not _may_be_crowded(steps.values()):
        return found
    for key, one in sorted(steps.items(), key=_turn):
        due_at, rules = one.occurrence.due_at, one.rules
        since = due_at - timedelta(days=rules.household_cap_days)
        for home in one.households:
            recent = had[home][-rules.household_cap :]
            is_full = len(recent) == rules.household_cap and recent[0] > since
            if is_full and not one.occurrence.step.is_legal:
                found[key] += 1
            else:
                had[home].append(due_at)
    return found


def _may_be_crowded(steps: Iterable[StepCount]) -> bool:
    """Whether more steps than a home may get lie within so many days; of most plans none do, and no home is counted."""
    coming = sorted(steps, key=lambda one: one.occurrence.due_at)
    for place, last in enumerate(coming):
        first = place - last.rules.household_cap
        span = timedelta(days=last.rules.household_cap_days)
        if first >= 0 and coming[first].occurrence.due_at > last.occurrence.due_at - span:
            return True
    return False


def _turn(item: tuple[StepKey, StepCount]) -> tuple[datetime, int, int, StepKey]:
    key, one = item
    return one.occurrence.due_at, -one.campaign.priority, -one.occurrence.step.priority, key


def _finish(step: StepCount, channel: str, count: int, pace: Pace) -> Finish:
    occurrence, rules, at = step.occurrence, step.rules, step.occurrence.due_at
    left = count
    while left > 0:
        opening = next_opening(at, [step.zone], rules.window, rules.year, occurrence.step.send_on)
        if opening is None or opening >= occurrence.expires_at:
            return Finish(at, left)
        today = opening.astimezone(ZoneInfo(step.zone)).date()
        closes = min(moment(today, rules.window.closes, step.zone), occurrence.expires_at)
        fit = pace.fit(channel, (closes - opening).total_seconds())
        if left <= fit:
            return Finish(opening + timedelta(seconds=left / pace.per_second.get(channel, inf)), 0)
        left, at = left - int(fit), closes
    return Finish(at, 0)
