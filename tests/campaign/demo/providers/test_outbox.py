"""What tells the program of events ends when it is asked to, whatever comes in at that moment."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from campaign.demo.providers.faults import Mischief
from campaign.demo.providers.options import Faults
from campaign.demo.providers.outbox import Outbox
from campaign.demo.providers.posting import Courier, Post


class _Packer:
    tries = 1

    def pack(self, url: str, told: Sequence[Any]) -> list[Post]:
        return [Post(url, (), b"".join(told))]

    def altered(self, told: Any) -> Any:
        return told


@pytest.mark.parametrize("turns", range(6))
def test_it_ends_at_whatever_moment_it_is_woken(turns: int) -> None:
    async def ends() -> bool:
        outbox = Outbox(Mischief(Faults(event_ms=60_000), 1), Courier())
        outbox.add(_Packer(), "https://elsewhere.example", [b"sent"])
        telling = asyncio.create_task(outbox.run())
        await asyncio.sleep(0.01)
        outbox.add(_Packer(), "https://elsewhere.example", [b"delivered"])
        for _ in range(turns):
            await asyncio.sleep(0)
        telling.cancel()
        await asyncio.wait({telling}, timeout=1)
        ended = telling.done()
        while not telling.done():
            telling.cancel()
            await asyncio.sleep(0)
        return ended

    assert asyncio.run(ends())
