"""Priors and links: estimated from whole districts, refused by name where too few students carry them."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reports.compare.links import (
    LINK_STUDENTS,
    PRIOR_STUDENTS,
    NotUsable,
    Population,
    matched_link,
    study_link,
    true_variance,
)
from reports.compare.totals import totals
from tests.reports.compare.cases import OTHER_FAMILY, scores

STATE_ERROR, INTERIM_ERROR = 26.0, 3.2
TRUE_MEAN, TRUE_SPREAD, INTERCEPT, SLOPE = 2510.0, 90.0, -12.0, 0.09


def one(value: float) -> np.ndarray:
    return np.array([value])


@pytest.mark.parametrize(
    ("variance", "square_error", "expected"),
    [(8776.0, 676.0, 8100.0), (8776.0, 8700.0, 438.8), (8776.0, 9000.0, 438.8)],
)
def test_true_variance_is_what_error_leaves_and_never_under_a_twentieth(
    variance: float, square_error: float, expected: float
) -> None:
    assert true_variance(one(variance), one(square_error))[0] == pytest.approx(expected)


def test_a_link_from_matched_students() -> None:
    """cov = d·τ² and var(y) = d²τ² + d²v give back d and v; c makes the means meet."""
    tau2, d, v = 8100.0, 0.09, 1444.0
    found = matched_link(one(d * tau2), one(206.0), one(d**2 * (tau2 + v)), one(2510.0), one(tau2))
    assert found.slope[0] == pytest.approx(d)
    assert found.intercept[0] == pytest.approx(206.0 - d * 2510.0)
    assert found.variance[0] == pytest.approx(v)


def test_a_link_is_never_finer_than_a_twentieth_of_the_true_variance() -> None:
    found = matched_link(one(729.0), one(206.0), one(0.09**2 * 8100.0), one(2510.0), one(8100.0))
    assert found.variance[0] == pytest.approx(405.0)


@pytest.mark.parametrize("covariance", [0.0, -10.0, math.nan])
def test_tests_that_do_not_rise_together_are_not_linked(covariance: float) -> None:
    found = matched_link(one(covariance), one(206.0), one(80.0), one(2510.0), one(8100.0))
    assert np.isnan([found.slope[0], found.intercept[0], found.variance[0]]).all()


def test_a_link_from_a_published_study() -> None:
    """r² = ρ_y·ρ_state: with .90 between the tests and a state test of .92 the interim's own share is .8804."""
    found = study_link(one(0.90), one(0.92), one(206.0), one(9.0), one(2510.0), one(8100.0))
    share = 0.81 / 0.92
    assert found.slope[0] == pytest.approx(9.0 * math.sqrt(share) / 90.0)
    assert found.variance[0] == pytest.approx(8100.0 * (1 / share - 1))
    assert found.intercept[0] + found.slope[0] * 2510.0 == pytest.approx(206.0)


def test_the_study_and_the_students_agree_where_they_tell_of_the_same_tests() -> None:
    tau2, d, v, error2 = 8100.0, 0.09, 1444.0, 676.0
    variance = d**2 * (tau2 + v)
    correlation = d * tau2 / math.sqrt(variance * (tau2 + error2))
    students = matched_link(one(d * tau2), one(206.0), one(variance), one(2510.0), one(tau2))
    study = study_link(
        one(correlation),
        one(tau2 / (tau2 + error2)),
        one(206.0),
        one(math.sqrt(variance)),
        one(2510.0),
        one(tau2),
    )
    for name in ("slope", "intercept", "variance"):
        assert getattr(study, name)[0] == pytest.approx(getattr(students, name)[0])


@pytest.mark.parametrize(("correlation", "reliability"), [(0.97, 0.90), (-0.5, 0.9), (0.0, 0.9)])
def test_a_study_that_cannot_be_of_these_tests_gives_no_link(correlation: float, reliability: float) -> None:
    found = study_link(one(correlation), one(reliability), one(206.0), one(9.0), one(2510.0), one(8100.0))
    assert np.isnan(found.variance[0])


def district(students: int, seed: int = 3, **changes: Any) -> pd.DataFrame:
    """A state test and an interim test of each student, on scales of their own."""
    random = np.random.default_rng(seed)
    true_score = random.normal(TRUE_MEAN, TRUE_SPREAD, students)
    interim = INTERCEPT + SLOPE * (true_score + random.normal(0, 20, students))
    both = [
        scores({"csem": STATE_ERROR})
        .assign(key=0)
        .merge(pd.DataFrame({"key": 0, "student_id": range(students)}), on="key"),
        scores({**OTHER_FAMILY, "csem": INTERIM_ERROR, "cut": 215.0})
        .assign(key=0)
        .merge(pd.DataFrame({"key": 0, "student_id": range(students)}), on="key"),
    ]
    frames = [
        frame.drop(columns=["key", "student_id_x"]).rename(columns={"student_id_y": "student_id"})
        for frame in both
    ]
    frames[0]["scale_score"] = true_score + random.normal(0, STATE_ERROR, students)
    frames[1]["scale_score"] = interim + random.normal(0, INTERIM_ERROR, students)
    return pd.concat(frames, ignore_index=True).assign(**changes)


def test_a_district_gives_back_the_population_it_was_drawn_from() -> None:
    found = Population.estimate(*totals(district(20_000)))
    state = found.tests.set_index("kind").loc["summative"]
    assert state["mean"] == pytest.approx(TRUE_MEAN, abs=2)
    assert math.sqrt(state["true_variance"]) == pytest.approx(TRUE_SPREAD, abs=1.5)
    assert state["drift"] == pytest.approx(400.0, rel=0.05)
    link = found.links.iloc[0]
    assert (link["state_assessment_id"], link["assessment_id"], link["reason"]) == (30, 40, None)
    assert link["slope"] == pytest.approx(SLOPE, rel=0.02)
    assert link["intercept"] + link["slope"] * TRUE_MEAN == pytest.approx(
        INTERCEPT + SLOPE * TRUE_MEAN, abs=0.3
    )
    assert math.sqrt(link["variance"]) == pytest.approx(math.hypot(20, INTERIM_ERROR / SLOPE), rel=0.05)


@pytest.mark.parametrize(
    ("students", "prior", "link"),
    [
        (PRIOR_STUDENTS - 1, NotUsable.TOO_FEW_STUDENTS, NotUsable.TOO_FEW_STUDENTS),
        (PRIOR_STUDENTS, None, NotUsable.TOO_FEW_STUDENTS),
        (LINK_STUDENTS - 1, None, NotUsable.TOO_FEW_STUDENTS),
        (LINK_STUDENTS, None, None),
    ],
)
def test_too_few_students_are_refused_by_name(students: int, prior: str | None, link: str | None) -> None:
    found = Population.estimate(*totals(district(students)))
    state = found.tests.set_index("kind").loc["summative"]
    assert state["reason"] == prior
    assert set(state[["mean", "variance", "true_variance"]].isna()) == {prior is not None}
    assert found.links.iloc[0]["reason"] == link
    assert math.isnan(found.links.iloc[0]["slope"]) == (link is not None)


def test_a_test_without_error_has_no_prior_and_no_link() -> None:
    found = Population.estimate(*totals(district(200, csem=None)))
    assert set(found.tests["reason"]) == {NotUsable.NO_ERROR}
    assert set(found.links["reason"]) == {NotUsable.NO_PRIOR}


def test_a_test_on_which_all_score_the_same_has_no_prior() -> None:
    found = Population.estimate(*totals(district(200, scale_score=2500.0)))
    assert set(found.tests["reason"]) == {NotUsable.NO_SPREAD}
    assert found.links["slope"].isna().all()


@pytest.mark.parametrize(
    "out",
    [
        {"status": "partial"},
        {"status": "invalidated"},
        {"kind": "alternate"},
        {"kind": "language"},
        {"scale_score": None},
        {"subject": None},
    ],
)
def test_what_may_not_speak_is_in_no_total(out: dict[str, Any]) -> None:
    rows = district(40)
    spoiled = rows.assign(**out, score_id=-rows["score_id"]).assign(student_id=rows["student_id"] + 1000)
    for alone, with_more in zip(totals(rows), totals(pd.concat([rows, spoiled])), strict=True):
        pd.testing.assert_frame_equal(alone, with_more)


def test_an_attempt_more_does_not_count_a_student_twice() -> None:
    rows = district(40)
    again = rows.assign(scale_score=rows["scale_score"] + 10)
    tests, pairs = totals(pd.concat([rows, again]))
    once, _ = totals(rows)
    assert tests["students"].tolist() == [40, 40]
    assert pairs["students"].tolist() == [40]
    np.testing.assert_allclose(tests["mean"], once["mean"] + 5)


def test_years_far_apart_are_not_tied() -> None:
    rows = district(40)
    old = rows["kind"] == "interim"
    rows.loc[old, "school_year"] = 2024
    assert totals(rows)[1].empty
    rows.loc[old, "school_year"] = 2025
    assert len(totals(rows)[1]) == 1


def test_line_and_year_are_filled_in_where_they_follow_from_the_rest() -> None:
    rows = district(40)
    tests, _ = totals(rows.assign(cut=None, school_year=None))
    assert tests["cut"].tolist() == [2528.0, 2528.0]
    assert tests["school_year"].tolist() == [2026.0, 2026.0]


def test_no_total_knows_a_school_or_a_group_of_students() -> None:
    for frame in totals(district(40)):
        assert not {"school_id", "student_id", "race", "sex", "english_learner"} & set(frame.columns)


@pytest.mark.parametrize(
    ("students", "more", "holds"), [(1000, 0, True), (1000, 10, True), (1000, 11, False), (99, 1, False)]
)
def test_an_estimate_holds_while_nearly_the_same_students_stand_behind_it(
    students: int, more: int, holds: bool
) -> None:
    first, later = (Population.estimate(*totals(district(count))) for count in (students, students + more))
    assert first.still_holds(later) is holds


def test_an_estimate_holds_only_for_the_same_tests() -> None:
    rows = district(200)
    both, alone = (Population.estimate(*totals(frame)) for frame in (rows, rows[rows["kind"] == "summative"]))
    assert both.still_holds(both)
    assert not both.still_holds(alone)
    assert not alone.still_holds(both)
    assert Population.unknown().still_holds(Population.unknown())


def test_a_population_is_kept_as_plain_json_and_read_back() -> None:
    found = Population.estimate(*totals(district(200)))
    kept = json.loads(json.dumps(found.record(), allow_nan=False))
    again = Population.from_record(kept)
    pd.testing.assert_frame_equal(again.tests, found.tests, check_dtype=False)
    pd.testing.assert_frame_equal(again.links, found.links, check_dtype=False)
    assert Population.from_record(Population.unknown().record()).tests.empty
