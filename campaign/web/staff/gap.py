"""The gap at a glance as numbers to draw: for each subject one bar for marks and one for tests. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from campaign.store.overview import SubjectGap

# A label needs this much of the bar's length, on a phone too.
LABEL_FITS = 11


@dataclass(frozen=True)
class Segment:
    """A part of a bar; `start` and `length` in percent of the whole."""

    kind: str
    start: float
    length: float
    students: int

    @property
    def middle(self) -> float:
        return self.start + self.length / 2

    @property
    def label(self) -> str:
        return f"{round(self.length)}%" if self.length >= LABEL_FITS else ""


@dataclass(frozen=True)
class SubjectBars:
    gap: SubjectGap
    marks: Sequence[Segment]
    tests: Sequence[Segment]

    @property
    def high_percent(self) -> int:
        return percent(self.gap.high_mark, self.gap.compared)

    @property
    def at_percent(self) -> int:
        return percent(self.gap.at, self.gap.compared)

    @property
    def width(self) -> int:
        """How many percentage points more students have a high mark than a test at grade level."""
        return self.high_percent - self.at_percent


def bars(gaps: Sequence[SubjectGap]) -> list[SubjectBars]:
    """Subjects with at least one comparison."""
    return [_bars(gap) for gap in gaps if gap.compared]


def widest(subjects: Sequence[SubjectBars]) -> SubjectBars | None:
    """The subject with the widest gap, or None where no subject has more high marks than tests at grade level.

    A subject that less than half as many students are compared in as in the largest does not speak for the district.
    """
    most = max((bars.gap.compared for bars in subjects), default=0)
    telling = [bars for bars in subjects if bars.width > 0 and 2 * bars.gap.compared >= most]
    return max(telling, key=lambda bars: bars.width, default=None)


def percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


def _bars(gap: SubjectGap) -> SubjectBars:
    marks = _segments(gap.compared, [("high", gap.high_mark)])
    tests = _segments(
        gap.compared,
        [("at", gap.at), ("close", gap.close), ("not-yet", gap.not_yet), ("disagree", gap.disagree)],
    )
    return SubjectBars(gap, marks, tests)


def _segments(whole: int, parts: Sequence[tuple[str, int]]) -> list[Segment]:
    segments, start = [], 0.0
    for kind, students in parts:
        length = 100 * students / whole
        if students:
            segments.append(Segment(kind, start, length, students))
        start += length
    return segments
