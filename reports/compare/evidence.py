"""Evidence of one test: is a score at, close to, or not yet at the grade-level line, given its error?

The chance to be at or above the cut is P = Φ((score − cut) / error), after L. M. Rudner, "Computing the expected
proportions of misclassified examinees", 2001; it needs nothing but score, error and cut.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.compare.frames import BoolArray, ObjectArray, tidy_scores
from reports.compare.rules import Rule
from reports.compare.seasons import cut_of_another_season
from reports.records import ComparisonPolicy, Evidence, Refusal

FloatArray = npt.NDArray[np.float64]

# Without any error, scores this near the cut, in standard deviations of the scale, are close to it.
CLOSE_BAND_SD: Final = 0.25

# The standard library's erfc is exact in both tails; NumPy has none.
_erfc = np.frompyfunc(math.erfc, 1, 1)


class SeasonError(ValueError):
    """A score would be held against the cut of another season."""


def probability_at_or_above(score: FloatArray, cut: FloatArray, error: FloatArray) -> FloatArray:
    """Φ((score − cut) / error), 0 to 1, all three in points of the same scale; NaN where one is missing."""
    with np.errstate(over="ignore"):
        z = (np.asarray(score, float) - cut) / error
    return np.asarray(_erfc(-z / math.sqrt(2.0)), dtype=float) / 2.0


def verdicts(probability: FloatArray, certainty: float) -> ObjectArray:
    """AT from `certainty` up, NOT_YET where the opposite is as certain, CLOSE in between, None for NaN."""
    probability = np.asarray(probability, float)
    found: ObjectArray = np.full(probability.shape, None, object)
    found[~np.isnan(probability)] = Evidence.CLOSE
    found[probability >= certainty] = Evidence.AT
    found[1.0 - probability >= certainty] = Evidence.NOT_YET
    return found


@dataclass(frozen=True)
class Line:
    """Where each score stands towards the grade-level line. Ranks count levels from 0, the lowest; NaN = unknown."""

    score: FloatArray
    cut: FloatArray
    level: FloatArray
    floor: FloatArray
    level_reported: BoolArray

    @property
    def distance(self) -> FloatArray:
        return self.score - self.cut

    @property
    def above_by_level(self) -> FloatArray:
        """Levels between the reported one and the floor: 0 = just at grade level, -1 = the one just below."""
        return self.level - self.floor


def judge(scores: pd.DataFrame, policy: ComparisonPolicy) -> pd.DataFrame:
    """What each score says by itself, whatever its status; a frame of the rows of `scores` in the order of their ids.

    `scores` has SCORE_COLUMNS. Columns of the result: `evidence` (an Evidence or None), `probability` (0 to 1; NaN
    where no error is known), `error` (points; NaN = none), `error_source` ("csem", "test_sem", "quarter_sd", "level"
    or None), `cut` (points, as used), `level_rank`, `floor_rank` (0 = lowest level), `refusal` and `rule` (both None
    where there is evidence). Raises SeasonError where an interim score would meet a cut of another season.
    """
    scores = tidy_scores(scores)
    wrong = cut_of_another_season(scores)
    if wrong.any():
        which = scores["assessment_id"].to_numpy(object)[wrong][0]
        raise SeasonError(
            f"{int(wrong.sum())} scores met the cut of another season, e.g. of assessment {which}"
        )
    line = grade_level_line(scores)
    error, source = _errors(scores, line)
    probability = probability_at_or_above(line.score, line.cut, error)
    evidence = _evidence(scores, line, probability, source, policy)
    refusal, rule = _refusals(scores, line, source)
    refused = ~pd.isna(refusal)
    evidence[refused] = None
    probability[refused] = np.nan
    return pd.DataFrame(
        {
            "evidence": evidence,
            "probability": probability,
            "error": error,
            "error_source": np.where(refused, None, source),  # type: ignore[call-overload]
            "cut": line.cut,
            "level_rank": line.level,
            "floor_rank": line.floor,
            "refusal": refusal,
            "rule": rule,
        },
        index=scores.index,
    )


def grade_level_line(scores: pd.DataFrame) -> Line:
    """Scores, cuts and ranks of levels. The order of levels is that of `levels`, never that of their codes."""
    count = len(scores)
    score = scores["scale_score"].to_numpy(float)
    cut = np.where(np.isfinite(scores["cut"]), scores["cut"], np.nan)
    level, floor = np.full(count, np.nan), np.full(count, np.nan)
    codes = scores["level"].to_numpy(object)
    reported = ~pd.isna(codes)
    for rows in scores.groupby("assessment_id", sort=False).indices.values():
        first = scores.iloc[rows[0]]
        levels = first["levels"] if isinstance(first["levels"], list) else []
        rank = {str(entry["code"]).strip(): float(i) for i, entry in enumerate(levels)}
        minimum = np.array([_number(entry.get("minimum")) for entry in levels])
        floor[rows] = rank.get(str(first["floor_level"]).strip(), np.nan)
        named = pd.Series(codes[rows], dtype=object).astype(str).str.strip().map(rank).to_numpy(float)
        level[rows] = np.where(reported[rows], named, _rank_by_score(score[rows], minimum))
        if not math.isnan(floor[rows[0]]):
            at_floor = minimum[int(floor[rows[0]])]
            cut[rows] = np.where(np.isnan(cut[rows]), at_floor, cut[rows])
    return Line(score, cut, level, floor, reported)


def _number(value: Any) -> float:
    number = math.nan if value is None else float(value)
    return number if math.isfinite(number) else math.nan


def _rank_by_score(score: FloatArray, minimum: FloatArray) -> FloatArray:
    """The highest level whose lowest score is reached; NaN where the score or a level's lowest score is unknown."""
    if not len(minimum) or np.isnan(minimum[1:]).any():
        return np.full(len(score), np.nan)
    reached = score[:, None] >= np.where(np.isnan(minimum), -np.inf, minimum)[None, :]
    rank = np.where(reached, np.arange(len(minimum)), -1).max(axis=1).astype(float)
    return np.where(np.isfinite(score) & (rank >= 0), rank, np.nan)


def _errors(scores: pd.DataFrame, line: Line) -> tuple[FloatArray, ObjectArray]:
    """The error of each score and where it came from: its own, the test's, a band of ¼ SD, or the level alone."""
    csem, sem, sd = (scores[name].to_numpy(float) for name in ("csem", "test_sem", "score_sd"))
    on_scale = np.isfinite(line.distance)
    usable = [on_scale & np.isfinite(error) & (error > 0) for error in (csem, sem, sd)]
    by_level = np.isfinite(line.above_by_level)
    error = np.select(usable[:2], [csem, sem], np.nan)
    source: ObjectArray = np.full(len(scores), None, object)
    named = ("csem", "test_sem", "quarter_sd", "level")
    for name, rows in reversed(list(zip(named, [*usable, by_level], strict=True))):
        source[rows] = name
    return error, source


def _evidence(
    scores: pd.DataFrame,
    line: Line,
    probability: FloatArray,
    source: ObjectArray,
    policy: ComparisonPolicy,
) -> ObjectArray:
    evidence = verdicts(probability, policy.certainty)
    band = CLOSE_BAND_SD * scores["score_sd"].to_numpy(float)
    evidence = _by_side(evidence, source == "quarter_sd", line.distance, band)
    by_level = source == "level"
    evidence[by_level] = Evidence.NOT_YET
    evidence[by_level & (line.above_by_level == -1)] = Evidence.CLOSE
    evidence[by_level & (line.above_by_level >= 0)] = Evidence.AT
    evidence[(line.distance == 0) & ~pd.isna(source)] = Evidence.CLOSE
    return evidence


def _by_side(evidence: ObjectArray, rows: BoolArray, distance: FloatArray, band: FloatArray) -> ObjectArray:
    evidence[rows] = Evidence.CLOSE
    evidence[rows & (distance > band)] = Evidence.AT
    evidence[rows & (distance < -band)] = Evidence.NOT_YET
    return evidence


def _refusals(scores: pd.DataFrame, line: Line, source: ObjectArray) -> tuple[ObjectArray, ObjectArray]:
    """Rule 3 and the checks of a score against its own test; the first that applies is named."""
    low, high = scores["score_minimum"].to_numpy(float), scores["score_maximum"].to_numpy(float)
    at_or_above = np.where(np.isnan(line.above_by_level), np.nan, line.above_by_level >= 0)
    other_side = (at_or_above == 1) != (line.distance >= 0)
    both_known = np.isfinite(line.distance) & ~np.isnan(at_or_above) & line.level_reported
    no_line = np.isnan(line.cut) & (np.isnan(line.floor) | np.isnan(line.level))
    cases: list[tuple[BoolArray, Refusal, Rule]] = [
        (np.isnan(line.score) & ~line.level_reported, Refusal.NO_SCORE, Rule.NOT_TESTED),
        (np.isinf(line.score), Refusal.SCORE_NOT_VALID, Rule.SCORE_OUT_OF_RANGE),
        ((line.score < low) | (line.score > high), Refusal.SCORE_NOT_VALID, Rule.SCORE_OUT_OF_RANGE),
        (both_known & other_side, Refusal.SCORE_NOT_VALID, Rule.LEVEL_CONTRADICTS_SCORE),
        (no_line, Refusal.NO_CUT, Rule.FLOOR_AND_CUT),
        (pd.isna(source) & np.isnan(line.score), Refusal.NO_CUT, Rule.FLOOR_AND_CUT),
        (pd.isna(source), Refusal.NO_ERROR, Rule.ERROR_UNKNOWN),
    ]
    refusal: ObjectArray = np.full(len(scores), None, object)
    rule: ObjectArray = np.full(len(scores), None, object)
    for rows, name, why in reversed(cases):
        refusal[rows], rule[rows] = name, why
    return refusal, rule
