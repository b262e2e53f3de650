"""Rules 2, 4 and 5 together: a state test of last spring beside tests and marks of the new school year."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from tests.reports.compare.cases import AT, CLOSE, FALL_SCORE, NOT_YET, SCORE, TERM_MARK, outcome, said

IN_NOVEMBER = date(2026, 11, 2)
SIXTH_GRADER = {"grade_level": 6}
STATE = {**SCORE, "score_id": 199}
FALL = {**FALL_SCORE, "school_year": 2027, "grade_level": 6}
LAST_YEARS_MARK: dict[str, Any] = {"mark": "B"}
THIS_TERMS_MARK = {
    **TERM_MARK,
    "mark": "C",
    "grade_level": 6,
    "school_year": 2027,
    "period_begins_on": date(2026, 8, 17),
    "period_ends_on": date(2026, 10, 23),
}
BOTH_MARKS = [LAST_YEARS_MARK, THIS_TERMS_MARK]
# Within 120 days of the state test of 28 April, and beyond.
NEAR, FAR = date(2026, 8, 25), date(2026, 9, 20)


def november(
    state: dict[str, Any], fall: dict[str, Any], day: date, marks: list[dict[str, Any]] | None = None
) -> pd.Series:
    tests = [{**STATE, **state}, {**FALL, "administered_on": day, **fall}]
    return outcome(BOTH_MARKS if marks is None else marks, tests, SIXTH_GRADER, IN_NOVEMBER)


@pytest.mark.parametrize(
    ("state", "fall", "day", "category", "rule", "lead"),
    [
        (AT, AT, FAR, "MID_AT", "5_tests_agree", 210),
        (NOT_YET, NOT_YET, FAR, "MID_NOTYET", "5_tests_agree", 210),
        (CLOSE, CLOSE, FAR, "MID_CLOSE", "5_tests_agree", 210),
        (CLOSE, AT, FAR, "MID_AT", "5_one_test_close", 210),
        (CLOSE, NOT_YET, FAR, "MID_NOTYET", "5_one_test_close", 210),
        (AT, CLOSE, FAR, "MATCH_AT", "5_one_test_close", 199),
        (NOT_YET, CLOSE, FAR, "HIGH_NOTYET", "5_one_test_close", 199),
        (NOT_YET, AT, NEAR, "TESTS_DISAGREE", "5_opposite_ends", 210),
        (AT, NOT_YET, NEAR, "TESTS_DISAGREE", "5_opposite_ends", 210),
        (NOT_YET, AT, FAR, "MID_AT", "5_newest_tests_decide", 210),
        (AT, NOT_YET, FAR, "MID_NOTYET", "5_newest_tests_decide", 210),
    ],
)
def test_last_springs_state_test_counts_beside_this_falls_test(
    state: dict[str, Any], fall: dict[str, Any], day: date, category: str, rule: str, lead: int
) -> None:
    row = november(state, fall, day)
    assert said(row) == (category, None)
    assert [name for name in row["rules"] if name.startswith("5_")] == [rule]
    assert [test["id"] for test in row["explanation"]["tests"] if test["leads"]] == [lead]


def test_a_test_stands_beside_the_mark_of_its_own_year() -> None:
    this_year, last_year = november(AT, AT, FAR), november(AT, CLOSE, FAR)
    assert (this_year["mark"], "2_from_last_year" in this_year["rules"]) == ("C", False)
    assert (last_year["mark"], "2_from_last_year" in last_year["rules"]) == ("B", True)


def test_a_term_too_young_leaves_the_word_to_last_year() -> None:
    begun = {**THIS_TERMS_MARK, "period_begins_on": date(2026, 10, 19), "period_ends_on": date(2026, 12, 18)}
    row = november(AT, AT, FAR, [LAST_YEARS_MARK, begun])
    assert said(row) == ("MATCH_AT", None)
    assert "2_from_last_year" in row["rules"]


@pytest.mark.parametrize(("state", "fall"), [(AT, CLOSE), (NOT_YET, CLOSE)])
def test_a_state_test_without_a_mark_of_its_year_leaves_the_word_to_the_fall_test(
    state: dict[str, Any], fall: dict[str, Any]
) -> None:
    row = november(state, fall, FAR, [THIS_TERMS_MARK])
    assert said(row) == ("MID_CLOSE", None)
    assert row["score_ids"] == [210]
    unused = row["explanation"]["tests"][0]
    assert unused["not_used_because"] == "2_final_mark_of_the_year"


def test_a_disagreement_needs_no_mark_of_last_year() -> None:
    assert said(november(NOT_YET, AT, NEAR, [THIS_TERMS_MARK])) == ("TESTS_DISAGREE", None)


@pytest.mark.parametrize("fall", [{"status": "invalidated"}, {"season": "spring"}, {"scale_score": None}])
def test_what_is_no_evidence_takes_nobodys_place(fall: dict[str, Any]) -> None:
    assert said(november(NOT_YET, fall, FAR)) == ("HIGH_NOTYET", None)


def test_a_newer_state_test_takes_the_place_of_the_older() -> None:
    row = outcome(
        [{**LAST_YEARS_MARK, "school_year": 2025, "mark_id": 99}, {"mark": "C"}],
        [
            {**STATE, **NOT_YET, "grade_level": 4, "school_year": 2025, "administered_on": date(2025, 6, 1)},
            AT,
        ],
        as_of=date(2026, 6, 20),
    )
    assert said(row) == ("MID_AT", None)
    assert [test["not_used_because"] for test in row["explanation"]["tests"]] == ["2_newer_test", None]


def test_a_line_of_last_winter_does_not_count_next_fall() -> None:
    winter = {
        **FALL_SCORE,
        "score_id": 205,
        "season": "winter",
        "administered_on": date(2026, 1, 20),
        **NOT_YET,
    }
    of_another_family = {
        **FALL,
        "family": "Other Growth Test",
        "assessment_id": 77,
        "administered_on": FAR,
        **AT,
    }
    row = outcome(BOTH_MARKS, [winter, of_another_family], SIXTH_GRADER, IN_NOVEMBER)
    assert said(row) == ("MID_AT", None)
    assert row["score_ids"] == [210]


def test_a_test_during_the_past_year_gives_way_to_the_state_test_of_this() -> None:
    spring = {"grade_level": 4, "school_year": 2025, "administered_on": date(2025, 6, 1), "season": "spring"}
    row = outcome({}, [AT, {**FALL_SCORE, **spring, **NOT_YET}])
    assert (said(row), row["score_ids"]) == (("MATCH_AT", None), [200])
    assert row["explanation"]["tests"][1]["not_used_because"] == "2_newer_test"
