"""On which days a step comes, and what else comes to the same families around them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from campaign.plans.plan import Occurrence

_MOST_DAYS = 4


@dataclass(frozen=True)
class Neighbour:
    """A step that comes near, of the campaign of this title."""

    campaign: str
    step: str
    day: date


@dataclass(frozen=True)
class Crowd:
    """More steps around one day than a family may get."""

    day: date
    steps: Sequence[Neighbour]


@dataclass(frozen=True)
class StepDays:
    """`follows`: it follows what happens to students, so that it has no days. `next` are the first ones ahead, and
    `more` says whether others follow; `past` is the last one behind, or None. `near`: where a family that is in all
    steps would get more than `cap` in `cap_days`."""

    follows: bool
    next: Sequence[date]
    more: bool
    past: date | None
    near: Sequence[Crowd]
    cap: int
    cap_days: int


def step_days(
    own: Sequence[Occurrence], others: Iterable[Neighbour], today: date, *, cap: int, cap_days: int
) -> StepDays:
    """Of the days of one step (`own`), and of all other steps of the district."""
    days = sorted({one.day for one in own})
    ahead = [day for day in days if day >= today]
    shown = ahead[:_MOST_DAYS]
    known = sorted(others, key=lambda one: (one.day, one.campaign, one.step))
    return StepDays(
        follows=False,
        next=shown,
        more=len(ahead) > _MOST_DAYS,
        past=max((day for day in days if day < today), default=None),
        near=[crowd for day in shown if (crowd := _crowd(day, known, cap, cap_days))],
        cap=cap,
        cap_days=cap_days,
    )


def follows_events(cap: int, cap_days: int) -> StepDays:
    """Of a step that hangs on what happens to students."""
    return StepDays(True, (), False, None, (), cap, cap_days)


def _crowd(day: date, others: Sequence[Neighbour], cap: int, cap_days: int) -> Crowd | None:
    """The fullest stretch of so many days around this one, if it holds more than a family may get."""
    stretches = [
        [one for one in others if first <= one.day < first + timedelta(days=cap_days)]
        for first in (day - timedelta(days=n) for n in range(cap_days))
    ]
    fullest = max(stretches, key=len)
    return Crowd(day, fullest) if len(fullest) + 1 > cap else None
