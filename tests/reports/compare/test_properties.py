"""What holds for any marks and scores: one row each, order does not matter, a higher score is never worse."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.compare.explanation import canonical_json
from reports.records import Category, ComparisonPolicy, Evidence, Refusal
from tests.reports.compare.cases import (
    JUNE,
    LEVELS_WITHOUT_SCORES,
    explained,
    marks,
    outcome,
    scores,
    students,
)

DAYS = st.integers(-500, 30).map(lambda days: JUNE + timedelta(days=days))
SUBJECTS = st.sampled_from(["math", "reading", None])
GRADES = st.sampled_from([4.0, 5.0, 6.0, None])

MARKS = st.fixed_dictionaries(
    {
        "student_id": st.integers(1, 3),
        "subject": SUBJECTS,
        "grade_level": GRADES,
        "school_year": st.sampled_from([2025, 2026, None]),
        "mark": st.sampled_from(["A", "C", "F", "P", "I", "", "87", None]),
        "scale": st.sampled_from(["letter", "percent", "pass_fail", "standards_4"]),
        "is_final": st.booleans(),
        "period_begins_on": st.one_of(st.none(), DAYS),
        "period_ends_on": st.one_of(st.none(), DAYS),
        "course_title": st.sampled_from(["Mathematics 5", "Algebra I", None]),
    }
)
SCORES = st.fixed_dictionaries(
    {
        "student_id": st.integers(1, 3),
        "subject": SUBJECTS,
        "grade_level": GRADES,
        "school_year": st.sampled_from([2025, 2026, None]),
        "administered_on": st.one_of(st.none(), DAYS),
        "kind": st.sampled_from(["summative", "interim", "alternate", "language", "college"]),
        "family": st.sampled_from(["State Test", "Growth Test"]),
        "season": st.sampled_from(["fall", "winter", "spring", None]),
        "scale_score": st.one_of(st.none(), st.floats(2200, 2760)),
        "csem": st.sampled_from([26.0, None]),
        "level": st.sampled_from([None, "1", "2", "3", "4"]),
        "levels": st.just(LEVELS_WITHOUT_SCORES),
        "status": st.sampled_from(["valid", "valid", "valid", "partial", "opt_out", "off_grade", "modified"]),
        "test_language": st.sampled_from(["en", "es", None]),
    }
)
LEARNERS = st.lists(st.sampled_from([True, False, None]), min_size=3, max_size=3)


def frames(
    given_marks: list[dict[str, Any]], given_scores: list[dict[str, Any]], learners: list[bool | None]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    return (
        marks(*({**row, "mark_id": 100 + i} for i, row in enumerate(given_marks))),
        scores(
            *({**row, "score_id": 200 + i, "assessment_id": 300 + i} for i, row in enumerate(given_scores))
        ),
        students(*({"student_id": i + 1, "english_learner": learner} for i, learner in enumerate(learners))),
    )


@given(st.lists(MARKS, max_size=8), st.lists(SCORES, max_size=8), LEARNERS, st.randoms())
@settings(deadline=None, max_examples=30)
def test_rows_are_complete_consistent_and_independent_of_order(
    given_marks: list[dict[str, Any]],
    given_scores: list[dict[str, Any]],
    learners: list[bool | None],
    random: Any,
) -> None:
    three = frames(given_marks, given_scores, learners)
    rows = explained(*three, ComparisonPolicy(), JUNE)
    asked = {(r["student_id"], r["subject"]) for r in [*given_marks, *given_scores] if r["subject"]}
    assert list(zip(rows["student_id"], rows["subject"], strict=True)) == sorted(asked)
    owner = {row["score_id"]: row["student_id"] for row in three[1].to_dict("records")}
    for row in rows.to_dict("records"):
        _is_consistent(row, owner)
    shuffled = [frame.sample(frac=1, random_state=random.randrange(1000)) for frame in three]
    pd.testing.assert_frame_equal(rows, explained(*shuffled, ComparisonPolicy(), JUNE))


def _is_consistent(row: dict[str, Any], owner: dict[int, int]) -> None:
    refused = row["refusal"] is not None
    assert refused == (row["category"] in {Category.NOT_ENOUGH, Category.OTHER_TEST})
    assert (row["refusal"] == Refusal.ALTERNATE_TEST) == (row["category"] == Category.OTHER_TEST)
    assert refused == (row["mark_id"] is None) == (row["grade_band"] is None) == (row["score_ids"] == [])
    assert (row["evidence"] is not None) == (not refused and row["category"] != Category.TESTS_DISAGREE)
    assert pd.isna(row["probability"]) or row["evidence"] in set(Evidence)
    assert row["rules"]
    tests = row["explanation"]["tests"]
    assert [test["id"] for test in tests if test["used"]] == row["score_ids"]
    assert sum(test["leads"] for test in tests) == (0 if refused else 1)
    assert all(test["used"] == (test["not_used_because"] is None) for test in tests)
    assert {owner[test["id"]] for test in tests} <= {row["student_id"]}
    assert json.loads(canonical_json(row["explanation"])) == row["explanation"]


WORSE_TO_BETTER = [
    ["HIGH_NOTYET", "HIGH_CLOSE", "MATCH_AT"],
    ["MID_NOTYET", "MID_CLOSE", "MID_AT"],
    ["BOTH_NEED", "LOW_CLOSE", "LOW_AT"],
]


@given(
    band=st.sampled_from([0, 1, 2]),
    low=st.integers(2220, 2740),
    rise=st.integers(0, 520),
    error=st.sampled_from(
        [{"csem": 26.0}, {"csem": None, "test_sem": 40.0}, {"csem": None, "score_sd": 95.0}]
    ),
    certainty=st.floats(0.70, 0.95),
)
@settings(deadline=None, max_examples=30)
def test_raising_a_score_never_worsens_the_category(
    band: int, low: int, rise: int, error: dict[str, Any], certainty: float
) -> None:
    order = WORSE_TO_BETTER[band]
    policy = ComparisonPolicy(certainty=certainty)
    before, after = (
        outcome({"mark": "BCD"[band]}, {**error, "scale_score": float(score)}, policy=policy)["category"]
        for score in (low, min(low + rise, 2740))
    )
    assert order.index(before) <= order.index(after)


@given(mark=st.sampled_from("ABCDF"), error=st.sampled_from([1.0, 26.0, 90.0]), cut=st.integers(2300, 2700))
@settings(deadline=None, max_examples=25)
def test_a_score_on_the_cut_is_close(mark: str, error: float, cut: int) -> None:
    row = outcome({"mark": mark}, {"cut": float(cut), "scale_score": float(cut), "csem": error, "levels": []})
    assert row["evidence"] == Evidence.CLOSE
    assert "on_the_cut" in row["rules"]


@given(later=st.integers(0, 9))
@settings(deadline=None, max_examples=10)
def test_the_day_of_the_run_is_no_part_of_what_is_said(later: int) -> None:
    first, second = (outcome(as_of=day)["explanation"] for day in (JUNE, JUNE + timedelta(days=later)))
    assert canonical_json(first) == canonical_json(second)


def test_rule_13_nothing_that_ranks_or_converts_is_part_of_an_explanation() -> None:
    said = canonical_json(outcome()["explanation"]).lower()
    for word in ("percentile", "grade_equivalent", "rank", "lexile", "quintile"):
        assert word not in said


def test_a_district_of_a_day_long_ago_is_compared_as_of_that_day() -> None:
    assert outcome(as_of=date(2026, 4, 27))["refusal"] == Refusal.SCORE_NOT_VALID
