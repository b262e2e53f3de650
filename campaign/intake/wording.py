"""What many rows say alike gets a number, and is written once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from campaign.intake.batches import Words

_REMEMBERED = 50_000


class Wording:
    """Numbers the words of one part of a file; forgets when there are too many, which costs a repeat."""

    def __init__(self) -> None:
        # By identity: readers hand over the same tuple again. Those that are kept cannot give their place to others.
        self._numbers: dict[int, int] = {}
        self._kept: list[tuple[Any, ...]] = []
        self._last = 0

    def number(self, words: Words) -> tuple[list[int], dict[str, Sequence[Any]]]:
        """The number of each row's words, and the words met for the first time: their numbers and their columns."""
        if len(self._kept) > _REMEMBERED:
            self._numbers, self._kept = {}, []
        places = list(map(id, words.said))
        fresh = {
            place: said for place, said in zip(places, words.said, strict=True) if place not in self._numbers
        }
        begins = self._last + 1
        self._last += len(fresh)
        numbers = range(begins, self._last + 1)
        self._numbers.update(zip(fresh, numbers, strict=True))
        self._kept += fresh.values()
        columns = dict(zip(words.names, zip(*fresh.values(), strict=True), strict=True)) if fresh else {}
        new = {"words": numbers, **columns} if fresh else {}
        return list(map(self._numbers.__getitem__, places)), new
