"""What nobody planned for: it keeps to two sides and shows nothing it should not, or is refused in plain words."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace

import pikepdf
import pytest
from jinja2 import UndefinedError

from content.catalog import load
from content.languages import languages
from reports.family.facts import MarkFacts, ReportFacts
from reports.family.plain import plain_text
from reports.family.press import RenderError
from reports.family.render import page, pdf
from reports.family.report import FamilyReport, from_json
from reports.family.write import write
from tests.reports.family.made_up import FACTS, ISSUE, MATH, READING, STATE_MATH
from tests.reports.family.test_rules_r1_to_r15 import FULL

pytestmark = pytest.mark.xdist_group("bad_input")


def sides(facts: ReportFacts, languages: tuple[str, ...] = ("es", "en")) -> list[FamilyReport]:
    return [write(facts, ISSUE, language, load()) for language in languages]


def pages(content: bytes) -> int:
    return len(pikepdf.open(io.BytesIO(content)).pages)


def printed(content: bytes) -> str:
    found = subprocess.run(["pdftotext", "-raw", "-", "-"], input=content, capture_output=True, check=True)
    return "".join(found.stdout.decode().split())


def named(name: str) -> ReportFacts:
    """A child of this full name; a word of a name is no longer than a given name can be."""
    return replace(FULL, student=name[:30].strip(), full_name=name)


@pytest.mark.parametrize("language", ["es", "ar", "zh"])
@pytest.mark.parametrize(
    "name",
    [
        "Maximiliano Alejandro de la Santísima Trinidad Rodríguez-Vil",
        "W" * 60,
        "D’Angelo O'Neil",
        "محمد عبد الرحمن",
        "欧阳娜娜",
        "Nguyễn Thị Ánh Tuyết",
        "김민수",
    ],
)
def test_any_name_stays_on_two_sides_and_is_there(language: str, name: str) -> None:
    content = pdf(sides(named(name), (language, "en")))
    assert pages(content) == 2
    if not any("\u0600" <= letter <= "\u06ff" for letter in name):  # read back in the order of its glyphs
        assert name.replace(" ", "") in printed(content)


def test_a_letter_that_cannot_be_printed_is_refused_by_its_code_and_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(RenderError, match=r"U\+1F984; correct") as raised:
        pdf(sides(named("Ana \U0001f984")))
    assert "Ana" not in str(raised.value) + caplog.text
    assert "\U0001f984" in page(sides(named("Ana \U0001f984"))[0]), (
        "the page leaves letters to the reader's device"
    )


def test_a_control_character_is_refused_and_not_quoted() -> None:
    with pytest.raises(RenderError, match="well-formed") as raised:
        pdf(sides(named("Ana\x0b")))
    assert "Ana" not in str(raised.value)


WICKED = '<script>alert(1)</script><img src="https://evil.example/x.png"/>{{ 7 * 7 }}{student}&nbsp;]]>'


def test_markup_in_a_name_is_text_on_page_and_paper() -> None:
    made = sides(named(WICKED), ("en",))
    markup = page(made[0])
    assert "<script" not in markup
    assert "<img" not in markup
    assert "&lt;script&gt;alert(1)" in markup
    content = pdf(made)
    assert pages(content) == 2
    assert WICKED.replace(" ", "") in printed(content)
    assert "49" not in plain_text(made[0]).replace("555-0134", "").replace("555-0199", "")


def test_an_address_in_a_text_is_printed_and_not_fetched() -> None:
    url = "http://127.0.0.1:9/x.png"
    course = replace(MATH, mark=MarkFacts("B", f"url({url})", 2026, "Year"))
    content = pdf(sides(replace(FACTS, subjects=(course,)), ("en",)))
    assert f"url({url})" in printed(content)


@pytest.mark.parametrize(
    "test",
    [
        replace(STATE_MATH, score=None, error=None, cut=None, level=None),
        replace(STATE_MATH, score=None),
        replace(STATE_MATH, error=None, level=None),
        replace(STATE_MATH, administered_on=None),
    ],
    ids=["nothing", "no score", "no error", "no date"],
)
def test_a_missing_score_leaves_a_whole_report_without_a_made_up_picture(test: object) -> None:
    facts = replace(FACTS, subjects=(replace(MATH, tests=(test,)), READING))  # type: ignore[arg-type]
    made = sides(facts)
    assert "None" not in page(made[0]) + plain_text(made[1])
    assert pages(pdf(made)) == 2


def test_a_course_title_of_200_letters_fits() -> None:
    title = ("Integrated Mathematics and Quantitative Reasoning for Multilingual Learners " * 3)[:200].strip()
    facts = replace(FULL, subjects=(replace(MATH, mark=MarkFacts("B", title, 2026, "Year")), READING))
    content = pdf(sides(facts))
    assert pages(content) == 2
    assert title.replace(" ", "") in printed(content)


@pytest.mark.parametrize("facts", [FACTS, FULL], ids=["usual", "full"])
def test_texts_60_percent_longer_than_english_fit(facts: ReportFacts) -> None:
    made = [from_json(grown(report.to_json(), 0.6)) for report in sides(facts, ("en", "en"))]
    assert pages(pdf(made)) == 2


_KEPT = {
    "number",
    "version",
    "language",
    "issued_on",
    "category",
    "state",
    "kind",
    "link",
    "interpreter_language",
}


def grown(value: object, by: float, key: str = "") -> object:
    """The same report with every text longer by this share."""
    if isinstance(value, str) and key not in _KEPT:
        return f"{value} {('palabra ' * 60)[: max(int(len(value) * by) - 1, 0)]}".strip()
    if isinstance(value, dict):
        return {name: grown(inner, by, name) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [grown(inner, by, key) for inner in value]
    return value


def test_a_field_that_is_not_there_stops_the_report() -> None:
    made = sides(FACTS)
    bare = replace(
        made[0], labels={key: text for key, text in made[0].labels.items() if key != "know.source"}
    )
    for draw in (page, lambda report: pdf([report, made[1]])):
        with pytest.raises(UndefinedError, match=r"know\.source"):
            draw(bare)


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_language_prints_all_that_a_report_can_hold(language: str) -> None:
    made = sides(FULL, tuple(dict.fromkeys((language, "en"))))
    assert pages(pdf(made)) == 2
