"""Which scores may speak for a child, and which of them are current: rules 2, 4, 8, 9, 10, 11 and off-grade tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from reports.compare.attempts import Attempted, Attempts, count_together
from reports.compare.codes import (
    AT,
    NONE,
    NOT_YET,
    BoolArray,
    IntArray,
    Verdicts,
    none,
    refusal_code,
    rule_code,
)
from reports.compare.contents import contents
from reports.compare.evidence import Judged, judge_columns, wrong_season
from reports.compare.frames import Table
from reports.compare.groups import Groups
from reports.compare.levels import Ladders
from reports.compare.rules import Rule
from reports.compare.seasons import (
    NO_DAY,
    SEASONS,
    day_number,
    day_of_school_year,
    earliest_day,
    school_year,
    school_years,
    season_by_date,
    season_codes,
)
from reports.records import ComparisonPolicy, Refusal, ScoreStatus

NEWCOMER_DAYS: Final = 366
# 18 months: so long may a score be weighed among others, though it says nothing alone any more.
CONTEXT_DAYS: Final = 548
# What keeps a score from saying anything alone and lets it be weighed all the same.
_CONTEXT: Final = (Refusal.TEST_TOO_OLD, Refusal.WRONG_SEASON, Refusal.ENGLISH_LEARNER)

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Learners:
    """What is known of the student of each score: `entered` is the first day in a US school, NO_DAY = not known;
    `proficiency` the composite level of English proficiency, NaN = not known."""

    grade_level: Floats
    english_learner: BoolArray
    entered: npt.NDArray[np.int32]
    proficiency: Floats


@dataclass(frozen=True)
class Screened:
    """The scores of some students, sorted by student and subject: what each says, or the rule that silences it.

    `table` holds the columns as they came. `evidence` and `season` are codes (-1 = none); `day` is filled in where it
    follows from the rest; `enrolled_grade` is that of the test's school year; `english_test`: a test in English of an
    English learner whose English is below the district's threshold, or not known; `off_season`: a state test given long
    before spring; `attempts`: several at one test; `weighable`: may be weighed among others.
    """

    table: Table
    steps: Ladders
    evidence: npt.NDArray[np.int8]
    judged: Judged
    attempts: Attempts
    verdicts: Verdicts
    day: npt.NDArray[np.int32]
    season: npt.NDArray[np.int8]
    school_year: Floats
    enrolled_grade: Floats
    content: npt.NDArray[np.int8]
    interim: BoolArray
    off_season: BoolArray
    in_english: BoolArray
    english_test: BoolArray
    weighable: BoolArray

    @property
    def test(self) -> npt.NDArray[np.integer]:
        """The place of each score's assessment in the order of their ids."""
        return np.take(self.steps.test, self.table["rung"])


def screen(
    scores: Table, steps: Ladders, learners: Learners, policy: ComparisonPolicy, as_of: date
) -> Screened:
    """Each score with what it says, or the rule that silences it. `scores` comes from `levels.ladders`."""
    given = scores["administered_on"]
    years = np.where(np.isnan(scores["school_year"]), school_years(given), scores["school_year"])
    day_of_year = day_of_school_year(given)
    stated = scores.coded("season", np.append(season_codes(scores.words["season"]), np.int8(NONE)))
    season = np.where(stated < 0, season_by_date(day_of_year), stated)
    day = earliest_day(given, season, years)
    in_english = scores.coded("test_language", _english(scores))
    interim = scores.is_word("kind", "interim")
    verdicts = Verdicts(scores.rows)
    not_of_the_day(given, day, policy, as_of, verdicts)
    alternate_test(scores, verdicts)
    not_a_full_score(scores, verdicts)
    non_standard_test(scores, verdicts)
    wrong = wrong_season(scores, steps, day_of_year)
    verdicts.refuse(wrong, Refusal.WRONG_SEASON, Rule.CUT_OF_THE_SEASON)
    judged = _judge_open(scores, steps, policy, verdicts)
    attempts = _attempts(scores, steps, judged, day, years, policy)
    found = Screened(
        table=scores,
        steps=steps,
        evidence=judged.evidence.copy(),
        judged=judged,
        attempts=attempts,
        verdicts=verdicts,
        day=day,
        season=season,
        school_year=years,
        enrolled_grade=learners.grade_level - (school_year(as_of) - years),
        content=scores.coded("title", contents(scores.words["title"])),
        interim=interim,
        off_season=~interim & (day_of_year >= 31) & (day_of_year < 229),
        in_english=in_english,
        english_test=learners.english_learner
        & in_english
        & ~(learners.proficiency >= policy.english_proficiency),
        weighable=np.zeros(scores.rows, bool),
    )
    off_grade(found, verdicts)
    english_learner(found, learners, verdicts)
    found.weighable[:] = weighable(found, as_of)
    found.evidence[~verdicts.open] = NONE
    return found


def season_codes_and_words(found: Screened, rows: IntArray) -> tuple[IntArray, list[str]]:
    """The season of each of these scores, as its test says or else by its date: codes, and what they mean."""
    words = list(found.table.words["season"])
    stated, by_date = found.table["season"][rows], found.season[rows]
    return np.where((stated < 0) & (by_date >= 0), by_date + len(words), stated), [*words, *SEASONS]


def _english(scores: Table) -> BoolArray:
    languages = [str(word).lower().split("-")[0] for word in scores.words["test_language"]]
    return np.array([*(language == "en" for language in languages), True], bool)


def _judge_open(scores: Table, steps: Ladders, policy: ComparisonPolicy, verdicts: Verdicts) -> Judged:
    """What the scores say that no rule has silenced yet; what it refuses is added to the verdicts.

    The error of a score that is only too old or out of season stays: it may still be weighed among others.
    """
    judged = judge_columns(scores, steps, policy)
    judged.error[~judged.verdicts.open] = np.nan
    silent = ~verdicts.open
    verdicts.adopt(~silent, judged.verdicts.refusal[~silent], judged.verdicts.rule[~silent])
    if silent.any():
        judged.evidence[silent] = judged.source[silent] = NONE
        judged.probability[silent] = np.nan
        judged.cut[silent] = scores["cut"][silent]
    return judged


def _attempts(
    scores: Table,
    steps: Ladders,
    judged: Judged,
    day: npt.NDArray[np.int32],
    years: Floats,
    policy: ComparisonPolicy,
) -> Attempts:
    """One number for each student, subject, assessment and school year tells which scores are of one test."""
    says = judged.evidence >= 0
    if not says.any():
        return Attempts.alone(scores.rows)
    year = np.nan_to_num(years - np.nanmin(years)).astype(np.int64)
    student = scores["student"].astype(np.int64)
    number = (student - student.min()) * (int(scores["subject"].max()) + 1) + scores["subject"]
    number = number * (int(steps.test.max()) + 1) + np.take(steps.test, scores["rung"])
    number = number * (int(year.max()) + 1) + year
    given = Attempted(number, day, scores["scale_score"], scores["score_sd"], scores["score_id"])
    return count_together(given, judged, says, policy.certainty)


def not_of_the_day(
    given: npt.NDArray[np.int32],
    day: npt.NDArray[np.int32],
    policy: ComparisonPolicy,
    as_of: date,
    verdicts: Verdicts,
) -> None:
    """Rule 2: a test speaks from the day it was given until it expires."""
    today = day_number(as_of)
    verdicts.refuse(day <= NO_DAY, Refusal.SCORE_NOT_VALID, Rule.AFTER_THE_DAY)
    verdicts.refuse(given > today, Refusal.SCORE_NOT_VALID, Rule.AFTER_THE_DAY)
    verdicts.refuse(day < today - policy.expiry_days, Refusal.TEST_TOO_OLD, Rule.EXPIRED)


def alternate_test(scores: Table, verdicts: Verdicts) -> None:
    """Rule 9: an alternate assessment has a report of its own and is never compared."""
    alternate = scores.is_word("kind", "alternate") | scores.is_word("status", ScoreStatus.ALTERNATE)
    verdicts.refuse(alternate, Refusal.ALTERNATE_TEST, Rule.ALTERNATE_TEST)


def not_a_full_score(scores: Table, verdicts: Verdicts) -> None:
    """Rule 8: not tested, not complete or not valid is no evidence, whatever number stands beside it."""
    verdicts.refuse(scores.is_word("kind", "language"), Refusal.LANGUAGE_TEST, Rule.LANGUAGE_TEST)
    untested = scores.is_word("status", ScoreStatus.ABSENT, ScoreStatus.OPT_OUT)
    verdicts.refuse(untested, Refusal.NO_SCORE, Rule.NOT_TESTED)
    whole = scores.is_word("status", ScoreStatus.VALID, ScoreStatus.OFF_GRADE, ScoreStatus.MODIFIED)
    verdicts.refuse(~whole, Refusal.SCORE_NOT_VALID, Rule.NOT_A_FULL_SCORE)


def non_standard_test(scores: Table, verdicts: Verdicts) -> None:
    """Rule 11: standard accommodations leave a score what it is; other changes do not."""
    changed = scores.is_word("status", ScoreStatus.MODIFIED)
    verdicts.refuse(changed, Refusal.TEST_MODIFIED, Rule.NON_STANDARD_TEST)


def off_grade(found: Screened, verdicts: Verdicts) -> None:
    """A test below the student's grade never says AT, one above it says nothing but AT.

    The same holds for a course's own test of no stated grade: passing it says AT, anything else says nothing.
    """
    grade = found.table["grade_level"]
    difference = grade - found.enrolled_grade
    verdicts.refuse((difference < 0) & (found.evidence != NOT_YET), Refusal.OFF_GRADE, Rule.OFF_GRADE)
    above = (difference > 0) | (np.isnan(grade) & (found.content >= 0))
    verdicts.refuse(above & (found.evidence != AT), Refusal.OFF_GRADE, Rule.OFF_GRADE)
    unknown = found.table.is_word("status", ScoreStatus.OFF_GRADE) & ~(np.abs(difference) > 0)
    verdicts.refuse(unknown, Refusal.OFF_GRADE, Rule.OFF_GRADE)


def weighable(found: Screened, as_of: date) -> BoolArray:
    """Dated, full scores of regular tests of the student's own grade, with an error, of the last 18 months."""
    refusal, given, today = found.verdicts.refusal, found.table["administered_on"], day_number(as_of)
    context = (refusal < 0) | np.isin(refusal, [refusal_code(reason) for reason in _CONTEXT])
    regular = found.table.is_word("status", ScoreStatus.VALID) & found.table.is_word(
        "kind", "summative", "interim"
    )
    other_grade = np.abs(found.table["grade_level"] - found.enrolled_grade) > 0
    exact = np.isfinite(found.table["scale_score"]) & (found.judged.error > 0)
    recent = (given >= today - CONTEXT_DAYS) & (given <= today)
    return np.asarray(context & regular & ~other_grade & exact & recent, dtype=bool)


def english_learner(found: Screened, learners: Learners, verdicts: Verdicts) -> None:
    """Rule 10: no "not yet" from a test in English for English learners, nor in the first 12 months in US schools."""
    newcomer = (learners.entered > NO_DAY) & (found.day - learners.entered < NEWCOMER_DAYS)
    spared = (found.evidence == NOT_YET) & (found.english_test | newcomer)
    verdicts.refuse(spared, Refusal.ENGLISH_LEARNER, Rule.NO_NOT_YET_IN_ENGLISH)


def current(found: Screened, keys: Groups, families: Groups) -> tuple[BoolArray, npt.NDArray[np.int8]]:
    """Rules 2, 5 and 10: which scores with evidence are current, and the rule that sets each of the others aside.

    Of several attempts at a test the newest stands for all. Of one student and subject, a state test gives way to one
    of a later school year, a test during the year to any test of a later school year; for an English learner a test in
    the own language goes before one in English; and of each test family the newest day counts.
    """
    rule = none(found.table.rows)
    stays = (found.evidence >= 0) & found.attempts.stands

    def keep(rows: BoolArray, why: Rule) -> None:
        nonlocal stays
        rule[stays & ~rows] = rule_code(why)
        stays = stays & rows

    keep(
        _of_newest_year(found, stays, keys) | _of_newest_year(found, stays & ~found.interim, keys),
        Rule.NEWER_TEST,
    )
    own_language = stays & ~found.in_english
    if own_language.any():
        keep(~(found.english_test & keys.spread(keys.any(own_language))), Rule.NATIVE_LANGUAGE_FIRST)
    day = np.where(stays, found.day, NO_DAY)
    keep(day == families.spread(families.top(day, NO_DAY)), Rule.NEWER_TEST)
    return stays, rule


def _of_newest_year(found: Screened, among: BoolArray, keys: Groups) -> BoolArray:
    """Those of some scores that are of the newest school year of their student and subject."""
    year = np.where(among, found.school_year, -np.inf)
    return np.asarray(among & (year == keys.spread(keys.top(year, -np.inf))), dtype=bool)
