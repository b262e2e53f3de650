"""From marks and scores that have been read to one outcome for each student and subject: a lead test, or a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from reports.compare.codes import (
    NONE,
    OPPOSITE,
    SOURCES,
    BoolArray,
    IntArray,
    Verdicts,
    none,
    refusal_code,
    rule_bits,
    rule_code,
)
from reports.compare.groups import Groups
from reports.compare.marks import Beside, ReadMarks, latest_mark, lowest_id, pair
from reports.compare.rules import Rule
from reports.compare.scores import Screened, current
from reports.compare.seasons import NO_DAY, school_year
from reports.compare.several import Together, together
from reports.records import ComparisonPolicy, Refusal

_SUMMATIVE = "summative"


@dataclass(frozen=True)
class Facts:
    """Marks and scores of some students, each sorted by key; a key is a student and subject, numbered from 0.

    `families` groups the scores by key and test family. `unmapped_mark` and `unmapped_score`, over the keys: the
    student has marks or scores without a subject, which belong to no key.
    """

    read: ReadMarks
    found: Screened
    of_marks: Groups
    of_scores: Groups
    families: Groups
    unmapped_mark: BoolArray
    unmapped_score: BoolArray

    @property
    def keys(self) -> int:
        return self.of_marks.count


@dataclass(frozen=True)
class Decision:
    """Arrays over the keys, but `counts` and `set_aside`, which are over the scores. Positions: -1 = none."""

    verdicts: Verdicts  # -1 where mark and test are compared
    common: npt.NDArray[np.int8]  # a code of Evidence, or OPPOSITE
    lead: npt.NDArray[np.int64]  # the leading score's row
    mark: npt.NDArray[np.int64]  # the mark's row
    fired: npt.NDArray[np.int64]  # bit masks of rules
    counts: BoolArray  # is part of what the tests say together
    current: BoolArray
    set_aside: npt.NDArray[np.int8]  # the rule that keeps a score with evidence out
    tests: npt.NDArray[np.int32]  # number of those that count; attempts at one test are one

    @property
    def compared(self) -> BoolArray:
        return self.verdicts.open

    def used(self, facts: Facts) -> BoolArray:
        """The scores that the outcome rests on."""
        return self.counts & facts.of_scores.spread(self.compared)

    def why_not(self, facts: Facts) -> npt.NDArray[np.int8]:
        """The rule that keeps each unused score out: its own, a newer test's, or what stands against the mark."""
        reasons = facts.found.verdicts.rule.copy()
        aside = self.set_aside >= 0
        reasons[aside] = self.set_aside[aside]
        reasons[self.current & ~self.counts] = rule_code(Rule.NEWEST_TESTS_DECIDE)
        by_key = (reasons < 0) & ~self.used(facts)
        reasons[by_key] = facts.of_scores.spread(self.verdicts.rule)[by_key]
        return reasons


@dataclass(frozen=True)
class Leading:
    """For each key the test that leads, its mark, and what stands against the two. Rows: -1 = none."""

    test: npt.NDArray[np.int64]
    mark: npt.NDArray[np.int64]
    against: Verdicts


def decide(facts: Facts, policy: ComparisonPolicy, as_of: date) -> Decision:
    """Ask the rules in their order: alternate test, evidence of the tests, the mark beside them."""
    is_current, set_aside = current(facts.found, facts.of_scores, facts.families)
    said, leading = _speak(facts, is_current, policy)
    unpaired = _past_without_mark(facts, is_current, leading)
    if unpaired.any():
        is_current = is_current & ~unpaired
        set_aside[unpaired] = rule_code(Rule.FINAL_MARK_OF_THE_YEAR)
        said, leading = _speak(facts, is_current, policy)
    verdicts = Verdicts(facts.keys)
    alternate_test_decides(facts, is_current, verdicts)
    _no_evidence(facts, leading, verdicts)
    verdicts.adopt(np.ones(facts.keys, bool), leading.against.refusal, leading.against.rule)
    compared = verdicts.open
    mark = leading.mark.copy()
    without = mark < 0
    if without.any():
        rows, groups = facts.of_marks.only(facts.of_marks.spread(without))
        latest = latest_mark(facts.read.only(rows), groups)
        mark[latest >= 0] = rows[latest[latest >= 0]]
    fired = _fired(facts, leading, said, set_aside, as_of)
    of_refusal = np.left_shift(np.int64(1), np.maximum(verdicts.rule, 0).astype(np.int64))
    return Decision(
        verdicts,
        said.common,
        np.where(compared, leading.test, NONE),
        mark,
        np.where(compared, fired, of_refusal),
        _of_attempts(facts, said.counts),
        _of_attempts(facts, is_current),
        np.where(facts.found.evidence < 0, set_aside, set_aside[facts.found.attempts.newest]),
        facts.of_scores.number(said.counts),
    )


def _of_attempts(facts: Facts, rows: BoolArray) -> BoolArray:
    """What holds for the attempt that stands for a test holds for the others that say something."""
    return np.asarray(rows[facts.found.attempts.newest] & (facts.found.evidence >= 0), dtype=bool)


def _speak(facts: Facts, is_current: BoolArray, policy: ComparisonPolicy) -> tuple[Together, Leading]:
    said = together(facts.found.evidence, facts.found.day, is_current, facts.of_scores, policy)
    return said, lead(facts, said)


def _past_without_mark(facts: Facts, is_current: BoolArray, leading: Leading) -> BoolArray:
    """State tests of a past school year that would decide and find no mark, where a test of a later year is there.

    What they say alone cannot be compared; the later test and its mark can.
    """
    keys = facts.of_scores
    year = np.where(is_current, facts.found.school_year, -np.inf)
    past = is_current & (year < keys.spread(keys.top(year, -np.inf)))
    if not past.any():
        return past
    return np.asarray(past & keys.spread(leading.against.refusal >= 0), dtype=bool)


def lead(facts: Facts, said: Together) -> Leading:
    """One test a key that says what all say together: one with a mark first, then the newest, a state test first.

    The tests are tried in that order until a mark stands beside one; where none does, the first keeps its place.
    """
    common = facts.of_scores.spread(said.common)
    left = said.counts & ((facts.found.evidence == common) | (common == OPPOSITE))
    test = _newest(facts, left)
    found = pair(_beside(facts, test), facts.read, facts.of_marks, facts.unmapped_mark)
    mark, against = found.mark, found.against
    tried = test
    while True:
        left[tried[tried >= 0]] = False
        open_still = (against.refusal >= 0) & facts.of_scores.any(left)
        if not open_still.any():
            return Leading(test, mark, against)
        left &= facts.of_scores.spread(open_still)
        tried = _newest(facts, left)
        rows, groups = facts.of_marks.only(facts.of_marks.spread(open_still))
        again = pair(_beside(facts, tried), facts.read.only(rows), groups, facts.unmapped_mark)
        better = (tried >= 0) & again.against.open
        test, mark = np.where(better, tried, test), mark.copy()
        mark[better] = rows[again.mark[better]]
        against.refusal[better] = against.rule[better] = NONE


def _newest(facts: Facts, rows: BoolArray) -> npt.NDArray[np.int64]:
    """Of some scores of each key the newest, a state test first, then the lowest ids; -1 where there is none."""
    found, keys = facts.found, facts.of_scores
    newest = np.where(rows, found.day.astype(np.int64) * 2 + ~found.interim, 2 * NO_DAY - 2)
    rows = rows & (newest == keys.spread(keys.top(newest, 2 * NO_DAY - 2)))
    if (keys.number(rows) > 1).any():
        beyond = len(found.steps.test)
        test = np.where(rows, found.test, beyond)
        rows = rows & (test == keys.spread(keys.least(test, beyond)))
    return lowest_id(rows, found.table["score_id"], keys)


def _beside(facts: Facts, test: IntArray) -> Beside:
    """What the mark is held against: the test of each key."""
    found = facts.found
    if not len(found.day):
        nowhere = np.full(len(test), np.nan, np.float32)
        no = np.zeros(len(test), bool)
        return Beside(no, no, no, np.zeros(len(test), np.int32), nowhere, nowhere, nowhere, none(len(test)))
    asked = test >= 0
    return Beside(
        asked=asked,
        interim=found.interim[test] & asked,
        off_season=found.off_season[test] & asked,
        day=found.day[test],
        school_year=np.where(asked, found.school_year[test], np.float32(np.nan)),
        grade_level=found.table["grade_level"][test],
        enrolled_grade=found.enrolled_grade[test],
        content=found.content[test],
    )


def alternate_test_decides(facts: Facts, is_current: BoolArray, verdicts: Verdicts) -> None:
    """Rule 9: an alternate assessment decides for the subject unless a later regular state test is valid."""
    found, keys = facts.found, facts.of_scores
    alternate = found.verdicts.refusal == refusal_code(Refusal.ALTERNATE_TEST)
    if not alternate.any():
        return
    nothing = NO_DAY - 1
    state = is_current & found.table.is_word("kind", _SUMMATIVE)
    newest = keys.top(np.where(alternate, found.day, nothing), nothing)
    decides = (newest > nothing) & (newest >= keys.top(np.where(state, found.day, nothing), nothing))
    verdicts.refuse(decides, Refusal.ALTERNATE_TEST, Rule.ALTERNATE_TEST)


def _no_evidence(facts: Facts, leading: Leading, verdicts: Verdicts) -> None:
    """Without a test that says something: the reason of the newest score, or that there is none."""
    silent = leading.test < 0
    if not silent.any():
        return
    rows, keys = facts.of_scores.only(
        (facts.found.verdicts.refusal >= 0) & facts.of_scores.spread(silent & verdicts.open)
    )
    day = facts.found.day[rows]
    newest = lowest_id(day == keys.spread(keys.top(day, NO_DAY)), facts.found.table["score_id"][rows], keys)
    chosen = newest >= 0
    why = facts.found.verdicts
    of_newest = rows[newest[chosen]]
    verdicts.adopt(chosen, why.refusal[of_newest], why.rule[of_newest])
    verdicts.refuse(silent & facts.unmapped_score, Refusal.SUBJECT_NOT_MAPPED, Rule.SAME_SUBJECT_AND_GRADE)
    marked = np.zeros(facts.keys, bool)
    marked[facts.of_marks.held] = True
    verdicts.refuse(silent & ~marked, Refusal.NO_SCORE, Rule.NOTHING_LEFT)
    verdicts.refuse(silent, Refusal.NO_SCORE, Rule.NOT_TESTED)


def _fired(
    facts: Facts, leading: Leading, said: Together, set_aside: IntArray, as_of: date
) -> npt.NDArray[np.int64]:
    """The rules behind each comparison made, as bit masks; what they say of keys not compared means nothing."""
    fired = np.full(facts.keys, rule_bits(Rule.SAME_SUBJECT_AND_GRADE, Rule.FLOOR_AND_CUT), np.int64)
    if not len(facts.found.day):
        return fired

    def mark(rows: BoolArray, *rules: Rule) -> None:
        fired[rows] |= rule_bits(*rules)

    found, test = facts.found, leading.test
    interim, judged = found.interim[test], found.judged
    mark(~interim, Rule.FINAL_MARK_OF_THE_YEAR)
    mark(interim, Rule.CURRENT_TERM_MARK)
    projected = judged.source[test] == SOURCES.index("projection")
    mark(interim & ~projected, Rule.CUT_OF_THE_SEASON)
    mark(projected, Rule.PROJECTION)
    mark(found.school_year[test] < school_year(as_of), Rule.FROM_LAST_YEAR)
    if len(facts.read.standards):
        mark(facts.read.standards[leading.mark] & (leading.mark >= 0), Rule.STANDARDS_CARD)
    mark(found.english_test[test], Rule.TEST_IN_ENGLISH)
    source = judged.source[test]
    for code, rule in enumerate((Rule.ERROR_ASSUMED, Rule.QUARTER_SD_BAND, Rule.LEVEL_ONLY), start=1):
        mark(source == code, rule)
    mark(found.table["scale_score"][test] == judged.cut[test], Rule.ON_THE_CUT)
    mark(found.attempts.number[test] > 1, Rule.ATTEMPTS_TOGETHER)
    several = said.rule >= 0
    fired[several] |= np.left_shift(np.int64(1), said.rule[several].astype(np.int64))
    for rule in (Rule.NEWER_TEST, Rule.NATIVE_LANGUAGE_FIRST):
        aside = set_aside == rule_code(rule)
        if aside.any():
            mark(facts.of_scores.any(aside), rule)
    return fired
