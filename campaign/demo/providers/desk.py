"""What the two simulated APIs have in common: a look at a request, and the act of taking what it holds."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import count
from typing import Protocol

from campaign.demo.providers.options import SimulatorOptions
from campaign.demo.providers.record import Entry, Record
from campaign.demo.providers.wire import Request

Headers = Sequence[tuple[str, str]]
_ODD = 0x9E3779B97F4A7C15


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a request in good order; `take` accepts what it holds, None where there is nothing to accept."""

    content: bytes
    take: Callable[[], None] | None = None


class Desk(Protocol):
    """One API. `headers` go with every answer."""

    def consider(self, request: Request, headers: Headers) -> Decision: ...

    def too_many(self, headers: Headers) -> bytes: ...

    def broken(self, status: int) -> bytes: ...


@dataclass
class Ids:
    """Each call gives 22 characters that look drawn, and never the same twice for one `name`."""

    name: str
    _numbers: count[int] = field(default_factory=count)
    _beginning: bytes = field(init=False)

    def __post_init__(self) -> None:
        self._beginning = blake2b(self.name.encode(), digest_size=8).digest()

    def __call__(self) -> str:
        # By an odd number, so that each of the 64 bits comes from one number alone.
        drawn = next(self._numbers) * _ODD % 2**64
        return base64.urlsafe_b64encode(self._beginning + drawn.to_bytes(8, "big"))[:22].decode()


@dataclass
class Office:
    """What all desks work with. `now` gives seconds since 1970; `follow` hears of every accepted message."""

    options: SimulatorOptions
    record: Record
    now: Callable[[], float]
    follow: Callable[[Sequence[Entry]], None]
    new_id: Ids = field(init=False)

    def __post_init__(self) -> None:
        self.new_id = Ids(f"requests {self.options.seed}")

    def take(self, entries: Sequence[Entry]) -> None:
        self.record.add(entries)
        self.follow(entries)
