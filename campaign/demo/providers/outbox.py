"""What the providers tell back, and when: in order and once, unless the mishaps in force will have it otherwise."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple, Protocol

from campaign.demo.providers.faults import Mischief
from campaign.demo.providers.options import Mishap
from campaign.demo.providers.posting import Courier, NotAnswered, Post

_FIRST_PAUSE_SECONDS = 1.0


class Packer(Protocol):
    """How one provider puts what it tells into posts. `tries`: how often it posts what is not answered with 2xx."""

    tries: int

    def pack(self, url: str, told: Sequence[Any]) -> list[Post]: ...

    def altered(self, told: Any) -> Any:
        """Something else than what happened, for a forgery."""


class _Notice(NamedTuple):
    """Something to tell, or (`post`) a post to be tried again."""

    due: float
    number: int
    packer: Packer
    url: str
    told: Any
    post: Post | None = None
    tried: int = 0


@dataclass
class Outbox:
    """`counts`: posts by what became of them: answered, refused, unanswered, given_up, forged, replayed."""

    mischief: Mischief
    courier: Courier
    counts: Counter[str] = field(default_factory=Counter)
    _waiting: list[_Notice] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _at_work: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, packer: Packer, url: str, course: Sequence[Any]) -> None:
        """Tell these one after the other, as what becomes of one message."""
        mischief, faults = self.mischief, self.mischief.faults
        now, step = asyncio.get_running_loop().time(), faults.event_ms / 1000
        dues = [now + step * place for place in range(1, len(course) + 1)]
        if len(dues) > 1 and mischief.befalls(Mishap.SHUFFLED):
            dues.reverse()
        for due, told in zip(dues, course, strict=True):
            if mischief.befalls(Mishap.LATE):
                due += faults.late_ms / 1000
            self._push(_Notice(due, next(self._numbers), packer, url, told))
            if mischief.befalls(Mishap.TWICE):
                self._push(_Notice(due + step, next(self._numbers), packer, url, told))
        self._wake.set()

    def clear(self) -> None:
        """Tell nothing of what waits."""
        self._waiting.clear()
        self.counts.clear()
        self.courier.kept.clear()

    async def run(self) -> None:
        """Tell each when it is due, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            self._wake.clear()
            pause = self._waiting[0].due - loop.time() if self._waiting else None
            if pause is None or pause > 0:
                # Not wait_for: in Python 3.11 it forgets that it is to end, if it is woken at the same moment.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wake.wait()
                continue
            await self._tell(loop.time())

    async def flush(self) -> int:
        """Tell all that waits, whenever it was due; the number of notices. What is refused is tried again later."""
        return await self._tell(float("inf"))

    async def _tell(self, until: float) -> int:
        async with self._at_work:
            due = []
            while self._waiting and self._waiting[0].due <= until:
                due.append(heapq.heappop(self._waiting))
            for notice in due:
                if notice.post is not None:
                    await self._carry(notice.packer, notice.post, notice.tried)
            for packer, url, told in _together([notice for notice in due if notice.post is None]):
                await self._tell_all(packer, url, told)
            return len(due)

    async def _tell_all(self, packer: Packer, url: str, told: list[Any]) -> None:
        if len(told) > 1 and self.mischief.befalls(Mishap.SHUFFLED):
            told = [told[place] for place in self.mischief.shuffled(len(told))]
        for post in packer.pack(url, told):
            if self.mischief.befalls(Mishap.FORGED):
                (forgery, *_) = packer.pack(url, [packer.altered(told[0])])
                self.counts["forged"] += 1
                await self._once(post._replace(body=forgery.body))
            await self._carry(packer, post, 0)
            if self.mischief.befalls(Mishap.REPLAYED):
                self.counts["replayed"] += 1
                await self._once(post)

    async def _once(self, post: Post) -> bool:
        """Whether it was answered with 2xx."""
        try:
            status = await self.courier.carry(post)
        except NotAnswered:
            self.counts["unanswered"] += 1
            return False
        well = 200 <= status < 300
        self.counts["answered" if well else "refused"] += 1
        return well

    async def _carry(self, packer: Packer, post: Post, tried: int) -> None:
        if await self._once(post):
            return
        tried += 1
        if tried >= packer.tries:
            self.counts["given_up"] += 1
            return
        due = asyncio.get_running_loop().time() + _FIRST_PAUSE_SECONDS * 2 ** (tried - 1)
        self._push(_Notice(due, next(self._numbers), packer, post.url, None, post, tried))

    def _push(self, notice: _Notice) -> None:
        heapq.heappush(self._waiting, notice)


def _together(notices: Sequence[_Notice]) -> list[tuple[Packer, str, list[Any]]]:
    """Neighbours for the same address, told in one go."""
    found: list[tuple[Packer, str, list[Any]]] = []
    for notice in notices:
        if found and found[-1][:2] == (notice.packer, notice.url):
            found[-1][2].append(notice.told)
        else:
            found.append((notice.packer, notice.url, [notice.told]))
    return found
