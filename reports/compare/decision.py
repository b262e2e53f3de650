"""From marks and scores that have been read to one outcome for each student and subject: a lead test, or a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.compare.frames import BoolArray, ObjectArray
from reports.compare.marks import pair
from reports.compare.rules import Rule
from reports.compare.scores import KEY, Verdicts, current
from reports.compare.seasons import school_year
from reports.compare.several import OPPOSITE, together
from reports.records import ComparisonPolicy, Refusal

IntArray = npt.NDArray[np.integer[Any]]

NONE: Final = -1


@dataclass(frozen=True)
class Facts:
    """Marks (`marks.read_marks`) and scores (`scores.screen`), and which of the sorted `keys` each belongs to."""

    read: pd.DataFrame
    found: pd.DataFrame
    keys: pd.DataFrame
    key_of_mark: IntArray
    key_of_score: IntArray

    @classmethod
    def gather(cls, read: pd.DataFrame, found: pd.DataFrame, asked: pd.DataFrame) -> Facts:
        """`keys` are all students and subjects with a mark or a score, or asked about; -1 = not mapped to a subject."""
        together = pd.concat([read[KEY], found[KEY], asked[KEY]], ignore_index=True)
        number = together.groupby(KEY, sort=True).ngroup().fillna(NONE).to_numpy(np.int64)
        keys = together.assign(number=number)[number >= 0].drop_duplicates("number").sort_values("number")
        return cls(
            read,
            found,
            keys[KEY].reset_index(drop=True),
            number[: len(read)],
            number[len(read) : len(read) + len(found)],
        )

    def any_score(self, rows: BoolArray) -> BoolArray:
        """For each key, whether one of these scores belongs to it."""
        return self._any(self.key_of_score, rows)

    def any_mark(self, rows: BoolArray) -> BoolArray:
        """For each key, whether one of these marks belongs to it."""
        return self._any(self.key_of_mark, rows)

    def _any(self, key: IntArray, rows: BoolArray) -> BoolArray:
        hit = np.zeros(len(self.keys), dtype=bool)
        hit[key[rows & (key >= 0)]] = True
        return hit


@dataclass(frozen=True)
class Decision:
    """Arrays over the keys, but `used` and `why_not`, which are over the scores. Positions: -1 = none."""

    refusal: ObjectArray  # None where mark and test are compared
    common: ObjectArray  # an Evidence, or OPPOSITE
    lead: IntArray  # position of the leading score in `found`
    mark: IntArray  # position of the mark in `read`
    used: BoolArray
    why_not: ObjectArray
    fired: dict[Rule, BoolArray]

    @property
    def compared(self) -> BoolArray:
        return np.asarray(pd.isna(self.refusal), dtype=bool)


def decide(facts: Facts, policy: ComparisonPolicy, as_of: date) -> Decision:
    """Ask the rules in their order: alternate test, evidence of the tests, the mark beside them."""
    is_current, set_aside = current(facts.found)
    tests = _tests(facts, is_current, policy, as_of)
    leading = _leading(tests)
    verdicts = Verdicts(len(facts.keys))
    alternate_test_decides(facts, is_current, verdicts)
    _no_evidence(facts, leading, verdicts)
    mark = _refused_by_mark(facts, leading, verdicts)
    compared = verdicts.open
    lead = np.full(len(facts.keys), NONE)
    lead[leading["key"]] = leading["row"]
    common: ObjectArray = np.full(len(facts.keys), None, object)
    common[leading["key"]] = leading["common"]
    counted = np.zeros(len(facts.found), dtype=bool)
    counted[tests.loc[tests["counts"], "row"]] = True
    # A score without a subject belongs to no key, so it is never used.
    used = counted & (facts.key_of_score >= 0)
    used[used] = compared[facts.key_of_score[used]]
    why_not = _why_not(facts, tests, set_aside, used, verdicts)
    fired = _fired(facts, leading, compared, set_aside, as_of)
    for rule in pd.unique(verdicts.rule[~compared]):
        fired[rule] = fired.get(rule, np.zeros(len(compared), bool)) | (~compared & (verdicts.rule == rule))
    ordered = {rule: fired[rule] for rule in Rule if rule in fired}
    return Decision(verdicts.refusal, common, np.where(compared, lead, NONE), mark, used, why_not, ordered)


def _tests(facts: Facts, is_current: BoolArray, policy: ComparisonPolicy, as_of: date) -> pd.DataFrame:
    """The current scores with their marks and what they say together."""
    rows = np.flatnonzero(is_current)
    tests = facts.found.iloc[rows].reset_index(drop=True)
    paired = pair(tests, facts.read, as_of).rename(columns={"refusal": "mark_refusal", "rule": "mark_rule"})
    combined = together(tests, policy).rename(columns={"rule": "several_rule"})
    kept = tests[["evidence", "day", "kind", "assessment_id", "score_id"]]
    return pd.concat([kept, paired, combined], axis=1).assign(row=rows, key=facts.key_of_score[rows])


def _leading(tests: pd.DataFrame) -> pd.DataFrame:
    """One test a key that says what all say together: one with a mark first, then the newest, a state test first."""
    says_so = tests["counts"] & ((tests["evidence"] == tests["common"]) | (tests["common"] == OPPOSITE))
    saying = tests[says_so]
    ordered = saying.assign(
        without_mark=saying["mark_refusal"].notna(),
        age=-saying["day"].to_numpy("datetime64[D]").astype(int),
        interim=saying["kind"] == "interim",
    )
    order = ["key", "without_mark", "age", "interim", "assessment_id", "score_id"]
    return ordered.sort_values(order, kind="stable").drop_duplicates("key").reset_index(drop=True)


def alternate_test_decides(facts: Facts, is_current: BoolArray, verdicts: Verdicts) -> None:
    """Rule 9: an alternate assessment decides for the subject unless a later regular state test is valid."""
    found = facts.found
    day = found["day"].to_numpy("datetime64[D]").astype(float)
    alternate = (found["refusal"] == Refusal.ALTERNATE_TEST).to_numpy(bool)
    state = is_current & (found["kind"] == "summative").to_numpy(bool)
    newest = {}
    for name, rows in (("alternate", alternate), ("state", state)):
        newest[name] = np.full(len(facts.keys), -np.inf)
        here = rows & (facts.key_of_score >= 0)
        np.maximum.at(newest[name], facts.key_of_score[here], day[here])
    decides = facts.any_score(alternate) & (newest["alternate"] >= newest["state"])
    verdicts.refuse(decides, Refusal.ALTERNATE_TEST, Rule.ALTERNATE_TEST)


def _no_evidence(facts: Facts, leading: pd.DataFrame, verdicts: Verdicts) -> None:
    """Without a test that says something: the reason of the newest score, or that there is none."""
    silent = np.ones(len(facts.keys), dtype=bool)
    silent[leading["key"]] = False
    refused = facts.found.assign(key=facts.key_of_score).loc[
        facts.found["refusal"].notna() & (facts.key_of_score >= 0),
        ["key", "day", "score_id", "refusal", "rule"],
    ]
    newest = refused.sort_values(["key", "day", "score_id"], ascending=[True, False, True]).drop_duplicates(
        "key"
    )
    rows = newest[silent[newest["key"]] & verdicts.open[newest["key"]]]
    verdicts.refusal[rows["key"]], verdicts.rule[rows["key"]] = rows["refusal"], rows["rule"]
    unmapped = facts.found.loc[facts.key_of_score < 0, "student_id"]
    has_unmapped = facts.keys["student_id"].isin(unmapped).to_numpy(bool)
    verdicts.refuse(silent & has_unmapped, Refusal.SUBJECT_NOT_MAPPED, Rule.SAME_SUBJECT_AND_GRADE)
    marked = facts.any_mark(np.ones(len(facts.read), dtype=bool))
    verdicts.refuse(silent & ~marked, Refusal.NO_SCORE, Rule.NOTHING_LEFT)
    verdicts.refuse(silent, Refusal.NO_SCORE, Rule.NOT_TESTED)


def _refused_by_mark(facts: Facts, leading: pd.DataFrame, verdicts: Verdicts) -> IntArray:
    """Take over what stands against the leading test's mark; the result is the mark of each key, compared or not."""
    mark = _latest_mark(facts)
    with_mark = leading[leading["mark_row"] >= 0]
    mark[with_mark["key"]] = with_mark["mark_row"]
    against = leading[leading["mark_refusal"].notna() & verdicts.open[leading["key"]]]
    verdicts.refusal[against["key"]], verdicts.rule[against["key"]] = (
        against["mark_refusal"],
        against["mark_rule"],
    )
    return mark


def _latest_mark(facts: Facts) -> IntArray:
    order = ["key", "school_year", "period_ends_on", "is_final", "mark_id"]
    marks = facts.read.assign(key=facts.key_of_mark, position=np.arange(len(facts.read)))
    latest = (
        marks[marks["key"] >= 0].sort_values(order, na_position="first").drop_duplicates("key", keep="last")
    )
    mark = np.full(len(facts.keys), NONE)
    mark[latest["key"]] = latest["position"]
    return mark


def _why_not(
    facts: Facts, tests: pd.DataFrame, set_aside: ObjectArray, used: BoolArray, verdicts: Verdicts
) -> ObjectArray:
    """The rule that keeps each unused score out: its own, a newer test's, or what stands against the mark."""
    reasons = facts.found["rule"].to_numpy(object).copy()
    aside = ~pd.isna(set_aside)
    reasons[aside] = set_aside[aside]
    reasons[tests.loc[~tests["counts"], "row"]] = Rule.NEWEST_TESTS_DECIDE
    by_key = pd.isna(reasons) & ~used & (facts.key_of_score >= 0)
    reasons[by_key] = verdicts.rule[facts.key_of_score[by_key]]
    reasons[facts.key_of_score < 0] = Rule.SAME_SUBJECT_AND_GRADE
    return reasons


def _fired(
    facts: Facts, leading: pd.DataFrame, compared: BoolArray, set_aside: ObjectArray, as_of: date
) -> dict[Rule, BoolArray]:
    """The rules behind each comparison made."""
    tests = facts.found.iloc[leading["row"]].reset_index(drop=True)
    interim = tests["kind"] == "interim"
    source = tests["error_source"]
    standards = np.append(facts.read["standards"].to_numpy(bool), False)[leading["mark_row"]]
    of_lead = {
        Rule.SAME_SUBJECT_AND_GRADE: ~interim | interim,
        Rule.FINAL_MARK_OF_THE_YEAR: ~interim,
        Rule.CURRENT_TERM_MARK: interim,
        Rule.FROM_LAST_YEAR: tests["school_year"] < school_year(as_of),
        Rule.FLOOR_AND_CUT: ~interim | interim,
        Rule.CUT_OF_THE_SEASON: interim,
        Rule.STANDARDS_CARD: pd.Series(standards),
        Rule.TEST_IN_ENGLISH: tests["english_test"],
        Rule.ERROR_ASSUMED: source == "test_sem",
        Rule.QUARTER_SD_BAND: source == "quarter_sd",
        Rule.LEVEL_ONLY: source == "level",
        Rule.ON_THE_CUT: tests["scale_score"] == tests["cut"],
        **{rule: leading["several_rule"] == rule for rule in Rule if rule.startswith("5_")},
    }
    fired = {}
    for rule, rows in of_lead.items():
        fired[rule] = np.zeros(len(compared), dtype=bool)
        fired[rule][leading["key"].to_numpy()[rows.to_numpy(bool)]] = True
    for rule in (Rule.NEWER_TEST, Rule.NATIVE_LANGUAGE_FIRST):
        fired[rule] = facts.any_score(np.asarray(set_aside == rule, dtype=bool))
    return {rule: rows & compared for rule, rows in fired.items()}
