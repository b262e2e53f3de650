"""The picture says the same as the words: where the line, the score and its error stand."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.family.charts import geometry
from tests.reports.family.made_up import INTERIM_READING, STATE_MATH


def test_levels_are_equally_wide_and_the_line_stands_where_grade_level_begins() -> None:
    found = geometry(STATE_MATH)
    assert found is not None
    assert [(s.start, s.end) for s in found.segments] == [(0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1)]
    assert [s.at_grade_level for s in found.segments] == [False, False, True, True]
    assert [s.name for s in found.segments if s.reached] == ["Approaches Grade Level"]
    assert found.line == 0.5


def test_within_a_level_the_scale_is_true() -> None:
    found = geometry(replace(STATE_MATH, score=1539, error=10))
    assert found is not None
    assert found.score == pytest.approx(0.25 + 0.25 * (1539 - 1489) / 100)
    assert found.band == pytest.approx((0.25 + 0.25 * 0.40, 0.25 + 0.25 * 0.60))


@given(score=st.integers(1100, 2000), error=st.floats(1, 120))
def test_the_band_crosses_the_line_exactly_when_score_and_error_do(score: int, error: float) -> None:
    found = geometry(replace(STATE_MATH, score=score, error=error, level=None))
    assert found is not None
    assert found.band is not None
    assert found.score is not None
    low, high = found.band
    assert 0 <= low <= found.score <= high <= 1
    assert (low < found.line) == (score - error < 1589)
    assert (found.score >= found.line) == (score >= 1589)


@given(score=st.floats(100, 350), error=st.floats(0.1, 20))
def test_without_levels_the_line_stands_in_the_middle(score: float, error: float) -> None:
    found = geometry(replace(INTERIM_READING, score=score, error=error))
    assert found is not None
    assert found.band is not None
    assert found.line == 0.5
    assert 0 <= found.band[0] < found.band[1] <= 1
    assert (found.band[0] < 0.5) == (score - error < 204)


def test_a_level_alone_marks_the_level() -> None:
    found = geometry(replace(STATE_MATH, score=None, error=None, cut=None, level="3"))
    assert found is not None
    assert (found.band, found.score, found.line) == (None, None, 0.5)
    assert [s.name for s in found.segments if s.reached] == ["Meets Grade Level"]


@pytest.mark.parametrize(
    "change",
    [
        {"score": None, "level": None},
        {"score": None, "floor_level": None},
        {"error": None, "level": None},
        {"score": None, "levels": ()},
    ],
)
def test_nothing_is_drawn_that_is_not_known(change: dict[str, object]) -> None:
    assert geometry(replace(STATE_MATH, **change)) is None  # type: ignore[arg-type]


def test_levels_that_contradict_the_cut_are_not_drawn() -> None:
    found = geometry(replace(STATE_MATH, cut=1600))
    assert found is not None
    assert [s.name for s in found.segments] == ["", ""]
