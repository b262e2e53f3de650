"""Other forms of the same report: large letters, plain text, words to tap, a page that was replaced or corrected."""

from __future__ import annotations

import io
import re
import subprocess
from dataclasses import replace

import pikepdf
import pytest

from content import formats
from content.catalog import load
from content.languages import languages
from reports.family.plain import BRAILLE_WIDTH, plain_text
from reports.family.render import large_print, page, page_style, pdf
from reports.family.report import FamilyReport
from reports.family.write import write
from tests.reports.family.made_up import FACTS, ISSUE
from tests.reports.family.test_render import elements
from tests.reports.family.test_rules_r1_to_r15 import FULL, QUESTIONS, TUTORING

pytestmark = pytest.mark.xdist_group("forms")
LANGUAGES = sorted(languages())
LINKED = replace(ISSUE, link="https://families.example.org/f/abcdefgh")


def report(language: str = "en") -> FamilyReport:
    return write(FULL, LINKED, language, load())


@pytest.fixture(scope="module")
def large() -> bytes:
    return large_print([report("es"), report("en")])


def test_no_large_letter_is_smaller_than_18_points(large: bytes) -> None:
    boxes = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=large, capture_output=True, check=True)
    heights = [
        float(bottom) - float(top)
        for top, bottom in re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)"', boxes.stdout.decode())
    ]
    assert len(heights) > 300
    # A line of Noto Sans is 1.36 times as high as its letters are large.
    assert min(heights) >= 18 * 1.36 - 0.1


def test_large_print_has_the_same_questions_in_tags_and_two_languages(large: bytes) -> None:
    file = pikepdf.open(io.BytesIO(large))
    found = elements(file)
    assert len(file.pages) > 4
    assert sum(element.S == "/H1" for element in found) == 2
    assert next(str(e.Lang) for e in found if e.S == "/Sect" and "/Lang" in e) == "es-US"
    figures = [element for element in found if element.S == "/Figure"]
    assert all("/Alt" in figure for figure in figures)
    text = subprocess.run(["pdftotext", "-raw", "-", "-"], input=large, capture_output=True, check=True)
    said = " ".join(text.stdout.decode().split())
    headings = [report("en").labels[f"headings.{key}"] for key in QUESTIONS]
    places = [said.index(heading) for heading in headings]
    assert places == sorted(places)


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_text_says_all_in_order_and_is_text_alone(language: str) -> None:
    made = report(language)
    said = plain_text(made)
    places = [
        said.index(f"{number}. {made.labels[f'headings.{key}']}") for number, key in enumerate(QUESTIONS, 1)
    ]
    assert places == sorted(places)
    for block in made.subjects:
        for part in (block.title, *block.questions, block.activity):
            assert _bare(part) in said
    assert made.link in said
    assert not re.search("[\u2500-\u25ff\u2066-\u2069\ufffc<>|]", said)


def _bare(text: str) -> str:
    return re.sub("[\u2066-\u2069]", "", text)


def test_plain_text_for_braille_keeps_to_its_lines() -> None:
    said = plain_text(report("es"), BRAILLE_WIDTH)
    long = [line for line in said.splitlines() if len(line) > BRAILLE_WIDTH]
    assert long == []
    assert said.split() == plain_text(report("es")).split()


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_sides_say_the_same_days_and_numbers(language: str) -> None:
    made, english = report(language), report("en")
    assert formats.long_day(ISSUE.issued_on, language) == made.issued
    assert formats.long_day(ISSUE.talk_by, language) in made.steps[0]
    assert made.attendance is not None
    assert FULL.attendance is not None
    assert formats.long_day(FULL.attendance.since, language) in made.attendance.when
    assert re.findall(r"\d+", made.attendance.says) == ["7"]
    assert made.programme is not None
    assert TUTORING.starts_on is not None
    assert formats.long_day(TUTORING.starts_on, language) in made.programme.says[0]
    assert [len(part) for part in _parts(made)] == [len(part) for part in _parts(english)]
    for own, other in zip(made.subjects, english.subjects, strict=True):
        assert _numbers(own.norm) == _numbers(other.norm)
        assert own.chart is not None
        assert other.chart is not None
        assert _numbers(own.chart.description) == _numbers(other.chart.description)
        assert (own.chart.band, own.chart.line) == (other.chart.band, other.chart.line)
        assert [(row.kind, row.state, row.source) for row in own.rows if row.kind == "test"] == [
            (row.kind, row.state, row.source) for row in other.rows if row.kind == "test"
        ]


def _parts(made: FamilyReport) -> list[tuple[str, ...]]:
    blocks = made.subjects
    return [made.meanings, made.caveats, made.steps, made.reach, *(block.questions for block in blocks)]


def _numbers(text: str) -> list[str]:
    return sorted(re.findall(r"\d+(?:[.]\d)?", text.replace(",", ".")))


def test_a_word_is_tapped_where_it_comes_first_and_needs_no_script() -> None:
    markup = page(report())
    tapped = re.findall(r"<summary>(.*?)</summary>", markup)
    assert tapped[:3] == ["state test", "grade-level line", "grade level"]
    assert len(tapped) == len(set(tapped))
    assert "(The score where grade level begins on a test." in markup
    assert not re.search(r"<p[^>]*>[^<]*<details", markup), "a paragraph cannot hold it"
    assert load().text("page.define.lead", "en") in markup


def test_a_page_on_paper_has_no_word_to_tap() -> None:
    text = subprocess.run(
        ["pdftotext", "-", "-"], input=pdf([report("es"), report("en")]), capture_output=True, check=True
    )
    assert load().text("page.define.lead", "en") not in text.stdout.decode()


def test_a_page_that_was_replaced_says_so_before_all_else() -> None:
    made = report()
    shown = page(made, replaced=True)
    assert shown.index(made.labels["replaced"]) < shown.index("<h1")
    assert made.labels["replaced"] not in page(made)
    text = subprocess.run(
        ["pdftotext", "-", "-"], input=pdf([made], replaced=True), capture_output=True, check=True
    )
    assert made.labels["replaced"] in " ".join(text.stdout.decode().split())


@pytest.mark.parametrize(
    ("version", "corrected", "key"), [(1, False, None), (2, False, "newer"), (2, True, "corrected")]
)
def test_a_newer_version_says_why_it_is_there(version: int, corrected: bool, key: str | None) -> None:
    issue = replace(ISSUE, version=version, corrected=corrected)
    notice = write(FACTS, issue, "en", load()).notice
    assert notice == (load().text(f"report.{key}", "en") if key else "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_small_and_names_its_language_and_direction(language: str) -> None:
    made = report(language)
    markup = page(made)
    known = languages()[language]
    assert f'lang="{known.tag}" dir="{known.direction}"' in markup
    assert len((markup + page_style(made)).encode()) < 40_000
    assert ("<bdi>" in markup) == (known.direction == "rtl")


def test_the_typed_link_is_short_and_the_code_holds_the_whole() -> None:
    file = pikepdf.open(io.BytesIO(pdf([report("es"), report("en")])))
    assert {str(link.A.URI) for link in file.pages[0].Annots} == {LINKED.link}
    text = subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=pdf([report("en")]), capture_output=True, check=True
    )
    said = "".join(text.stdout.decode().split())
    assert "families.example.org/f/abcdefgh" in said
    assert "https://" not in said
