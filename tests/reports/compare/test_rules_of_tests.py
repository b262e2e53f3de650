"""Which test may speak, and which cannot: rules 3, 4, 8, 9, 10 and 11 and the edges, each through `compare`."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pandas as pd
import pytest

from reports.records import Category, ComparisonPolicy
from tests.reports.compare.cases import (
    AT,
    CLOSE,
    FALL_SCORE,
    LEVELS_WITHOUT_SCORES,
    NOT_YET,
    NOVEMBER,
    OTHER_FAMILY,
    TERM_MARK,
    outcome,
    said,
)


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


PROJECTED = {**FALL_SCORE, "cut": None, "floor_level": None, "levels": []}


@pytest.mark.parametrize(
    ("chance", "category"),
    [
        (0.80, "MATCH_AT"),
        (0.79, "HIGH_CLOSE"),
        (0.21, "HIGH_CLOSE"),
        (0.20, "HIGH_NOTYET"),
        (1.0, "MATCH_AT"),
    ],
)
@pytest.mark.parametrize("season", ["fall", None, "spring"])
def test_rule_4_a_vendors_projection_needs_no_line_of_the_season(
    chance: float, category: str, season: str | None
) -> None:
    row = outcome(TERM_MARK, {**PROJECTED, "season": season, "projected_probability": chance}, as_of=NOVEMBER)
    assert said(row) == (category, None)
    assert row["probability"] == pytest.approx(chance)
    assert "4_projection" in row["rules"]
    assert "4_cut_of_the_season" not in row["rules"]


def test_rule_4_a_projection_goes_before_the_line_of_the_season() -> None:
    row = outcome(TERM_MARK, {**FALL_SCORE, **NOT_YET, "projected_probability": 0.9}, as_of=NOVEMBER)
    assert said(row) == ("MATCH_AT", None)
    test = row["explanation"]["tests"][0]
    assert (test["score"], test["cut"], test["error_source"]) == (2450.0, None, "projection")


@pytest.mark.parametrize(
    ("score", "refusal"),
    [
        ({"projected_probability": 1.2}, "no_cut"),
        ({"projected_probability": None}, "no_cut"),
        ({"projected_probability": 0.9, "scale_score": 9999.0}, "score_not_valid"),
        ({"projected_probability": 0.9, "status": "partial"}, "score_not_valid"),
        ({"projected_probability": 0.9, "kind": "summative", "season": "spring"}, "no_cut"),
    ],
)
def test_rule_4_what_is_no_projection_is_refused_as_before(score: dict[str, Any], refusal: str) -> None:
    assert said(outcome(TERM_MARK, {**PROJECTED, **score}, as_of=NOVEMBER)) == ("NOT_ENOUGH", refusal)


def test_rule_4_a_projected_level_counts_from_the_floor_of_its_study() -> None:
    study = {"levels": LEVELS_WITHOUT_SCORES, "floor_level": "3", "level": "2", "cut": None}
    assert outcome(TERM_MARK, {**FALL_SCORE, **study}, as_of=NOVEMBER)["category"] == "HIGH_CLOSE"


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


@pytest.mark.parametrize(
    ("proficiency", "category"),
    [(4.9, "NOT_ENOUGH"), (5.0, "HIGH_NOTYET"), (6.0, "HIGH_NOTYET"), (None, "NOT_ENOUGH")],
)
def test_rule_10_a_test_in_english_counts_from_the_districts_threshold_on(
    proficiency: float | None, category: str
) -> None:
    learner = {"english_learner": True, "english_proficiency": proficiency}
    row = outcome({}, NOT_YET, learner)
    assert row["category"] == category
    assert ("10_test_in_english" in outcome({}, AT, learner)["rules"]) == (category == "NOT_ENOUGH")


def test_rule_10_the_threshold_is_the_districts() -> None:
    learner = {"english_learner": True, "english_proficiency": 4.5}
    policy = ComparisonPolicy(english_proficiency=4.5)
    assert outcome({}, NOT_YET, learner, policy=policy)["category"] == "HIGH_NOTYET"


def test_rule_10_the_first_twelve_months_hold_whatever_the_english() -> None:
    newcomer = {"english_learner": True, "english_proficiency": 6.0, "us_entry_date": date(2025, 9, 1)}
    assert said(outcome({}, NOT_YET, newcomer)) == ("NOT_ENOUGH", "english_learner")


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
