"""All scores of each student and subject weighed together on the scale of one state test (see `measurement`).

Which scale: that of the newest state test of the student's own whose population is known; for a student without one,
the state test to which most other students tie the newest test. A score of another test takes part through the link of
these two tests or not at all; its link holds error and time already, so only scores of the scale itself grow old.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from reports.compare.links import CELL, Population
from reports.compare.measurement import (
    BoolArray,
    FloatArray,
    IntArray,
    Measurements,
    Posterior,
    Prior,
    combine,
    linked,
)

_DAYS_A_YEAR: Final = 365.25
_NO_GRADE: Final = -9.0
_FAR_YEAR: Final = 9999
# One below pre-kindergarten, so that 0 stands for no grade.
_LOWEST_GRADE: Final = -2


_Id = tuple[Any, float, float]
_COLUMNS: Final = {"mean": "mean", "variance": "true_variance", "cut": "cut", "drift": "drift"}
_LINK: Final = ("intercept", "slope", "link_variance")


@dataclass(frozen=True)
class Cells:
    """A population as arrays over its tests (assessment, grade, school year), and links as [state test, other test].

    `state`: a state test with a prior and a line. `home`: the state test that a test is tied to by most students, -1 =
    none. Points and points² of each test's own scale; a link's variance in points² of the state test's. NaN = unknown.
    """

    place: Mapping[_Id, int]
    mean: FloatArray
    variance: FloatArray
    cut: FloatArray
    drift: FloatArray
    state: BoolArray
    home: npt.NDArray[np.int64]
    intercept: FloatArray
    slope: FloatArray
    link_variance: FloatArray

    @classmethod
    def of(cls, population: Population) -> Cells:
        tests, links = population.tests, population.links
        count = len(tests)
        place = {id_: row for row, id_ in enumerate(_ids(*(tests[name] for name in CELL)))}
        numbers = {name: tests[column].to_numpy(float) for name, column in _COLUMNS.items()}
        state = (tests["kind"].to_numpy(object) == "summative") & np.isfinite(numbers["variance"])
        state &= np.isfinite(numbers["cut"])
        pairs = [
            np.array([place.get(id_, -1) for id_ in _ids(*(links[prefix + name] for name in CELL))], np.int64)
            for prefix in ("state_", "")
        ]
        usable = np.isfinite(links["slope"].to_numpy(float)) & (pairs[0] >= 0) & (pairs[1] >= 0)
        usable[usable] = state[pairs[0][usable]]
        tied = (pairs[0][usable], pairs[1][usable])
        matrices = np.full((4, count, count), np.nan)
        for matrix, name in zip(matrices, ("intercept", "slope", "variance", "students"), strict=True):
            matrix[tied] = links[name].to_numpy(float)[usable]
        students = np.nan_to_num(matrices[3])
        home = np.where(students.any(axis=0), students.argmax(axis=0), -1) if count else np.zeros(0, np.int64)
        return cls(place, **numbers, state=state, home=home, **dict(zip(_LINK, matrices[:3], strict=True)))

    def places(
        self, ids: Sequence[Any], test: IntArray, grade: npt.NDArray[Any], year: npt.NDArray[Any]
    ) -> npt.NDArray[np.int64]:
        """The place of each score's test among the cells, -1 where nothing is known of it.

        `test` is the place of its assessment in `ids`. One look per different test, grade and year.
        """
        if not len(test) or not self.place:
            return np.full(len(test), -1, np.int64)
        dated = np.isfinite(year)
        first = int(np.min(year, where=dated, initial=_FAR_YEAR))
        since = np.where(dated, year - first, 0).astype(np.int64)
        graded = np.where(np.isfinite(grade), grade - _LOWEST_GRADE, 0).astype(np.int64)
        years, grades = int(since.max()) + 1, int(graded.max()) + 1
        code = (test.astype(np.int64) * grades + graded) * years + since
        known = np.full(len(ids) * grades * years, -1, np.int64)
        there = np.flatnonzero(np.bincount(code, minlength=len(known)))
        step = there // years % grades
        which = [ids[int(place)] for place in there // (grades * years)]
        named = _ids(which, np.where(step == 0, np.nan, step + _LOWEST_GRADE), there % years + first)
        known[there] = [self.place.get(id_, -1) for id_ in named]
        return np.where(dated, known[code], -1)


def _ids(assessment: Iterable[Any], grade: Iterable[float], year: Iterable[float]) -> list[_Id]:
    return [
        (a, _NO_GRADE if g != g else float(g), float(y))
        for a, g, y in zip(assessment, grade, year, strict=True)
    ]


@dataclass(frozen=True)
class Scores:
    """Scores that may speak, one entry a score, whatever their scale.

    `key` (student and subject, from 0), `cell` (place in `Cells`), `day` (whole days on any one calendar), `score` and
    `error` (points of its own scale).
    """

    key: IntArray
    cell: IntArray
    day: IntArray
    score: FloatArray
    error: FloatArray


@dataclass(frozen=True)
class Weighed:
    """What all scores of each key say together. `scale`: its state test (place in `Cells`, -1 = none) over the keys;
    `reference`: the day of its newest score.

    Over the scores: `value` and `variance` as they took part (points and points² of the scale; NaN = took no part)
    and `age` (years).
    """

    posterior: Posterior
    scale: npt.NDArray[np.int64]
    reference: npt.NDArray[np.int64]
    value: FloatArray
    variance: FloatArray
    age: FloatArray


def weigh(scores: Scores, keys: int, cells: Cells) -> Weighed:
    """Weigh the scores of each of `keys` students and subjects; a key without a usable score gets NaN throughout."""
    scale, reference = _scales(scores, keys, cells)
    of_row = scale[scores.key]
    same = (of_row >= 0) & (of_row == scores.cell)
    value, variance = np.full((2, len(scores.key)), np.nan)
    age = np.where(same, (reference[scores.key] - scores.day) / _DAYS_A_YEAR, np.nan)
    exact = same & np.isfinite(scores.score) & (scores.error > 0)
    value[exact], variance[exact] = scores.score[exact], scores.error[exact] ** 2
    _link(scores, of_row, cells, value, variance)
    prior, cut, drift = _of_keys(scale, cells)
    took = np.flatnonzero(np.isfinite(variance))
    tests = Measurements(scores.key[took], value[took], variance[took], np.nan_to_num(age[took]))
    posterior = combine(
        _linked_once(tests, scores.cell[took], of_row[took], len(cells.mean)), prior, cut, drift
    )
    return Weighed(posterior, scale, reference, value, variance, age)


def _scales(scores: Scores, keys: int, cells: Cells) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The state test whose scale each key is weighed on, and the day of its newest score."""
    known = scores.cell >= 0
    state, home = (np.append(values, nothing) for values, nothing in ((cells.state, False), (cells.home, -1)))
    scale = np.full(keys, -1, np.int64)
    reference = np.full(keys, np.iinfo(np.int64).min)
    np.maximum.at(reference, scores.key[known], scores.day[known])
    order = np.argsort(scores.day, kind="stable")
    for chosen, cell in ((home[scores.cell] >= 0, home[scores.cell]), (state[scores.cell], scores.cell)):
        rows = order[(known & chosen)[order]]
        scale[scores.key[rows]] = cell[rows]
    return scale, reference


def _link(scores: Scores, of_row: IntArray, cells: Cells, value: FloatArray, variance: FloatArray) -> None:
    other = (of_row >= 0) & (scores.cell >= 0) & (of_row != scores.cell) & np.isfinite(scores.score)
    rows = np.flatnonzero(other)
    pair = (of_row[rows], scores.cell[rows])
    tied = np.isfinite(cells.slope[pair])
    rows, pair = rows[tied], (pair[0][tied], pair[1][tied])
    nothing = np.zeros(len(rows))
    value[rows], variance[rows] = linked(
        scores.score[rows],
        nothing,
        cells.intercept[pair],
        cells.slope[pair],
        np.sqrt(cells.link_variance[pair]),
    )


def _linked_once(tests: Measurements, cell: IntArray, scale: IntArray, cells: int) -> Measurements:
    """Several attempts of one linked test count as their mean: repeating does not undo what separates two tests."""
    of_link = cell != scale
    if not of_link.any():
        return tests
    own, other = np.flatnonzero(~of_link), np.flatnonzero(of_link)
    number = tests.key[other].astype(np.int64) * cells + cell[other]
    _, first, place, count = np.unique(number, return_index=True, return_inverse=True, return_counts=True)
    rows = np.concatenate([own, other[first]])
    score = np.concatenate([tests.score[own], np.bincount(place, tests.score[other]) / count])
    return Measurements(tests.key[rows], score, tests.variance[rows], tests.age[rows])


def _of_keys(scale: IntArray, cells: Cells) -> tuple[Prior, FloatArray, FloatArray]:
    def of(values: FloatArray, nothing: float = np.nan) -> FloatArray:
        return np.append(values, nothing)[scale]

    return Prior(of(cells.mean, 0.0), of(cells.variance, 1.0)), of(cells.cut), of(cells.drift, 0.0)
