"""What comes out does not depend on how the work is cut, on the order of rows, or on how pandas holds the columns."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.compare import scales
from reports.compare.explanation import explanations
from reports.compare.gap import columns, compare, in_portions
from reports.compare.portions import Cut, Material, work
from reports.records import ComparisonPolicy
from tests.reports.compare.cases import AT, JUNE, NOT_YET, OTHER_FAMILY, explained, marks, scores, students

POLICY = ComparisonPolicy()
DAYS = st.integers(-450, 5).map(lambda days: JUNE + timedelta(days=days))
STUDENTS = st.integers(1, 9)
SUBJECTS = st.sampled_from(["math", "reading", None])
MARKS = st.fixed_dictionaries(
    {
        "student_id": STUDENTS,
        "subject": SUBJECTS,
        "mark": st.sampled_from("ABCDFP"),
        "is_final": st.booleans(),
    }
)
SCORES = st.fixed_dictionaries(
    {
        "student_id": STUDENTS,
        "subject": SUBJECTS,
        "assessment_id": st.integers(1, 3),
        "scale_score": st.floats(2230, 2730),
        "administered_on": DAYS,
        "family": st.sampled_from(["State Test", "Growth Test"]),
    }
)


def numbered(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [{**row, name: 100 + place} for place, row in enumerate(rows)]


def outcomes(frames: tuple[pd.DataFrame, ...], rows: int) -> pd.DataFrame:
    """The comparison with about so many rows in a portion."""
    material = Material.of(*frames, scales.load())

    def outcome(cut: Cut) -> pd.DataFrame:
        return pd.DataFrame(columns(material, work(material, cut, POLICY, JUNE)))

    return pd.concat(in_portions(material, outcome, rows), ignore_index=True)


@given(
    st.lists(MARKS, min_size=1, max_size=25), st.lists(SCORES, min_size=1, max_size=25), st.integers(1, 20)
)
@settings(deadline=None, max_examples=30)
def test_the_cuts_between_portions_change_nothing(
    given_marks: list[dict[str, Any]], given_scores: list[dict[str, Any]], rows: int
) -> None:
    frames = (
        marks(*numbered(given_marks, "mark_id")),
        scores(*numbered(given_scores, "score_id")),
        students(*({"student_id": student} for student in range(1, 10))),
    )
    pd.testing.assert_frame_equal(outcomes(frames, rows), outcomes(frames, 1_000_000))


def compact(frame: pd.DataFrame) -> pd.DataFrame:
    """The same values as a database would hand them over."""
    kinds = {
        **dict.fromkeys(["student_id", "mark_id", "score_id", "assessment_id"], "int32"),
        **dict.fromkeys(["scale_score", "csem", "test_sem", "score_sd", "cut", "percent"], "float64"),
        **dict.fromkeys(["grade_level", "school_year"], "Int16"),
        **dict.fromkeys(["is_final", "modified_curriculum", "credit_recovery", "english_learner"], "bool"),
    }
    dates = [name for name in frame if name.endswith("_on") or name.endswith("_date")]
    made = frame.astype({name: kind for name, kind in kinds.items() if name in frame})
    made = made.assign(**{name: pd.to_datetime(frame[name]).astype("datetime64[s]") for name in dates})
    words = [name for name in made.select_dtypes(object) if name not in {"levels", *dates}]
    return made.astype(dict.fromkeys(words, "category"))


def test_compact_columns_say_the_same_as_objects() -> None:
    frames = (
        marks({}, {"mark_id": 101, "student_id": 2, "mark": "D", "subject": "reading"}),
        scores({}, {**OTHER_FAMILY, **NOT_YET}, {"score_id": 202, "student_id": 2, "subject": "reading"}),
        students({}, {"student_id": 2}),
    )
    plain = explained(*frames, POLICY, JUNE)
    pd.testing.assert_frame_equal(explained(*map(compact, frames), POLICY, JUNE), plain)


@pytest.mark.parametrize("ids", [["a", "b"], [10**12, 5 * 10**15]], ids=["text", "far apart"])
def test_students_may_have_any_ids(ids: list[Any]) -> None:
    first, second = ids
    rows = compare(
        marks({"student_id": second, "mark_id": "m2"}, {"student_id": first, "mark_id": "m1", "mark": "F"}),
        scores({"student_id": second, "score_id": "s2"}, {"student_id": first, "score_id": "s1", **NOT_YET}),
        students({"student_id": first}, {"student_id": second}),
        POLICY,
        JUNE,
    )
    told = rows[["student_id", "category", "mark_id", "score_id"]].astype(object).to_numpy().tolist()
    assert told == [[first, "BOTH_NEED", "m1", "s1"], [second, "MATCH_AT", "m2", "s2"]]


def test_a_notebook_reads_the_outcome_in_plain_words() -> None:
    """A B in math beside a state test of 2540 (error 26, line at 2528): too close to call."""
    given = marks({"mark": "B"}), scores({"scale_score": 2540.0}), students({})
    row = compare(*given, POLICY, date(2026, 6, 20)).iloc[0]
    assert (row["category"], row["mark"], row["evidence"]) == ("HIGH_CLOSE", "B", "CLOSE")
    assert (row["score"], row["cut"], row["error"], row["error_source"]) == (2540.0, 2528.0, 26.0, "csem")
    assert round(row["probability"], 4) == 0.6778
    assert "2_final_mark_of_the_year" in row["rules"].split()
    behind = explanations(*given, POLICY, date(2026, 6, 20))[0]
    assert behind["tests"][0]["verdict"] == "CLOSE"
    assert behind["policy"]["certainty"] == 0.80


def test_marks_and_scores_of_different_students_never_meet() -> None:
    rows = compare(marks({}), scores({"student_id": 2, **AT}), students({}, {"student_id": 2}), POLICY, JUNE)
    assert rows["refusal"].tolist() == ["no_score", "no_mark"]
