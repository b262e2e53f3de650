"""Which report-card mark stands beside a test: rules 1, 2, 6 and 7.

A state test is compared with the final mark of its own school year, a test during the year with the newest term mark of
that year. Where several courses could be meant, the order is: the right kind of mark, of the tested grade and content,
of a term old enough, the latest, a comparable one, the longest term, the lowest id.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from reports.compare.contents import contents
from reports.compare.frames import BoolArray
from reports.compare.rules import Rule
from reports.compare.scales import GradeScales
from reports.compare.scores import KEY, Verdicts, out_of_season
from reports.records import ComparisonPolicy, Refusal

# A final mark may be issued this many days before its term ends; an earlier one is a running mark.
FINAL_ISSUED_DAYS: Final = 14
# A state test given outside spring speaks of a course that ended within this many days of it.
COURSE_END_DAYS: Final = 60

_OF_MARK: Final = [
    *KEY,
    "school_year",
    "mark_id",
    "grade_level",
    "is_final",
    "period_begins_on",
    "period_ends_on",
    "content",
    "comparable",
    "young",
]
_OF_SCORE: Final = [
    *KEY,
    "school_year",
    "grade_level",
    "enrolled_grade",
    "content",
    "kind",
    "day",
    "off_season",
]


def read_marks(
    marks: pd.DataFrame, scales: GradeScales, policy: ComparisonPolicy, as_of: date
) -> pd.DataFrame:
    """Each mark with its `band`, `reason` (why there is none), `standards`, `content`, `comparable` and `young`."""
    read = marks.join(scales.bands(marks["mark"], marks["scale"]))
    read["content"] = contents(read["course_title"])
    read["comparable"] = comparable_mark(read)
    read["young"] = term_too_young(read, policy, as_of)
    running = read["period_ends_on"] - pd.Timedelta(days=FINAL_ISSUED_DAYS) > pd.Timestamp(as_of)
    read["is_final"] = read["is_final"] & ~running
    return read


def comparable_mark(read: pd.DataFrame) -> BoolArray:
    """Rule 6: a mark with a band, of the regular curriculum, not earned by credit recovery."""
    other = read["modified_curriculum"] | read["credit_recovery"]
    return np.asarray(read["band"].notna() & ~other, dtype=bool)


def term_too_young(read: pd.DataFrame, policy: ComparisonPolicy, as_of: date) -> BoolArray:
    """Rule 6: the running term's mark, before the term is some weeks old."""
    today = pd.Timestamp(as_of)
    running = ~(read["period_ends_on"] < today)
    begun_lately = (today - read["period_begins_on"]).dt.days < 7 * policy.minimum_term_weeks
    return np.asarray(running & begun_lately & ~read["is_final"], dtype=bool)


def pair(tests: pd.DataFrame, read: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The mark that stands beside each test, or why none does; one row a test, in the order of `tests`.

    `tests` are rows of `scores.screen`, `read` comes from `read_marks`. Columns: `mark_row` (position in `read`, -1 =
    none), `refusal` and `rule` (None where mark and test are compared).
    """
    verdicts = Verdicts(len(tests))
    best = _best(_candidates(tests, read, as_of))
    mark_row = np.full(len(tests), -1)
    mark_row[best["test_row"]] = best["mark_row"]
    without = mark_row < 0
    keys = pd.MultiIndex.from_frame(tests[KEY])
    subject_marked = keys.isin(pd.MultiIndex.from_frame(read[KEY]))
    only_unmapped = tests["student_id"].isin(read.loc[read["subject"].isna(), "student_id"]).to_numpy(bool)
    verdicts.refuse(without & subject_marked, Refusal.OTHER_YEAR, Rule.FINAL_MARK_OF_THE_YEAR)
    verdicts.refuse(without & only_unmapped, Refusal.SUBJECT_NOT_MAPPED, Rule.SAME_SUBJECT_AND_GRADE)
    verdicts.refuse(without, Refusal.NO_MARK, Rule.SAME_SUBJECT_AND_GRADE)
    for condition, refusal, rule in _reasons(best):
        rows = np.zeros(len(tests), bool)
        rows[best["test_row"].to_numpy()[condition]] = True
        verdicts.refuse(rows, refusal, rule)
    return pd.DataFrame({"mark_row": mark_row, "refusal": verdicts.refusal, "rule": verdicts.rule})


def _reasons(best: pd.DataFrame) -> list[tuple[BoolArray, Refusal, Rule]]:
    def where(condition: pd.Series[Any]) -> BoolArray:
        return condition.to_numpy(bool)

    return [
        (where(best["season_missed"]), Refusal.WRONG_SEASON, Rule.FINAL_MARK_OF_THE_YEAR),
        (where(~best["right_kind"] & best["begun"]), Refusal.MARK_NOT_FINAL, Rule.FINAL_MARK_OF_THE_YEAR),
        (where(~best["begun"]), Refusal.TERM_TOO_YOUNG, Rule.TERM_TOO_YOUNG),
        (where(~best["same_grade"]), Refusal.GRADE_NOT_COMPARABLE, Rule.SAME_SUBJECT_AND_GRADE),
        (where(best["young"]), Refusal.TERM_TOO_YOUNG, Rule.TERM_TOO_YOUNG),
        (where(~best["comparable"]), Refusal.MARK_NOT_COMPARABLE, Rule.MARK_NOT_COMPARABLE),
    ]


def _candidates(tests: pd.DataFrame, read: pd.DataFrame, as_of: date) -> pd.DataFrame:
    left = tests.assign(off_season=out_of_season(tests))[_OF_SCORE].assign(test_row=np.arange(len(tests)))
    right = read[_OF_MARK].assign(mark_row=np.arange(len(read)))
    both = left.merge(right, on=[*KEY, "school_year"], suffixes=("_test", "_mark"))
    both["begun"] = ~(both["period_begins_on"] > pd.Timestamp(as_of))
    same_year_mark(both)
    same_grade_and_content(both)
    return both


def same_year_mark(both: pd.DataFrame) -> None:
    """Rule 2: the final mark of the year for a state test, a mark of a term begun for a test during the year.

    For a test during the year a final mark counts if its term spans the day of the test (a semester's, a year's).
    """
    interim = both["kind"] == "interim"
    spans = ~(both["period_begins_on"] > both["day"]) & ~(both["period_ends_on"] < both["day"])
    for_interim = both["begun"] & (~both["is_final"] | spans)
    far = (both["period_ends_on"] - both["day"]).abs() > pd.Timedelta(days=COURSE_END_DAYS)
    both["season_missed"] = ~interim & both["is_final"] & both["off_season"] & far
    for_state = both["is_final"] & ~both["season_missed"]
    both["right_kind"] = for_interim.where(interim, for_state)


def same_grade_and_content(both: pd.DataFrame) -> None:
    """Rule 1: the course is mapped to the tested grade, or both name the same content (Algebra I and its own test).

    A test without a grade is one of the student's own; a course without a grade counts where the student is enrolled in
    the tested grade. Where neither states a grade, nothing is compared.
    """
    tested, course = both["grade_level_test"], both["grade_level_mark"]
    of_course = tested.fillna(both["enrolled_grade"]) == course
    of_student = course.isna() & (tested == both["enrolled_grade"]) & both["content_mark"].isna()
    named = both["content_test"].notna()
    both["same_content"] = (both["content_test"] == both["content_mark"]) | (
        ~named & both["content_mark"].isna()
    )
    both["same_grade"] = both["same_content"].where(named, of_course | of_student)


def _best(both: pd.DataFrame) -> pd.DataFrame:
    fit = np.zeros(len(both), int)
    for name in ("right_kind", "same_grade", "same_content"):
        fit = 2 * fit + both[name].to_numpy(bool)
    fit = 2 * fit + ~both["young"].to_numpy(bool)
    far_past, far_future = pd.Timestamp("1800-01-01"), pd.Timestamp("2200-01-01")
    ordered = both.assign(
        misfit=-fit,
        ends=-both["period_ends_on"].fillna(far_past).to_numpy("datetime64[D]").astype(int),
        refused=~both["comparable"].to_numpy(bool),
        begins=both["period_begins_on"].fillna(far_future).to_numpy("datetime64[D]").astype(int),
    ).sort_values(["test_row", "misfit", "ends", "refused", "begins", "mark_id"], kind="stable")
    return ordered.drop_duplicates("test_row")
