"""What a dry run foresees: text messages and their cost at the worst, and when each step will be through. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaign.plans.plan_summary import StepCount
from campaign.school_year.calendar import moment, next_opening
from campaign.wordings.wording import Wording

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


def finish(step: StepCount, rates: Mapping[str, float]) -> Finish:
    """By what providers take a second (`rates`, by channel; a channel that is missing has no limit), in the hours in
    which families may be written to, in the zone of the district."""
    ends = [
        _finish(step, count, rates[channel]) for channel, count in step.channels.items() if channel in rates
    ]
    return Finish(
        max((end.at for end in ends), default=step.occurrence.due_at), sum(end.too_late for end in ends)
    )


def _finish(step: StepCount, count: int, per_second: float) -> Finish:
    occurrence, rules, at = step.occurrence, step.rules, step.occurrence.due_at
    left = count
    while left > 0:
        opening = next_opening(at, [step.zone], rules.window, rules.year, occurrence.step.send_on)
        if opening is None or opening >= occurrence.expires_at:
            return Finish(at, left)
        today = opening.astimezone(ZoneInfo(step.zone)).date()
        closes = min(moment(today, rules.window.closes, step.zone), occurrence.expires_at)
        fit = int((closes - opening).total_seconds() * per_second)
        if left <= fit:
            return Finish(opening + timedelta(seconds=left / per_second), 0)
        left, at = left - fit, closes
    return Finish(at, 0)
