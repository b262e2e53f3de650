"""The comparison: marks beside tests, one outcome for each student and subject.

    compare(marks, scores, students, ComparisonPolicy(), date(2026, 6, 20))

needs no database. Columns go in and come out as `reports.records` lists them; rules work on whole columns.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from reports.compare import scales as grade_scales
from reports.compare.decision import Decision, Facts, decide
from reports.compare.explanation import mark_records, rule_lists, settings_record, test_records
from reports.compare.frames import ObjectArray, tidy_marks, tidy_scores, tidy_students, whole
from reports.compare.marks import read_marks
from reports.compare.scales import GradeScales
from reports.compare.scores import screen
from reports.compare.several import OPPOSITE
from reports.records import CATEGORY_OF, COMPARISON_COLUMNS, Category, ComparisonPolicy, Refusal

_CATEGORY: Final = {f"{band}|{evidence}": category for (band, evidence), category in CATEGORY_OF.items()}


def compare(
    marks: pd.DataFrame,
    scores: pd.DataFrame,
    students: pd.DataFrame,
    policy: ComparisonPolicy,
    as_of: date,
    scales: GradeScales | None = None,
) -> pd.DataFrame:
    """One row for each student and subject with a mark or a score, with COMPARISON_COLUMNS, sorted by both.

    `marks`, `scores`, `students` have MARK_, SCORE_ and STUDENT_COLUMNS in any order of rows; `as_of` is the day the
    comparison is made for. A row has a category of the grid, or NOT_ENOUGH or OTHER_TEST with a named refusal.
    Raises ValueError for a missing column or a column that cannot be read.
    """
    scales = scales or grade_scales.load()
    asked = tidy_students(students)
    read = read_marks(tidy_marks(marks), scales, policy, as_of)
    found = screen(tidy_scores(scores), asked, policy, as_of)
    facts = Facts.gather(read, found, asked)
    decision = decide(facts, policy, as_of)
    return _rows(facts, decision, settings_record(policy, scales))


def categories(band: ObjectArray, common: ObjectArray, refusal: ObjectArray) -> ObjectArray:
    """The category of each row: its refusal's, TESTS_DISAGREE, or that of grade band and evidence in the grid."""
    pairs = pd.Series(band, dtype=object).astype(str) + "|" + pd.Series(common, dtype=object).astype(str)
    category = pairs.map(_CATEGORY).to_numpy(object)
    category[common == OPPOSITE] = Category.TESTS_DISAGREE
    category[~pd.isna(refusal)] = Category.NOT_ENOUGH
    category[refusal == Refusal.ALTERNATE_TEST] = Category.OTHER_TEST
    return category


def _rows(facts: Facts, decision: Decision, settings: dict[str, Any]) -> pd.DataFrame:
    compared = decision.compared
    band = _taken(facts.read["band"], np.where(compared, decision.mark, -1))
    evidence = np.where(compared & (decision.common != OPPOSITE), decision.common, None)  # type: ignore[call-overload]
    probability = _taken(facts.found["probability"], decision.lead).astype(float)
    rows = facts.keys.copy()
    rows["category"] = categories(band, decision.common, decision.refusal)
    rows["refusal"] = decision.refusal
    rows["grade_band"] = band
    rows["evidence"] = evidence
    rows["probability"] = np.where(pd.isna(evidence), np.nan, probability)
    rows["rules"] = rule_lists(decision.fired, len(rows))
    rows["mark_id"] = _taken(facts.read["mark_id"], np.where(compared, decision.mark, -1))
    rows["score_ids"] = _by_key(facts, facts.found["score_id"].to_numpy(object), decision.used)
    rows["school_year"] = pd.Series(whole(_school_year(facts, decision)), index=rows.index, dtype=object)
    rows["explanation"] = pd.Series(_explanations(facts, decision, settings), index=rows.index, dtype=object)
    return rows[list(COMPARISON_COLUMNS)]


def _taken(column: pd.Series[Any], positions: Any) -> ObjectArray:
    """Values at the positions, None at -1."""
    values: ObjectArray = np.array([*column.to_numpy(object), None], dtype=object)
    return np.asarray(values[positions], dtype=object)


def _by_key(facts: Facts, values: ObjectArray, rows: Any) -> list[list[Any]]:
    """For each key the values of its scores, in the order of the scores' ids."""
    chosen = np.flatnonzero(rows & (facts.key_of_score >= 0))
    ordered = chosen[np.argsort(facts.key_of_score[chosen], kind="stable")]
    ends = np.searchsorted(facts.key_of_score[ordered], np.arange(len(facts.keys)), side="right")
    listed = values[ordered].tolist()
    return [listed[begin:end] for begin, end in zip([0, *ends[:-1]], ends, strict=True)] if len(ends) else []


def _school_year(facts: Facts, decision: Decision) -> pd.Series[Any]:
    """Of the leading test; without one of the newest score, else of the mark."""
    of_lead = _taken(facts.found["school_year"], decision.lead).astype(float)
    newest = facts.found["school_year"].groupby(facts.key_of_score).max().reindex(range(len(facts.keys)))
    of_mark = _taken(facts.read["school_year"], decision.mark).astype(float)
    return pd.Series(of_lead).fillna(newest.reset_index(drop=True)).fillna(pd.Series(of_mark))


def _explanations(facts: Facts, decision: Decision, settings: dict[str, Any]) -> list[dict[str, Any]]:
    leads = np.zeros(len(facts.found), dtype=bool)
    leads[decision.lead[decision.lead >= 0]] = True
    tests = np.empty(len(facts.found), dtype=object)
    tests[:] = test_records(facts.found, decision.used, leads, decision.why_not)
    marks = np.full(len(facts.keys), None, dtype=object)
    marks[decision.mark >= 0] = mark_records(facts.read.iloc[decision.mark[decision.mark >= 0]])
    return [
        {"mark": mark and {**mark, "compared": bool(compared)}, "tests": listed, **settings}
        for mark, compared, listed in zip(
            marks, decision.compared, _by_key(facts, tests, np.ones(len(tests), dtype=bool)), strict=True
        )
    ]
