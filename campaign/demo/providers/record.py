"""What the simulated providers accepted. It is written down before the sender hears of it, in this process alone, so
it stands whatever happens to the sender."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Entry(NamedTuple):
    """One message to one recipient. `identity`: our public id, or the recipient where none came with it.
    `said`: what it says, as the provider got it; None where texts are not kept."""

    at: float
    provider: str
    identity: str
    to: str
    message_id: str
    said: Any = None


@dataclass
class Record:
    """Counts of messages, by identity and by second, and of requests."""

    entries: list[Entry] = field(default_factory=list)
    times: dict[str, int] = field(default_factory=dict)
    recipients: dict[str, int] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    seconds: Counter[int] = field(default_factory=Counter)
    requests: int = 0
    _first: float = 0.0
    _spent: float = field(default_factory=time.process_time)
    _last: float = 0.0

    def add(self, entries: Sequence[Entry]) -> None:
        now = time.monotonic()
        self._first = self._first or now
        self._last = now
        self.seconds[int(now - self._first)] += len(entries)
        self.entries.extend(entries)
        times, recipients = self.times, self.recipients
        for entry in entries:
            times[entry.identity] = times.get(entry.identity, 0) + 1
            recipients[entry.to] = recipients.get(entry.to, 0) + 1

    def clear(self) -> None:
        """Count from nothing."""
        self.__dict__.update(vars(Record()))

    def of(self, identity: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.identity == identity]

    def report(self) -> dict[str, Any]:
        """See `Report` for what each name means."""
        span = self._last - self._first
        accepted = len(self.entries)
        return {
            "requests": self.requests,
            "accepted": accepted,
            "unique": len(self.times),
            "doubled": sum(1 for count in self.times.values() if count > 1),
            "recipients": len(self.recipients),
            "recipients_doubled": sum(1 for count in self.recipients.values() if count > 1),
            "span_seconds": round(span, 4),
            "per_second": round(accepted / span, 1) if span else 0.0,
            "by_second": [self.seconds[second] for second in range(max(self.seconds, default=-1) + 1)],
            "reactions": dict(self.statuses),
            "cpu_seconds": round(time.process_time() - self._spent, 3),
        }
