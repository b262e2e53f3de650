"""What a contact has said about messages beside a plain stop, as the last look asks it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

_EVERY_CHANNEL = frozenset({"email", "sms", "letter", "call"})
# Of these the law or the providers want to be told how to stop in the very first one.
_NEED_NOTICE = frozenset({"email", "sms"})


@dataclass(frozen=True, slots=True)
class Said:
    """`told`: channels on which the contact knows how to stop, from a message before or because it has spoken.
    `unclear`: channels on which it said something that a person must read first. `topics`: (channel, message) it
    wants no more. `not_of_child`: it wants nothing about this student. `weekly_limit`: most messages in seven days;
    1 = what can wait comes together."""

    told: frozenset[str] = _EVERY_CHANNEL
    unclear: frozenset[str] = frozenset()
    topics: frozenset[tuple[str, str]] = frozenset()
    not_of_child: bool = False
    weekly_limit: int | None = None

    @property
    def wants_weekly(self) -> bool:
        """Whether what can wait comes together, once a week."""
        return self.weekly_limit == 1

    def must_be_told(self, channel: str) -> bool:
        """Whether a message on this channel has to say how to stop, because it is the first one."""
        return channel in _NEED_NOTICE and channel not in self.told


NOTHING_MORE = Said()
