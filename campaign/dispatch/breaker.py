"""When a provider is left alone: a circuit breaker that opens after errors and tries with a few messages. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

# Opened by so many errors within the window, if they are at least this share of what came back.
ENOUGH, SHARE, WINDOW = 50, 0.5, timedelta(minutes=1)
FIRST_REST, LONGEST_REST = timedelta(seconds=30), timedelta(minutes=15)
# So many messages try whether it is well again; if no word of them comes, others do.
PROBE, PATIENCE = 3, timedelta(minutes=1)
# What happened longer ago says nothing any more.
FORGETS = timedelta(hours=1)


class State(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True)
class Breaker:
    """`good` and `bad`: what came back since `since`. `until`: when an open one is tried, or a probe counts as lost.
    `times`: how often in a row it opened."""

    since: datetime
    state: State = State.CLOSED
    good: int = 0
    bad: int = 0
    until: datetime | None = None
    times: int = 0

    def ask(self, wanted: int, now: datetime) -> tuple[int, Breaker]:
        """How many of `wanted` may go now."""
        if self.state is State.CLOSED or self.until is None:
            return wanted, self
        # However the clock was set, nobody waits longer than the longest rest from the first time of asking.
        until = min(self.until, now + LONGEST_REST)
        if now >= until + FORGETS:
            return wanted, Breaker(now)
        if now < until:
            return 0, replace(self, until=until)
        return min(wanted, PROBE), replace(self, state=State.HALF_OPEN, until=now + PATIENCE)

    def hear(self, good: int, bad: int, now: datetime) -> Breaker:
        """What came back."""
        if self.state is State.OPEN or not good + bad:
            return self
        if self.state is State.HALF_OPEN:
            return self._open(now) if bad else Breaker(now)
        if not timedelta(0) <= now - self.since <= WINDOW:
            return Breaker(now, times=self.times).hear(good, bad, now)
        counted = replace(self, good=self.good + good, bad=self.bad + bad)
        is_enough = counted.bad >= ENOUGH and counted.bad >= SHARE * (counted.good + counted.bad)
        return counted._open(now) if is_enough else counted

    def _open(self, now: datetime) -> Breaker:
        rest = min(FIRST_REST * 2 ** min(self.times, 10), LONGEST_REST)
        return Breaker(now, State.OPEN, until=now + rest, times=self.times + 1)
