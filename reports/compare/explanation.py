"""What a comparison rests on, ready for JSON: the mark, every test with its numbers, policy and versions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.compare.frames import BoolArray, plain, whole
from reports.compare.rules import RULES_VERSION, Rule
from reports.compare.scales import GradeScales
from reports.records import ComparisonPolicy, ScoreStatus

Column = Callable[["pd.Series[Any]"], list[Any]]

_MARK: Final[dict[str, tuple[str, Column]]] = {
    "id": ("mark_id", plain),
    "mark": ("mark", plain),
    "percent": ("percent", plain),
    "scale": ("scale", plain),
    "band": ("band", plain),
    "no_band_because": ("reason", plain),
    "standards": ("standards", plain),
    "course": ("course_title", plain),
    "grade_level": ("grade_level", whole),
    "school_year": ("school_year", whole),
    "term": ("period_title", plain),
    "term_begins_on": ("period_begins_on", plain),
    "term_ends_on": ("period_ends_on", plain),
    "final": ("is_final", plain),
    "modified_curriculum": ("modified_curriculum", plain),
    "credit_recovery": ("credit_recovery", plain),
    "teacher": ("teacher_name", plain),
}
_TEST: Final[dict[str, tuple[str, Column]]] = {
    "id": ("score_id", plain),
    "assessment_id": ("assessment_id", plain),
    "family": ("family", plain),
    "title": ("title", plain),
    "version": ("version", plain),
    "kind": ("kind", plain),
    "season": ("season", plain),
    "date": ("administered_on", plain),
    "grade_level": ("grade_level", whole),
    "school_year": ("school_year", whole),
    "language": ("test_language", plain),
    "status": ("status", plain),
    "score": ("scale_score", plain),
    "cut": ("cut", plain),
    "error": ("error", plain),
    "error_source": ("error_source", plain),
    "error_assumed": ("error_assumed", plain),
    "level": ("level", plain),
    "floor_level": ("floor_level", plain),
    "probability": ("probability", plain),
    "verdict": ("evidence", plain),
    "used": ("used", plain),
    "leads": ("leads", plain),
    "not_used_because": ("not_used_because", plain),
    "levels": ("levels_used", plain),
}
# Why a child was not tested is nobody's business but the school's: both say the same here.
_NEUTRAL: Final = {ScoreStatus.ABSENT: "not_tested", ScoreStatus.OPT_OUT: "not_tested"}
_DECIMALS: Final = 6


def mark_records(read: pd.DataFrame) -> list[dict[str, Any]]:
    """One dict a mark, in the order of `read` (see marks.read_marks)."""
    return _records(read, _MARK)


def test_records(
    found: pd.DataFrame, used: BoolArray, leads: BoolArray, why_not: npt.NDArray[Any]
) -> list[Any]:
    """One dict a score, in the order of `found` (see scores.screen); levels stand with the scores used."""
    levels = np.full(len(found), None, object)
    levels[used] = found["levels"].to_numpy(object)[used]
    shown = found.assign(
        status=found["status"].map(lambda status: _NEUTRAL.get(status, status)),
        probability=found["probability"].round(_DECIMALS),
        error_assumed=found["error_source"] == "test_sem",
        used=used,
        leads=leads,
        not_used_because=why_not,
        levels_used=levels,
    )
    return _records(shown, _TEST)


test_records.__test__ = False  # type: ignore[attr-defined]


def _records(frame: pd.DataFrame, shape: Mapping[str, tuple[str, Column]]) -> list[dict[str, Any]]:
    columns = [read(frame[name]) for name, read in shape.values()]
    return [dict(zip(shape, values, strict=True)) for values in zip(*columns, strict=True)]


def settings_record(policy: ComparisonPolicy, scales: GradeScales) -> dict[str, Any]:
    """The policy and the versions of rules and scales under which a comparison was made."""
    return {
        "policy": asdict(policy),
        "versions": {"rules": RULES_VERSION, "grade_scales": scales.version},
    }


def rule_lists(fired: Mapping[Rule, BoolArray], count: int) -> list[list[str]]:
    """For each of `count` rows the names of the rules that fired, in their own order. One look per combination."""
    matrix = np.zeros((count, len(fired)), dtype=bool)
    names = list(fired)
    for column, rows in enumerate(fired.values()):
        matrix[:, column] = rows
    combinations, row = np.unique(matrix, axis=0, return_inverse=True)
    named = [[str(names[i]) for i in np.flatnonzero(combination)] for combination in combinations]
    return [list(named[i]) for i in np.ravel(row)]


def canonical_json(value: Any) -> str:
    """The one JSON text of a value: keys sorted, no blanks. Raises ValueError for NaN and infinity."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def fingerprint(value: Any) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()
