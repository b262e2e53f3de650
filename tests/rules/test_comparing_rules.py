"""Rules 1 to 12, one table of cases each, through `compare` as every caller uses it.

The files of tests/reports/compare go further into each rule; here every rule stands once, under its number.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reports.compare.change import Change, change
from reports.compare.evidence import SeasonError, judge
from reports.compare.totals import totals
from reports.records import ComparisonPolicy
from tests.reports.compare.cases import (
    AT,
    CLOSE,
    FALL_SCORE,
    JUNE,
    LEVELS_WITHOUT_SCORES,
    NOT_YET,
    NOVEMBER,
    OTHER_FAMILY,
    SCORE,
    TERM_MARK,
    outcome,
    said,
    scores,
)

Fields = dict[str, Any]


@pytest.mark.parametrize(
    ("mark", "score", "expected"),
    [
        ({}, {}, ("MATCH_AT", None)),
        ({"subject": "reading"}, {}, ("NOT_ENOUGH", "no_mark")),
        ({"subject": None}, {}, ("NOT_ENOUGH", "subject_not_mapped")),
        ({}, {"subject": None}, ("NOT_ENOUGH", "subject_not_mapped")),
        ({"grade_level": 6}, {}, ("NOT_ENOUGH", "grade_not_comparable")),
        ({"course_title": "Algebra I", "grade_level": 9}, {}, ("NOT_ENOUGH", "grade_not_comparable")),
        (
            {"course_title": "Algebra I", "grade_level": 9},
            {"title": "Algebra I End of Course", "grade_level": None},
            ("MATCH_AT", None),
        ),
        (
            {},
            {"title": "Algebra I End of Course", "grade_level": None},
            ("NOT_ENOUGH", "grade_not_comparable"),
        ),
    ],
)
def test_rule_01_same_subject_grade_and_content(
    mark: Fields, score: Fields, expected: tuple[str, str | None]
) -> None:
    assert said(outcome(mark, score)) == expected


@pytest.mark.parametrize(
    ("mark", "as_of", "expected", "last_year"),
    [
        ({}, JUNE, ("MATCH_AT", None), False),
        ({}, date(2026, 9, 1), ("MATCH_AT", None), True),
        ({}, date(2026, 4, 28) + timedelta(days=400), ("MATCH_AT", None), True),
        ({}, date(2026, 4, 28) + timedelta(days=401), ("NOT_ENOUGH", "test_too_old"), False),
        ({"is_final": False}, JUNE, ("NOT_ENOUGH", "mark_not_final"), False),
        ({"school_year": 2025}, JUNE, ("NOT_ENOUGH", "other_year"), False),
    ],
)
def test_rule_02_a_state_test_beside_the_final_mark_of_its_year(
    mark: Fields, as_of: date, expected: tuple[str, str | None], last_year: bool
) -> None:
    grade = 5 if as_of < date(2026, 7, 1) else 6
    row = outcome(mark, AT, {"grade_level": grade}, as_of)
    assert said(row) == expected
    assert ("2_from_last_year" in row["rules"]) is last_year
    assert row["explanation"]["tests"][0]["date"] == "2026-04-28"


def test_rule_02_a_newer_state_test_takes_its_place() -> None:
    older = {
        "score_id": 150,
        "school_year": 2025,
        "grade_level": 4,
        "administered_on": date(2025, 6, 1),
        **NOT_YET,
    }
    row = outcome({}, [older, AT])
    assert (row["category"], row["score_ids"]) == ("MATCH_AT", [200])


@pytest.mark.parametrize(
    ("level", "category"), [("1", "HIGH_NOTYET"), ("2", "HIGH_CLOSE"), ("3", "MATCH_AT"), ("4", "MATCH_AT")]
)
def test_rule_03_the_floor_is_grade_level_and_passing_is_not(level: str, category: str) -> None:
    """Level 2, "Approaches", passes and is not at grade level."""
    by_level = {
        "scale_score": None,
        "cut": None,
        "csem": None,
        "level": level,
        "levels": LEVELS_WITHOUT_SCORES,
    }
    assert outcome({}, by_level)["category"] == category
    assert said(outcome({}, {"cut": None, "floor_level": None})) == ("NOT_ENOUGH", "no_cut")


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ({}, ("MATCH_AT", None)),
        ({"season": None}, ("NOT_ENOUGH", "wrong_season")),
        ({"season": "spring"}, ("NOT_ENOUGH", "wrong_season")),
        ({"season": "spring", "projected_probability": 0.15}, ("HIGH_NOTYET", None)),
        (
            {"cut": None, "floor_level": None, "levels": [], "projected_probability": 0.5},
            ("HIGH_CLOSE", None),
        ),
    ],
)
def test_rule_04_a_test_during_the_year_has_a_line_of_its_season_or_a_projection(
    score: Fields, expected: tuple[str, str | None]
) -> None:
    assert said(outcome(TERM_MARK, {**FALL_SCORE, **score}, as_of=NOVEMBER)) == expected


def test_rule_04_a_fall_score_against_a_june_cut_raises() -> None:
    with pytest.raises(SeasonError, match="another season"):
        judge(scores({**FALL_SCORE, "season": None}), ComparisonPolicy())


@pytest.mark.parametrize(
    ("state", "other", "days", "category"),
    [
        (AT, AT, 60, "MATCH_AT"),
        (NOT_YET, NOT_YET, 60, "HIGH_NOTYET"),
        (AT, CLOSE, 60, "MATCH_AT"),
        (CLOSE, NOT_YET, 60, "HIGH_NOTYET"),
        (AT, NOT_YET, 120, "TESTS_DISAGREE"),
        (AT, NOT_YET, 121, "MATCH_AT"),
    ],
)
def test_rule_05_several_current_tests(state: Fields, other: Fields, days: int, category: str) -> None:
    earlier = {"administered_on": date(2026, 4, 28) - timedelta(days=days), "season": "winter"}
    row = outcome({}, [state, {**OTHER_FAMILY, **earlier, **other}])
    assert row["category"] == category
    assert pd.isna(row["probability"]) == (category == "TESTS_DISAGREE")


def test_rule_05_attempts_count_by_their_mean_and_never_by_the_best() -> None:
    again = {"score_id": 201, "administered_on": date(2026, 5, 12)}
    assert outcome({}, [NOT_YET, {**again, **AT}])["category"] == "HIGH_CLOSE"


@pytest.mark.parametrize(
    "mark",
    [
        {"mark": "P", "scale": "pass_fail"},
        {"mark": "I"},
        {"mark": "W"},
        {"mark": "Works hard and asks good questions.", "scale": "narrative"},
        {"mark": "Works hard."},
        {"modified_curriculum": True},
        {"credit_recovery": True},
    ],
)
def test_rule_06_marks_that_cannot_be_compared(mark: Fields) -> None:
    assert said(outcome(mark, AT)) == ("NOT_ENOUGH", "mark_not_comparable")


@pytest.mark.parametrize(
    ("weeks", "expected"), [(3, ("NOT_ENOUGH", "term_too_young")), (4, ("MATCH_AT", None))]
)
def test_rule_06_a_term_in_progress_younger_than_four_weeks(
    weeks: int, expected: tuple[str, str | None]
) -> None:
    begun = {
        **TERM_MARK,
        "period_begins_on": NOVEMBER - timedelta(weeks=weeks),
        "period_ends_on": date(2025, 12, 19),
    }
    test = {**FALL_SCORE, "administered_on": NOVEMBER - timedelta(days=3)}
    assert said(outcome(begun, test, as_of=NOVEMBER)) == expected


@pytest.mark.parametrize(("mark", "scale", "flagged"), [("3", "standards_4", True), ("B", "letter", False)])
def test_rule_07_a_card_of_standards_is_another_measure_of_one_goal(
    mark: str, scale: str, flagged: bool
) -> None:
    row = outcome({"mark": mark, "scale": scale}, NOT_YET)
    assert row["category"] == "HIGH_NOTYET"
    assert ("7_standards_card" in row["rules"]) is flagged


@pytest.mark.parametrize("status", ["absent", "opt_out", "invalidated", "partial"])
def test_rule_08_no_full_and_valid_score(status: str) -> None:
    row = outcome({}, {"status": status})
    assert row["category"] == "NOT_ENOUGH"
    assert "opt" not in json.dumps(row["explanation"]["tests"])


@pytest.mark.parametrize("alternate", [{"kind": "alternate"}, {"status": "alternate"}])
def test_rule_09_an_alternate_assessment_is_never_compared(alternate: Fields) -> None:
    assert said(outcome({}, alternate)) == ("OTHER_TEST", "alternate_test")
    assert totals(scores(alternate))[0].empty


@pytest.mark.parametrize(
    ("student", "score", "category"),
    [
        ({"english_learner": True}, NOT_YET, "NOT_ENOUGH"),
        ({"english_learner": True, "english_proficiency": 4.9}, NOT_YET, "NOT_ENOUGH"),
        ({"english_learner": True, "english_proficiency": 5.0}, NOT_YET, "HIGH_NOTYET"),
        ({"english_learner": True}, {**NOT_YET, "test_language": "es"}, "HIGH_NOTYET"),
        ({"english_learner": True}, AT, "MATCH_AT"),
        ({"us_entry_date": date(2025, 9, 1)}, NOT_YET, "NOT_ENOUGH"),
        ({"us_entry_date": date(2024, 9, 1)}, NOT_YET, "HIGH_NOTYET"),
    ],
)
def test_rule_10_english_learners_are_spared_a_claim_their_english_may_explain(
    student: Fields, score: Fields, category: str
) -> None:
    row = outcome({}, score, student)
    assert row["category"] == category
    assert row["refusal"] == ("english_learner" if category == "NOT_ENOUGH" else None)


def test_rule_10_a_test_in_the_own_language_goes_first_and_one_in_english_is_named() -> None:
    spanish = {**OTHER_FAMILY, "test_language": "es", "administered_on": date(2026, 4, 1), **NOT_YET}
    row = outcome({}, [AT, spanish], {"english_learner": True})
    assert (row["category"], row["score_ids"]) == ("HIGH_NOTYET", [201])
    assert "10_test_in_english" in outcome({}, AT, {"english_learner": True})["rules"]


@pytest.mark.parametrize(
    ("status", "expected"), [("valid", ("MATCH_AT", None)), ("modified", ("NOT_ENOUGH", "test_modified"))]
)
def test_rule_11_standard_accommodations_count_and_modifications_do_not(
    status: str, expected: tuple[str, str | None]
) -> None:
    assert said(outcome({}, {"status": status})) == expected


@pytest.mark.parametrize(
    ("later", "same_scale", "expected"),
    [
        (2548.0, True, Change.HIGHER),
        (2547.0, True, Change.ABOUT_THE_SAME),
        (2453.0, True, Change.ABOUT_THE_SAME),
        (2452.0, True, Change.LOWER),
        (2700.0, False, None),
    ],
)
def test_rule_12_a_change_is_larger_than_error_and_on_one_scale(
    later: float, same_scale: bool, expected: Change | None
) -> None:
    """With errors of 26 and 26 a difference counts from 1.28·√(26² + 26²) = 47.07 points on."""
    arrays = [np.array([value]) for value in (2500.0, later, 26.0, 26.0)]
    assert change(arrays[0], arrays[1], arrays[2], arrays[3], np.array([same_scale]))[0] == expected


def test_a_score_on_the_cut_is_close() -> None:
    assert outcome({}, {"scale_score": 2528.0})["evidence"] == "CLOSE"


@pytest.mark.parametrize("mark", ["B", "C", "D"])
def test_raising_one_score_never_worsens_the_category_of_a_comparison_of_one_test(mark: str) -> None:
    points = np.arange(2400, 2660, 4)
    rows = [outcome({"mark": mark}, {"scale_score": float(p)})["evidence"] for p in points]
    order = [["NOT_YET", "CLOSE", "AT"].index(evidence) for evidence in rows]
    assert order == sorted(order)
    assert set(order) == {0, 1, 2}


def test_a_district_without_any_test_is_compared_with_nothing() -> None:
    row = outcome({}, [])
    assert said(row) == ("NOT_ENOUGH", "no_score")
    assert pd.isna(row["probability"])
    assert SCORE["score_id"] not in row["score_ids"]
