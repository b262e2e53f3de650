"""Which report-card mark stands beside a test: rules 1, 2, 6 and 7.

A state test is compared with the final mark of its own school year, a test during the year with the newest term mark of
that year. Where several courses could be meant, the order is: the right kind of mark, of the tested grade and content,
of a term old enough, the latest, a comparable one, the longest term, the lowest id.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from reports.compare.codes import BoolArray, IntArray, Verdicts
from reports.compare.contents import contents
from reports.compare.frames import Table
from reports.compare.groups import Groups
from reports.compare.rules import Rule
from reports.compare.scales import Reading
from reports.compare.seasons import NO_DAY, day_number
from reports.records import ComparisonPolicy, Refusal

# A final mark may be issued this many days before its term ends; an earlier one is a running mark.
FINAL_ISSUED_DAYS: Final = 14
# A state test given outside spring speaks of a course that ended within this many days of it.
COURSE_END_DAYS: Final = 60

# The wishes for a mark in one number, the first in the highest bits; days are counted from 1800 and take 18 bits.
_DAY_BITS: Final = 18
_FIRST_DAY: Final = day_number(date(1800, 1, 1))
_STATIC_BITS: Final = 2 * _DAY_BITS + 2


@dataclass(frozen=True)
class ReadMarks:
    """The marks of some students, sorted by student and subject, with all that depends on the mark alone.

    `band` is a code (-1 = none); `ends_late` is the end of the term, far in the future where it is not known;
    `wish` ranks marks of one subject and year: old enough, latest, comparable, longest term.
    """

    table: Table
    band: npt.NDArray[np.int8]
    standards: BoolArray
    content: npt.NDArray[np.int8]
    comparable: BoolArray
    young: BoolArray
    final: BoolArray
    begun: BoolArray
    ends_late: npt.NDArray[np.int32]
    wish: npt.NDArray[np.int64]

    def only(self, rows: IntArray) -> ReadMarks:
        """Some of them."""
        values = {name: value[rows] for name, value in vars(self).items() if name != "table"}
        return ReadMarks(table=self.table.take(rows), **values)


@dataclass(frozen=True)
class Beside:
    """One test a key, and what a mark is held against; rows of keys without a test are never asked about."""

    asked: BoolArray
    interim: BoolArray
    off_season: BoolArray
    day: npt.NDArray[np.int32]
    school_year: npt.NDArray[np.float32]
    grade_level: npt.NDArray[np.float32]
    enrolled_grade: npt.NDArray[np.float32]
    content: npt.NDArray[np.int8]


@dataclass(frozen=True)
class Pairs:
    """The mark beside the test of each key (its row; -1 = none), and what stands against comparing the two."""

    mark: npt.NDArray[np.int64]
    against: Verdicts


def read_marks(marks: Table, reading: Reading, policy: ComparisonPolicy, as_of: date) -> ReadMarks:
    """Each mark with its band and all else that depends on it alone; `reading` is over the words of `marks`."""
    today = day_number(as_of)
    ends, begins = marks["period_ends_on"], marks["period_begins_on"]
    ends_late = np.where(ends <= NO_DAY, np.int32(-NO_DAY), ends)
    band = reading.band[marks["scale"], marks["mark"]]
    comparable = comparable_mark(marks, band)
    final = marks["is_final"] & ~(ends - FINAL_ISSUED_DAYS > today)
    begun = begins <= today
    young = term_too_young(begins, ends_late, final, policy, today)
    return ReadMarks(
        table=marks,
        band=band,
        standards=marks.coded("scale", reading.standards),
        content=marks.coded("course_title", contents(marks.words["course_title"])),
        comparable=comparable,
        young=young,
        final=final,
        begun=begun,
        ends_late=ends_late,
        wish=_wish(young, ends, comparable, begins),
    )


def comparable_mark(marks: Table, band: IntArray) -> BoolArray:
    """Rule 6: a mark with a band, of the regular curriculum, not earned by credit recovery."""
    return np.asarray((band >= 0) & ~(marks["modified_curriculum"] | marks["credit_recovery"]), dtype=bool)


def term_too_young(
    begins: IntArray, ends_late: IntArray, final: BoolArray, policy: ComparisonPolicy, today: int
) -> BoolArray:
    """Rule 6: the running term's mark, before the term is some weeks old."""
    begun_lately = begins > today - 7 * policy.minimum_term_weeks
    return np.asarray((ends_late >= today) & begun_lately & ~final, dtype=bool)


def _wish(young: BoolArray, ends: IntArray, comparable: BoolArray, begins: IntArray) -> npt.NDArray[np.int64]:
    latest = np.clip(ends - _FIRST_DAY, 0, (1 << _DAY_BITS) - 1)
    # A term whose beginning is not known comes last.
    begun = np.where(begins <= NO_DAY, (1 << _DAY_BITS) - 1, begins - _FIRST_DAY)
    longest = (1 << _DAY_BITS) - 1 - np.clip(begun, 0, (1 << _DAY_BITS) - 1)
    wish = (~young).astype(np.int64)
    wish <<= _DAY_BITS
    wish |= latest
    wish <<= 1
    wish |= comparable
    wish <<= _DAY_BITS
    wish |= longest
    return wish


def pair(tests: Beside, read: ReadMarks, keys: Groups, unmapped: BoolArray) -> Pairs:
    """The mark that stands beside the test of each key asked about, or why none does.

    `unmapped`, over the keys: the student has marks of courses without a subject.
    """
    kind = right_kind(tests, read, keys)
    grade, content = same_grade_and_content(tests, read, keys)
    candidate = keys.spread(tests.school_year) == read.table["school_year"]
    fit = (kind.astype(np.int64) * 2 + grade) * 2 + content
    wish = np.where(candidate, fit << _STATIC_BITS | read.wish, -1)
    mark = _first_of_best(wish, read, keys)
    against = Verdicts(keys.count)
    without = tests.asked & (mark < 0)
    marked = np.zeros(keys.count, bool)
    marked[keys.held] = True
    against.refuse(without & marked, Refusal.OTHER_YEAR, Rule.FINAL_MARK_OF_THE_YEAR)
    against.refuse(without & unmapped, Refusal.SUBJECT_NOT_MAPPED, Rule.SAME_SUBJECT_AND_GRADE)
    against.refuse(without, Refusal.NO_MARK, Rule.SAME_SUBJECT_AND_GRADE)
    held = np.flatnonzero(tests.asked & (mark >= 0))
    best = mark[held]
    missed = _season_missed(tests, read, keys)
    young, comparable, begun = read.young[best], read.comparable[best], read.begun[best]

    def refuse(rows: BoolArray, refusal: Refusal, rule: Rule) -> None:
        if rows.any():
            hit = np.zeros(keys.count, bool)
            hit[held[rows]] = True
            against.refuse(hit, refusal, rule)

    refuse(missed[best], Refusal.WRONG_SEASON, Rule.FINAL_MARK_OF_THE_YEAR)
    refuse(~kind[best] & begun, Refusal.MARK_NOT_FINAL, Rule.FINAL_MARK_OF_THE_YEAR)
    refuse(~begun, Refusal.TERM_TOO_YOUNG, Rule.TERM_TOO_YOUNG)
    refuse(~grade[best], Refusal.GRADE_NOT_COMPARABLE, Rule.SAME_SUBJECT_AND_GRADE)
    refuse(young, Refusal.TERM_TOO_YOUNG, Rule.TERM_TOO_YOUNG)
    refuse(~comparable, Refusal.MARK_NOT_COMPARABLE, Rule.MARK_NOT_COMPARABLE)
    return Pairs(mark, against)


def right_kind(tests: Beside, read: ReadMarks, keys: Groups) -> BoolArray:
    """Rule 2: the final mark of the year for a state test, a mark of a term begun for a test during the year.

    For a test during the year a final mark counts if its term spans the day of the test (a semester's, a year's).
    """
    for_state = read.final & ~_season_missed(tests, read, keys)
    if not tests.interim.any():
        return np.asarray(for_state, bool)
    day = keys.spread(tests.day)
    spans = (read.table["period_begins_on"] <= day) & (read.ends_late >= day)
    for_interim = read.begun & (~read.final | spans)
    return np.where(keys.spread(tests.interim), for_interim, for_state)


def _season_missed(tests: Beside, read: ReadMarks, keys: Groups) -> BoolArray:
    if not tests.off_season.any():
        return np.zeros(len(read.final), bool)
    ends = read.table["period_ends_on"]
    far = (ends > NO_DAY) & (np.abs(ends - keys.spread(tests.day)) > COURSE_END_DAYS)
    return np.asarray(keys.spread(tests.off_season) & read.final & far, bool)


def same_grade_and_content(tests: Beside, read: ReadMarks, keys: Groups) -> tuple[BoolArray, BoolArray]:
    """Rule 1: the course is mapped to the tested grade, or both name the same content (Algebra I and its own test).

    A test without a grade is one of the student's own; a course without a grade counts where the student is enrolled in
    the tested grade. Where neither states a grade, nothing is compared.
    """
    course, content = read.table["grade_level"], read.content
    tested = np.where(np.isnan(tests.grade_level), tests.enrolled_grade, tests.grade_level)
    own = tests.grade_level == tests.enrolled_grade
    same_content = keys.spread(tests.content) == content
    same_grade = keys.spread(tested) == course
    unstated = np.isnan(course) & (content < 0)
    if unstated.any():
        same_grade |= unstated & keys.spread(own)
    named = tests.content >= 0
    if named.any():
        same_grade = np.where(keys.spread(named), same_content, same_grade)
    return same_grade, same_content


def _first_of_best(wish: npt.NDArray[np.int64], read: ReadMarks, keys: Groups) -> npt.NDArray[np.int64]:
    """The row with the greatest wish of each key, of equal ones that with the lowest id; -1 where no wish is."""
    best = (wish >= 0) & (wish == keys.spread(keys.top(wish, -1)))
    return lowest_id(best, read.table["mark_id"], keys)


def lowest_id(rows: BoolArray, ids: IntArray, keys: Groups) -> npt.NDArray[np.int64]:
    """Of some rows of each key the one with the lowest id; -1 where there is none."""
    several = keys.number(rows) > 1
    if several.any():
        beyond = np.iinfo(ids.dtype).max
        least = keys.least(np.where(rows, ids, beyond), beyond)
        rows = rows & (ids == keys.spread(least))
    return keys.place(rows)


def latest_mark(read: ReadMarks, keys: Groups) -> npt.NDArray[np.int64]:
    """The newest mark of each key, whatever it says: newest year, latest term, final, highest id; -1 = no mark."""
    year = np.where(np.isnan(read.table["school_year"]), 0, read.table["school_year"]).astype(np.int64)
    ends = np.clip(read.table["period_ends_on"] - _FIRST_DAY, 0, (1 << _DAY_BITS) - 1)
    wish = (year << _DAY_BITS | ends) << 1 | read.final
    return lowest_id(wish == keys.spread(keys.top(wish, -1)), -read.table["mark_id"], keys)
