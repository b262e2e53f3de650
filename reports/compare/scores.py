"""Which scores may speak for a child, and which of them are current: rules 2, 4, 8, 9, 10, 11 and off-grade tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from reports.compare.contents import contents
from reports.compare.evidence import judge
from reports.compare.frames import BoolArray, ObjectArray, first_of
from reports.compare.rules import Rule
from reports.compare.seasons import (
    cut_of_another_season,
    day_of_school_year,
    earliest_day,
    school_year,
    school_years,
    season_of,
)
from reports.records import ComparisonPolicy, Evidence, Refusal, ScoreStatus

NEWCOMER_DAYS: Final = 366
KEY: Final = ["student_id", "subject"]


@dataclass
class Verdicts:
    """Refusals of a frame's rows, in the order in which the rules are asked: the first one stays."""

    count: int
    refusal: ObjectArray = field(init=False)
    rule: ObjectArray = field(init=False)

    def __post_init__(self) -> None:
        self.refusal = np.full(self.count, None, object)
        self.rule = np.full(self.count, None, object)

    @property
    def open(self) -> BoolArray:
        return np.asarray(pd.isna(self.refusal), dtype=bool)

    def refuse(self, rows: BoolArray, refusal: Refusal, rule: Rule) -> None:
        rows = rows & self.open
        self.refusal[rows], self.rule[rows] = refusal, rule


def screen(
    scores: pd.DataFrame, students: pd.DataFrame, policy: ComparisonPolicy, as_of: date
) -> pd.DataFrame:
    """Each score with what it says, or the rule that silences it.

    `scores` and `students` are tidy (see frames). Adds `evidence`, `probability`, `error`, `error_source`, `cut`,
    `level_rank`, `floor_rank`, `refusal`, `rule`, `season` and `day` (both filled in where they follow from the rest),
    `content` (see contents), `enrolled_grade` (of the test's school year), `in_english`, `english_test` (an English
    learner tested in English) and `newcomer`.
    """
    found = scores.copy()
    found["school_year"] = found["school_year"].fillna(
        pd.Series(school_years(found["administered_on"]), index=found.index)
    )
    found["season"] = season_of(scores)
    found["day"] = earliest_day(found)
    found["content"] = contents(found["title"])
    found = _with_student(found, students, as_of)
    verdicts = Verdicts(len(found))
    not_of_the_day(found, policy, as_of, verdicts)
    alternate_test(found, verdicts)
    not_a_full_score(found, verdicts)
    non_standard_test(found, verdicts)
    verdicts.refuse(cut_of_another_season(scores), Refusal.WRONG_SEASON, Rule.CUT_OF_THE_SEASON)
    _judge_open(found, scores, policy, verdicts)
    off_grade(found, verdicts)
    english_learner(found, verdicts)
    found["refusal"], found["rule"] = verdicts.refusal, verdicts.rule
    found.loc[~verdicts.open, "evidence"] = None
    return found


def _with_student(found: pd.DataFrame, students: pd.DataFrame, as_of: date) -> pd.DataFrame:
    about = students.drop_duplicates("student_id").set_index("student_id").reindex(found["student_id"])
    now = about["grade_level"].to_numpy(float)
    found["enrolled_grade"] = now - (school_year(as_of) - found["school_year"])
    language = (
        found["test_language"].astype(object).fillna("en").astype(str).str.lower().str.split("-").str[0]
    )
    found["in_english"] = (language == "en").to_numpy(bool)
    learner = about["english_learner"].eq(True).to_numpy(bool)
    found["english_test"] = learner & found["in_english"].to_numpy(bool)
    entered = about["us_entry_date"].to_numpy("datetime64[s]")
    found["newcomer"] = ((found["day"] - entered).dt.days < NEWCOMER_DAYS).to_numpy(bool)
    return found


def not_of_the_day(found: pd.DataFrame, policy: ComparisonPolicy, as_of: date, verdicts: Verdicts) -> None:
    """Rule 2: a test speaks from the day it was given until it expires."""
    age = (pd.Timestamp(as_of) - found["day"]).dt.days.to_numpy(float)
    verdicts.refuse(np.isnan(age), Refusal.SCORE_NOT_VALID, Rule.AFTER_THE_DAY)
    given = found["administered_on"].notna().to_numpy(bool)
    verdicts.refuse(given & (age < 0), Refusal.SCORE_NOT_VALID, Rule.AFTER_THE_DAY)
    verdicts.refuse(age > policy.expiry_days, Refusal.TEST_TOO_OLD, Rule.EXPIRED)


def alternate_test(found: pd.DataFrame, verdicts: Verdicts) -> None:
    """Rule 9: an alternate assessment has a report of its own and is never compared."""
    alternate = (found["kind"] == "alternate") | (found["status"] == ScoreStatus.ALTERNATE)
    verdicts.refuse(alternate.to_numpy(bool), Refusal.ALTERNATE_TEST, Rule.ALTERNATE_TEST)


def not_a_full_score(found: pd.DataFrame, verdicts: Verdicts) -> None:
    """Rule 8: not tested, not complete or not valid is no evidence, whatever number stands beside it."""
    status = found["status"].to_numpy(object)
    language = (found["kind"] == "language").to_numpy(bool)
    verdicts.refuse(language, Refusal.LANGUAGE_TEST, Rule.LANGUAGE_TEST)
    untested = first_of(status, [ScoreStatus.ABSENT, ScoreStatus.OPT_OUT])
    verdicts.refuse(untested, Refusal.NO_SCORE, Rule.NOT_TESTED)
    whole = first_of(status, [ScoreStatus.VALID, ScoreStatus.OFF_GRADE, ScoreStatus.MODIFIED])
    verdicts.refuse(~whole, Refusal.SCORE_NOT_VALID, Rule.NOT_A_FULL_SCORE)


def non_standard_test(found: pd.DataFrame, verdicts: Verdicts) -> None:
    """Rule 11: standard accommodations leave a score what it is; other changes do not."""
    changed = (found["status"] == ScoreStatus.MODIFIED).to_numpy(bool)
    verdicts.refuse(changed, Refusal.TEST_MODIFIED, Rule.NON_STANDARD_TEST)


def _judge_open(
    found: pd.DataFrame, scores: pd.DataFrame, policy: ComparisonPolicy, verdicts: Verdicts
) -> None:
    rows = verdicts.open
    judged = judge(scores[rows], policy)
    judged.index = scores.index[rows]
    for name in ("evidence", "error_source"):
        found[name] = pd.Series(None, index=found.index, dtype=object)
    for name in ("probability", "error", "level_rank", "floor_rank"):
        found[name] = np.nan
    for name in judged.columns.drop(["refusal", "rule"]):
        found.loc[rows, name] = judged[name]
    verdicts.refusal[rows], verdicts.rule[rows] = (
        judged["refusal"].to_numpy(object),
        judged["rule"].to_numpy(object),
    )


def off_grade(found: pd.DataFrame, verdicts: Verdicts) -> None:
    """A test below the student's grade never says AT, one above it says nothing but AT.

    The same holds for a course's own test of no stated grade: passing it says AT, anything else says nothing.
    """
    difference = (found["grade_level"] - found["enrolled_grade"]).to_numpy(float)
    evidence = found["evidence"].to_numpy(object)
    at, not_yet = evidence == Evidence.AT, evidence == Evidence.NOT_YET
    verdicts.refuse((difference < 0) & ~not_yet, Refusal.OFF_GRADE, Rule.OFF_GRADE)
    above = (difference > 0) | (found["grade_level"].isna() & found["content"].notna()).to_numpy(bool)
    verdicts.refuse(above & ~at, Refusal.OFF_GRADE, Rule.OFF_GRADE)
    unknown = (found["status"] == ScoreStatus.OFF_GRADE).to_numpy(bool) & ~(np.abs(difference) > 0)
    verdicts.refuse(unknown, Refusal.OFF_GRADE, Rule.OFF_GRADE)


def english_learner(found: pd.DataFrame, verdicts: Verdicts) -> None:
    """Rule 10: no "not yet" from a test in English for English learners, nor in the first 12 months in US schools."""
    not_yet = (found["evidence"] == Evidence.NOT_YET).to_numpy(bool)
    spared = (found["english_test"] | found["newcomer"]).to_numpy(bool)
    verdicts.refuse(not_yet & spared, Refusal.ENGLISH_LEARNER, Rule.NO_NOT_YET_IN_ENGLISH)


def current(found: pd.DataFrame) -> tuple[BoolArray, ObjectArray]:
    """Rules 2, 5 and 10: which scores with evidence are current, and the rule that sets each of the others aside.

    Of one student and subject, the newest school year counts; in it, for an English learner a test in the own language
    goes before one in English; and of each test family the newest day counts.
    """
    rule: ObjectArray = np.full(len(found), None, object)
    stays = found["evidence"].notna().to_numpy(bool) & found["subject"].notna().to_numpy(bool)

    def keep(rows: BoolArray, why: Rule) -> None:
        nonlocal stays
        rule[stays & ~rows] = why
        stays = stays & rows

    keep(_newest(found, stays, "school_year", KEY), Rule.NEWER_TEST)
    own_language = stays & ~found["in_english"].to_numpy(bool)
    has_own = (
        pd.Series(own_language).groupby([found[k] for k in KEY], dropna=False).transform("any").to_numpy(bool)
    )
    keep(~(found["english_test"].to_numpy(bool) & has_own), Rule.NATIVE_LANGUAGE_FIRST)
    keep(_newest(found, stays, "day", [*KEY, "family"]), Rule.NEWER_TEST)
    return stays, rule


def _newest(found: pd.DataFrame, among: BoolArray, column: str, keys: list[str]) -> BoolArray:
    values = found[column].where(among)
    newest = values.groupby([found[k] for k in keys], dropna=False).transform("max")
    return np.asarray(values == newest, dtype=bool)


def out_of_season(found: pd.DataFrame) -> BoolArray:
    """State tests given long before spring, of which the year's final mark says nothing yet (rule 2)."""
    day = day_of_school_year(found["administered_on"])
    return np.asarray((found["kind"] != "interim").to_numpy(bool) & (day >= 31) & (day < 229), dtype=bool)
