"""Several valid attempts at one test count together: never the best, never one day twice."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from reports.compare.attempts import mean_of_attempts
from tests.reports.compare.cases import AT, CLOSE, LEVELS_WITHOUT_SCORES, NOT_YET, OTHER_FAMILY, outcome, said

FIRST, SECOND = date(2026, 4, 14), date(2026, 4, 28)
NO_ERROR = {"csem": None, "test_sem": None}


def attempts(*scores: dict[str, Any], days: int = 14) -> list[dict[str, Any]]:
    """Attempts at one test, the last on 28 April, the others so many days apart."""
    last = len(scores) - 1
    return [
        {
            "score_id": 200 + number,
            "administered_on": SECOND - timedelta(days=days * (last - number)),
            **score,
        }
        for number, score in enumerate(scores)
    ]


def scored(*points: float, **more: Any) -> list[dict[str, Any]]:
    return attempts(*({"scale_score": point, **more} for point in points))


@pytest.mark.parametrize(
    ("given", "category"),
    [
        (scored(2540.0, 2560.0), "MATCH_AT"),
        (scored(2515.0, 2545.0), "HIGH_CLOSE"),
        (scored(2450.0, 2600.0), "HIGH_CLOSE"),
        (scored(2490.0, 2510.0), "HIGH_NOTYET"),
        (scored(2490.0, 2500.0, 2520.0), "HIGH_NOTYET"),
        (scored(2518.0, 2538.0), "HIGH_CLOSE"),
        (scored(2550.0, 2558.0, **NO_ERROR, score_sd=92.0), "MATCH_AT"),
        (scored(2550.0, 2551.0, **NO_ERROR, score_sd=92.0), "HIGH_CLOSE"),
        (scored(2500.0, 2502.0, **NO_ERROR, score_sd=92.0), "HIGH_NOTYET"),
    ],
)
def test_the_mean_of_all_attempts_decides(given: list[dict[str, Any]], category: str) -> None:
    row = outcome({}, given)
    assert said(row) == (category, None)
    assert row["score_ids"] == [attempt["score_id"] for attempt in given]
    assert "5_attempts_together" in row["rules"]
    assert row["tests"] == 1


def test_the_chance_is_that_of_the_mean_and_its_error() -> None:
    row = outcome({}, scored(2515.0, 2545.0))
    assert row["probability"] == pytest.approx(ndtr((2530 - 2528) / (26 / math.sqrt(2))))


def test_each_attempt_keeps_its_own_score_and_error_and_the_newest_leads() -> None:
    tests = outcome({}, scored(2515.0, 2545.0))["explanation"]["tests"]
    assert [(test["score"], test["error"], test["attempts"], test["leads"]) for test in tests] == [
        (2515.0, 26.0, 2, False),
        (2545.0, 26.0, 2, True),
    ]
    assert {test["verdict"] for test in tests} == {"CLOSE"}


def test_one_attempt_told_twice_makes_nothing_more_exact() -> None:
    twice = outcome({}, attempts({"scale_score": 2540.0}, {"scale_score": 2540.0}, days=0))
    assert twice["probability"] == pytest.approx(outcome({}, {"scale_score": 2540.0})["probability"])


@pytest.mark.parametrize(("days", "ids"), [(60, [200, 201]), (61, [201])])
def test_an_attempt_long_before_is_an_earlier_test(days: int, ids: list[int]) -> None:
    row = outcome({}, attempts(NOT_YET, AT, days=days))
    assert row["score_ids"] == ids
    assert row["category"] == ("HIGH_CLOSE" if len(ids) == 2 else "MATCH_AT")


@pytest.mark.parametrize(
    ("levels", "category"),
    [(("1", "1"), "HIGH_NOTYET"), (("3", "4"), "MATCH_AT"), (("1", "3"), "HIGH_CLOSE")],
)
def test_levels_alone_that_differ_are_close(levels: tuple[str, str], category: str) -> None:
    alone = {"scale_score": None, "cut": None, "csem": None, "levels": LEVELS_WITHOUT_SCORES}
    assert outcome({}, attempts(*({**alone, "level": level} for level in levels)))["category"] == category


@pytest.mark.parametrize(
    "other",
    [
        {"status": "invalidated"},
        {"status": "partial"},
        {"assessment_id": 31},
        {"school_year": 2025, "administered_on": date(2025, 6, 1), "grade_level": 4},
        {"subject": "reading"},
        {"student_id": 2},
        {"scale_score": None},
    ],
)
def test_what_is_no_valid_attempt_at_this_test_changes_nothing(other: dict[str, Any]) -> None:
    alone = outcome({}, AT)
    beside = outcome({}, [AT, {"score_id": 201, "scale_score": 2300.0, "administered_on": FIRST, **other}])
    assert (beside["category"], beside["probability"]) == (alone["category"], alone["probability"])


def test_attempts_are_one_test_beside_another() -> None:
    row = outcome({}, [*attempts(NOT_YET, NOT_YET), {**OTHER_FAMILY, "score_id": 300, **CLOSE}])
    assert said(row) == ("HIGH_NOTYET", None)
    assert row["tests"] == 2
    assert {"5_one_test_close", "5_attempts_together"} <= set(row["rules"])


@given(points=st.lists(st.integers(2300, 2700), min_size=2, max_size=4), order=st.randoms())
@settings(deadline=None, max_examples=25)
def test_no_attempt_alone_and_no_order_decides(points: list[int], order: Any) -> None:
    given = scored(*map(float, points))
    row = outcome({}, given)
    shuffled = list(given)
    order.shuffle(shuffled)
    assert outcome({}, shuffled)["probability"] == row["probability"]
    error = 26 / math.sqrt(len(points))
    assert row["probability"] == pytest.approx(ndtr((np.mean(points) - 2528) / error), abs=1e-12)


def test_a_mean_is_of_each_key_alone() -> None:
    mean, error = mean_of_attempts(
        np.array([2500.0, 2520.0, 2600.0]),
        np.array([20.0, 30.0, 26.0]),
        np.array([1, 9, 4]),
        np.array([0, 0, 2]),
        3,
    )
    assert mean[[0, 2]].tolist() == [2510.0, 2600.0]
    assert error[[0, 2]].tolist() == [pytest.approx(math.sqrt((400 + 900) / 2 / 2)), 26.0]
    assert np.isnan([mean[1], error[1]]).all()
