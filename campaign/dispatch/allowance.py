"""Whether a provider may be asked now, and what comes of what it answers: for all workers, through the database."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from campaign.access import ENGINE
from campaign.database import recurring, transaction
from campaign.dispatch.breaker import LONGEST_REST
from campaign.dispatch.shares import Shares
from campaign.senders.contract import Accepted, Ambiguous, Outcome, Permanent, Retryable
from campaign.store import providers
from campaign.store.providers import Standing

# A moment that lies further ahead was written by a clock that has been set back since.
_LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True)
class Grant:
    """So many messages may go; where none may, not before `at`."""

    count: int
    at: datetime


class Allowance:
    """`shares`: percent of the messages by provider, where several carry the same channel. `per_second`: limits."""

    def __init__(
        self, engine: Engine, shares: Mapping[str, int], per_second: Mapping[str, float], now: datetime
    ) -> None:
        self._engine, self._resting, self._per_second = engine, dict(shares), dict(per_second)
        self._calm: dict[str, bool] = {}
        with transaction(engine, ENGINE) as connection:
            providers.ensure(connection, list(shares), now)

    def choose(self, now: datetime) -> Sequence[str]:
        """The providers in the order in which they are to be asked for the next messages."""
        if len(self._resting) == 1:
            return list(self._resting)
        with recurring(self._engine, ENGINE) as connection:
            found = providers.read(connection, list(self._resting), self._per_second, now)
        return self._shares(found).tending_back(now).order(random.random())  # noqa: S311  a share, no secret

    def ask(self, provider: str, wanted: int, now: datetime) -> Grant:
        """How many of `wanted` the provider may be handed now."""
        with recurring(self._engine, ENGINE) as connection:
            standing = self._read(connection, provider, now)
            self._calm[provider] = standing.is_calm()
            if standing.is_calm() and standing.budget is None:
                return Grant(wanted, now)
            standing = self._read(connection, provider, now, lock=True)
            if standing.waits_until is not None:
                until = min(standing.waits_until, now + _LONGEST_WAIT)
                if now < until:
                    return Grant(0, until)
                standing = replace(standing, waits_until=None, reason=None)
            granted, breaker = standing.breaker.ask(wanted, now)
            at, budget = now, standing.budget
            if not granted and breaker.until is not None:
                at = min(breaker.until, now + LONGEST_REST)
            if granted and budget is not None:
                granted, budget = budget.take(granted, now)
                at = budget.next_at(now)
            if granted or breaker.state == standing.breaker.state:
                providers.write(connection, replace(standing, breaker=breaker, budget=budget))
            return Grant(granted, at)

    def give_back(self, provider: str, unused: int, now: datetime) -> None:
        """What was granted and not needed; it counts only where there is a limit."""
        if not unused or not self._per_second.get(provider):
            return
        with recurring(self._engine, ENGINE) as connection:
            standing = self._read(connection, provider, now, lock=True)
            if standing.budget is not None:
                providers.write(connection, replace(standing, budget=standing.budget.give_back(unused)))

    def hear(self, provider: str, outcomes: Sequence[Outcome], now: datetime) -> None:
        """What the provider answered. Only what changes how it stands is written down."""
        good = sum(isinstance(outcome, Accepted | Permanent) for outcome in outcomes)
        told = [one for one in outcomes if isinstance(one, Retryable) and one.everybody]
        bad = len(outcomes) - good - len(told)
        if not bad and not told and self._calm.get(provider):
            return
        with recurring(self._engine, ENGINE) as connection:
            # All of them in their order, so that two workers who hear from different ones do not wait for each other.
            names = list(self._resting)
            found = providers.read(connection, names, self._per_second, now, lock=True)
            standing = found[provider]
            standing = replace(standing, breaker=standing.breaker.hear(good, bad, now))
            if told:
                longest = max(told, key=lambda one: one.after)
                until = now + min(longest.after, _LONGEST_WAIT)
                until = max(until, standing.waits_until or until)
                standing = replace(standing, waits_until=until, reason=longest.detail)
            elif bad:
                failed = next(one for one in outcomes if isinstance(one, Ambiguous | Retryable))
                standing = replace(standing, reason=failed.detail)
            found[provider] = standing
            if len(names) > 1 and (bad or told):
                found = self._lean_away(found, provider, now)
            for one in found.values():
                providers.write(connection, one)
            self._calm[provider] = standing.is_calm()

    def _lean_away(self, found: Mapping[str, Standing], provider: str, now: datetime) -> dict[str, Standing]:
        shares = self._shares(found).tending_back(now).away_from(provider, now)
        return {
            name: replace(standing, weight=shares.now[name], weighed_at=shares.moved_at)
            for name, standing in found.items()
        }

    def _shares(self, found: Mapping[str, Standing]) -> Shares:
        weights = {name: found[name].weight for name in self._resting}
        known = {name: weight for name, weight in weights.items() if weight is not None}
        current = known if len(known) == len(weights) and sum(known.values()) == 100 else self._resting
        moved = [one.weighed_at for one in found.values() if one.weighed_at is not None]
        return Shares(current, self._resting, max(moved, default=None))

    def _read(self, connection: Connection, provider: str, now: datetime, *, lock: bool = False) -> Standing:
        return providers.read(connection, [provider], self._per_second, now, lock=lock)[provider]
