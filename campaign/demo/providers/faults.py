"""Draws what goes wrong, by seed."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from hashlib import blake2b
from itertools import accumulate

from campaign.demo.chance import Chance
from campaign.demo.providers.options import Fate, Faults, Mishap, Reaction


class Mischief:
    """The faults in force; `change` puts others in their place while requests are under way."""

    def __init__(self, faults: Faults, seed: int) -> None:
        self._seed = seed
        self._chance = Chance.of(seed, 40)
        self.change(faults)

    def change(self, faults: Faults) -> None:
        self.faults = faults
        self._next = deque(faults.next)
        self._second, self._in_second = 0, 0

    def reaction(self) -> str:
        """How the next request to send is met, without the rate limit."""
        if self._next:
            return self._next.popleft()
        shares = self.faults.reactions
        return self._draw(shares, Reaction.WELL) if shares else Reaction.WELL

    def latency(self) -> float:
        """Seconds."""
        faults = self.faults
        if faults.tail_share and self._chance.happens(faults.tail_share):
            return faults.tail_ms / 1000
        return faults.latency_ms / 1000

    def room(self) -> tuple[int, int] | None:
        """What a rate limit allows and what is left of this second, this request counted; None without a limit.

        What is left is negative when the request is one too many.
        """
        most = self.faults.most_per_second
        if not most:
            return None
        second = int(time.monotonic())
        self._in_second = self._in_second + 1 if second == self._second else 1
        self._second = second
        return most, most - self._in_second

    def fate(self, to: str) -> str:
        """The same for an address at any time, whoever is written to before."""
        given = self.faults.recipients.get(to)
        if given is not None:
            return given
        shares = self.faults.fates
        if not shares:
            return Fate.DELIVERED
        digest = blake2b(f"{self._seed} {to}".encode(), digest_size=8).digest()
        return _at(int.from_bytes(digest, "big") / 2**64, shares, Fate.DELIVERED)

    def befalls(self, mishap: Mishap) -> bool:
        share = self.faults.mishaps.get(mishap, 0.0)
        return share > 0 and self._chance.happens(share)

    def shuffled(self, count: int) -> list[int]:
        return [int(place) for place in self._chance.generator.permutation(count)]

    def _draw(self, shares: Mapping[str, float], rest: str) -> str:
        return _at(float(self._chance.generator.random()), shares, rest)


def _at(place: float, shares: Mapping[str, float], rest: str) -> str:
    """Whose share of the way from 0 to 1 this place lies in."""
    names, limits = [*shares, rest], [*accumulate(shares.values()), 1.0]
    return next(name for name, limit in zip(names, limits, strict=True) if place < limit)
