"""A provider made by hand for tests: it counts what it took, and fails as it is told."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from campaign.senders.contract import (
    Accepted,
    Ambiguous,
    Found,
    NotSent,
    Outcome,
    OutgoingMessage,
    Permanent,
    Retryable,
    Unknown,
)


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Provider:
    """`behaviour` of the next sends: well, taken_unclear, lost_unclear, busy, refused, killed_before, killed_after.

    `tells`: whether `lookup` knows what became of a message. `during`: called while a message is being sent.
    """

    behaviour: str = "well"
    tells: bool = True
    taken: Counter[str] = field(default_factory=Counter)
    texts: dict[str, OutgoingMessage] = field(default_factory=dict)
    during: Callable[[OutgoingMessage], None] | None = None
    name: str = "mailbox"
    channels: frozenset[str] = frozenset({"email", "sms"})
    in_flight: int = 3
    closed: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def send(self, *, message: OutgoingMessage) -> Outcome:
        if self.during is not None:
            self.during(message)
        if self.behaviour == "killed_before":
            raise Killed
        if self.behaviour == "busy":
            return Retryable(timedelta(minutes=2), "busy")
        if self.behaviour == "refused":
            return Permanent("refused")
        if self.behaviour == "lost_unclear":
            return Ambiguous("no answer")
        with self._lock:
            self.taken[message.public_id] += 1
            self.texts[message.public_id] = message
        if self.behaviour == "killed_after":
            raise Killed
        return Ambiguous("no answer") if self.behaviour == "taken_unclear" else Accepted("p-1")

    def lookup(self, *, public_id: str) -> Found:
        if not self.tells:
            return Unknown()
        return Accepted("p-1") if self.taken[public_id] else NotSent()

    def close(self) -> None:
        self.closed += 1
