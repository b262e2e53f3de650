"""Which mark stands beside a test, and which mark cannot: rules 1, 2, 6 and 7, each through `compare`."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.reports.compare.cases import AT, FALL_SCORE, JUNE, NOT_YET, NOVEMBER, TERM_MARK, outcome, said


@pytest.mark.parametrize(
    ("mark", "score", "student", "refusal"),
    [
        ({"grade_level": 4}, {}, {}, "grade_not_comparable"),
        ({"grade_level": None}, {}, {}, None),
        ({"grade_level": None}, {}, {"grade_level": None}, "grade_not_comparable"),
        ({"grade_level": None}, {"grade_level": None}, {}, "grade_not_comparable"),
        ({}, {"grade_level": None}, {}, None),
        ({"subject": "reading"}, {}, {}, "no_mark"),
        ({"subject": None}, {}, {}, "subject_not_mapped"),
        ({"grade_level": 6}, {"grade_level": 6}, {"grade_level": 6}, None),
        ({"grade_level": None, "course_title": "Algebra I"}, {}, {}, "grade_not_comparable"),
        ({"course_title": "Algebra I"}, {"title": "Algebra I End of Course", "grade_level": None}, {}, None),
        (
            {"course_title": "Geometry"},
            {"title": "Algebra I End of Course", "grade_level": None},
            {},
            "grade_not_comparable",
        ),
        (
            {"course_title": "Algebra II"},
            {"title": "EOC Algebra 1", "grade_level": None},
            {},
            "grade_not_comparable",
        ),
    ],
)
def test_rule_1_only_the_tested_subject_grade_and_content(
    mark: dict[str, Any], score: dict[str, Any], student: dict[str, Any], refusal: str | None
) -> None:
    row = outcome(mark, score, student)
    assert row["refusal"] == refusal
    assert row["category"] == ("MATCH_AT" if refusal is None else "NOT_ENOUGH")


def test_rule_1_a_test_without_subject_is_named() -> None:
    row = outcome({}, {"subject": None})
    assert said(row) == ("NOT_ENOUGH", "subject_not_mapped")


@pytest.mark.parametrize(
    ("mark", "score", "as_of", "refusal"),
    [
        ({"is_final": False}, {}, JUNE, "mark_not_final"),
        ({"school_year": 2025}, {}, JUNE, "other_year"),
        ({}, {}, date(2026, 5, 10), "mark_not_final"),
        ({}, {}, date(2026, 5, 16), None),
        ({}, {}, date(2027, 6, 2), None),
        ({}, {}, date(2027, 6, 3), "test_too_old"),
        ({}, {"administered_on": date(2026, 6, 21)}, JUNE, "score_not_valid"),
        ({}, {"administered_on": None}, JUNE, None),
        ({}, {"administered_on": None}, date(2027, 4, 6), "test_too_old"),
        ({}, {"administered_on": None, "school_year": None}, JUNE, "score_not_valid"),
        ({}, {"administered_on": date(2025, 10, 7)}, JUNE, "wrong_season"),
        ({"period_ends_on": date(2025, 12, 19)}, {"administered_on": date(2025, 12, 8)}, JUNE, None),
    ],
)
def test_rule_2_a_state_test_meets_the_final_mark_of_its_year(
    mark: dict[str, Any], score: dict[str, Any], as_of: date, refusal: str | None
) -> None:
    assert outcome(mark, score, {"grade_level": None}, as_of)["refusal"] == refusal


@pytest.mark.parametrize(("as_of", "flagged"), [(date(2026, 6, 30), False), (date(2026, 7, 1), True)])
def test_rule_2_after_rollover_it_is_from_last_year(as_of: date, flagged: bool) -> None:
    row = outcome(as_of=as_of, student={"grade_level": 5 + flagged})
    assert row["category"] == "MATCH_AT"
    assert ("2_from_last_year" in row["rules"]) == flagged


@pytest.mark.parametrize(
    ("mark", "score", "refusal"),
    [
        (TERM_MARK, FALL_SCORE, None),
        ({**TERM_MARK, "school_year": 2025}, FALL_SCORE, "other_year"),
        (
            {**TERM_MARK, "period_begins_on": date(2025, 11, 4), "period_ends_on": None},
            FALL_SCORE,
            "term_too_young",
        ),
    ],
)
def test_rule_2_a_fall_test_meets_the_mark_of_the_term(
    mark: dict[str, Any], score: dict[str, Any], refusal: str | None
) -> None:
    row = outcome(mark, score, as_of=NOVEMBER)
    assert row["refusal"] == refusal
    assert ("2_current_term_mark" in row["rules"]) == (refusal is None)


def test_rule_2_the_newest_term_mark_stands_beside_a_test_during_the_year() -> None:
    quarters = [
        {**TERM_MARK, "mark": "A"},
        {
            **TERM_MARK,
            "mark_id": 111,
            "mark": "C",
            "period_begins_on": date(2025, 10, 27),
            "period_ends_on": date(2026, 1, 16),
        },
    ]
    assert outcome(quarters, FALL_SCORE, as_of=date(2025, 11, 10))["category"] == "MATCH_AT"
    assert outcome(quarters, FALL_SCORE, as_of=date(2025, 11, 24))["category"] == "MID_AT"


def test_rule_2_of_one_test_family_the_newest_day_counts_and_not_the_best() -> None:
    later = {"score_id": 202, "assessment_id": 32, "administered_on": date(2026, 5, 12), **NOT_YET}
    row = outcome({}, [{"score_id": 201, **AT}, later])
    assert (row["category"], row["score_ids"]) == ("HIGH_NOTYET", [202])


@pytest.mark.parametrize(
    ("chosen", "others"),
    [
        ({"course_title": "Math 5"}, [{"course_title": "Algebra I", "mark": "F"}]),
        ({"grade_level": 5}, [{"grade_level": 6, "mark": "F", "period_ends_on": date(2026, 6, 1)}]),
        ({}, [{"is_final": False, "mark": "F", "period_ends_on": date(2026, 6, 1)}]),
        ({}, [{"mark": "F", "period_ends_on": date(2026, 1, 16)}]),
        ({}, [{"mark": "P", "scale": "pass_fail"}]),
        ({}, [{"mark": "F", "period_begins_on": date(2026, 1, 20)}]),
        ({"mark_id": 1}, [{"mark": "F"}, {"mark": "D", "mark_id": 104}]),
        ({"school_year": 2026}, [{"school_year": 2025, "mark": "F"}]),
    ],
    ids=["content", "grade", "final", "latest", "comparable", "whole year", "lowest id", "year"],
)
def test_of_several_marks_the_choice_is_the_documented_one(
    chosen: dict[str, Any], others: list[dict[str, Any]]
) -> None:
    given = [{"mark_id": 102 + i, **other} for i, other in enumerate(others)] + [{"mark_id": 101, **chosen}]
    for order in (given, given[::-1]):
        row = outcome(order, {})
        assert (row["mark_id"], row["category"]) == (chosen.get("mark_id", 101), "MATCH_AT")


def test_a_latest_course_that_cannot_be_compared_is_not_passed_over() -> None:
    earlier = {"mark_id": 101, "period_ends_on": date(2026, 1, 16)}
    latest = {"mark_id": 102, "mark": "I"}
    assert said(outcome([earlier, latest], {})) == ("NOT_ENOUGH", "mark_not_comparable")


@pytest.mark.parametrize(
    ("mark", "refusal"),
    [
        ({"mark": "P", "scale": "pass_fail"}, "mark_not_comparable"),
        ({"mark": "I"}, "mark_not_comparable"),
        ({"mark": "NG"}, "mark_not_comparable"),
        ({"mark": "W"}, "mark_not_comparable"),
        ({"mark": ""}, "mark_not_comparable"),
        ({"mark": "Tries hard and helps others.", "scale": "narrative"}, "mark_not_comparable"),
        ({"mark": "S", "scale": "conduct"}, "mark_not_comparable"),
        ({"scale": "a scale nobody knows"}, "mark_not_comparable"),
        ({"credit_recovery": True}, "mark_not_comparable"),
        ({"modified_curriculum": True}, "mark_not_comparable"),
    ],
)
def test_rule_6_marks_that_cannot_be_compared(mark: dict[str, Any], refusal: str) -> None:
    assert said(outcome(mark)) == ("NOT_ENOUGH", refusal)


@pytest.mark.parametrize(("days", "refusal"), [(27, "term_too_young"), (28, None)])
def test_rule_6_a_term_younger_than_four_weeks(days: int, refusal: str | None) -> None:
    begins = NOVEMBER - timedelta(days=days)
    mark = {**TERM_MARK, "period_begins_on": begins, "period_ends_on": date(2026, 1, 16)}
    assert outcome(mark, FALL_SCORE, as_of=NOVEMBER)["refusal"] == refusal


@pytest.mark.parametrize(("days", "refusal"), [(7, "term_too_young"), (27, "term_too_young"), (28, None)])
def test_rule_6_a_mark_called_final_in_a_term_that_has_just_begun_is_none(
    days: int, refusal: str | None
) -> None:
    term = {"period_begins_on": NOVEMBER - timedelta(days=days), "period_ends_on": date(2026, 1, 16)}
    row = outcome({**TERM_MARK, **term, "is_final": True}, FALL_SCORE, as_of=NOVEMBER)
    assert row["refusal"] == refusal


@pytest.mark.parametrize(("mark", "scale", "flagged"), [("3", "standards_4", True), ("B", "letter", False)])
def test_rule_7_a_card_of_standards_is_flagged(mark: str, scale: str, flagged: bool) -> None:
    row = outcome({"mark": mark, "scale": scale})
    assert row["category"] == "MATCH_AT"
    assert ("7_standards_card" in row["rules"]) == flagged
    assert row["explanation"]["mark"]["standards"] == flagged
