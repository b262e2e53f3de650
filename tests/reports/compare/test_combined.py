"""All tests of each child together, from frames to one chance: a district's scores in, staff columns out."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reports.compare.combined import COMBINED_COLUMNS, combined
from reports.compare.links import Population
from reports.compare.totals import totals
from reports.records import SCORE_COLUMNS, ComparisonPolicy
from tests.reports.compare.cases import SCORE, students

NOVEMBER = date(2026, 11, 2)
STUDENTS = 1500
STATE, FALL = date(2026, 4, 28), date(2026, 9, 22)


def scores(**columns: Any) -> pd.DataFrame:
    """Scores given as columns; everything else as usual."""
    count = len(next(iter(columns.values())))
    usual = {name: pd.Series([value] * count, dtype=object) for name, value in SCORE.items()}
    frame = pd.DataFrame(usual | {name: pd.Series(values, dtype=object) for name, values in columns.items()})
    return frame[list(SCORE_COLUMNS)]


def district() -> pd.DataFrame:
    """A state test of grade 5 and a fall test of grade 6 of the same students, who differ by school."""
    random = np.random.default_rng(11)
    theta = random.normal(np.where(np.arange(STUDENTS) % 2, 2480, 2540), 85)
    state = theta + random.normal(0, 26, STUDENTS)
    fall = 0.09 * (theta + random.normal(0, 22, STUDENTS)) - 20 + random.normal(0, 2.8, STUDENTS)
    who = list(range(STUDENTS))
    return pd.concat(
        [
            scores(student_id=who, score_id=who, scale_score=state.round().clip(2220, 2740)),
            scores(
                student_id=who,
                score_id=[STUDENTS + number for number in who],
                scale_score=fall.round(),
                assessment_id=[40] * STUDENTS,
                family=["Growth Test"] * STUDENTS,
                kind=["interim"] * STUDENTS,
                season=["fall"] * STUDENTS,
                csem=[2.8] * STUDENTS,
                cut=[208.0] * STUDENTS,
                levels=[[]] * STUDENTS,
                floor_level=[None] * STUDENTS,
                score_minimum=[100.0] * STUDENTS,
                score_maximum=[350.0] * STUDENTS,
                grade_level=[6] * STUDENTS,
                school_year=[2027] * STUDENTS,
                administered_on=[FALL] * STUDENTS,
            ),
        ],
        ignore_index=True,
    )


@pytest.fixture(scope="module")
def everybody() -> pd.DataFrame:
    return district()


@pytest.fixture(scope="module")
def population(everybody: pd.DataFrame) -> Population:
    return Population.estimate(*totals(everybody))


def together(
    rows: pd.DataFrame, population: Population, as_of: date = NOVEMBER, **student: Any
) -> pd.DataFrame:
    who = [{"student_id": number, "grade_level": 6, **student} for number in sorted(set(rows["student_id"]))]
    return combined(rows, students(*who), population, ComparisonPolicy(), as_of)


def of_one(rows: pd.DataFrame, population: Population, as_of: date = NOVEMBER, **student: Any) -> float:
    """The chance of one child; NaN where there is none."""
    found = together(rows, population, as_of, **student)
    return float(found["combined_probability"].iloc[0]) if len(found) else math.nan


def state_test(points: float, **changes: Any) -> pd.DataFrame:
    given = {"student_id": 1, "scale_score": points, **changes}
    return scores(**{name: [value] for name, value in given.items()})


def test_everybody_tested_has_a_chance_from_both_tests(
    everybody: pd.DataFrame, population: Population
) -> None:
    found = together(everybody, population)
    assert list(found.columns) == list(COMBINED_COLUMNS)
    assert found["student_id"].tolist() == list(range(STUDENTS))
    assert set(found["combined_tests"]) == {2}
    assert found["combined_probability"].between(0, 1).all()
    assert found["tests_conflict"].mean() < 0.03


def test_the_same_scores_mean_the_same_in_every_school(
    everybody: pd.DataFrame, population: Population
) -> None:
    """Children of the weak school (even ids are of the strong one) with the scores of a child of the strong one."""
    strong, weak = everybody[everybody["student_id"] == 0], everybody[everybody["student_id"] == 0]
    both = pd.concat([strong, weak.assign(student_id=1, score_id=[9001, 9002])])
    low, high = together(both, population)["combined_probability"]
    assert low == high


def test_the_untested_have_no_row(population: Population) -> None:
    nobody = scores(student_id=[])
    assert together(nobody, population).empty
    found = combined(
        state_test(2540.0),
        students({"student_id": 1, "grade_level": 6}, {"student_id": 2, "grade_level": 6}),
        population,
        ComparisonPolicy(),
        NOVEMBER,
    )
    assert found["student_id"].tolist() == [1]


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "partial"},
        {"status": "invalidated"},
        {"status": "modified"},
        {"kind": "alternate"},
        {"kind": "language"},
        {"scale_score": 9000.0},
        {"level": "1"},
        {"csem": None},
        {"administered_on": NOVEMBER + timedelta(days=1)},
        {"administered_on": None},
        {"assessment_id": 77},
        {"grade_level": 4},
    ],
)
def test_what_may_not_speak_is_not_weighed(changes: dict[str, Any], population: Population) -> None:
    points = changes.get("scale_score", 2540.0)
    assert not math.isnan(of_one(state_test(2540.0), population))
    assert math.isnan(of_one(state_test(points, **changes), population))


@pytest.mark.parametrize(("days", "weighed"), [(400, True), (401, True), (548, True), (549, False)])
def test_a_test_is_weighed_for_eighteen_months(days: int, weighed: bool, population: Population) -> None:
    as_of = STATE + timedelta(days=days)
    grade = 6 if days < 430 else 7
    assert math.isnan(of_one(state_test(2540.0), population, as_of, grade_level=grade)) is not weighed


def test_an_english_learners_test_is_weighed_though_it_makes_no_claim(population: Population) -> None:
    assert of_one(state_test(2400.0), population, english_learner=True) < 0.2


def test_a_score_out_of_season_is_weighed_by_its_link_and_not_by_its_line(
    everybody: pd.DataFrame, population: Population
) -> None:
    fall = everybody[(everybody["student_id"] == 0) & (everybody["kind"] == "interim")]
    assert of_one(fall.assign(season="spring"), population) == of_one(fall, population)


def test_an_unknown_population_combines_nothing(everybody: pd.DataFrame) -> None:
    assert together(everybody, Population.unknown()).empty


def test_the_order_of_rows_is_no_matter(everybody: pd.DataFrame, population: Population) -> None:
    shuffled = everybody.sample(frac=1.0, random_state=3)
    pd.testing.assert_frame_equal(together(shuffled, population), together(everybody, population))


def test_tests_far_apart_conflict(everybody: pd.DataFrame, population: Population) -> None:
    rows = everybody[everybody["student_id"] == 0].assign(scale_score=[2700.0, 180.0])
    assert together(rows, population)["tests_conflict"].tolist() == [True]
