"""What stands on a report: the fifteen rules that can be checked, in both languages, for every category."""

import json
import re
from dataclasses import replace

import pytest

from content.catalog import load
from content.linter import lint, missing_parts
from reports.family.facts import MarkFacts, ReportFacts, SubjectFacts, TeacherFacts, facts_hash
from reports.family.render import page
from reports.family.report import FamilyReport, from_json
from reports.family.write import write
from reports.records import Category
from tests.reports.family.made_up import FACTS, INTERIM_READING, ISSUE, MATH, STATE_MATH

LANGUAGES = ("en", "es")
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
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<svg.*?</svg>", " ", markup, flags=re.DOTALL)).split())


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_five_questions_in_their_order(language: str) -> None:
    headings = [text(h) for h in re.findall(r"<h2>.*?</h2>", page(report(language)), re.DOTALL)]
    wanted = [load().text(f"report.headings.{key}", language, {"student": "Ana"}) for key in
              ("doing", "mean", "know", "now", "next")]  # fmt: skip
    assert headings == [f"{number} {heading}" for number, heading in enumerate(wanted, 1)]


def running_words(made: FamilyReport) -> int:
    """Words to read from heading 1 to the last step; names at the top, labels of picture and table, and foot aside."""
    body = page(made).partition("</header>")[2].partition("<footer")[0]
    body = re.sub(r"<(figure|table)\b.*?</\1>", " ", body, flags=re.DOTALL)
    return len(re.findall(r"[^\W\d_][\w’'-]*", text(body)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("category", list(Category))
def test_one_subject_says_it_in_180_words(language: str, category: Category) -> None:
    assert running_words(report(language, replace(FACTS, subjects=(subject(category),)))) <= 180


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("category", list(Category))
def test_words_come_before_numbers(language: str, category: Category) -> None:
    block = report(language, replace(FACTS, subjects=(subject(category),))).subjects[0]
    assert not re.search(r"\d", block.verdict + block.sentence)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_legend_stands_in_the_box_of_the_picture(language: str) -> None:
    figures = re.findall(r"<figure.*?</figure>", page(report(language)), re.DOTALL)
    assert len(figures) == 2
    for figure, block in zip(figures, report(language).subjects, strict=True):
        assert block.chart is not None
        assert block.chart.legend in text(figure)
        assert block.chart.line_label in text(figure)
        assert re.search(r"<title>[^<]{40,}</title>", figure), "the picture has an equivalent in words"
        assert "<text" not in figure


def test_precision_is_shown_and_too_close_to_call_is_said() -> None:
    block = report("en").subjects[0]
    assert block.chart is not None
    assert block.chart.band is not None
    assert "too close to call" in block.sentence
    assert "1571" in block.chart.legend
    assert "1538" in block.chart.description
    assert "1604" in block.chart.description


def test_the_official_label_is_printed_verbatim() -> None:
    block = report("es").subjects[0]
    assert block.chart is not None
    assert [segment.name for segment in block.chart.segments][1] == "Approaches Grade Level"
    assert "Approaches Grade Level" in block.rows[1].detail


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_verdict_is_told_by_colour_alone(language: str) -> None:
    markup = page(report(language))
    for block in report(language).subjects:
        assert re.search(rf'<span class="sign sign-{block.state}"></span>{block.verdict}', markup)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_person_a_way_to_reply_and_a_dated_step(language: str) -> None:
    made = report(language)
    assert "María Ortiz" in " ".join(made.reach)
    assert "ortiz@school.example" in " ".join(made.reach)
    assert "555-0134" in " ".join(made.reach)
    assert re.search(r"16", made.steps[0])
    assert re.search(r"2026", made.steps[0])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_parts_a_report_must_have(language: str) -> None:
    made = report(language)
    subjects = tuple(load().text(f"report.subjects.{s}", language) for s in ("math", "reading"))
    assert missing_parts(text(page(made)), language, student="Ana", subjects=subjects) == []


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
