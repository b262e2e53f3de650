"""Evidence of one test: is a score at, close to, or not yet at the grade-level line, given its error?

The chance to be at or above the cut is P = Φ((score − cut) / error), after L. M. Rudner, "Computing the expected
proportions of misclassified examinees", 2001; it needs nothing but score, error and cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr

from reports.compare.codes import (
    AT,
    CLOSE,
    EVIDENCE,
    NONE,
    NOT_YET,
    REFUSALS,
    RULES,
    SOURCES,
    BoolArray,
    FloatArray,
    IntArray,
    ObjectArray,
    Verdicts,
    none,
    rule_code,
    words,
)
from reports.compare.frames import Table, tidy_scores
from reports.compare.levels import Ladders, ladders
from reports.compare.rules import Rule
from reports.compare.seasons import cut_of_another_season, day_of_school_year, season_codes
from reports.records import ComparisonPolicy, Refusal

# Without any error, scores this near the cut, in standard deviations of the scale, are close to it.
CLOSE_BAND_SD: Final = 0.25

_CSEM, _TEST_SEM, _QUARTER_SD, _LEVEL, _PROJECTION = range(len(SOURCES))


class SeasonError(ValueError):
    """A score would be held against the cut of another season."""


def probability_at_or_above(score: FloatArray, cut: FloatArray, error: FloatArray) -> FloatArray:
    """Φ((score − cut) / error), 0 to 1, all three in points of the same scale; NaN where one is missing."""
    with np.errstate(over="ignore"):
        return np.asarray(ndtr((np.asarray(score, float) - cut) / error), dtype=float)


def verdicts(probability: FloatArray, certainty: float) -> ObjectArray:
    """AT from `certainty` up, NOT_YET where the opposite is as certain, CLOSE in between, None for NaN."""
    return words(verdict_codes(np.asarray(probability, float), certainty), EVIDENCE)


def verdict_codes(probability: FloatArray, certainty: float) -> npt.NDArray[np.int8]:
    """`verdicts` as codes, -1 for NaN."""
    found = none(len(probability))
    found[~np.isnan(probability)] = CLOSE
    found[probability >= certainty] = AT
    found[1.0 - probability >= certainty] = NOT_YET
    return found


@dataclass(frozen=True)
class Judged:
    """What each score says by itself. Codes of `reports.compare.codes`; -1 = none; points of the test's own scale."""

    evidence: npt.NDArray[np.int8]
    probability: FloatArray
    error: FloatArray
    source: npt.NDArray[np.int8]
    cut: FloatArray
    level: npt.NDArray[np.float32]
    floor: npt.NDArray[np.float32]
    verdicts: Verdicts


@dataclass(frozen=True)
class Line:
    """Where each score stands towards the grade-level line. Ranks count levels from 0, the lowest; NaN = unknown."""

    score: FloatArray
    cut: FloatArray
    level: npt.NDArray[np.float32]
    floor: npt.NDArray[np.float32]
    level_reported: BoolArray
    distance: FloatArray

    @property
    def above_by_level(self) -> npt.NDArray[np.float32]:
        """Levels between the reported one and the floor: 0 = just at grade level, -1 = the one just below."""
        return np.asarray(self.level - self.floor, np.float32)


def judge(scores: pd.DataFrame, policy: ComparisonPolicy) -> pd.DataFrame:
    """What each score says by itself, whatever its status; one row a score, in the order and index of `scores`.

    `scores` has SCORE_COLUMNS. Columns of the result: `evidence` (an Evidence or None), `probability` (0 to 1; NaN
    where no error is known), `error` (points; NaN = none), `error_source` ("csem", "test_sem", "quarter_sd", "level",
    "projection" or None), `cut` (points, as used), `level_rank`, `floor_rank` (0 = lowest level; a level that was not
    reported is looked up by score only where nothing better decides), `refusal` and `rule` (None where there is
    evidence).
    Raises ValueError for a missing column, SeasonError where an interim score would meet a cut of another season.
    """
    table, steps = ladders(scores, tidy_scores(scores))
    day_of_year = day_of_school_year(table["administered_on"])
    wrong = wrong_season(table, steps, day_of_year)
    if wrong.any():
        which = scores["assessment_id"].to_numpy(object)[wrong][0]
        raise SeasonError(
            f"{int(wrong.sum())} scores met the cut of another season, e.g. of assessment {which}"
        )
    judged = judge_columns(table, steps, policy)
    return pd.DataFrame(
        {
            "evidence": words(judged.evidence, EVIDENCE),
            "probability": judged.probability,
            "error": judged.error,
            "error_source": words(judged.source, SOURCES),
            "cut": judged.cut,
            "level_rank": judged.level.astype(float),
            "floor_rank": judged.floor.astype(float),
            "refusal": words(judged.verdicts.refusal, REFUSALS),
            "rule": words(judged.verdicts.rule, RULES),
        },
        index=scores.index,
    )


def wrong_season(scores: Table, steps: Ladders, day_of_year: IntArray) -> BoolArray:
    """Rule 4, asked of a whole table; `day_of_year` counts from 1 July, -1 = no date."""
    interim = scores.is_word("kind", "interim")
    if not interim.any():
        return interim
    season = scores.coded("season", np.append(season_codes(scores.words["season"]), np.int8(NONE)))
    has_line = np.isfinite(scores["cut"]) | (steps.floor_code[scores["rung"]] >= 0)
    has_line &= ~by_projection(scores)
    return cut_of_another_season(interim, season, day_of_year, has_line)


def judge_columns(scores: Table, steps: Ladders, policy: ComparisonPolicy) -> Judged:
    """`judge` on arrays, without the check of seasons."""
    line = grade_level_line(scores, steps)
    error, source = _errors(scores, line)
    probability = probability_at_or_above(line.score, line.cut, error)
    evidence = _evidence(scores, line, probability, source, policy)
    found = _refusals(scores, line, source)
    refused = ~found.open
    evidence[refused] = NONE
    probability[refused] = np.nan
    source[refused] = NONE
    judged = Judged(evidence, probability, error, source, line.cut, line.level, line.floor, found)
    projected = by_projection(scores) & (found.rule != rule_code(Rule.SCORE_OUT_OF_RANGE))
    if projected.any():
        _project(judged, projected, scores["projected_probability"], policy)
    return judged


def by_projection(scores: Table) -> BoolArray:
    """Rule 4: tests during the year with the vendor's own chance of reaching grade level on the state test."""
    chance = scores["projected_probability"]
    return np.asarray((chance >= 0) & (chance <= 1) & scores.is_word("kind", "interim"), dtype=bool)


def _project(judged: Judged, rows: BoolArray, chance: FloatArray, policy: ComparisonPolicy) -> None:
    """The projection decides alone: no line of the vendor's own scale stands beside it."""
    judged.probability[rows] = chance[rows]
    judged.evidence[rows] = verdict_codes(chance[rows], policy.certainty)
    judged.source[rows] = _PROJECTION
    judged.error[rows] = judged.cut[rows] = np.nan
    judged.verdicts.refusal[rows] = judged.verdicts.rule[rows] = NONE


def grade_level_line(scores: Table, steps: Ladders) -> Line:
    """Scores, cuts and ranks of levels. The order of levels is that of `levels`, never that of their codes."""
    score, cut = scores["scale_score"], scores["cut"]
    rung = scores["rung"]
    floor, level, reported = steps.floor[rung], steps.level[rung], steps.level_code[rung] >= 0
    cut = np.where(np.isfinite(cut), cut, steps.floor_minimum[rung])
    distance = score - cut
    by_score = ~reported & (np.isnan(distance) | ~_has_error(scores))
    if by_score.any():
        level[by_score] = steps.rank_by_score(rung[by_score], score[by_score])
    return Line(score, cut, level, floor, reported, distance)


def _usable(error: FloatArray) -> BoolArray:
    return np.asarray(np.isfinite(error) & (error > 0), dtype=bool)


def _has_error(scores: Table) -> BoolArray:
    return _usable(scores["csem"]) | _usable(scores["test_sem"]) | _usable(scores["score_sd"])


def _errors(scores: Table, line: Line) -> tuple[FloatArray, npt.NDArray[np.int8]]:
    """The error of each score and where it came from: its own, the test's, a band of ¼ SD, or the level alone."""
    on_scale = np.isfinite(line.distance)
    error = np.full(len(on_scale), np.nan)
    source = none(len(on_scale))
    left = np.ones(len(on_scale), bool)
    for code, name in ((_CSEM, "csem"), (_TEST_SEM, "test_sem"), (_QUARTER_SD, "score_sd")):
        if not left.any():
            break
        rows = left & on_scale & _usable(scores[name])
        source[rows] = code
        if code != _QUARTER_SD:
            np.copyto(error, scores[name], where=rows)
        left &= ~rows
    if left.any():
        source[left & np.isfinite(line.above_by_level)] = _LEVEL
    return error, source


def _evidence(
    scores: Table, line: Line, probability: FloatArray, source: IntArray, policy: ComparisonPolicy
) -> npt.NDArray[np.int8]:
    evidence = verdict_codes(probability, policy.certainty)
    by_side = source == _QUARTER_SD
    if by_side.any():
        band = CLOSE_BAND_SD * scores["score_sd"]
        evidence[by_side] = CLOSE
        evidence[by_side & (line.distance > band)] = AT
        evidence[by_side & (line.distance < -band)] = NOT_YET
    by_level = source == _LEVEL
    if by_level.any():
        above = line.above_by_level
        evidence[by_level] = NOT_YET
        evidence[by_level & (above == -1)] = CLOSE
        evidence[by_level & (above >= 0)] = AT
    evidence[(line.distance == 0) & (source >= 0)] = CLOSE
    return evidence


def _refusals(scores: Table, line: Line, source: IntArray) -> Verdicts:
    """Rule 3 and the checks of a score against its own test; the first that applies is named."""
    unscored, silent = np.isnan(line.score), source < 0
    beyond = (line.score < scores["score_minimum"]) | (line.score > scores["score_maximum"])
    contradicts = line.level_reported & np.isfinite(line.distance)
    if contradicts.any():
        above = line.above_by_level
        contradicts &= ~np.isnan(above) & ((above >= 0) != (line.distance >= 0))
    no_line = np.isnan(line.cut)
    if no_line.any():
        no_line = no_line & (np.isnan(line.floor) | np.isnan(line.level))
    found = Verdicts(len(silent))
    found.refuse(unscored & ~line.level_reported, Refusal.NO_SCORE, Rule.NOT_TESTED)
    found.refuse(np.isinf(line.score), Refusal.SCORE_NOT_VALID, Rule.SCORE_OUT_OF_RANGE)
    found.refuse(beyond, Refusal.SCORE_NOT_VALID, Rule.SCORE_OUT_OF_RANGE)
    found.refuse(contradicts, Refusal.SCORE_NOT_VALID, Rule.LEVEL_CONTRADICTS_SCORE)
    found.refuse(no_line, Refusal.NO_CUT, Rule.FLOOR_AND_CUT)
    found.refuse(silent & unscored, Refusal.NO_CUT, Rule.FLOOR_AND_CUT)
    found.refuse(silent, Refusal.NO_ERROR, Rule.ERROR_UNKNOWN)
    return found
