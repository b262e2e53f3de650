"""One test by itself: probability, verdict, where its error comes from, and what refuses it."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.compare.evidence import SeasonError, judge, probability_at_or_above, verdicts
from reports.records import ComparisonPolicy, Evidence
from tests.reports.compare.cases import LEVELS_WITHOUT_SCORES, scores

POLICY = ComparisonPolicy()
ERRORLESS = {"csem": None, "test_sem": None, "score_sd": None}


def judged(**changes: Any) -> pd.Series:
    return judge(scores(changes), POLICY).iloc[0]


@pytest.mark.parametrize(
    ("z", "probability"),
    [
        (-1.64, 0.05),
        (-1.28, 0.10),
        (-0.84, 0.20),
        (-0.5, 0.31),
        (0.0, 0.50),
        (0.5, 0.69),
        (0.84, 0.80),
        (1.28, 0.90),
        (1.64, 0.95),
    ],
)
def test_probability_follows_the_published_table(z: float, probability: float) -> None:
    found = probability_at_or_above(np.array([2528 + z * 26]), np.array([2528.0]), np.array([26.0]))
    assert found[0] == pytest.approx(probability, abs=0.005)


def test_probability_of_the_worked_state_test() -> None:
    assert judged(scale_score=2540)["probability"] == pytest.approx(0.6778, abs=5e-5)


def test_probability_is_exact_far_from_the_cut() -> None:
    found = probability_at_or_above(np.array([0.0, 80.0]), np.array([40.0, 40.0]), np.array([5.0, 5.0]))
    assert found[0] == pytest.approx(6.22096057e-16, rel=1e-6)
    assert found[1] == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize(
    ("probability", "certainty", "evidence"),
    [
        (0.80, 0.80, "AT"),
        (0.7999, 0.80, "CLOSE"),
        (0.2001, 0.80, "CLOSE"),
        (0.20, 0.80, "NOT_YET"),
        (0.90, 0.95, "CLOSE"),
        (0.70, 0.70, "AT"),
        (0.30, 0.70, "NOT_YET"),
        (math.nan, 0.80, None),
    ],
)
def test_certainty_draws_the_lines(probability: float, certainty: float, evidence: str | None) -> None:
    assert verdicts(np.array([probability]), certainty)[0] == evidence


@pytest.mark.parametrize(
    ("changes", "evidence", "source"),
    [
        ({"scale_score": 2550.0}, "AT", "csem"),
        ({"scale_score": 2549.0}, "CLOSE", "csem"),
        ({"scale_score": 2507.0}, "CLOSE", "csem"),
        ({"scale_score": 2506.0}, "NOT_YET", "csem"),
        ({"scale_score": 2550.0, "csem": 40.0, "test_sem": 26.0}, "CLOSE", "csem"),
        ({"scale_score": 2550.0, "csem": None, "test_sem": 26.0}, "AT", "test_sem"),
        ({"scale_score": 2550.0, "csem": 0.0, "test_sem": 26.0}, "AT", "test_sem"),
        ({"scale_score": 2550.0, "csem": math.nan, "test_sem": 26.0}, "AT", "test_sem"),
        ({"scale_score": 2550.0, "csem": math.inf, "test_sem": 26.0}, "AT", "test_sem"),
        ({"scale_score": 2551.0, **ERRORLESS, "score_sd": 92.0}, "CLOSE", "quarter_sd"),
        ({"scale_score": 2551.1, **ERRORLESS, "score_sd": 92.0}, "AT", "quarter_sd"),
        ({"scale_score": 2505.0, **ERRORLESS, "score_sd": 92.0}, "CLOSE", "quarter_sd"),
        ({"scale_score": 2504.9, **ERRORLESS, "score_sd": 92.0}, "NOT_YET", "quarter_sd"),
        ({"scale_score": 2550.0, **ERRORLESS, "level": "3"}, "AT", "level"),
        ({"scale_score": 2500.0, **ERRORLESS, "level": "2"}, "CLOSE", "level"),
        ({"scale_score": 2400.0, **ERRORLESS, "level": "1"}, "NOT_YET", "level"),
        ({"scale_score": 2500.0, **ERRORLESS}, "CLOSE", "level"),
        ({"scale_score": 2400.0, **ERRORLESS}, "NOT_YET", "level"),
    ],
)
def test_error_comes_from_the_best_source_there_is(
    changes: dict[str, Any], evidence: str, source: str
) -> None:
    row = judged(**changes)
    assert (row["evidence"], row["error_source"], row["refusal"]) == (evidence, source, None)


@pytest.mark.parametrize(
    "error", [{"csem": 26.0}, {"test_sem": 26.0}, {"score_sd": 90.0}, {"level": "3"}, {"level": None}]
)
def test_a_score_on_the_cut_is_close(error: dict[str, Any]) -> None:
    assert judged(**{**ERRORLESS, "scale_score": 2528.0, **error})["evidence"] == Evidence.CLOSE


@pytest.mark.parametrize(
    ("level", "evidence"), [("1", "NOT_YET"), ("2", "CLOSE"), ("3", "AT"), ("4", "AT"), (" 3 ", "AT")]
)
def test_rule_3_a_level_alone_counts_from_the_floor(level: str, evidence: str) -> None:
    """A student at Approaches passes the state test and is not at grade level."""
    row = judged(scale_score=None, cut=None, csem=None, level=level, levels=LEVELS_WITHOUT_SCORES)
    assert (row["evidence"], row["error_source"]) == (evidence, "level")
    assert math.isnan(row["probability"])


@pytest.mark.parametrize(("level", "evidence"), [("1", "AT"), ("2", "CLOSE"), ("3", "NOT_YET")])
def test_order_of_levels_is_that_of_the_table_and_not_of_the_numbers(level: str, evidence: str) -> None:
    upside_down = [{"code": code, "name": code, "minimum": None, "maximum": None} for code in ("3", "2", "1")]
    row = judged(scale_score=None, cut=None, level=level, levels=upside_down, floor_level="1")
    assert row["evidence"] == evidence


def test_the_cut_is_the_floors_lowest_score_where_none_is_given() -> None:
    row = judged(scale_score=2540.0, cut=None)
    assert row["cut"] == 2528.0
    assert row["probability"] == pytest.approx(0.6778, abs=5e-5)


@pytest.mark.parametrize(
    ("changes", "refusal", "rule"),
    [
        ({"scale_score": None}, "no_score", "8_not_tested"),
        ({"scale_score": math.inf}, "score_not_valid", "edge_score_out_of_range"),
        ({"scale_score": -math.inf, "score_minimum": None}, "score_not_valid", "edge_score_out_of_range"),
        ({"scale_score": 2219.0}, "score_not_valid", "edge_score_out_of_range"),
        ({"scale_score": 2741.0}, "score_not_valid", "edge_score_out_of_range"),
        ({"scale_score": 2540.0, "level": "2"}, "score_not_valid", "level_contradicts_score"),
        ({"scale_score": 2500.0, "level": "3"}, "score_not_valid", "level_contradicts_score"),
        ({"cut": None, "floor_level": None}, "no_cut", "3_floor_and_cut"),
        ({"cut": math.nan, "floor_level": "9"}, "no_cut", "3_floor_and_cut"),
        ({"cut": None, "levels": LEVELS_WITHOUT_SCORES}, "no_cut", "3_floor_and_cut"),
        ({"scale_score": None, "level": "3", "floor_level": None}, "no_cut", "3_floor_and_cut"),
        ({"scale_score": None, "level": "7"}, "no_cut", "3_floor_and_cut"),
        ({**ERRORLESS, "levels": []}, "no_error", "error_unknown"),
        ({**ERRORLESS, "levels": None, "floor_level": None}, "no_error", "error_unknown"),
    ],
)
def test_what_cannot_be_judged_is_refused_by_name(changes: dict[str, Any], refusal: str, rule: str) -> None:
    row = judged(**changes)
    assert (row["refusal"], row["rule"], row["evidence"]) == (refusal, rule, None)
    assert math.isnan(row["probability"])


@pytest.mark.parametrize(
    ("season", "day"),
    [
        (None, date(2025, 9, 22)),
        (None, date(2026, 1, 20)),
        ("spring", date(2025, 9, 22)),
        ("spring", date(2026, 1, 20)),
        ("winter", date(2025, 9, 22)),
        ("fall", date(2026, 4, 22)),
        (None, None),
    ],
)
def test_rule_4_a_score_against_the_cut_of_another_season_raises(
    season: str | None, day: date | None
) -> None:
    with pytest.raises(SeasonError, match="another season"):
        judged(kind="interim", season=season, administered_on=day)


@pytest.mark.parametrize(
    ("season", "day"),
    [
        ("fall", date(2025, 9, 22)),
        ("fall", None),
        ("winter", date(2025, 12, 3)),
        ("winter", date(2026, 1, 20)),
        ("spring", date(2026, 4, 20)),
        (None, date(2026, 5, 4)),
    ],
)
def test_rule_4_a_score_against_the_cut_of_its_own_season_is_judged(
    season: str | None, day: date | None
) -> None:
    assert judged(kind="interim", season=season, administered_on=day)["evidence"] == Evidence.AT


ORDER = {Evidence.NOT_YET: 0, Evidence.CLOSE: 1, Evidence.AT: 2}


@given(
    low=st.integers(2220, 2740),
    rise=st.integers(0, 520),
    error=st.sampled_from([{"csem": 26.0}, {"test_sem": 31.0}, {"score_sd": 90.0}, {}]),
    certainty=st.floats(0.70, 0.95),
)
def test_a_higher_score_is_never_worse_evidence(
    low: int, rise: int, error: dict[str, float], certainty: float
) -> None:
    high = min(low + rise, 2740)
    frame = scores(
        {**ERRORLESS, **error, "score_id": 1, "scale_score": float(low)},
        {**ERRORLESS, **error, "score_id": 2, "scale_score": float(high)},
    )
    lower, higher = judge(frame, ComparisonPolicy(certainty=certainty))["evidence"]
    assert ORDER[lower] <= ORDER[higher]


@given(score=st.floats(), cut=st.floats(), csem=st.floats(), sd=st.floats())
def test_no_number_however_strange_becomes_a_verdict_without_a_line(
    score: float, cut: float, csem: float, sd: float
) -> None:
    row = judged(
        scale_score=score,
        cut=cut,
        csem=csem,
        score_sd=sd,
        levels=[],
        floor_level=None,
        score_minimum=None,
        score_maximum=None,
    )
    assert (row["evidence"] is None) == (row["refusal"] is not None)
    if not (math.isfinite(score) and math.isfinite(cut)):
        assert row["evidence"] is None
