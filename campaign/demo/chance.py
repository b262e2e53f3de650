"""Draws from a seeded generator: one stream a neighbourhood, so that any of them can be made without the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")


@dataclass(frozen=True)
class Chance:
    """Everything random in the made-up district comes from here; the same seed gives the same draws."""

    generator: np.random.Generator

    @staticmethod
    def of(seed: int, *path: int) -> Chance:
        """The stream of one place of the district, independent of all others with another `path`."""
        return Chance(np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *path]))))

    def happens(self, probability: float) -> bool:
        return bool(self.generator.random() < probability)

    def pick(self, items: Sequence[Item]) -> Item:
        return items[int(self.generator.integers(len(items)))]

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return int(self.generator.integers(low, high + 1))

    def weighted(self, cumulative: Sequence[float]) -> int:
        """An index, by cumulative weights that end at 1."""
        return int(np.searchsorted(cumulative, self.generator.random(), side="right"))

    def normal(self, mean: float = 0.0, spread: float = 1.0) -> float:
        return float(self.generator.normal(mean, spread))
