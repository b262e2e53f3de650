"""Several valid attempts at one test: all of them count, never the best (its score is too high by .56 of its error).

Attempts at the same assessment (version, grade, season) in one school year within some weeks of the newest are one
test: the mean of the scores decides, with the error of a mean. Rows of one day are one attempt told twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from reports.compare.codes import AT, CLOSE, NOT_YET, SOURCES, BoolArray, FloatArray, IntArray
from reports.compare.evidence import CLOSE_BAND_SD, Judged, probability_at_or_above, verdict_codes
from reports.compare.groups import Groups, order_of

# Attempts further before the newest are an earlier test.
WINDOW_DAYS: Final = 60

_BY_SCORE: Final = (SOURCES.index("csem"), SOURCES.index("test_sem"), SOURCES.index("quarter_sd"))
_QUARTER_SD: Final = SOURCES.index("quarter_sd")


@dataclass(frozen=True)
class Attempts:
    """Over the scores: `newest` is the row of the attempt that stands for all of its test (its own, if it is the only
    one), `number` how many there are."""

    newest: npt.NDArray[np.int64]
    number: npt.NDArray[np.int16]

    @property
    def stands(self) -> BoolArray:
        return np.asarray(self.newest == np.arange(len(self.newest)), dtype=bool)

    @classmethod
    def alone(cls, rows: int) -> Attempts:
        return cls(np.arange(rows), np.ones(rows, np.int16))


@dataclass(frozen=True)
class Attempted:
    """Scores that say something: `test` is one number for a student, assessment and school year, `day` the day given,
    `score` and `cut` in points, `score_sd` (points) and `id` as they came."""

    test: IntArray
    day: npt.NDArray[np.int32]
    score: FloatArray
    score_sd: FloatArray
    id: IntArray


def count_together(given: Attempted, judged: Judged, says: BoolArray, certainty: float) -> Attempts:
    """Find the attempts at each test among the scores that say something, and let their mean decide for all of them.

    Changes `evidence` and `probability` of `judged` where there are several; `error` stays that of each attempt.
    """
    found = Attempts.alone(len(given.test))
    rows = _repeated(given, np.flatnonzero(says))
    if not len(rows):
        return found
    rows, groups = _in_window(given, rows)
    rows, groups = _several(rows, groups)
    if not len(rows):
        return found
    last = groups.starts + groups.number(np.ones(len(rows), bool))[groups.held] - 1
    found.newest[rows] = groups.spread(_placed(groups, rows[last]))
    found.number[rows] = groups.spread(groups.number(np.ones(len(rows), bool)))
    _decide(given, judged, rows, groups, certainty)
    return found


def mean_of_attempts(
    score: FloatArray, error: FloatArray, day: IntArray, keys: IntArray, count: int
) -> tuple[FloatArray, FloatArray]:
    """The mean score (points) of the attempts of each of `count` keys, and its error: the root of the mean squared
    error, divided by the root of the number of days on which the test was taken.

    All arrays are over the attempts, sorted by key and day. A key without attempts gets NaN.
    """
    number = np.bincount(keys, minlength=count)
    new_day = np.ones(len(keys), bool)
    new_day[1:] = (keys[1:] != keys[:-1]) | (day[1:] != day[:-1])
    days = np.bincount(keys, new_day, count)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(keys, score, count) / number
        square = np.bincount(keys, np.square(error), count) / number
        return mean, np.sqrt(square / days)


def _repeated(given: Attempted, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """The rows whose test has several, sorted by test, day and id."""
    rows = rows[order_of(given.test[rows])]
    test = given.test[rows]
    same = test[1:] == test[:-1]
    twice = np.zeros(len(rows), bool)
    twice[1:] |= same
    twice[:-1] |= same
    rows = rows[twice]
    return rows[np.lexsort((given.id[rows], given.day[rows], given.test[rows]))]


def _in_window(given: Attempted, rows: npt.NDArray[np.intp]) -> tuple[npt.NDArray[np.intp], Groups]:
    _, key = np.unique(given.test[rows], return_inverse=True)
    groups = Groups.of(key, int(key[-1]) + 1)
    day = given.day[rows]
    near = groups.spread(groups.top(day, np.iinfo(np.int32).min)) - day <= WINDOW_DAYS
    positions, groups = groups.only(near)
    return rows[positions], groups


def _several(rows: npt.NDArray[np.intp], groups: Groups) -> tuple[npt.NDArray[np.intp], Groups]:
    positions, groups = groups.only(groups.spread(groups.number(np.ones(len(rows), bool))) > 1)
    return rows[positions], groups


def _placed(groups: Groups, values: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
    placed = np.full(groups.count, -1, np.int64)
    placed[groups.held] = values
    return placed


def _decide(
    given: Attempted, judged: Judged, rows: npt.NDArray[np.intp], groups: Groups, certainty: float
) -> None:
    """By the mean score where attempts have one, of the best source among them; else by verdicts that all agree."""
    source = judged.source[rows]
    best = groups.spread(groups.least(source, len(SOURCES)))
    evidence, probability = judged.evidence[rows], judged.probability[rows]
    same = groups.top(evidence, -1) == groups.least(evidence, len(SOURCES))
    by_level = ~np.isin(best, _BY_SCORE)
    evidence[by_level & ~groups.spread(same)] = CLOSE
    probability[by_level & ~groups.spread(same)] = np.nan
    counted = np.isin(source, _BY_SCORE) & (source == best)
    mean, error = mean_of_attempts(
        given.score[rows][counted],
        judged.error[rows][counted],
        given.day[rows][counted],
        groups.key[counted],
        groups.count,
    )
    distance = groups.spread(mean) - judged.cut[rows]
    exact = ~by_level & (best != _QUARTER_SD)
    probability[~by_level] = np.nan
    probability[exact] = probability_at_or_above(distance, np.zeros(len(rows)), groups.spread(error))[exact]
    evidence[exact] = verdict_codes(probability, certainty)[exact]
    banded = ~by_level & (best == _QUARTER_SD)
    band = CLOSE_BAND_SD * given.score_sd[rows]
    evidence[banded] = np.where(distance > band, AT, np.where(distance < -band, NOT_YET, CLOSE))[banded]
    evidence[~by_level & (distance == 0)] = CLOSE
    judged.evidence[rows], judged.probability[rows] = evidence, probability
