"""Sums over all students of a district that priors and links are made from (`reports.compare.links`).

A student counts once a test, with the mean of the attempts; tests that are not full, not regular or not on a scale
count nowhere. A database that sums for itself gives the same two frames.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from reports.compare.frames import tidy_scores
from reports.compare.levels import ladders
from reports.compare.links import CELL, PAIR_TOTALS, TEST_TOTALS
from reports.compare.seasons import school_years
from reports.records import ScoreStatus

# Two tests are tied by the students of both where these school years lie at most so far apart.
LINK_YEARS: Final = 1

_SCALED_KINDS: Final = ("summative", "interim")


def totals(scores: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """TEST_TOTALS and PAIR_TOTALS of scores with SCORE_COLUMNS. Variances divide by students − 1."""
    taken = _taken(scores)
    return _of_tests(taken), _of_pairs(taken)


def _taken(scores: pd.DataFrame) -> pd.DataFrame:
    """One row a student and test: the mean of the attempts and of their squared errors."""
    table, steps = ladders(scores, tidy_scores(scores))
    error = np.where(table["csem"] > 0, table["csem"], table["test_sem"])
    year = table["school_year"]
    rows = pd.DataFrame(
        {
            "student_id": scores["student_id"].to_numpy(),
            "assessment_id": scores["assessment_id"].to_numpy(),
            "grade_level": table["grade_level"].astype(float),
            "school_year": np.where(np.isnan(year), school_years(table["administered_on"]), year).astype(
                float
            ),
            "subject": scores["subject"].to_numpy(object),
            "kind": scores["kind"].to_numpy(object),
            "cut": np.where(np.isfinite(table["cut"]), table["cut"], steps.floor_minimum[table["rung"]]),
            "score": table["scale_score"],
            "square_error": np.square(np.where(np.isfinite(error) & (error > 0), error, np.nan)),
        }
    )
    counts = table.is_word("status", ScoreStatus.VALID) & table.is_word("kind", *_SCALED_KINDS)
    counts &= (
        np.isfinite(table["scale_score"]) & (table["subject"] >= 0) & rows["school_year"].notna().to_numpy()
    )
    return (
        rows[counts]
        .groupby(["student_id", *CELL], dropna=False, sort=True, as_index=False)
        .agg({"subject": "first", "kind": "first", "cut": "first", "score": "mean", "square_error": "mean"})
    )


def _of_tests(taken: pd.DataFrame) -> pd.DataFrame:
    found = taken.groupby(list(CELL), dropna=False, sort=True, as_index=False).agg(
        kind=("kind", "first"),
        subject=("subject", "first"),
        cut=("cut", "first"),
        students=("score", "size"),
        mean=("score", "mean"),
        variance=("score", "var"),
        mean_square_error=("square_error", "mean"),
    )
    return found[list(TEST_TOTALS)]


def _of_pairs(taken: pd.DataFrame) -> pd.DataFrame:
    state = taken.loc[taken["kind"] == "summative", ["student_id", "subject", *CELL, "score"]]
    state = state.rename(columns={name: f"state_{name}" for name in (*CELL, "score")})
    pairs = state.merge(taken, on=["student_id", "subject"])
    near = (pairs["school_year"] - pairs["state_school_year"]).abs() <= LINK_YEARS
    other = pd.Series(False, index=pairs.index)
    for name in CELL:
        here, there = pairs[name], pairs[f"state_{name}"]
        other |= (here != there) & ~(here.isna() & there.isna())
    pairs = pairs[near & other]
    cells = [*(f"state_{name}" for name in CELL), *CELL]
    grouped = pairs.groupby(cells, dropna=False, sort=True)
    shift = _about_its_mean(pairs, grouped, "score") * _about_its_mean(pairs, grouped, "state_score")
    found = (
        pairs.assign(product=shift)
        .groupby(cells, dropna=False, sort=True, as_index=False)
        .agg(
            students=("score", "size"),
            state_mean=("state_score", "mean"),
            state_variance=("state_score", "var"),
            mean=("score", "mean"),
            variance=("score", "var"),
            covariance=("product", "sum"),
        )
    )
    found["covariance"] /= (found["students"] - 1).where(found["students"] > 1)
    return found[list(PAIR_TOTALS)]


def _about_its_mean(pairs: pd.DataFrame, grouped: Any, name: str) -> pd.Series[Any]:
    away: pd.Series[Any] = pairs[name] - grouped[name].transform("mean")
    return away
