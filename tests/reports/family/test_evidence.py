"""Which tests a report shows, whose mark it is, and days missed in the grammar of each language."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from content.catalog import load
from content.languages import languages
from reports.family.facts import AttendanceFacts, MarkFacts, NormFacts, ScoreFacts, SubjectFacts
from reports.family.report import FamilyReport
from reports.family.write import write
from tests.reports.family.made_up import FACTS, ISSUE, MATH, READING, STATE_MATH


def report(*subjects: SubjectFacts, language: str = "en") -> FamilyReport:
    return write(replace(FACTS, subjects=subjects), ISSUE, language, load())


def a_test(number: int, evidence: str, leads: bool = False) -> ScoreFacts:
    """The newest is number 1."""
    day = date(2026, 12 - number, 1)
    return replace(STATE_MATH, title=f"Test {number}", evidence=evidence, administered_on=day, leads=leads)


def shown(made: FamilyReport) -> list[str]:
    return [row.source for row in made.subjects[0].rows if row.kind == "test"]


def test_one_subject_shows_three_tests_and_two_show_two_each() -> None:
    tests = tuple(a_test(number, "CLOSE") for number in range(1, 6))
    many = replace(MATH, tests=tests)
    assert shown(report(many)) == ["Test 1", "Test 2", "Test 3"]
    assert shown(report(many, READING)) == ["Test 1", "Test 2"]


def test_the_test_that_decides_is_always_shown() -> None:
    tests = (*(a_test(number, "CLOSE") for number in range(1, 5)), a_test(5, "CLOSE", leads=True))
    assert shown(report(replace(MATH, tests=tests), READING)) == ["Test 1", "Test 5"]


def test_where_tests_do_not_agree_both_sides_are_shown() -> None:
    tests = (a_test(1, "AT"), a_test(2, "AT"), a_test(3, "NOT_YET"))
    disagree = replace(MATH, category="TESTS_DISAGREE", evidence=None, tests=tests)
    made = report(disagree, READING)
    assert [row.state for row in made.subjects[0].rows if row.kind == "test"] == ["AT", "NOT_YET"]


def test_a_mark_names_the_teacher_who_gave_it_and_no_other() -> None:
    given = replace(MATH, mark=MarkFacts("B", "Math 5", 2026, "Year", "Lee Chan"))
    made = report(given)
    assert made.subjects[0].rows[0].detail == "Teacher: Lee Chan"
    assert "Ask María Ortiz." in made.reach, "the one to ask is the teacher of now"
    assert report(MATH).subjects[0].rows[0].detail == ""


@pytest.mark.parametrize(
    ("language", "days", "said"),
    [
        ("en", 0, "0 days"),
        ("en", 1, "1 day"),
        ("en", 7.5, "7.5 days"),
        ("pt", 7.5, "7,5 dias"),
        ("ru", 1, "1 день"),
        ("ru", 3, "3 дня"),
        ("ru", 11, "11 дней"),
    ],
)
def test_days_missed_are_said_with_the_forms_of_the_language(language: str, days: float, said: str) -> None:
    facts = replace(FACTS, attendance=AttendanceFacts(days, date(2026, 8, 18)))
    row = write(facts, ISSUE, language, load()).attendance
    assert row is not None
    assert row.says == said
    assert "%" not in row.says + row.when


@pytest.mark.parametrize("language", sorted(languages()))
@pytest.mark.parametrize(
    "norm",
    [
        NormFacts("B", "about", 5),
        NormFacts("B", "fewer_than_one", None),
        NormFacts("B", "more_than_nine", None),
        NormFacts("B", "fewer_than_half", None),
        NormFacts("B", "more_than_half", None),
    ],
    ids=lambda norm: norm.code,
)
def test_what_a_grade_means_here_never_stands_without_saying_that_it_is_no_guess(
    language: str, norm: NormFacts
) -> None:
    block = report(replace(MATH, norm=norm), language=language).subjects[0]
    assert block.norm.endswith(load().text("report.norms.not_a_guess", language, {"student": "Ana"}))
    assert block.norm_title
    assert ("5" in block.norm) == (norm.tenths == 5)


def test_of_two_subjects_one_says_what_its_grade_means() -> None:
    norm = NormFacts("B", "about", 5)
    both = report(replace(MATH, norm=norm), replace(READING, norm=norm)).subjects
    assert [bool(block.norm) for block in both] == [False, True], "the subject that needs more"
    one = report(replace(MATH, norm=norm), READING).subjects
    assert [bool(block.norm) for block in one] == [True, False]
