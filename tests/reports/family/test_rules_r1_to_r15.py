"""The fifteen rules of a good report, by their numbers; docs/report-rules.md says each in words and who keeps it."""

import itertools
import re
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest

from content.catalog import load
from content.languages import languages
from content.linter import lint, missing_parts
from reports.family.facts import AttendanceFacts, NormFacts, ProgrammeFacts, ReportFacts, ScoreFacts
from reports.family.render import TEMPLATES, page
from reports.family.report import FamilyReport
from reports.family.write import write
from reports.records import Category
from tests.reports.family.made_up import FACTS, ISSUE, MATH, READING
from tests.reports.family.test_write import subject, text

LANGUAGES = sorted(languages())
QUESTIONS = ("doing", "mean", "know", "now", "next")
TUTORING = ProgrammeFacts(
    ("math", "reading"),
    {"en": "Reading Club"},
    {"en": "Tuesdays."},
    date(2026, 11, 10),
    True,
    True,
    "555-0199",
)
# All that a report can hold.
FULL = replace(
    FACTS,
    subjects=(replace(READING, norm=NormFacts("A", "about", 5)), MATH),
    attendance=AttendanceFacts(7, date(2026, 8, 18)),
    programmes=(TUTORING,),
    grading_policy={"en": "Our school lets students try a test again."},
)
PAIRS = list(itertools.product(Category, repeat=2))


def report(language: str = "en", facts: ReportFacts = FULL) -> FamilyReport:
    return write(facts, ISSUE, language, load())


def of_two(first: Category, second: Category, grade_level: int = 7) -> ReportFacts:
    subjects = (subject(first), subject(second, "reading"))
    return replace(FULL, subjects=subjects, grade_level=grade_level)


@pytest.mark.parametrize("language", LANGUAGES)
def test_r1_the_five_questions_in_their_order(language: str) -> None:
    headings = [text(h) for h in re.findall(r"<h2>.*?</h2>", page(report(language)), re.DOTALL)]
    wanted = [load().text(f"report.headings.{key}", language, {"student": "Ana"}) for key in QUESTIONS]
    assert headings == [f"{number} {heading}" for number, heading in enumerate(wanted, 1)]


def sentences_to_read(made: FamilyReport) -> int:
    """Words from heading 1 to the dated step; headings, labels, the picture, the table and addresses aside."""
    body = page(made).partition("</header>")[2].partition("<footer")[0]
    body = re.sub(r"<(figure|table|address|h2|h3)\b.*?</\1>", " ", body, flags=re.DOTALL)
    body = re.sub(r'<p class="(?:minutes|verdict)">.*?</p>', " ", body, flags=re.DOTALL)
    return len(re.findall(r"[^\W\d_][\w’'-]*", text(body)))


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_r2_two_subjects_are_read_in_180_words(pair: tuple[Category, Category]) -> None:
    most = max(sentences_to_read(report("en", of_two(*pair, grade))) for grade in (1, 4, 7, 10))
    assert most <= 180


@pytest.mark.parametrize("category", list(Category))
def test_r2_one_subject_is_read_in_130_words(category: Category) -> None:
    assert sentences_to_read(report("en", replace(FULL, subjects=(subject(category),)))) <= 130


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("category", list(Category))
def test_r3_the_reading_stands_in_words_before_any_number(language: str, category: Category) -> None:
    for block in report(language, of_two(category, Category.HIGH_NOTYET)).subjects:
        assert not re.search(r"\d", block.title + block.verdict + block.sentence)


@pytest.mark.parametrize("language", LANGUAGES)
def test_r4_the_legend_stands_in_the_box_of_the_picture(language: str) -> None:
    made = report(language)
    figures = re.findall(r"<figure.*?</figure>", page(made), re.DOTALL)
    assert len(figures) == 2
    for figure, block in zip(figures, made.subjects, strict=True):
        assert block.chart is not None
        assert block.chart.legend in text(figure)
        assert block.chart.line_label in text(figure)


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_r5_no_label_hurts_and_no_test_stands_alone(pair: tuple[Category, Category]) -> None:
    made = report("en", of_two(*pair))
    assert lint(text(page(made)), "en") == []
    for block in made.subjects:
        assert block.rows[0].kind == "mark", "the mark stands beside every test"
    assert text(page(made)).count("A grade can include classwork") == 1
    if any(row.state for block in made.subjects for row in block.rows):
        assert "One test is one day." in made.caveats


def test_r5_no_more_precision_than_the_test_has() -> None:
    odd = replace(MATH.tests[0], score=1571.23456, error=32.98765)
    chart = report(facts=replace(FULL, subjects=(replace(MATH, tests=(odd,)),))).subjects[0].chart
    assert chart is not None
    assert "1571.2," in chart.legend
    assert re.findall(r"\d+\.\d+", chart.description) == ["1571.2", "1538.2", "1604.2"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("category", list(Category))
def test_r6_every_score_is_drawn_with_its_band(language: str, category: Category) -> None:
    for block in report(language, of_two(category, Category.MATCH_AT)).subjects:
        assert bool(block.chart) == bool(block.state)
        if block.chart:
            assert block.chart.band is not None
            low, high = block.chart.band
            assert low < (block.chart.score or 0) < high
            assert block.state != "CLOSE" or low < block.chart.line < high
    close = report("en", of_two(Category.HIGH_CLOSE, category)).subjects[0]
    assert "too close to call" in close.sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_r7_one_word_for_one_thing(language: str) -> None:
    catalog, made = load(), report(language)
    for block in made.subjects:
        verdicts = {row.state: row.says for row in block.rows if row.state}
        assert verdicts[block.state] == block.verdict
    line = catalog.text("glossary.grade_level_line.term", language).lower()
    for block in made.subjects:
        assert block.chart is not None
        assert line in block.chart.line_label.lower()


COLOURS = re.compile(r"--(ink|soft|accent|paper|panel|at|before): (#[0-9a-f]{6})")


def brightness(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((brightness(one), brightness(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_r8_words_and_shapes_stand_out_from_what_is_behind_them(scheme: int) -> None:
    blocks = re.findall(r"\{([^{}]*--ink[^{}]*)\}", (TEMPLATES / "page.css").read_text(encoding="utf-8"))
    colours = dict(COLOURS.findall(blocks[scheme]))
    for words, behind in itertools.product(("ink", "soft", "accent"), ("paper", "panel")):
        assert contrast(colours[words], colours[behind]) >= 4.5, (words, behind)
    for behind in ("at", "before"):
        assert contrast(colours["accent"], colours[behind]) >= 3, "the band on its level, in grey as well"
        assert contrast(colours["ink"], colours[behind]) >= 3, "the line on its level"


@pytest.mark.parametrize("language", LANGUAGES)
def test_r8_nothing_is_told_by_colour_alone(language: str) -> None:
    markup = re.sub("</?bdi>|[\u2066-\u2069]", "", page(report(language)))
    made = report(language)
    for block in made.subjects:
        assert f'sign-{block.state}"></span>{block.verdict}' in markup
        assert block.chart is not None
        assert re.sub("[\u2066-\u2069]", "", block.chart.description) in markup.replace("&#39;", "'")
    from_the_line = sum(s.at_grade_level for b in made.subjects if b.chart for s in b.chart.segments)
    assert markup.count('class="base"') == from_the_line, "levels from grade level on stand on a dark base"


@pytest.mark.parametrize("language", LANGUAGES)
def test_r9_a_person_a_way_to_reply_and_a_dated_step(language: str) -> None:
    made = report(language)
    reach = " ".join(made.reach)
    assert all(way in reach for way in ("María Ortiz", "ortiz@school.example", "555-0134"))
    assert re.search(r"(?<!\d)16(?!\d)", made.steps[0])
    assert "2026" in made.steps[0]
    assert made.labels["your_turn.intro"]


def test_r9_all_that_a_report_must_name() -> None:
    assert missing_parts(text(page(report())), "en", student="Ana", subjects=("math", "reading")) == []


def test_r10_no_part_of_a_test_is_ranked() -> None:
    """Sub-scores would need their own proof of reliability: a test comes into a report whole or not at all."""
    assert {field.name for field in fields(ScoreFacts)} == {
        "title", "family", "kind", "season", "administered_on", "evidence", "score", "error", "cut", "level",
        "floor_level", "levels", "leads",
    }  # fmt: skip


RULES = Path(__file__).parents[3] / "docs" / "report-rules.md"


@pytest.mark.parametrize("rule", ["R11", "R12"])
def test_r11_r12_what_people_must_do_is_asked_for_with_a_place_to_write_it_down(rule: str) -> None:
    section = RULES.read_text(encoding="utf-8").partition(f"## {rule} ")[2].partition("\n## ")[0]
    assert "Record" in section
    assert re.search(r"^\|.*Date.*\|", section, re.MULTILINE)


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_r13_a_report_asks_for_three_questions_one_activity_and_one_day(
    pair: tuple[Category, Category],
) -> None:
    made = report("en", of_two(*pair))
    assert [len(made.subjects), sum(len(block.questions) for block in made.subjects)] == [2, 3]
    assert sum(bool(block.activity) for block in made.subjects) == 1
    assert len(made.steps) == 1
    assert all(re.search(r"math|reading", block.questions[0]) for block in made.subjects), "says its subject"


@pytest.mark.parametrize(
    ("categories", "focus"),
    [
        ((Category.MATCH_AT, Category.HIGH_NOTYET), "reading"),
        ((Category.BOTH_NEED, Category.HIGH_NOTYET), "math"),
        ((Category.HIGH_CLOSE, Category.HIGH_CLOSE), "math"),
        ((Category.LOW_AT, Category.MID_CLOSE), "reading"),
    ],
)
def test_r13_the_subject_that_needs_more_has_the_activity(
    categories: tuple[Category, Category], focus: str
) -> None:
    assert [b.subject for b in report("en", of_two(*categories)).subjects if b.activity] == [focus]


@pytest.mark.parametrize("language", LANGUAGES)
def test_r15_the_words_are_explained_and_the_report_can_be_heard(language: str) -> None:
    made = report(language)
    assert len(made.glossary) >= 7
    assert made.labels["next.hear"]
    assert "heads_up" in load().messages, "families are told before the report comes"
