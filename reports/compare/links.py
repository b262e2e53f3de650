"""What a whole district's scores say about each test: where its students lie, and how tests of two scales are tied.

Estimated once from all students of a test, grade and school year, and then the same for every child: the totals below
have no column for a school or a group of students, so that the same score always means the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]

# A prior leans on the mean and spread alone; a link leans on a slope as well and needs more.
PRIOR_STUDENTS: Final = 30
LINK_STUDENTS: Final = 100
# No test is so exact, nor two tests so alike, that less than this share of the variance is left.
LEAST_SHARE: Final = 0.05
# Points² a year of (20 points)² on the Smarter Balanced scale, where τ is about 90: as a share of any scale's τ².
DRIFT_SHARE: Final = (20 / 90) ** 2

# An estimate stays while no test's students change by more than this share.
_SAME_SHARE: Final = 0.01

CELL: Final = ("assessment_id", "grade_level", "school_year")

# One row a test, grade and school year: over students with a valid score, each with the mean of their attempts.
TEST_TOTALS: Final[dict[str, str]] = {
    "assessment_id": "id of the test, version, grade and season",
    "grade_level": "of the test taken; None = a course's own test",
    "school_year": "the year in which it ends",
    "kind": "summative or interim",
    "subject": "as in scores",
    "cut": "lowest score that means at grade level, points; None = no line",
    "students": "number",
    "mean": "of the scores, points",
    "variance": "of the scores, points²",
    "mean_square_error": "mean of the squared errors, points²; None = no error known",
}
# One row a state test and another test of the same subject: over the students who have both.
PAIR_TOTALS: Final[dict[str, str]] = {
    **{f"state_{name}": "of the state test" for name in CELL},
    **dict.fromkeys(CELL, "of the other test"),
    "students": "number with both scores",
    "state_mean": "of the state test, points",
    "state_variance": "of the state test, points²",
    "mean": "of the other test, its points",
    "variance": "of the other test, its points²",
    "covariance": "of both",
}


class NotUsable(StrEnum):
    """Why a test has no prior, or two tests no link."""

    TOO_FEW_STUDENTS = "too_few_students"
    NO_ERROR = "no_error"
    NO_SPREAD = "no_spread"
    NOT_RELATED = "not_related"
    NO_PRIOR = "no_prior"


@dataclass(frozen=True)
class Link:
    """y = intercept + slope·θ + e; `variance` is that of e in points² of θ: error, link and the time between them."""

    intercept: FloatArray
    slope: FloatArray
    variance: FloatArray


def true_variance(variance: FloatArray, mean_square_error: FloatArray) -> FloatArray:
    """τ² = var(x) − mean(SEM²), in points², not below 5 % of var(x)."""
    variance = np.asarray(variance, float)
    return np.asarray(np.maximum(variance - mean_square_error, LEAST_SHARE * variance))


def matched_link(
    covariance: FloatArray,
    mean: FloatArray,
    variance: FloatArray,
    state_mean: FloatArray,
    state_true_variance: FloatArray,
) -> Link:
    """The link of a test from students who also took the state test: d = cov(y, x)/τ², v = (var(y) − d²τ²)/d².

    c follows from the means; v is not below 5 % of τ². A slope that is not positive gives NaN throughout.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(covariance > 0, covariance / state_true_variance, np.nan)
        rest = (variance - slope**2 * state_true_variance) / slope**2
    return Link(
        np.asarray(mean - slope * state_mean),
        np.asarray(slope),
        np.maximum(rest, LEAST_SHARE * np.asarray(state_true_variance)),
    )


def study_link(
    correlation: FloatArray,
    state_reliability: FloatArray,
    mean: FloatArray,
    sd: FloatArray,
    state_mean: FloatArray,
    state_true_variance: FloatArray,
) -> Link:
    """The link of a test of which only a published study is known: ρ = r²/ρ_state, d = SD·√ρ/τ, v = τ²·(1/ρ − 1).

    `mean` and `sd` are of the other test among the same students. Where r² is not below the state test's reliability,
    the study cannot be of these two tests and the link is NaN.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        shared = np.square(correlation) / state_reliability
        shared = np.where((shared > 0) & (shared < 1) & (np.asarray(correlation) > 0), shared, np.nan)
        slope = sd * np.sqrt(shared / state_true_variance)
        rest = state_true_variance * (1 / shared - 1)
    return Link(np.asarray(mean - slope * state_mean), np.asarray(slope), np.asarray(rest))


@dataclass(frozen=True)
class Population:
    """Priors of tests and links between them, as frames.

    `tests`: TEST_TOTALS with `true_variance` (τ², points²), `drift` (points² a year) and `reason`.
    `links`: the cells of PAIR_TOTALS with `students`, `intercept`, `slope`, `variance` and `reason`.
    The reason is a NotUsable, or None.
    """

    tests: pd.DataFrame
    links: pd.DataFrame

    @classmethod
    def estimate(cls, tests: pd.DataFrame, pairs: pd.DataFrame) -> Population:
        """From totals over all students of a district or state, with TEST_TOTALS and PAIR_TOTALS."""
        priors = _priors(tests)
        return cls(priors, _links(priors, pairs))

    @classmethod
    def unknown(cls) -> Population:
        """Of which nothing is known: no score is combined with another."""
        return cls.estimate(
            pd.DataFrame(columns=list(TEST_TOTALS), dtype=object),
            pd.DataFrame(columns=list(PAIR_TOTALS), dtype=object),
        )

    def still_holds(self, newer: Population) -> bool:
        """Whether a newer estimate is of the same tests and links and of about the same students: to one in a hundred.

        So a corrected score does not move the number of every other child.
        """
        return all(
            _about_the_same(mine, other, keys)
            for mine, other, keys in (
                (self.tests, newer.tests, list(CELL)),
                (self.links, newer.links, [*(f"state_{name}" for name in CELL), *CELL]),
            )
        )

    def record(self) -> dict[str, Any]:
        """All of it, ready for JSON: a list for each column. `from_record` reads it back."""
        return {name: _plain(frame) for name, frame in (("tests", self.tests), ("links", self.links))}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Population:
        """The population that `record` gave."""
        return cls(_read(record["tests"]), _read(record["links"]))


def _about_the_same(mine: pd.DataFrame, other: pd.DataFrame, keys: list[str]) -> bool:
    both = mine.merge(other, on=keys, how="outer", suffixes=("", "_newer"))
    if len(both) != len(mine) or both[["students", "students_newer"]].isna().any(axis=None):
        return False
    near = (both["students_newer"] - both["students"]).abs() <= _SAME_SHARE * both["students"]
    same_use = both["reason"].isna() == both["reason_newer"].isna()
    return bool((near & same_use).all())


_NAMES: Final = ("assessment_id", "state_assessment_id", "kind", "subject", "reason")


def _numbers(frame: pd.DataFrame) -> pd.DataFrame:
    columns: dict[str, Any] = {
        name: frame[name].astype(object) if name in _NAMES else pd.to_numeric(frame[name]).astype(float)
        for name in frame.columns
    }
    return frame.assign(**columns)


def _plain(frame: pd.DataFrame) -> dict[str, list[Any]]:
    values = frame.astype(object).where(frame.notna(), None)
    return {str(name): column.tolist() for name, column in values.items()}


def _read(columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    return pd.DataFrame(
        {name: np.array(values, object if name in _NAMES else float) for name, values in columns.items()}
    )


def _priors(totals: pd.DataFrame) -> pd.DataFrame:
    tests = _numbers(totals[list(TEST_TOTALS)].reset_index(drop=True))
    reason = np.full(len(tests), None, object)
    reason[tests["mean_square_error"].isna()] = NotUsable.NO_ERROR
    reason[~(tests["variance"] > 0)] = NotUsable.NO_SPREAD
    reason[tests["students"] < PRIOR_STUDENTS] = NotUsable.TOO_FEW_STUDENTS
    spread = true_variance(tests["variance"].to_numpy(), tests["mean_square_error"].to_numpy())
    # Nothing is kept of what too few students carry.
    unusable = pd.notna(reason)
    spread[unusable] = np.nan
    tests.loc[unusable, ["mean", "variance", "mean_square_error"]] = np.nan
    return tests.assign(true_variance=spread, drift=DRIFT_SHARE * spread, reason=reason)


def _links(priors: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    pairs = _numbers(totals[list(PAIR_TOTALS)].reset_index(drop=True))
    state = [f"state_{name}" for name in CELL]
    known = priors[[*CELL, "mean_square_error", "reason"]].rename(
        columns={**dict(zip(CELL, state, strict=True)), "reason": "state_reason"}
    )
    pairs = pairs.merge(known, on=state, how="left")
    spread = true_variance(pairs["state_variance"].to_numpy(), pairs["mean_square_error"].to_numpy(float))
    link = matched_link(
        pairs["covariance"].to_numpy(),
        pairs["mean"].to_numpy(),
        pairs["variance"].to_numpy(),
        pairs["state_mean"].to_numpy(),
        spread,
    )
    reason = np.full(len(pairs), None, object)
    reason[~np.isfinite(link.slope)] = NotUsable.NOT_RELATED
    reason[(pairs["state_reason"].notna() | pairs["mean_square_error"].isna()).to_numpy(bool)] = (
        NotUsable.NO_PRIOR
    )
    reason[pairs["students"] < LINK_STUDENTS] = NotUsable.TOO_FEW_STUDENTS
    kept = pairs[[*state, *CELL, "students"]]
    usable = pd.isna(reason)
    return kept.assign(
        **{
            name: np.where(usable, getattr(link, name), np.nan) for name in ("intercept", "slope", "variance")
        },
        reason=reason,
    )
