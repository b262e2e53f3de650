"""Sums over all students of a district that priors and links are made from (`reports.compare.links`).

A student counts once a test, with the mean of the attempts; tests that are not full, not regular or not on a scale
count nowhere. A database that sums for itself gives the same two frames.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from reports.compare.links import CELL, PAIR_TOTALS, TEST_TOTALS
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
    score = pd.to_numeric(scores["scale_score"]).astype(float)
    counts = (scores["status"] == ScoreStatus.VALID) & scores["kind"].isin(_SCALED_KINDS) & np.isfinite(score)
    counts &= scores["subject"].notna() & scores["school_year"].notna()
    error = pd.to_numeric(scores["csem"]).astype(float)
    error = error.where(error > 0, pd.to_numeric(scores["test_sem"]).astype(float))
    rows = scores.loc[counts, ["student_id", "subject", "kind", *CELL, "cut"]].assign(
        score=score[counts], square_error=np.square(error.where(np.isfinite(error) & (error > 0)))[counts]
    )
    for name in ("grade_level", "school_year", "cut"):
        rows[name] = pd.to_numeric(rows[name]).astype(float)
    return rows.groupby(["student_id", *CELL], dropna=False, sort=True, as_index=False).agg(
        {"subject": "first", "kind": "first", "cut": "first", "score": "mean", "square_error": "mean"}
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
