"""What stands on a report, in every language and for every category. The rules by number: test_rules_r1_to_r15."""

import json
import re
from dataclasses import replace

import pytest

from content.catalog import load
from content.languages import languages
from content.linter import lint
from reports.family.facts import MarkFacts, ReportFacts, SubjectFacts, TeacherFacts, facts_hash
from reports.family.render import page
from reports.family.report import FamilyReport, from_json
from reports.family.write import write
from reports.records import Category
from tests.reports.family.made_up import FACTS, INTERIM_READING, ISSUE, MATH, STATE_MATH

LANGUAGES = sorted(languages())
EVIDENCE = {"AT": "AT", "CLOSE": "CLOSE", "NOTYET": "NOT_YET", "NEED": "NOT_YET"}


def subject(category: Category, name: str = "math") -> SubjectFacts:
    evidence = EVIDENCE.get(category.rpartition("_")[2])
    if category in (Category.NOT_ENOUGH, Category.OTHER_TEST):
        return replace(MATH, subject=name, category=category, evidence=None, tests=(), last_year=False)
    tests = (replace(STATE_MATH, evidence=evidence or "AT"), INTERIM_READING)[: 1 if evidence else 2]
    return replace(MATH, subject=name, category=category, evidence=evidence, tests=tests)


def report(language: str, facts: ReportFacts = FACTS) -> FamilyReport:
    return write(facts, ISSUE, language, load())


def text(markup: str) -> str:
    """What is read, without the words of pictures and what shows only when a word is tapped."""
    untapped = re.sub(r'<details class="term"><summary>(.*?)</summary>.*?</details>', r"\1", markup)
    without = re.sub(r"<svg.*?</svg>", " ", re.sub("</?bdi>", "", untapped), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", without).split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("category", list(Category))
def test_every_category_makes_a_whole_report(language: str, category: Category) -> None:
    made = report(language, replace(FACTS, subjects=(subject(category),)))
    block = made.subjects[0]
    assert len(block.questions) == 3
    assert block.activity
    assert block.rows
    assert bool(block.chart) == bool(block.state)
    assert block.meaning in text(page(made)).replace("&#39;", "'")
    assert lint(text(page(made)), language) == []


@pytest.mark.parametrize(
    ("period", "school_year", "when"),
    [
        ("Quarter 1", 2027, "Quarter 1, 2026–27"),
        ("Final 2025-26", 2026, "Final 2025-26"),
        ("Fall 2026", 2027, "Fall 2026"),
        ("2025-26", 2026, "School year 2025–26"),
        ("", 2026, "School year 2025–26"),
        ("Quarter 1", None, "Quarter 1"),
    ],
)
def test_a_mark_says_its_term_as_the_school_names_it(period: str, school_year: int | None, when: str) -> None:
    mark = MarkFacts("B", "Math 5", school_year, period)
    made = report("en", replace(FACTS, subjects=(replace(MATH, mark=mark),)))
    assert made.subjects[0].rows[0].when == when


def test_the_official_label_is_printed_verbatim() -> None:
    block = report("es").subjects[0]
    assert block.chart is not None
    assert [segment.name for segment in block.chart.segments][1] == "Approaches Grade Level"
    assert "Approaches Grade Level" in block.rows[1].detail


def shape(made: FamilyReport) -> object:
    """What must be the same in every language: how many of each thing, every number in the facts, every name."""
    return (
        [
            (len(b.questions), [(r.kind, r.state) for r in b.rows], b.category, b.chart and b.chart.band)
            for b in made.subjects
        ],
        (made.number, made.version, made.issued_on, len(made.steps), len(made.reach), len(made.meanings)),
        sorted(re.findall(r"\d+", " ".join([made.issued, *made.steps, *made.reach, *made.details]))),
        [
            sorted(re.findall(r"\d+", f"{r.source} {r.says} {r.detail} {r.when}"))
            for b in made.subjects
            for r in b.rows
        ],
        [sorted(re.findall(r"\d+", b.chart.legend + b.chart.line_label)) for b in made.subjects if b.chart],
    )


@pytest.mark.parametrize("category", list(Category))
def test_both_languages_carry_the_same_items_numbers_and_dates(category: Category) -> None:
    facts = replace(FACTS, subjects=(subject(category), subject(Category.HIGH_NOTYET, "reading")))
    assert shape(report("en", facts)) == shape(report("es", facts))


def test_math_and_reading_come_first_and_at_most_two() -> None:
    many = tuple(subject(Category.MATCH_AT, name) for name in ("writing", "science", "reading", "math"))
    assert [b.subject for b in report("en", replace(FACTS, subjects=many)).subjects] == ["math", "reading"]
    assert [b.subject for b in report("en", replace(FACTS, subjects=many[:2])).subjects] == [
        "science",
        "writing",
    ]


def test_rules_that_fired_are_told() -> None:
    rules = ("5_one_test_close", "7_standards_card", "10_test_in_english")
    notes = report("en", replace(FACTS, subjects=(replace(MATH, rules=rules),))).subjects[0].notes
    assert len(notes) == 3
    assert any("English" in note for note in notes)


def test_two_teachers_are_named_with_their_subjects() -> None:
    teachers = (
        TeacherFacts("math", "Bo Lee", ""),
        TeacherFacts("reading", "Cy Day", ""),
        TeacherFacts("art", "No", ""),
    )
    made = report("en", replace(FACTS, teachers=teachers))
    assert made.reach[:2] == ("Ask Bo Lee about math.", "Ask Cy Day about reading.")
    assert "No" not in " ".join([*made.reach, *made.details]).split()


def test_names_are_text_wherever_they_stand() -> None:
    wicked = "<script>alert(1)</script>{{ 7 * 7 }}{student}"
    made = report("en", replace(FACTS, student=wicked, full_name=wicked, school=wicked))
    markup = page(made)
    assert "<script" not in markup
    assert "49" not in made.full_name + made.subjects[0].sentence
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}{student}" in markup


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stored_report_comes_back_as_it_was(language: str) -> None:
    made = report(language)
    assert from_json(json.loads(json.dumps(made.to_json()))) == made


def test_the_hash_follows_every_fact_and_text() -> None:
    texts = load().hashes("report")
    first = facts_hash(FACTS, texts)
    assert facts_hash(FACTS, dict(texts)) == first
    assert facts_hash(replace(FACTS, subjects=(MATH,)), texts) != first
    assert facts_hash(FACTS, texts | {"es": "another"}) != first
