"""The one picture of a subject: a bar with the grade-level line and the score with its error, as geometry.

The drawing itself is `templates/bar.html`. Levels are drawn equally wide, so that their names can be read; within a
level the scale is true. The band reaches over the line exactly when score ± error does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from reports.family.facts import Level, ScoreFacts
from reports.family.report import Segment

Place = Callable[[float], float]


@dataclass(frozen=True)
class Geometry:
    """Where things stand on the bar, as fractions of its width. `band` and `score` are None for a level alone."""

    segments: tuple[Segment, ...]
    line: float
    band: tuple[float, float] | None
    score: float | None


def geometry(test: ScoreFacts) -> Geometry | None:
    """The picture of a test, or None where the test does not say enough to draw one truthfully."""
    if test.score is not None and test.error is not None and test.cut is not None:
        edges = _edges(test)
        return _on_levels(test, edges) if edges else _around_the_line(test)
    if test.level is not None and _floor_index(test) is not None:
        return _level_alone(test)
    return None


def _floor_index(test: ScoreFacts) -> int | None:
    codes = [level.code for level in test.levels]
    return codes.index(test.floor_level) if test.floor_level in codes else None


def _edges(test: ScoreFacts) -> list[float] | None:
    """Scores at which the levels begin and the last one ends; None if the test does not say them in order."""
    floor = _floor_index(test)
    starts = [level.minimum for level in test.levels[1:]]
    if not floor or any(start is None for start in starts):
        return None
    inner = [float(start) for start in starts if start is not None]
    width = inner[-1] - inner[0] if len(inner) > 1 else 4 * (test.error or 1)
    width = width / max(len(inner) - 1, 1)
    low, high = test.levels[0].minimum, test.levels[-1].maximum
    low = inner[0] - width if low is None else low
    high = inner[-1] + width if high is None else high
    edges = [low, *inner, high]
    if any(a >= b for a, b in pairwise(edges)) or inner[floor - 1] != test.cut:
        return None
    return edges


def _on_levels(test: ScoreFacts, edges: list[float]) -> Geometry:
    count = len(edges) - 1

    def place(score: float) -> float:
        index = sum(score >= edge for edge in edges[1:-1])
        within = (score - edges[index]) / (edges[index + 1] - edges[index])
        return (index + min(max(within, 0.0), 1.0)) / count

    floor = _floor_index(test) or 0
    segments = _equal_segments(test.levels, floor, test.level)
    return _banded(test, segments, floor / count, place)


def _around_the_line(test: ScoreFacts) -> Geometry:
    """No levels to draw: the line in the middle, and as much to both sides as the band needs."""
    score, error, cut = _numbers(test)
    half = max(4 * error, abs(score - cut) + 2 * error) or 1.0

    def place(points: float) -> float:
        return 0.5 + (points - cut) / (2 * half)

    sides = (Segment("", 0.0, 0.5, False, score < cut), Segment("", 0.5, 1.0, True, score >= cut))
    return _banded(test, sides, 0.5, place)


def _banded(test: ScoreFacts, segments: tuple[Segment, ...], line: float, place: Place) -> Geometry:
    score, error, _ = _numbers(test)
    return Geometry(segments, line, (place(score - error), place(score + error)), place(score))


def _numbers(test: ScoreFacts) -> tuple[float, float, float]:
    if test.score is None or test.error is None or test.cut is None:
        raise ValueError("a band needs a score, its error and the cut")
    return test.score, test.error, test.cut


def _level_alone(test: ScoreFacts) -> Geometry:
    floor = _floor_index(test) or 0
    segments = _equal_segments(test.levels, floor, test.level)
    return Geometry(segments, floor / len(segments), None, None)


def _equal_segments(levels: tuple[Level, ...], floor: int, reached: str | None) -> tuple[Segment, ...]:
    count = len(levels)
    return tuple(
        Segment(level.name, i / count, (i + 1) / count, i >= floor, level.code == reached)
        for i, level in enumerate(levels)
    )
