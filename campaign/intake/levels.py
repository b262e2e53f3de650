"""Performance levels: put in order, checked, and the one found that means "at grade level"."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

from campaign.intake.vocabulary import folded, table


@dataclass(frozen=True)
class Level:
    """minimum and maximum are points of the test's scale, None where the source states none."""

    code: str
    name: str
    minimum: float | None = None
    maximum: float | None = None


def in_order(levels: Sequence[Level]) -> list[Level]:
    """Lowest first, by the lowest score; as given where a level states none."""
    if any(level.minimum is None for level in levels):
        return list(levels)
    return sorted(levels, key=lambda level: level.minimum or 0.0)


def is_untidy(levels: Sequence[Level]) -> bool:
    """True if the ranges of the levels overlap, or the levels came neither from low to high nor from high to low."""
    if any(level.minimum is None for level in levels):
        return False
    ordered = in_order(levels)
    overlap = any(
        low.maximum is not None and high.minimum is not None and low.maximum >= high.minimum
        for low, high in pairwise(ordered)
    )
    return overlap or list(levels) not in (ordered, ordered[::-1])


def floor_of(levels: Sequence[Level]) -> Level | None:
    """The level whose code or name is a known word for "at grade level"; None if no level's is."""
    for word in table("levels.toml")["floor"]:
        for level in levels:
            if folded(word) in (folded(level.code), folded(level.name)):
                return level
    return None


def as_json(levels: Sequence[Level]) -> str:
    """The levels as the table `assessment` keeps them."""
    return json.dumps([asdict(level) for level in levels])
