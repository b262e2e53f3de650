"""Names of the rules that decide a comparison, each with the number of its rule and what it says to staff."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from reports.records import Refusal

# Raise it whenever a rule changes what it decides; every comparison stores it.
RULES_VERSION: Final = "2026.2"


class Rule(StrEnum):
    """In the order in which they are listed beside a comparison. The number is that of the published rules."""

    SAME_SUBJECT_AND_GRADE = "1_same_subject_and_grade"
    FINAL_MARK_OF_THE_YEAR = "2_final_mark_of_the_year"
    CURRENT_TERM_MARK = "2_current_term_mark"
    FROM_LAST_YEAR = "2_from_last_year"
    EXPIRED = "2_expired"
    NEWER_TEST = "2_newer_test"
    AFTER_THE_DAY = "2_after_the_day"
    FLOOR_AND_CUT = "3_floor_and_cut"
    CUT_OF_THE_SEASON = "4_cut_of_the_season"
    PROJECTION = "4_projection"
    TESTS_AGREE = "5_tests_agree"
    ONE_TEST_CLOSE = "5_one_test_close"
    NEWEST_TESTS_DECIDE = "5_newest_tests_decide"
    OPPOSITE_ENDS = "5_opposite_ends"
    ATTEMPTS_TOGETHER = "5_attempts_together"
    MARK_NOT_COMPARABLE = "6_mark_not_comparable"
    TERM_TOO_YOUNG = "6_term_too_young"
    STANDARDS_CARD = "7_standards_card"
    NOT_TESTED = "8_not_tested"
    NOT_A_FULL_SCORE = "8_not_a_full_score"
    ALTERNATE_TEST = "9_alternate_test"
    NO_NOT_YET_IN_ENGLISH = "10_no_not_yet_in_english"
    NATIVE_LANGUAGE_FIRST = "10_native_language_first"
    TEST_IN_ENGLISH = "10_test_in_english"
    NON_STANDARD_TEST = "11_non_standard_test"
    LANGUAGE_TEST = "edge_language_test"
    OFF_GRADE = "edge_off_grade"
    SCORE_OUT_OF_RANGE = "edge_score_out_of_range"
    LEVEL_CONTRADICTS_SCORE = "level_contradicts_score"
    ERROR_ASSUMED = "error_assumed"
    QUARTER_SD_BAND = "error_quarter_sd_band"
    LEVEL_ONLY = "error_level_only"
    ERROR_UNKNOWN = "error_unknown"
    ON_THE_CUT = "on_the_cut"
    NOTHING_LEFT = "nothing_left"


MEANING: Final[dict[Rule, str]] = {
    Rule.SAME_SUBJECT_AND_GRADE: "The course and the test are of the same subject and the same grade or content.",
    Rule.FINAL_MARK_OF_THE_YEAR: "A state test is compared with the final mark of its own school year.",
    Rule.CURRENT_TERM_MARK: "A test during the year is compared with the newest term mark of that year.",
    Rule.FROM_LAST_YEAR: "Mark and test are from a past school year, and the family is told so.",
    Rule.EXPIRED: "The test is too old to say anything about the child today.",
    Rule.NEWER_TEST: "A newer valid test in this subject takes its place.",
    Rule.AFTER_THE_DAY: "The test was given after the day this comparison is made for.",
    Rule.FLOOR_AND_CUT: "A test needs a grade-level floor: a cut score, or the level that means at grade level.",
    Rule.CUT_OF_THE_SEASON: "A score of one season is compared with the cut of that season only.",
    Rule.PROJECTION: "The vendor's own chance of reaching grade level on the state test decides, not its scale.",
    Rule.TESTS_AGREE: "Several current tests fall on the same side.",
    Rule.ONE_TEST_CLOSE: "One of several tests is close to the line; the other decides, with a note.",
    Rule.NEWEST_TESTS_DECIDE: "Tests at opposite ends lie far apart in time; the newest decide.",
    Rule.OPPOSITE_ENDS: "Tests taken near each other fall at opposite ends; no verdict is given.",
    Rule.ATTEMPTS_TOGETHER: "Several attempts at one test count together, by their mean; the best alone never counts.",
    Rule.MARK_NOT_COMPARABLE: "The mark does not grade what was learned of the grade's content.",
    Rule.TERM_TOO_YOUNG: "The term has just begun; its mark rests on too little work.",
    Rule.STANDARDS_CARD: "The report card states grade-level standards itself: two measures of one goal.",
    Rule.NOT_TESTED: "There is no score.",
    Rule.NOT_A_FULL_SCORE: "The score is not a full and valid one.",
    Rule.ALTERNATE_TEST: "The student takes an alternate assessment, which is never compared with marks.",
    Rule.NO_NOT_YET_IN_ENGLISH: "An English learner's test in English never says not yet at grade level.",
    Rule.NATIVE_LANGUAGE_FIRST: "A test in the student's own language goes before one in English.",
    Rule.TEST_IN_ENGLISH: "The test was in English and may not show all an English learner knows.",
    Rule.NON_STANDARD_TEST: "The test was changed in a way that makes its score another score.",
    Rule.LANGUAGE_TEST: "A test of English proficiency says nothing about grade level in a subject.",
    Rule.OFF_GRADE: "The test is of another grade than the student's, and its result cannot carry over.",
    Rule.SCORE_OUT_OF_RANGE: "The score lies outside the scale of the test.",
    Rule.LEVEL_CONTRADICTS_SCORE: "The reported level and the score lie on different sides of the grade-level line.",
    Rule.ERROR_ASSUMED: "The score came without its own error; the published error of the test was used.",
    Rule.QUARTER_SD_BAND: "No error is known; a quarter of a standard deviation around the cut counts as close.",
    Rule.LEVEL_ONLY: "Neither error nor spread is known; the reported level decides.",
    Rule.ERROR_UNKNOWN: "Nothing says how exact the score is: no error, no spread, no level.",
    Rule.ON_THE_CUT: "A score exactly on the cut is close.",
    Rule.NOTHING_LEFT: "Neither a mark nor a score is there any more.",
}

# What staff read beside each refusal: what happened, and what to do.
REFUSAL_MEANING: Final[dict[Refusal, tuple[str, str]]] = {
    Refusal.NO_MARK: (
        "There is a score, but no mark in this subject.",
        "Import report-card marks of this subject.",
    ),
    Refusal.NO_SCORE: (
        "There is no score in this subject.",
        "Import test results, or ask the teacher.",
    ),
    Refusal.SUBJECT_NOT_MAPPED: (
        "Marks or scores are there, but their course or test is not mapped to a subject.",
        "Map the course or test to a subject and import again.",
    ),
    Refusal.MARK_NOT_COMPARABLE: (
        "The mark does not grade learning: pass or fail, incomplete, a comment, conduct, or off its scale.",
        "Check the grade scale of the course; if the mark is right, nothing is to be done.",
    ),
    Refusal.MARK_NOT_FINAL: (
        "The test's school year has no final mark yet.",
        "Import final marks, and check that they are marked as final.",
    ),
    Refusal.TERM_TOO_YOUNG: (
        "The term has just begun.",
        "Wait until the term is four weeks old, or for the next report card.",
    ),
    Refusal.GRADE_NOT_COMPARABLE: (
        "The mark is of a course of another grade or content than the test.",
        "Check the grade level of the course; otherwise nothing is to be done.",
    ),
    Refusal.OTHER_YEAR: (
        "Marks and scores are from different school years.",
        "Import the marks of the school year in which the test was taken.",
    ),
    Refusal.TEST_TOO_OLD: ("The newest test is too old.", "Import newer test results."),
    Refusal.SCORE_NOT_VALID: (
        "The score is partial, invalid, off its scale, dated in the future, or contradicts its level.",
        "Check the score with the testing office and import the corrected file.",
    ),
    Refusal.NO_CUT: (
        "Nothing says which score or level means at grade level.",
        "Add the cut score or the grade-level floor of this test.",
    ),
    Refusal.NO_ERROR: (
        "Nothing says how exact the score is.",
        "Add the published error or the standard deviation of this test.",
    ),
    Refusal.WRONG_SEASON: (
        "The score would be held against the line of another season.",
        "Add the cut of the season in which the test was taken.",
    ),
    Refusal.OFF_GRADE: (
        "The test is of another grade than the student's, and its result cannot carry over.",
        "Nothing is to be done.",
    ),
    Refusal.ENGLISH_LEARNER: (
        "The test was in English and the student is learning English; no such claim is made.",
        "Use a test in the student's own language where there is one.",
    ),
    Refusal.ALTERNATE_TEST: (
        "The student takes an alternate assessment.",
        "Nothing is to be done; the family gets a report of its own.",
    ),
    Refusal.TEST_MODIFIED: (
        "The test was given with changes that make its score another score.",
        "Nothing is to be done.",
    ),
    Refusal.LANGUAGE_TEST: (
        "The only test is one of English proficiency.",
        "Import results of a test in this subject.",
    ),
}
