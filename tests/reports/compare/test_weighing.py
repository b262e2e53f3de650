"""Which scale a child's scores are weighed on, which of them take part, and that nothing else moves the outcome."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reports.compare.links import PAIR_TOTALS, TEST_TOTALS, Population
from reports.compare.weighing import Cells, Scores, Weighed, weigh

# A state test as in the published worked numbers (prior N(2510, 90), cut 2528, error 26), this year's and last year's,
# and an interim test tied to it by y = −20 + .09·θ with a standard deviation of 38 points of θ.
STATE, INTERIM, OLD_STATE, COURSE_TEST = 0, 1, 2, 3
SLOPE, INTERCEPT, LINK = 0.09, -20.0, 38.0


def a_test(assessment_id: int, kind: str, year: int, **changes: Any) -> dict[str, Any]:
    usual = {
        "assessment_id": assessment_id,
        "grade_level": 5,
        "school_year": year,
        "kind": kind,
        "subject": "math",
        "cut": 2528.0,
        "students": 5000,
        "mean": 2510.0,
        "variance": 8776.0,
        "mean_square_error": 676.0,
    }
    return {**usual, **changes}


def a_pair(state: tuple[int, int], other: tuple[int, int], students: int = 4000) -> dict[str, Any]:
    tau2 = 8100.0
    return {
        "state_assessment_id": state[0],
        "state_grade_level": 5,
        "state_school_year": state[1],
        "assessment_id": other[0],
        "grade_level": 5,
        "school_year": other[1],
        "students": students,
        "state_mean": 2510.0,
        "state_variance": 8776.0,
        "mean": INTERCEPT + SLOPE * 2510.0,
        "variance": SLOPE**2 * (tau2 + LINK**2),
        "covariance": SLOPE * tau2,
    }


def population(*pairs: dict[str, Any]) -> Population:
    tests = [
        a_test(30, "summative", 2026),
        a_test(40, "interim", 2027, mean=206.0, variance=80.0, mean_square_error=10.0, cut=215.0),
        a_test(30, "summative", 2025),
        a_test(50, "summative", 2026, grade_level=None, cut=None),
    ]
    links = pairs or (a_pair((30, 2026), (40, 2027)),)
    return Population.estimate(
        pd.DataFrame(tests, columns=list(TEST_TOTALS)), pd.DataFrame(links, columns=list(PAIR_TOTALS))
    )


CELLS = Cells.of(population())


def weighed(*rows: tuple[int, int, float, float], cells: Cells = CELLS) -> Weighed:
    """Scores of one child: (cell, day, score, error)."""
    cell, day, score, error = (np.array(column) for column in zip(*rows, strict=True))
    scores = Scores(np.zeros(len(rows), np.int64), cell, day, score.astype(float), error.astype(float))
    return weigh(scores, 1, cells)


def on_interim(theta: float) -> float:
    return INTERCEPT + SLOPE * theta


THREE_QUARTERS = round(0.75 * 365.25)


@pytest.mark.parametrize(
    ("rows", "probability", "conflict"),
    [
        ([(STATE, 0, 2540.0, 26.0)], 0.6510, False),
        ([(INTERIM, 0, on_interim(2540.4), 3.0)], 0.5882, False),
        ([(STATE, 0, 2540.0, 26.0), (INTERIM, THREE_QUARTERS, on_interim(2540.4), 3.0)], 0.6682, False),
        ([(STATE, 0, 2600.0, 26.0), (INTERIM, THREE_QUARTERS, on_interim(2440.0), 3.0)], 0.5976, True),
        ([(STATE, 0, 2515.0, 26.0), (STATE, 0, 2545.0, 26.0)], 0.5265, False),
    ],
)
def test_the_worked_numbers_come_out_of_records(
    rows: list[tuple[int, int, float, float]], probability: float, conflict: bool
) -> None:
    found = weighed(*rows)
    assert found.posterior.probability[0] == pytest.approx(probability, abs=1e-4)
    assert bool(found.posterior.conflict[0]) is conflict
    assert found.scale[0] == STATE


def test_the_scale_is_that_of_the_newest_state_test() -> None:
    cells = Cells.of(population(a_pair((30, 2026), (30, 2025)), a_pair((30, 2025), (30, 2026))))
    found = weighed((OLD_STATE, 0, 2500.0, 26.0), (STATE, 365, 2540.0, 26.0), cells=cells)
    assert found.scale[0] == STATE
    assert found.posterior.tests[0] == 2


@pytest.mark.parametrize("cell", [-1, OLD_STATE, COURSE_TEST])
def test_a_test_without_a_link_takes_no_part(cell: int) -> None:
    alone = weighed((STATE, 400, 2540.0, 26.0))
    beside = weighed((STATE, 400, 2540.0, 26.0), (cell, 30, 2700.0, 26.0))
    assert beside.posterior.probability[0] == alone.posterior.probability[0]
    assert np.isnan(beside.variance[1])


@pytest.mark.parametrize(
    "row", [(-1, 0, 2540.0, 26.0), (COURSE_TEST, 0, 2540.0, 26.0), (STATE, 0, 2540.0, math.nan)]
)
def test_what_cannot_be_weighed_gives_no_number(row: tuple[int, int, float, float]) -> None:
    assert math.isnan(weighed(row).posterior.probability[0])


def test_attempts_of_a_linked_test_count_as_their_mean() -> None:
    one = weighed((STATE, 0, 2540.0, 26.0), (INTERIM, 100, on_interim(2500.0), 3.0))
    two = weighed(
        (STATE, 0, 2540.0, 26.0),
        (INTERIM, 90, on_interim(2480.0), 3.0),
        (INTERIM, 100, on_interim(2520.0), 3.0),
    )
    assert two.posterior.probability[0] == pytest.approx(one.posterior.probability[0])
    assert two.posterior.tests[0] == 2


def test_an_older_score_weighs_less() -> None:
    fresh = weighed((STATE, 0, 2600.0, 26.0))
    aged = weighed((STATE, 0, 2600.0, 26.0), (INTERIM, 365, on_interim(2510.0), 3.0))
    level = weighed((STATE, 365, 2600.0, 26.0), (INTERIM, 365, on_interim(2510.0), 3.0))
    assert aged.age[0] == pytest.approx(1.0, abs=0.01)
    assert aged.posterior.probability[0] < level.posterior.probability[0] < fresh.posterior.probability[0]


def test_the_scale_of_a_child_without_a_state_test_is_the_one_most_others_are_tied_by() -> None:
    few_and_many = population(a_pair((30, 2025), (40, 2027), 300), a_pair((30, 2026), (40, 2027), 4000))
    found = weighed((INTERIM, 0, on_interim(2540.4), 3.0), cells=Cells.of(few_and_many))
    assert found.scale[0] == STATE


def test_tests_are_found_by_assessment_grade_and_year() -> None:
    grade = np.array([5.0, 5.0, math.nan, 4.0, 5.0, 5.0, -1.0])
    year = np.array([2026.0, 2025.0, 2026.0, 2026.0, 2027.0, math.nan, 2026.0])
    found = CELLS.places([30, 40, 50], np.array([0, 0, 2, 0, 1, 0, 0]), grade, year)
    assert found.tolist() == [STATE, OLD_STATE, COURSE_TEST, -1, INTERIM, -1, -1]


def test_an_unknown_population_weighs_nothing() -> None:
    nobody = Cells.of(Population.unknown())
    assert nobody.places([30], np.array([0]), np.array([5.0]), np.array([2026.0])).tolist() == [-1]
    assert math.isnan(weighed((-1, 0, 2540.0, 26.0), cells=nobody).posterior.probability[0])
