"""One child's tests in one subject as an explanation keeps them: weighed together again, and compared over time.

A test is a dict of `explanation.explanations`; what comes out is for staff.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from reports.compare.attempts import mean_of_attempts
from reports.compare.change import CERTAIN_Z, Change, change
from reports.compare.weighing import Cells, Scores, Weighed, weigh

Test = Mapping[str, Any]


@dataclass(frozen=True)
class Again:
    """The tests that may be weighed, and how they were: `weighed` has one key, and its scores are `tests`."""

    tests: Sequence[Test]
    weighed: Weighed


@dataclass(frozen=True)
class Attempts:
    """Several attempts at one test: their mean score and its error (points)."""

    title: str
    number: int
    mean: float
    error: float


@dataclass(frozen=True)
class OverTime:
    """Two tests on one scale: what changed, by how many points, and from how many on a change counts."""

    earlier: Test
    later: Test
    change: Change
    points: float
    needed: float


def weigh_again(tests: Sequence[Test], cells: Cells) -> Again:
    """What `combined.combined` makes of these tests, with all that went in."""
    taken = [test for test in tests if test.get("weighable")]
    ids = list(dict.fromkeys(test["assessment_id"] for test in taken))
    scores = Scores(
        key=np.zeros(len(taken), np.int64),
        cell=cells.places(
            ids,
            np.array([ids.index(test["assessment_id"]) for test in taken], np.int64),
            _numbers(taken, "grade_level"),
            _numbers(taken, "school_year"),
        ),
        day=np.array([test["date"] for test in taken], "datetime64[D]").astype(np.int64),
        score=_numbers(taken, "score"),
        error=_numbers(taken, "error"),
    )
    return Again(taken, weigh(scores, 1, cells))


def attempts(tests: Sequence[Test]) -> Iterator[Attempts]:
    """Each test that was taken several times and used, with the mean that decided."""
    groups: dict[tuple[Any, ...], list[Test]] = {}
    for test in tests:
        if test["used"] and (test.get("attempts") or 1) > 1 and None not in (test["score"], test["error"]):
            groups.setdefault((test["assessment_id"], test["school_year"]), []).append(test)
    for several in groups.values():
        several.sort(key=lambda test: (test["date"] or "", test["id"]))
        days = [test["date"] or "" for test in several]
        mean, error = mean_of_attempts(
            _numbers(several, "score"),
            _numbers(several, "error"),
            np.array([sorted(set(days)).index(day) for day in days]),
            np.zeros(len(several), np.int64),
            1,
        )
        yield Attempts(several[0]["title"], len(several), float(mean[0]), float(error[0]))


def over_time(tests: Sequence[Test]) -> Iterator[OverTime]:
    """Rule 12: of each scale the two newest tests, of different seasons or years, that have a score and an error.

    One scale is one family, version and grade: whether scores of different grades lie on one scale is not known.
    """
    scales: dict[tuple[Any, ...], dict[tuple[Any, ...], Test]] = {}
    for test in sorted(tests, key=lambda test: (test["date"] or "", test["id"])):
        known = None not in (test["score"], test["error"], test["date"])
        if known and test["status"] == "valid" and test["kind"] in ("summative", "interim"):
            scale = (test["family"], test["version"], test["grade_level"])
            scales.setdefault(scale, {})[(test["assessment_id"], test["school_year"])] = test
    for taken in scales.values():
        for earlier, later in list(pairwise(sorted(taken.values(), key=lambda test: test["date"])))[-1:]:
            yield _changed(earlier, later)


def _changed(earlier: Test, later: Test) -> OverTime:
    both = (earlier, later)
    (first, last), (error, other) = _numbers(both, "score"), _numbers(both, "error")
    points = [np.array([value]) for value in (first, last, error, other)]
    found = change(points[0], points[1], points[2], points[3], np.array([True]))[0]
    return OverTime(earlier, later, found, float(last - first), float(CERTAIN_Z * np.hypot(error, other)))


def _numbers(tests: Sequence[Test], name: str) -> np.ndarray:
    return np.array([np.nan if test[name] is None else float(test[name]) for test in tests])
