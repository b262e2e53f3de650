"""The rules of the comparison, one table of cases a rule, each through `compare`."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from reports.compare.gap import compare
from reports.records import COMPARISON_COLUMNS, Category, ComparisonPolicy
from tests.reports.compare.cases import (
    FALL_SCORE,
    JUNE,
    LEVELS_WITHOUT_SCORES,
    NOVEMBER,
    TERM_MARK,
    marks,
    outcome,
    scores,
    students,
)

AT, CLOSE, NOT_YET = {"scale_score": 2600.0}, {"scale_score": 2530.0}, {"scale_score": 2450.0}
OTHER_FAMILY = {"score_id": 201, "assessment_id": 40, "family": "Growth Test", "kind": "interim"}


def said(row: pd.Series) -> tuple[str, str | None]:
    return row["category"], row["refusal"]


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


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ValueError, match="marks: the column scale is missing"):
        compare(marks({}).drop(columns="scale"), scores({}), students({}), ComparisonPolicy(), JUNE)


def test_a_date_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ValueError, match="scores: administered_on must hold dates"):
        compare(marks({}), scores({"administered_on": "soon"}), students({}), ComparisonPolicy(), JUNE)


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


def test_rule_2_a_newer_valid_test_takes_the_place_of_last_years() -> None:
    last_year = {"score_id": 199, **NOT_YET}
    fall = {
        **FALL_SCORE,
        "school_year": 2027,
        "grade_level": 6,
        "administered_on": date(2026, 9, 20),
    }
    term = {
        **TERM_MARK,
        "grade_level": 6,
        "school_year": 2027,
        "period_begins_on": date(2026, 8, 17),
        "period_ends_on": date(2026, 10, 23),
    }
    row = outcome([{}, term], [last_year, fall], {"grade_level": 6}, date(2026, 11, 2))
    assert said(row) == ("MATCH_AT", None)
    assert row["score_ids"] == [210]
    assert [test["not_used_because"] for test in row["explanation"]["tests"]] == ["2_newer_test", None]
    without_newer = outcome(
        [{}, term], [last_year, {**fall, "status": "invalidated"}], {"grade_level": 6}, date(2026, 11, 2)
    )
    assert said(without_newer) == ("HIGH_NOTYET", None)


def test_rule_2_of_one_test_family_the_newest_day_counts_and_not_the_best() -> None:
    retakes = [{"score_id": 201, **AT}, {"score_id": 202, "administered_on": date(2026, 5, 12), **NOT_YET}]
    row = outcome({}, retakes)
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
    ("level", "category"), [("1", "HIGH_NOTYET"), ("2", "HIGH_CLOSE"), ("3", "MATCH_AT"), ("4", "MATCH_AT")]
)
def test_rule_3_passing_is_not_grade_level(level: str, category: str) -> None:
    row = outcome(
        {}, {"scale_score": None, "cut": None, "csem": None, "level": level, "levels": LEVELS_WITHOUT_SCORES}
    )
    assert said(row) == (category, None)
    assert "error_level_only" in row["rules"]


def test_rule_3_a_test_without_floor_and_cut_is_refused() -> None:
    assert said(outcome({}, {"cut": None, "floor_level": None})) == ("NOT_ENOUGH", "no_cut")


@pytest.mark.parametrize("season", [None, "spring", "winter"])
def test_rule_4_a_fall_score_never_meets_a_later_cut(season: str | None) -> None:
    row = outcome(TERM_MARK, {**FALL_SCORE, "season": season}, as_of=NOVEMBER)
    assert said(row) == ("NOT_ENOUGH", "wrong_season")
    assert row["rules"] == ["4_cut_of_the_season"]


def test_rule_4_a_fall_score_meets_its_own_cut() -> None:
    assert "4_cut_of_the_season" in outcome(TERM_MARK, FALL_SCORE, as_of=NOVEMBER)["rules"]


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


@pytest.mark.parametrize(("mark", "scale", "flagged"), [("3", "standards_4", True), ("B", "letter", False)])
def test_rule_7_a_card_of_standards_is_flagged(mark: str, scale: str, flagged: bool) -> None:
    row = outcome({"mark": mark, "scale": scale})
    assert row["category"] == "MATCH_AT"
    assert ("7_standards_card" in row["rules"]) == flagged
    assert row["explanation"]["mark"]["standards"] == flagged


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        ("absent", "no_score"),
        ("opt_out", "no_score"),
        ("invalidated", "score_not_valid"),
        ("partial", "score_not_valid"),
        ("something new", "score_not_valid"),
    ],
)
def test_rule_8_no_full_and_valid_score_is_no_evidence(status: str, refusal: str) -> None:
    row = outcome({}, {"status": status})
    assert said(row) == ("NOT_ENOUGH", refusal)


def test_rule_8_an_opt_out_cannot_be_told_from_an_absence() -> None:
    rows = [outcome({}, {"status": status}) for status in ("opt_out", "absent")]
    pd.testing.assert_series_equal(*rows)
    assert "opt" not in json.dumps(rows[0]["explanation"]["tests"])


def test_rule_8_no_score_at_all() -> None:
    assert said(outcome({}, [])) == ("NOT_ENOUGH", "no_score")


@pytest.mark.parametrize(
    ("score", "others", "category"),
    [
        ({"kind": "alternate"}, [], "OTHER_TEST"),
        ({"status": "alternate"}, [], "OTHER_TEST"),
        ({"kind": "alternate", "status": "absent"}, [], "OTHER_TEST"),
        ({"kind": "alternate"}, [OTHER_FAMILY], "OTHER_TEST"),
        (
            {"kind": "alternate"},
            [{**OTHER_FAMILY, "kind": "summative", "administered_on": date(2026, 5, 20)}],
            "MATCH_AT",
        ),
        ({"kind": "alternate", "administered_on": date(2024, 4, 20), "school_year": 2024}, [], "NOT_ENOUGH"),
    ],
)
def test_rule_9_an_alternate_test_has_its_own_words(
    score: dict[str, Any], others: list[dict[str, Any]], category: str
) -> None:
    row = outcome({}, [score, *others])
    assert row["category"] == category
    assert (row["refusal"] == "alternate_test") == (category == "OTHER_TEST")


def test_rule_9_holds_without_a_mark_too() -> None:
    assert outcome([], {"kind": "alternate"})["category"] == Category.OTHER_TEST


@pytest.mark.parametrize(
    ("score", "student", "category"),
    [
        (NOT_YET, {"english_learner": True}, "NOT_ENOUGH"),
        ({**NOT_YET, "test_language": None}, {"english_learner": True}, "NOT_ENOUGH"),
        ({**NOT_YET, "test_language": "en-US"}, {"english_learner": True}, "NOT_ENOUGH"),
        ({**NOT_YET, "test_language": "es"}, {"english_learner": True}, "HIGH_NOTYET"),
        (CLOSE, {"english_learner": True}, "HIGH_CLOSE"),
        (AT, {"english_learner": True}, "MATCH_AT"),
        (NOT_YET, {"english_learner": None}, "HIGH_NOTYET"),
        (NOT_YET, {"us_entry_date": date(2025, 4, 29)}, "NOT_ENOUGH"),
        ({**NOT_YET, "test_language": "es"}, {"us_entry_date": date(2025, 9, 1)}, "NOT_ENOUGH"),
        (NOT_YET, {"us_entry_date": date(2025, 4, 27)}, "HIGH_NOTYET"),
    ],
)
def test_rule_10_no_not_yet_for_those_who_learn_english(
    score: dict[str, Any], student: dict[str, Any], category: str
) -> None:
    row = outcome({}, score, student)
    assert row["category"] == category
    assert row["refusal"] == ("english_learner" if category == "NOT_ENOUGH" else None)


def test_rule_10_a_test_in_english_is_flagged_for_english_learners() -> None:
    assert "10_test_in_english" in outcome({}, AT, {"english_learner": True})["rules"]
    assert "10_test_in_english" not in outcome({}, AT)["rules"]


def test_rule_10_a_test_in_the_own_language_goes_first() -> None:
    spanish = {**OTHER_FAMILY, "test_language": "es", "administered_on": date(2026, 4, 1), **NOT_YET}
    row = outcome({}, [AT, spanish], {"english_learner": True})
    assert (row["category"], row["score_ids"]) == ("HIGH_NOTYET", [201])
    assert "10_native_language_first" in row["rules"]


def test_rule_11_a_modified_test_is_not_comparable() -> None:
    assert said(outcome({}, {"status": "modified"})) == ("NOT_ENOUGH", "test_modified")


@pytest.mark.parametrize(
    ("tested", "enrolled", "score", "category"),
    [
        (4, 5, AT, "NOT_ENOUGH"),
        (4, 5, CLOSE, "NOT_ENOUGH"),
        (4, 5, NOT_YET, "HIGH_NOTYET"),
        (6, 5, AT, "MATCH_AT"),
        (6, 5, CLOSE, "NOT_ENOUGH"),
        (6, 5, NOT_YET, "NOT_ENOUGH"),
    ],
)
def test_a_test_of_another_grade_says_only_what_carries_over(
    tested: int, enrolled: int, score: dict[str, Any], category: str
) -> None:
    row = outcome({"grade_level": tested}, {"grade_level": tested, **score}, {"grade_level": enrolled})
    assert row["category"] == category
    assert row["refusal"] == ("off_grade" if category == "NOT_ENOUGH" else None)


@pytest.mark.parametrize(
    ("score", "category"), [(AT, "MATCH_AT"), (CLOSE, "NOT_ENOUGH"), (NOT_YET, "NOT_ENOUGH")]
)
def test_a_courses_own_test_speaks_of_grade_level_only_when_passed(
    score: dict[str, Any], category: str
) -> None:
    named = {"title": "Algebra I End of Course", "grade_level": None, **score}
    assert outcome({"course_title": "Algebra I", "grade_level": 9}, named)["category"] == category


def test_a_test_reported_as_off_grade_without_another_grade_is_refused() -> None:
    assert said(outcome({}, {"status": "off_grade"})) == ("NOT_ENOUGH", "off_grade")


def test_a_test_of_english_proficiency_says_nothing_about_a_subject() -> None:
    assert said(outcome({}, {"kind": "language"})) == ("NOT_ENOUGH", "language_test")


def test_the_published_error_of_the_test_is_flagged_as_assumed() -> None:
    row = outcome({}, {"csem": None, "test_sem": 28.5})
    assert "error_assumed" in row["rules"]
    test = row["explanation"]["tests"][0]
    assert (test["error"], test["error_source"], test["error_assumed"]) == (28.5, "test_sem", True)


def test_a_student_asked_about_without_mark_or_score_gets_a_row() -> None:
    rows = compare(marks(), scores(), students({"subject": "math"}), ComparisonPolicy(), JUNE)
    assert rows[["subject", "category", "refusal", "rules"]].values.tolist() == [
        ["math", "NOT_ENOUGH", "no_score", ["nothing_left"]]
    ]
