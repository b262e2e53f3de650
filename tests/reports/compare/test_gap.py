"""The grid of bands and evidence, several tests together (rule 5), and the frame that comes out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from reports.compare.gap import compare
from reports.records import COMPARISON_COLUMNS, ComparisonPolicy
from tests.reports.compare.cases import (
    AT,
    CLOSE,
    JUNE,
    NOT_YET,
    OTHER_FAMILY,
    explained,
    marks,
    outcome,
    said,
    scores,
    students,
)


@pytest.mark.parametrize(
    ("mark", "score", "category"),
    [
        ("A", AT, "MATCH_AT"),
        ("B", CLOSE, "HIGH_CLOSE"),
        ("B", NOT_YET, "HIGH_NOTYET"),
        ("C", AT, "MID_AT"),
        ("C+", CLOSE, "MID_CLOSE"),
        ("C-", NOT_YET, "MID_NOTYET"),
        ("D", AT, "LOW_AT"),
        ("D", CLOSE, "LOW_CLOSE"),
        ("F", NOT_YET, "BOTH_NEED"),
    ],
)
def test_band_and_evidence_make_the_category(mark: str, score: dict[str, Any], category: str) -> None:
    row = outcome({"mark": mark}, score)
    assert said(row) == (category, None)
    assert (row["mark_id"], row["score_ids"], row["school_year"]) == (100, [200], 2026)


def test_columns_are_those_of_the_schema() -> None:
    rows = compare(marks({}), scores({}), students({}), ComparisonPolicy(), JUNE)
    assert list(rows.columns) == list(COMPARISON_COLUMNS)


@pytest.mark.parametrize("empty", ["marks", "scores", "students", "all"])
def test_empty_frames_are_no_error(empty: str) -> None:
    rows = compare(
        marks() if empty in {"marks", "all"} else marks({}),
        scores() if empty in {"scores", "all"} else scores({}),
        students() if empty in {"students", "all"} else students({}),
        ComparisonPolicy(),
        JUNE,
    )
    assert len(rows) == (0 if empty == "all" else 1)
    assert list(rows.columns) == list(COMPARISON_COLUMNS)


@pytest.mark.parametrize("with_mark", [True, False])
def test_a_score_without_a_subject_is_no_error(with_mark: bool) -> None:
    rows = compare(
        marks({}) if with_mark else marks(), scores({"subject": None}), students({}), ComparisonPolicy(), JUNE
    )
    assert list(rows["refusal"]) == (["subject_not_mapped"] if with_mark else [])


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ValueError, match="marks: the column scale is missing"):
        compare(marks({}).drop(columns="scale"), scores({}), students({}), ComparisonPolicy(), JUNE)


def test_a_date_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ValueError, match="scores: administered_on must hold dates"):
        compare(marks({}), scores({"administered_on": "soon"}), students({}), ComparisonPolicy(), JUNE)


@pytest.mark.parametrize(
    ("state", "other", "days", "category", "rule"),
    [
        (AT, AT, 60, "MATCH_AT", "5_tests_agree"),
        (NOT_YET, NOT_YET, 60, "HIGH_NOTYET", "5_tests_agree"),
        (CLOSE, CLOSE, 60, "HIGH_CLOSE", "5_tests_agree"),
        (AT, CLOSE, 60, "MATCH_AT", "5_one_test_close"),
        (CLOSE, NOT_YET, 60, "HIGH_NOTYET", "5_one_test_close"),
        (AT, NOT_YET, 0, "TESTS_DISAGREE", "5_opposite_ends"),
        (AT, NOT_YET, 120, "TESTS_DISAGREE", "5_opposite_ends"),
        (NOT_YET, AT, 120, "TESTS_DISAGREE", "5_opposite_ends"),
        (AT, NOT_YET, 121, "MATCH_AT", "5_newest_tests_decide"),
        (NOT_YET, AT, 121, "HIGH_NOTYET", "5_newest_tests_decide"),
        (CLOSE, AT, 121, "MATCH_AT", "5_one_test_close"),
    ],
)
def test_rule_5_several_tests(
    state: dict[str, Any], other: dict[str, Any], days: int, category: str, rule: str
) -> None:
    day = date(2026, 4, 28) - timedelta(days=days)
    season = "winter" if days else "spring"
    earlier = {**OTHER_FAMILY, "administered_on": day, "season": season, **other}
    row = outcome({}, [state, earlier])
    assert said(row) == (category, None)
    assert [r for r in row["rules"] if r.startswith("5_")] == [rule]
    assert row["score_ids"] == ([200] if rule == "5_newest_tests_decide" else [200, 201])


def test_rule_5_the_leading_test_says_what_the_category_says() -> None:
    """The newest test is close; the sentence must name the one that is at grade level."""
    row = outcome({}, [{**CLOSE, "administered_on": date(2026, 5, 5)}, {**OTHER_FAMILY, **AT}])
    assert row["category"] == "MATCH_AT"
    assert [test["id"] for test in row["explanation"]["tests"] if test["leads"]] == [201]
    assert row["probability"] > 0.8


def test_rule_5_no_probability_is_composed_where_tests_disagree() -> None:
    row = outcome({}, [AT, {**OTHER_FAMILY, **NOT_YET}])
    assert pd.isna(row["probability"])
    assert row["evidence"] is None
    assert row["grade_band"] == "HIGH"


def test_a_student_asked_about_without_mark_or_score_gets_a_row() -> None:
    rows = explained(marks(), scores(), students({"subject": "math"}), ComparisonPolicy(), JUNE)
    assert rows[["subject", "category", "refusal", "rules"]].values.tolist() == [
        ["math", "NOT_ENOUGH", "no_score", ["nothing_left"]]
    ]
