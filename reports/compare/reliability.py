"""The reliability diagram as SVG: how often forecasts came true, beside how likely they said it was.

One panel a source. Everything is told by place, shape and words, nothing by color alone; the numbers stand in the
picture's description too. The drawing itself is `templates/reliability.svg`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from reports.compare.calibration import Bin, Calibration

# Points of the picture: the square of a panel, the bars of numbers under it, and the room around them.
SIDE: Final = 300.0
BARS: Final = 46.0
_LEFT, _TOP, _GAP, _FOOT = 66.0, 86.0, 40.0, 50.0


@dataclass(frozen=True)
class Panel:
    """What one panel shows; `heading` and `question` stand above it."""

    heading: str
    question: str
    calibration: Calibration


@dataclass(frozen=True)
class _Dot:
    """One bin as it is drawn: its dot, its interval and its bar, in points from the panel's upper left corner."""

    x: float
    y: float
    low: float
    high: float
    bar: tuple[float, float, float, float]
    students: int


def svg(panels: Sequence[Panel]) -> str:
    """The picture of up to a handful of panels, side by side. Raises ValueError where there is none."""
    if not panels:
        raise ValueError("a reliability diagram needs at least one panel")
    step = _LEFT + SIDE + _GAP
    return _template().render(
        width=step * len(panels),
        height=_TOP + SIDE + _GAP + BARS + _FOOT,
        panels=[(panel, _LEFT + i * step, _dots(panel.calibration)) for i, panel in enumerate(panels)],
        says=" ".join(in_words(panel) for panel in panels),
        top=_TOP,
        side=SIDE,
        bars_top=SIDE + _GAP,
        bars=BARS,
    )


def in_words(panel: Panel) -> str:
    """What a panel shows, for readers who do not see it."""
    bins = "; ".join(
        f"said {one.forecast:.0%}, came true {one.came_true:.0%} of {one.students:,}"
        for one in panel.calibration.bins
    )
    return f"{panel.heading}, {panel.question} {panel.calibration.students:,} forecasts: {bins}."


@cache
def _template() -> Template:
    folder = FileSystemLoader(Path(__file__).with_name("templates"))
    environment = Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("reliability.svg")


def _dots(calibration: Calibration) -> list[_Dot]:
    most = max(one.students for one in calibration.bins)
    return [_dot(one, most) for one in calibration.bins]


def _dot(one: Bin, most: int) -> _Dot:
    height = BARS * one.students / most
    return _Dot(
        x=SIDE * one.forecast,
        y=SIDE * (1 - one.came_true),
        low=SIDE * (1 - one.interval[0]),
        high=SIDE * (1 - one.interval[1]),
        bar=(SIDE * one.low + 1, BARS - height, SIDE * (one.high - one.low) - 2, height),
        students=one.students,
    )
