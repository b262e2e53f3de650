"""Rule 5: what several current tests of one student and subject say together. Scores are never averaged."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from reports.compare.frames import BoolArray
from reports.compare.rules import Rule
from reports.compare.scores import KEY
from reports.records import ComparisonPolicy, Evidence

OPPOSITE: Final = "OPPOSITE"


def together(tests: pd.DataFrame, policy: ComparisonPolicy) -> pd.DataFrame:
    """The common evidence of the current tests of each student and subject; one row a test, in the order of `tests`.

    `tests` needs `student_id`, `subject`, `evidence` and `day`. Columns: `common` (an Evidence, or OPPOSITE), `counts`
    (False where the test is too far in time from the newest to count), `rule` (how it came about; None for one test).
    """
    key = tests.groupby(KEY, sort=False).ngroup().to_numpy()
    near = opposite_ends(tests, key, policy)
    counts = ~_set_aside(tests, key, near, policy)
    at, close, not_yet = (
        _any_of_key(counts & (tests["evidence"] == state).to_numpy(bool), key)
        for state in (Evidence.AT, Evidence.CLOSE, Evidence.NOT_YET)
    )
    common = np.select([near, at, not_yet], [OPPOSITE, Evidence.AT, Evidence.NOT_YET], Evidence.CLOSE).astype(
        object
    )
    several = np.bincount(key, weights=counts, minlength=1)[key] > 1
    rule = np.full(len(tests), None, object)
    rule[several] = Rule.TESTS_AGREE
    rule[several & close & (at | not_yet)] = Rule.ONE_TEST_CLOSE
    rule[_any_of_key(~counts, key)] = Rule.NEWEST_TESTS_DECIDE
    rule[near] = Rule.OPPOSITE_ENDS
    return pd.DataFrame({"common": common, "counts": counts, "rule": rule})


def opposite_ends(tests: pd.DataFrame, key: np.ndarray, policy: ComparisonPolicy) -> BoolArray:
    """For each test: does its student and subject have an AT and a NOT_YET within the days of disagreement?"""
    rows = pd.DataFrame(
        {"key": key, "day": tests["day"].to_numpy(), "evidence": tests["evidence"].to_numpy(object)}
    )
    pairs = rows[rows["evidence"] == Evidence.AT].merge(rows[rows["evidence"] == Evidence.NOT_YET], on="key")
    near = (pairs["day_x"] - pairs["day_y"]).abs() <= pd.Timedelta(days=policy.disagreement_days)
    return np.isin(key, pairs.loc[near, "key"].to_numpy())


def _set_aside(tests: pd.DataFrame, key: np.ndarray, near: BoolArray, policy: ComparisonPolicy) -> BoolArray:
    """Tests at opposite ends far apart in time: only those near the newest count."""
    at, not_yet = (
        _any_of_key((tests["evidence"] == state).to_numpy(bool), key)
        for state in (Evidence.AT, Evidence.NOT_YET)
    )
    newest = tests["day"].groupby(key).transform("max")
    old = (newest - tests["day"] > pd.Timedelta(days=policy.disagreement_days)).to_numpy(bool)
    return np.asarray(at & not_yet & ~near & old, dtype=bool)


def _any_of_key(rows: BoolArray, key: np.ndarray) -> BoolArray:
    return np.asarray(np.bincount(key, weights=rows, minlength=1)[key] > 0, dtype=bool)
