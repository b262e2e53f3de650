"""Levels of each assessment as ranks: which is the floor, which was reported, which a score reaches.

All that depends on an assessment and a reported level alone is worked out once for each different pair.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.compare.codes import FloatArray, IntArray
from reports.compare.frames import Table, distinct, place_of

FloatRanks = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Ladders:
    """What hangs on a rung: an assessment, its floor and a reported level (any of the last two may be missing).

    All but `minimum` are over the rungs; a score's rung stands in the column `rung`. Codes are those of the words of
    `floor_level` and `level`, -1 = missing; `test` is the place of the assessment in the order of ids. Ranks count
    levels from 0, the lowest; NaN = unknown. `minimum` has the lowest scores of each assessment's levels, lowest level
    first; `ids` the assessments' ids and `listed` their levels as they came.
    """

    test: IntArray
    floor: FloatRanks
    level: FloatRanks
    floor_minimum: FloatArray
    floor_code: IntArray
    level_code: IntArray
    minimum: list[FloatArray]
    ids: IntArray
    listed: list[list[dict[str, Any]]]

    def rank_by_score(self, rung: IntArray, score: FloatArray) -> FloatRanks:
        """The highest level whose lowest score is reached; NaN where the score or a level's lowest score is unknown."""
        rank = np.full(len(score), np.nan, np.float32)
        place = self.test[rung]
        order = np.argsort(place, kind="stable")
        begins = np.flatnonzero(np.diff(place[order], prepend=-1))
        for rows in np.split(order, begins[1:]):
            minimum = self.minimum[place[rows[0]]]
            if len(minimum) and not np.isnan(minimum[1:]).any():
                lowest = np.where(np.isnan(minimum), -np.inf, minimum)
                reached = np.searchsorted(np.maximum.accumulate(lowest), score[rows], side="right") - 1
                rank[rows] = np.where(np.isfinite(score[rows]) & (reached >= 0), reached, np.nan)
        return rank


def ladders(frame: pd.DataFrame, scores: Table) -> tuple[Table, Ladders]:
    """The scores with their `rung`, and the ladders of their assessments.

    The levels of one assessment are those of its lowest score id.
    """
    ids = distinct(scores["assessment_id"])
    test = place_of(scores["assessment_id"], ids)
    listed = _levels(frame, scores, test, len(ids))
    ranks = [{str(entry["code"]).strip(): float(i) for i, entry in enumerate(levels)} for levels in listed]
    minimum = [np.array([_number(entry.get("minimum")) for entry in levels]) for levels in listed]
    floors = [*(str(word).strip() for word in scores.words["floor_level"]), None]
    levels = [*(str(word).strip() for word in scores.words["level"]), None]
    rung = _rungs(test, scores["floor_level"], scores["level"], len(floors), len(levels))
    number = np.arange(len(ids) * len(floors) * len(levels))
    which, floor_code, level_code = (
        number // (len(floors) * len(levels)),
        number // len(levels) % len(floors),
        number % len(levels),
    )
    floor, level = np.full((2, len(number)), np.nan, np.float32)
    floor_minimum = np.full(len(number), np.nan)
    for here in np.flatnonzero(np.bincount(rung, minlength=len(number))):
        rank = ranks[which[here]]
        level[here] = rank.get(levels[level_code[here]] or "", math.nan)
        floor[here] = rank.get(floors[floor_code[here]] or "", math.nan)
        if not math.isnan(floor[here]):
            floor_minimum[here] = minimum[which[here]][int(floor[here])]
    columns = {k: v for k, v in scores.columns.items() if k not in {"assessment_id", "floor_level", "level"}}
    return Table(columns | {"rung": rung}, scores.words, scores.rows), Ladders(
        which,
        floor,
        level,
        floor_minimum,
        _code(floor_code, floors),
        _code(level_code, levels),
        minimum,
        ids,
        listed,
    )


def _code(number: IntArray, words: list[str | None]) -> IntArray:
    return np.where(number == len(words) - 1, -1, number).astype(np.int32)


def _rungs(test: IntArray, floor: IntArray, level: IntArray, floors: int, levels: int) -> IntArray:
    """One number for assessment, floor and level; a missing code (-1) counts as the last."""
    rung = np.where(floor < 0, floors - 1, floor).astype(np.int32)
    rung += test * np.int32(floors)
    rung *= np.int32(levels)
    rung += np.where(level < 0, levels - 1, level)
    return rung


def _levels(frame: pd.DataFrame, scores: Table, test: IntArray, count: int) -> list[list[dict[str, Any]]]:
    lowest = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(lowest, test, scores["score_id"].astype(np.int64))
    row = np.zeros(count, np.int64)
    chosen = np.flatnonzero(scores["score_id"] == lowest[test])
    row[test[chosen]] = chosen
    given: list[Any] = frame["levels"].iloc[row].tolist() if len(frame) else []
    return [levels if isinstance(levels, list) else [] for levels in given]


def _number(value: Any) -> float:
    number = math.nan if value is None else float(value)
    return number if math.isfinite(number) else math.nan
