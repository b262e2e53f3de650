"""How many messages a provider may be asked to take: a bucket that fills with time, a limit for a day. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaign.school_year.calendar import moment


@dataclass(frozen=True)
class Budget:
    """`per_second` tokens come in, and at most a second's worth (but at least one) is kept; each message takes one."""

    per_second: float
    tokens: float
    at: datetime

    @classmethod
    def full(cls, per_second: float, now: datetime) -> Budget:
        return cls(per_second, max(per_second, 1.0), now)

    def take(self, wanted: int, now: datetime) -> tuple[int, Budget]:
        """How many of `wanted` may go now, and what is left."""
        filled = self._filled(now)
        granted = min(wanted, int(filled.tokens))
        return granted, replace(filled, tokens=filled.tokens - granted)

    def give_back(self, unused: int) -> Budget:
        """What was taken and not needed."""
        return replace(self, tokens=min(self.tokens + unused, max(self.per_second, 1.0)))

    def next_at(self, now: datetime) -> datetime:
        """When the next token is there."""
        missing = 1.0 - self._filled(now).tokens
        # A little later, so that rounding never leaves it just short.
        return now if missing <= 0 else now + timedelta(seconds=missing / self.per_second, milliseconds=1)

    def _filled(self, now: datetime) -> Budget:
        """A clock that was set back brings nothing, and from there on it counts anew."""
        seconds = max((now - self.at).total_seconds(), 0.0)
        tokens = min(self.tokens + seconds * self.per_second, max(self.per_second, 1.0))
        return replace(self, tokens=tokens, at=now)


@dataclass(frozen=True)
class DayLimit:
    """At most so many parts of text messages between one midnight and the next in `zone`, by all workers together."""

    parts: int
    zone: str

    def day(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.zone)).date()

    def ends(self, now: datetime) -> datetime:
        """The midnight from which on parts are counted anew."""
        return moment(self.day(now) + timedelta(days=1), time(0), self.zone)
