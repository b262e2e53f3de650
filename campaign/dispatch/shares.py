"""Which of several providers gets the next messages: weights that lean away from trouble and tend back. Pure.

The rule is GOV.UK Notify's: errors move a step of ten from one provider to the others, at most one step a minute; every
hour without errors moves one step back to where the weights rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

STEP = 10
_AT_MOST_EVERY, _BACK_EVERY = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class Shares:
    """Percent by provider, now and at rest; both sum to 100. `moved_at`: when a step was last taken."""

    now: Mapping[str, int]
    resting: Mapping[str, int]
    moved_at: datetime | None = None

    def away_from(self, provider: str, at: datetime) -> Shares:
        """One step away from a provider that has errors."""
        others = [name for name in self.now if name != provider]
        recent = self.moved_at is not None and timedelta(0) <= at - self.moved_at < _AT_MOST_EVERY
        step = min(STEP, self.now[provider])
        if recent or not others or not step:
            return self
        moved = {**self.now, provider: self.now[provider] - step}
        for place, name in enumerate(others):
            moved[name] += step // len(others) + (place < step % len(others))
        return Shares(moved, self.resting, at)

    def tending_back(self, at: datetime) -> Shares:
        """As many steps back as hours have passed in peace."""
        if self.moved_at is None or self.now == self.resting:
            return self
        hours = (at - self.moved_at) // _BACK_EVERY
        if hours <= 0:
            return self
        moved = dict(self.now)
        for name, rest in self.resting.items():
            reach = STEP * hours
            moved[name] += max(-reach, min(reach, rest - moved[name]))
        # With more than two providers a step may not come out even; then all are where they rest.
        moved = moved if sum(moved.values()) == 100 else dict(self.resting)
        return Shares(moved, self.resting, at)

    def order(self, chance: float) -> Sequence[str]:
        """All providers, first the one that `chance` (0 to 1) falls on by weight, then the heaviest."""
        left = chance * sum(self.now.values())
        heaviest = sorted(self.now, key=lambda name: -self.now[name])
        for name in heaviest:
            left -= self.now[name]
            if left < 0:
                return [name, *(other for other in heaviest if other != name)]
        return heaviest
