"""The comparison: marks beside tests, one outcome for each student and subject.

    compare(marks, scores, students, ComparisonPolicy(), date(2026, 6, 20))

needs no database. Columns go in and come out as `reports.records` lists them; rules work on whole columns.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.compare import scales as grade_scales
from reports.compare.codes import (
    BANDS,
    CATEGORIES,
    EVIDENCE,
    NONE,
    OPPOSITE,
    REFUSALS,
    SOURCES,
    IntArray,
    labelled,
    refusal_code,
    rule_labels,
    words,
)
from reports.compare.portions import ROWS, Cut, Material, Portion, cuts, work
from reports.compare.scales import GradeScales
from reports.compare.seasons import NO_DAY
from reports.records import CATEGORY_OF, Category, ComparisonPolicy, Refusal

Columns = dict[str, npt.NDArray[Any]]
Result = TypeVar("Result")

_GRID: Final = np.array(
    [[CATEGORIES.index(CATEGORY_OF[band, evidence]) for evidence in EVIDENCE] for band in BANDS], np.int8
)


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
    Compact columns (whole numbers, categoricals, datetime64, bool) are read fastest. What stands behind a row,
    `explanation.explanations` tells. Raises ValueError for a missing column or a column that cannot be read.
    """
    material = Material.of(marks, scores, students, scales or grade_scales.load())
    parts = list(in_portions(material, lambda cut: columns(material, work(material, cut, policy, as_of))))
    together = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return _frame(material, together)


def in_portions(material: Material, task: Callable[[Cut], Result], rows: int = ROWS) -> Iterator[Result]:
    """Do a task for each portion of students, on all cores; results come in the order of the students."""
    portions = list(cuts(material, rows))
    if len(portions) == 1:
        yield task(portions[0])
        return
    with ThreadPoolExecutor(min(len(portions), os.cpu_count() or 1)) as pool:
        yield from pool.map(task, portions)


def categories(band: IntArray, common: IntArray, refusal: IntArray) -> npt.NDArray[np.int8]:
    """The category of each row: its refusal's, TESTS_DISAGREE, or that of grade band and evidence in the grid."""
    category = _GRID[band, np.where(common == OPPOSITE, NONE, common)]
    category[common == OPPOSITE] = CATEGORIES.index(Category.TESTS_DISAGREE)
    category[refusal >= 0] = CATEGORIES.index(Category.NOT_ENOUGH)
    category[refusal == refusal_code(Refusal.ALTERNATE_TEST)] = CATEGORIES.index(Category.OTHER_TEST)
    return category


def columns(material: Material, portion: Portion) -> Columns:
    """The comparison of some students as arrays: codes, and NaN, -1 or NO_DAY for what is missing."""
    facts, decision = portion.facts, portion.decision
    read, found = facts.read, facts.found
    compared, lead = decision.compared, decision.lead
    mark = np.where(compared, decision.mark, NONE)
    band = _taken(read.band, mark, NONE)
    evidence = np.where(compared & (decision.common != OPPOSITE), decision.common, np.int8(NONE))
    probability = _taken(found.judged.probability, lead, np.nan)
    rung = _taken(found.table["rung"], lead, 0)
    no_rung = (lead < 0) | (not len(material.steps.test))
    return {
        "student": portion.student,
        "subject": portion.subject,
        "category": categories(band, decision.common, decision.verdicts.refusal),
        "refusal": decision.verdicts.refusal,
        "grade_band": band,
        "evidence": evidence,
        "probability": np.where(evidence < 0, np.nan, probability),
        "rules": decision.fired,
        "school_year": _school_year(portion),
        "compared": compared,
        "mark_id": _taken(read.table["mark_id"], mark, NONE),
        "mark": _taken(read.table["mark"], mark, NONE),
        "score_id": _taken(found.table["score_id"], lead, NONE),
        "score": _taken(found.table["scale_score"], lead, np.nan),
        "cut": _taken(found.judged.cut, lead, np.nan),
        "error": _taken(found.judged.error, lead, np.nan),
        "error_source": _taken(found.judged.source, lead, NONE),
        "level": np.where(no_rung, NONE, _taken(material.steps.level_code, rung, NONE)),
        "floor_level": np.where(no_rung, NONE, _taken(material.steps.floor_code, rung, NONE)),
        "administered_on": _taken(found.table["administered_on"], lead, NO_DAY),
        "tests": np.where(compared, decision.tests, np.int32(0)),
    }


def _taken(values: npt.NDArray[Any], rows: IntArray, nothing: float) -> npt.NDArray[Any]:
    """Values at the rows, `nothing` at -1."""
    if not len(values):
        return np.full(len(rows), nothing, values.dtype)
    taken = values[rows]
    taken[rows < 0] = nothing
    return taken


def _school_year(portion: Portion) -> npt.NDArray[np.float32]:
    """Of the leading test; without one of the newest score, else of the mark."""
    facts, decision = portion.facts, portion.decision
    year = _taken(facts.found.school_year, decision.lead, np.nan)
    missing = np.isnan(year)
    if missing.any():
        given = np.where(np.isnan(facts.found.school_year), -np.inf, facts.found.school_year)
        newest = facts.of_scores.top(given, -np.inf)
        of_mark = _taken(facts.read.table["school_year"], decision.mark, np.nan)
        year[missing] = np.where(np.isfinite(newest), newest, of_mark)[missing]
    return year


def _frame(material: Material, given: Columns) -> pd.DataFrame:
    marks, scores = material.marks.words, material.scores.words
    days = given["administered_on"].astype("datetime64[D]").astype("datetime64[s]")
    days[given["administered_on"] <= NO_DAY] = np.datetime64("NaT")
    return pd.DataFrame(
        {
            "student_id": material.students[given["student"]],
            "subject": labelled(given["subject"], list(material.subjects)),
            "category": labelled(given["category"], CATEGORIES),
            "refusal": labelled(given["refusal"], REFUSALS),
            "grade_band": labelled(given["grade_band"], BANDS),
            "evidence": labelled(given["evidence"], EVIDENCE),
            "probability": given["probability"],
            "rules": rule_labels(given["rules"]),
            "school_year": _whole(given["school_year"], np.isnan(given["school_year"])),
            "mark_id": _ids(given["mark_id"], ~given["compared"], marks.get("mark_id")),
            "mark": pd.Categorical.from_codes(
                given["mark"], categories=pd.Index(marks["mark"], dtype=object)
            ),
            "score_id": _ids(given["score_id"], ~given["compared"], scores.get("score_id")),
            "score": given["score"],
            "cut": given["cut"],
            "error": given["error"],
            "error_source": labelled(given["error_source"], SOURCES),
            "level": labelled(given["level"], [str(word) for word in scores["level"]]),
            "floor_level": labelled(given["floor_level"], [str(word) for word in scores["floor_level"]]),
            "administered_on": days,
            "tests": given["tests"],
        }
    )


def _whole(values: npt.NDArray[Any], missing: npt.NDArray[np.bool_]) -> Any:
    return pd.arrays.IntegerArray(np.where(missing, 0, values).astype(np.int64), missing.copy())


def _ids(values: IntArray, missing: npt.NDArray[np.bool_], names: Any) -> Any:
    if names is None:
        return _whole(values, missing)
    named = words(values, names)
    named[missing] = None
    return named
