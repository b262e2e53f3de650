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

    def __call__(self) -> str:
        number = f"{self.name}:{next(self._numbers)}".encode()
        return base64.urlsafe_b64encode(blake2b(number, digest_size=16).digest())[:22].decode()


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
