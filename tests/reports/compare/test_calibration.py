"""How good forecasts were: the figures of the simulated tests, bins by hand, and what is not said of few."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from reports.compare.calibration import (
    Calibration,
    Question,
    TooSmall,
    by_evidence,
    calibrate,
    diagrams,
    reliability,
)
from reports.compare.small_cells import Shown

CUT, MIDDLE, SPREAD, SEM = 2528.0, 2510.0, 90.0, 26.0
CERTAIN = 0.80


@pytest.fixture(scope="module")
def simulated() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Observed scores of 200,000 students, and whether their true score is at or above the cut."""
    chance = np.random.default_rng(8)
    true = chance.normal(MIDDLE, SPREAD, 200_000)
    return true + chance.normal(0, SEM, true.size), true >= CUT


# The figures come from a simulation with errors of its own: equal within two or three thousandths.
def test_one_test_without_a_prior(simulated: tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]) -> None:
    score, at = simulated
    found = reliability(special.ndtr((score - CUT) / SEM), at, CERTAIN)
    assert found.brier == pytest.approx(0.0606, abs=0.002)
    assert found.ece == pytest.approx(0.0051, abs=0.0015)
    hard = reliability((score >= CUT).astype(float), at, CERTAIN)
    assert hard.brier == pytest.approx(0.0863, abs=0.003)
    assert hard.right == pytest.approx(0.914, abs=0.003)


def test_one_test_with_the_prior_is_calibrated(
    simulated: tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]],
) -> None:
    score, at = simulated
    weight = 1 / (1 / SPREAD**2 + 1 / SEM**2)
    middle = weight * (MIDDLE / SPREAD**2 + score / SEM**2)
    found = reliability(special.ndtr((middle - CUT) / np.sqrt(weight)), at, CERTAIN)
    assert found.brier == pytest.approx(0.0605, abs=0.002)
    assert found.ece == pytest.approx(0.0015, abs=0.0015)
    assert found.ece <= 0.01
    assert found.right is not None
    assert found.right >= 0.96
    assert len(found.bins) == 10


def test_figures_by_hand() -> None:
    p = [0.05] * 20 + [0.55] * 20 + [0.95] * 20
    outcome = [True] * 5 + [False] * 15 + [True] * 10 + [False] * 10 + [True] * 15 + [False] * 5
    found = reliability(p, outcome, CERTAIN)
    assert [(b.low, b.high, b.students) for b in found.bins] == [
        (0.0, 0.1, 20),
        (0.1, 0.6, 20),
        (0.6, 1.0, 20),
    ]
    assert [(b.forecast, b.came_true) for b in found.bins] == [
        (pytest.approx(0.05), 0.25),
        (pytest.approx(0.55), 0.5),
        (pytest.approx(0.95), 0.75),
    ]
    assert found.ece == pytest.approx((0.20 + 0.05 + 0.20) / 3)
    assert found.brier == pytest.approx(
        (5 * 0.9025 + 15 * 0.0025 + 10 * 0.2025 + 10 * 0.3025 + 15 * 0.0025 + 5 * 0.9025) / 60
    )
    assert (found.students, found.came_true, found.decided) == (60, 0.5, pytest.approx(2 / 3))
    assert found.right == pytest.approx(30 / 40)


def test_a_share_of_right_ones_with_few_wrong_ones_is_not_said_exactly() -> None:
    found = reliability(
        [0.9] * 30 + [0.5] * 20, [True] * 28 + [False] * 2 + [True] * 10 + [False] * 10, CERTAIN
    )
    assert (found.right, found.right_limit) == (None, 80)


@pytest.mark.parametrize(
    ("students", "true", "reason"), [(9, 5, Shown.TOO_FEW), (40, 4, Shown.BOTTOM), (40, 36, Shown.TOP)]
)
def test_few_students_or_few_of_one_outcome_are_refused(students: int, true: int, reason: Shown) -> None:
    with pytest.raises(TooSmall) as error:
        reliability([0.5] * students, [True] * true + [False] * (students - true), CERTAIN)
    assert error.value.reason == reason


@pytest.mark.parametrize("wrong", [np.nan, -0.01, 1.01])
def test_a_forecast_that_is_none_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        reliability([0.5] * 20 + [wrong], [True] * 10 + [False] * 11, CERTAIN)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=20, max_size=300))
def test_bins_hold_everybody_and_never_few(pairs: list[tuple[float, bool]]) -> None:
    p, outcome = [a for a, _ in pairs], [b for _, b in pairs]
    try:
        found = reliability(p, outcome, CERTAIN)
    except TooSmall:
        assert min(sum(outcome), len(outcome) - sum(outcome)) < 5
        return
    assert sum(b.students for b in found.bins) == len(pairs)
    assert (found.bins[0].low, found.bins[-1].high) == (0.0, 1.0)
    for one in found.bins:
        assert one.students >= 10
        assert 5 <= round(one.came_true * one.students) <= one.students - 5
        assert one.low <= one.forecast <= one.high


def forecasts(*groups: tuple[str, str, int, Sequence[float], int]) -> pd.DataFrame:
    """Groups of (source, subject, grade, probabilities, how many of the first come true)."""
    return pd.DataFrame(
        [
            {
                "question": Question.IS_AT_GRADE_LEVEL,
                "source": source,
                "subject": subject,
                "grade_level": grade,
            }
            | {"probability": p, "outcome": i < true}
            for source, subject, grade, probabilities, true in groups
            for i, p in enumerate(probabilities)
        ]
    )


def shown(table: pd.DataFrame) -> dict[tuple[str, float | None], str]:
    grades = table["grade_level"].astype(object).where(table["grade_level"].notna(), None)
    return dict(zip(zip(table["subject"], grades, strict=True), table["shown"], strict=True))


def test_small_grades_are_refused_with_a_reason_and_covered() -> None:
    table = calibrate(
        forecasts(
            ("fall test", "math", 4, [0.9] * 40, 30),
            ("fall test", "math", 5, [0.9] * 30, 20),
            ("fall test", "math", 6, [0.9] * 8, 4),
            ("fall test", "reading", 4, [0.2] * 30, 6),
            ("fall test", "reading", 5, [0.2] * 30, 6),
        ),
        CERTAIN,
    )
    assert shown(table) == {
        ("math", None): Shown.YES,
        ("math", 4): Shown.YES,
        ("math", 5): Shown.COVER,
        ("math", 6): Shown.TOO_FEW,
        ("reading", None): Shown.YES,
        ("reading", 4): Shown.YES,
        ("reading", 5): Shown.YES,
    }
    said = [calibration for calibration in table["calibration"] if calibration is not None]
    assert all(isinstance(one, Calibration) for one in said)
    assert len(said) == 5


def test_a_subject_that_is_refused_takes_its_grades_and_its_diagram_with_it() -> None:
    given_ = forecasts(
        ("fall test", "math", 4, [0.9] * 40, 30),
        ("fall test", "reading", 4, [0.9] * 30, 20),
        ("fall test", "science", 8, [0.9] * 9, 5),
        ("winter test", "math", 4, [0.4] * 20, 10),
    )
    table = calibrate(given_, CERTAIN)
    fall = table[table["source"] == "fall test"]
    assert shown(fall) == {
        ("math", None): Shown.YES,
        ("math", 4): Shown.YES,
        ("reading", None): Shown.COVER,
        ("reading", 4): Shown.COVER,
        ("science", None): Shown.TOO_FEW,
        ("science", 8): Shown.TOO_FEW,
    }
    drawn = diagrams(given_, table, CERTAIN)
    assert {source: found.students for (_, source), found in drawn.items()} == {
        "fall test": 40,
        "winter test": 20,
    }


def test_the_two_questions_are_never_mixed() -> None:
    one = forecasts(("fall test", "math", 4, [0.6] * 20, 10))
    table = calibrate(pd.concat([one, one.assign(question=Question.WILL_SCORE_PROFICIENT)]), CERTAIN)
    assert table["question"].tolist() == ["a", "a", "b", "b"]
    assert [found.students for found in table["calibration"]] == [20] * 4
    words = by_evidence(pd.concat([one, one.assign(question=Question.WILL_SCORE_PROFICIENT)]), CERTAIN)
    assert words["students"].tolist() == [20]


def test_how_often_each_word_came_true() -> None:
    table = by_evidence(
        forecasts(
            ("fall test", "math", 4, [0.80] * 30, 24),
            ("fall test", "math", 5, [0.79] * 20, 12),
            ("fall test", "math", 5, [0.20] * 40, 2),
            ("fall test", "math", 5, [0.21] * 20, 8),
        ),
        CERTAIN,
    ).set_index("evidence")
    assert table["shown"].to_dict() == {"AT": Shown.COVER, "CLOSE": Shown.YES, "NOT_YET": Shown.BOTTOM}
    assert table.loc["CLOSE", ["students", "came_true"]].tolist() == [40, 0.5]
    assert table.loc["NOT_YET", "limit"] == 20


def test_no_forecasts_give_empty_tables() -> None:
    empty = forecasts(("fall test", "math", 4, [0.6] * 20, 10)).iloc[:0]
    assert calibrate(empty, CERTAIN).empty
    assert by_evidence(empty, CERTAIN).empty


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ValueError, match="column outcome is missing"):
        calibrate(forecasts(("x", "math", 4, [0.6], 1)).drop(columns="outcome"), CERTAIN)
