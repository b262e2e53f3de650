"""The shared vocabulary: names of the states a comparison can be in, and the columns of its frames.

Frames come in and go out as pandas; each schema below lists column → meaning with its unit. Missing is NaN/NaT/None.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class GradeBand(StrEnum):
    HIGH = "HIGH"
    MIDDLE = "MIDDLE"
    LOW = "LOW"


class Evidence(StrEnum):
    AT = "AT"
    CLOSE = "CLOSE"
    NOT_YET = "NOT_YET"


class Category(StrEnum):
    """What a family is told about one child and subject; the sentences stand in content/report/."""

    MATCH_AT = "MATCH_AT"
    HIGH_CLOSE = "HIGH_CLOSE"
    HIGH_NOTYET = "HIGH_NOTYET"
    MID_AT = "MID_AT"
    MID_CLOSE = "MID_CLOSE"
    MID_NOTYET = "MID_NOTYET"
    LOW_AT = "LOW_AT"
    LOW_CLOSE = "LOW_CLOSE"
    BOTH_NEED = "BOTH_NEED"
    TESTS_DISAGREE = "TESTS_DISAGREE"
    NOT_ENOUGH = "NOT_ENOUGH"
    OTHER_TEST = "OTHER_TEST"


CATEGORY_OF: Final[dict[tuple[GradeBand, Evidence], Category]] = {
    (GradeBand.HIGH, Evidence.AT): Category.MATCH_AT,
    (GradeBand.HIGH, Evidence.CLOSE): Category.HIGH_CLOSE,
    (GradeBand.HIGH, Evidence.NOT_YET): Category.HIGH_NOTYET,
    (GradeBand.MIDDLE, Evidence.AT): Category.MID_AT,
    (GradeBand.MIDDLE, Evidence.CLOSE): Category.MID_CLOSE,
    (GradeBand.MIDDLE, Evidence.NOT_YET): Category.MID_NOTYET,
    (GradeBand.LOW, Evidence.AT): Category.LOW_AT,
    (GradeBand.LOW, Evidence.CLOSE): Category.LOW_CLOSE,
    (GradeBand.LOW, Evidence.NOT_YET): Category.BOTH_NEED,
}


class Refusal(StrEnum):
    """Why no comparison is made. Staff see the reason; a family sees one neutral sentence for all of them."""

    NO_MARK = "no_mark"
    NO_SCORE = "no_score"
    SUBJECT_NOT_MAPPED = "subject_not_mapped"
    MARK_NOT_COMPARABLE = "mark_not_comparable"
    MARK_NOT_FINAL = "mark_not_final"
    TERM_TOO_YOUNG = "term_too_young"
    GRADE_NOT_COMPARABLE = "grade_not_comparable"
    OTHER_YEAR = "other_year"
    TEST_TOO_OLD = "test_too_old"
    SCORE_NOT_VALID = "score_not_valid"
    NO_CUT = "no_cut"
    WRONG_SEASON = "wrong_season"
    OFF_GRADE = "off_grade"
    ENGLISH_LEARNER = "english_learner"
    ALTERNATE_TEST = "alternate_test"
    NO_ERROR = "no_error"
    TEST_MODIFIED = "test_modified"
    LANGUAGE_TEST = "language_test"


class ScoreStatus(StrEnum):
    VALID = "valid"
    PARTIAL = "partial"
    INVALIDATED = "invalidated"
    ABSENT = "absent"
    OPT_OUT = "opt_out"
    ALTERNATE = "alternate"
    OFF_GRADE = "off_grade"
    MODIFIED = "modified"


# One row a mark.
MARK_COLUMNS: Final[dict[str, str]] = {
    "mark_id": "id of the record",
    "student_id": "id of the student",
    "subject": "math, reading, writing, science …; None = course not mapped to a subject",
    "grade_level": "of the course, -1 pre-kindergarten, 0 kindergarten, 1-12; None = not known",
    "school_year": "the year in which it ends",
    "course_title": "as the school prints it",
    "period_title": "as the school prints it",
    "period_begins_on": "date",
    "period_ends_on": "date",
    "is_final": "True for the mark of the whole course or year",
    "mark": "as printed: B+, 87, 3, Pass",
    "percent": "0-100 where the source gives one",
    "scale": "id of a grade scale",
    "modified_curriculum": "True or False",
    "credit_recovery": "True or False",
    "teacher_name": "as printed for families; None = not known",
}

# One row a score, with what its assessment says about it.
SCORE_COLUMNS: Final[dict[str, str]] = {
    "score_id": "id of the record",
    "student_id": "id of the student",
    "assessment_id": "id of the test, version, grade and season",
    "family": "name of the test family: STAAR, MAP Growth …",
    "title": "name of the test as printed",
    "version": "of the test",
    "kind": "summative, interim, alternate, language or college",
    "subject": "as in marks",
    "season": "fall, winter, spring; None = once a year",
    "grade_level": "of the test taken",
    "school_year": "the year in which it ends",
    "administered_on": "date",
    "scale_score": "points of the test's scale",
    "csem": "conditional standard error at this score, same points",
    "test_sem": "published error of the whole test, same points",
    "score_sd": "standard deviation of the scale, same points",
    "cut": "lowest score that means at grade level, same points",
    "level": "code of the reported level",
    "levels": "list of {code, name, minimum, maximum}, lowest first",
    "floor_level": "code of the lowest level that means at grade level",
    "score_minimum": "lowest score of the scale",
    "score_maximum": "highest score of the scale",
    "status": "a ScoreStatus",
    "test_language": "BCP 47",
    "projected_probability": "the vendor's own chance of reaching grade level on the state test, 0-1",
}

# One row a student and subject asked about.
STUDENT_COLUMNS: Final[dict[str, str]] = {
    "student_id": "id of the student",
    "grade_level": "of enrolment",
    "english_learner": "True, False or None",
    "us_entry_date": "date of the first day in a US school; None = not known",
    "english_proficiency": "composite level of the newest test of English proficiency; None = not known",
    "subject": "asked about even if no mark or score is left; None = none in particular",
}


@dataclass(frozen=True)
class ComparisonPolicy:
    """The configured part of the rules; everything else is fixed by the rules themselves."""

    certainty: float = 0.80
    expiry_days: int = 400
    minimum_term_weeks: int = 4
    disagreement_days: int = 120
    english_proficiency: float = 5.0

    def __post_init__(self) -> None:
        if not 0.70 <= self.certainty <= 0.95:
            raise ValueError("certainty must lie between 0.70 and 0.95")


# One row a student and subject; words are categoricals. `refusal` is set exactly when the category is NOT_ENOUGH or
# OTHER_TEST. From `mark_id` on, the mark compared and the leading test; missing where nothing is compared.
# `reports.compare.explanation.explanations` gives all that an outcome rests on.
COMPARISON_COLUMNS: Final[dict[str, str]] = {
    "student_id": "id of the student",
    "subject": "as in marks",
    "category": "a Category",
    "refusal": "a Refusal, or missing",
    "grade_band": "a GradeBand, or missing",
    "evidence": "an Evidence, or missing",
    "probability": "chance to be at or above the cut given the observed score and its error, 0-1; staff only",
    "rules": "names of the rules that fired, in their order, with a blank between",
    "school_year": "the year in which it ends",
    "mark_id": "id of the mark",
    "mark": "as printed",
    "score_id": "id of the score",
    "score": "points of the test's scale",
    "cut": "lowest score that means at grade level, same points",
    "error": "of the score, same points",
    "error_source": "csem, test_sem, quarter_sd, level or projection; see evidence.judge",
    "level": "code of the reported level",
    "floor_level": "code of the lowest level that means at grade level",
    "administered_on": "date",
    "tests": "number of tests the outcome rests on",
}
