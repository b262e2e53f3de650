"""Names, marks, dates and addresses keep their own order in Arabic and Urdu, and Arabic names theirs in English."""

from dataclasses import replace

import pytest
from markupsafe import Markup

from content.catalog import load
from reports.family.bidi import for_page, for_print
from reports.family.report import FamilyReport
from reports.family.write import write
from tests.reports.family.made_up import FACTS, ISSUE


def said(text: str, language: str = "ar") -> FamilyReport:
    return replace(write(FACTS, ISSUE, language, load()), meanings=(text,))


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("درجة A- في", "درجة <bdi>A-</bdi> في"),
        ("هي B+.", "هي <bdi>B+</bdi>."),
        ("اسألوا Dr. Ana Rivera.", "اسألوا <bdi>Dr. Ana Rivera</bdi>."),
        ("عام 2025–26، Quarter 1", "عام <bdi>2025–26</bdi>، <bdi>Quarter 1</bdi>"),
        ("اتصلوا 555-0134.", "اتصلوا <bdi>555-0134</bdi>."),
        ("اتصلوا بالرقم (312) 555-0102.", "اتصلوا بالرقم <bdi>(312) 555-0102</bdi>."),
        ("مادة Math (Honors) هي", "مادة <bdi>Math (Honors)</bdi> هي"),
        ("ortiz@school.example. ثم", "<bdi>ortiz@school.example</bdi>. ثم"),
        ("في D’Angelo O'Neil هنا", "في <bdi>D’Angelo O&#39;Neil</bdi> هنا"),
        ("معه $50 فقط", "معه <bdi>$50</bdi> فقط"),
        ("<b>Ana</b> في", "&lt;<bdi>b</bdi>&gt;<bdi>Ana</bdi>&lt;/<bdi>b</bdi>&gt; في"),
        ("بلا شيء", "بلا شيء"),
    ],
)
def test_runs_are_set_apart_on_the_page(text: str, apart: str) -> None:
    shown = for_page(said(text)).meanings[0]
    assert str(shown) == apart
    assert isinstance(shown, Markup) == ("<bdi>" in apart), (
        "what is set apart is escaped, the rest is not marked safe"
    )


def test_in_print_invisible_signs_stand_around_a_run() -> None:
    assert for_print(said("درجة A- في")).meanings[0] == "درجة \u2066A-\u2069 في"


def test_what_the_program_reads_is_left_alone() -> None:
    made = said("نص")
    shown = for_page(made)
    kept = ("number", "version", "language", "issued_on", "link")
    assert [getattr(shown, name) for name in kept] == [getattr(made, name) for name in kept]
    assert [block.category for block in shown.subjects] == [block.category for block in made.subjects]


def test_a_picture_in_words_holds_no_markup() -> None:
    chart = for_page(said("نص")).subjects[0].chart
    assert chart is not None
    assert "<" not in chart.description
    assert "\u20661571\u2069" in chart.description


def test_an_arabic_name_in_an_english_report() -> None:
    made = write(replace(FACTS, student="محمد", full_name="محمد علي"), ISSUE, "en", load())
    assert for_page(made).full_name == Markup("<bdi>محمد علي</bdi>")
    assert "<bdi>محمد</bdi>’s score" in for_page(made).subjects[0].chart.legend  # type: ignore[union-attr]
    plain = write(FACTS, ISSUE, "en", load())
    assert for_page(plain) is plain, "nothing to set apart"
