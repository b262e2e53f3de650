"""The PDF: two sides, tagged, each language in its own voice, nothing lost, the same bytes for the same report."""

import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from weasyprint.urls import FatalURLFetchingError

from content.catalog import load
from reports.family.facts import Issue, ReportFacts
from reports.family.press import RenderError, print_sides
from reports.family.render import page, page_style, pdf
from reports.family.report import FamilyReport, from_json
from reports.family.write import write
from tests.reports.family.made_up import (
    FACTS,
    INTERIM_READING,
    ISSUE,
    MATH,
    NOT_ENOUGH,
    OTHER_TEST,
    READING,
    STATE_MATH,
    STATE_READING,
)

LONG = replace(
    FACTS,
    student="Maximiliano Alejandro",
    full_name="Maximiliano Alejandro de la Santísima Trinidad Rodríguez-Vil",
    school="The Reverend Doctor Martin Luther King Junior Elementary Sch",
    subjects=(replace(READING, tests=(STATE_READING, INTERIM_READING, STATE_MATH)), MATH),
)


def sides(
    facts: ReportFacts = FACTS, languages: tuple[str, ...] = ("es", "en"), issue: Issue = ISSUE
) -> list[FamilyReport]:
    return [write(facts, issue, language, load()) for language in languages]


pytestmark = pytest.mark.xdist_group("render")  # the fixture of the whole file is made once


@pytest.fixture(scope="module")
def bilingual() -> bytes:
    return pdf(sides())


def open_pdf(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content))


def plain_text(content: bytes) -> str:
    found = subprocess.run(["pdftotext", "-raw", "-", "-"], input=content, capture_output=True, check=True)
    return " ".join(found.stdout.decode().split())


def elements(file: pikepdf.Pdf) -> list[pikepdf.Object]:
    """All elements of the tag tree, in reading order."""

    def walk(node: pikepdf.Object) -> list[pikepdf.Object]:
        if not isinstance(node, pikepdf.Dictionary) or "/S" not in node:
            return []
        children = node.get("/K", pikepdf.Array())
        listed = children if isinstance(children, pikepdf.Array) else [children]
        return [node, *(found for child in listed for found in walk(child))]

    return [found for child in file.Root.StructTreeRoot.K for found in walk(child)]


def test_two_sides_of_us_letter_under_45_kilobytes(bilingual: bytes) -> None:
    file = open_pdf(bilingual)
    assert len(file.pages) == 2
    assert [float(x) for x in file.pages[0].MediaBox] == [0, 0, 612, 792]
    assert len(bilingual) < 45_000


def test_the_file_is_tagged_as_pdf_ua(bilingual: bytes) -> None:
    file = open_pdf(bilingual)
    assert file.Root.MarkInfo.Marked
    assert file.Root.ViewerPreferences.DisplayDocTitle
    with file.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"


def test_each_side_is_read_in_its_own_voice(bilingual: bytes) -> None:
    file = open_pdf(bilingual)
    sections = [element for element in elements(file) if element.S == "/Sect"]
    assert str(file.Root.Lang) == "es-US"
    assert [str(section.Lang) for section in sections] == ["es-US", "en-US"]
    pages = [section.Pg.objgen for section in sections]
    assert pages == [page.objgen for page in file.pages]


def test_each_picture_has_words_and_tables_have_headers(bilingual: bytes) -> None:
    file = open_pdf(bilingual)
    found = elements(file)
    figures = [element for element in found if element.S == "/Figure"]
    assert len(figures) == 4
    assert all(len(str(figure.Alt)) > 40 for figure in figures)
    assert sum(element.S == "/TH" for element in found) == 6
    assert sum(element.S == "/Table" for element in found) == 2
    assert [str(element.S) for element in found if str(element.S) in ("/H1", "/H2")] == [
        "/H1",
        *["/H2"] * 5,
    ] * 2


def test_the_metadata_name_nobody(bilingual: bytes) -> None:
    file = open_pdf(bilingual)
    assert str(file.docinfo["/Title"]) == "Informe K7F3-92QX-TB4M, versión 1"
    assert "Rivera" not in str(dict(file.docinfo))
    with file.open_metadata() as metadata:
        assert "Rivera" not in str(metadata)


@pytest.mark.parametrize(
    "facts",
    [
        FACTS,
        LONG,
        replace(FACTS, subjects=(NOT_ENOUGH, OTHER_TEST)),
        replace(
            FACTS, subjects=(replace(MATH, tests=(replace(STATE_MATH, score=None, error=None, cut=None),)),)
        ),
    ],
    ids=["two subjects", "long names", "nothing to compare", "level alone"],
)
def test_nothing_of_the_report_is_lost_in_print(facts: ReportFacts) -> None:
    made = sides(facts)
    # The numbers of footnotes stand in the sentences.
    shown = re.sub("[ ¹²³]", "", plain_text(pdf(made)))
    for report in made:
        assert missing(report, shown) == []


def missing(report: FamilyReport, shown: str) -> list[str]:
    texts = [*report.full_name.split(), *report.details, *report.meanings, *report.steps, *report.reach]
    for block in report.subjects:
        texts += [block.title, block.verdict, block.sentence, *block.questions, block.activity]
        texts += [words for row in block.rows for words in (row.source, row.says, row.when)]
        if block.chart:
            texts += [
                block.chart.legend,
                block.chart.line_label,
                *(word for s in block.chart.segments for word in s.name.split()),
            ]
    texts += [report.labels[key] for key in ("next.mistake", "next.privacy", "next.stop", "number")]
    return [words for words in texts if words.replace(" ", "") not in shown]


def test_a_third_more_text_still_fits_two_sides() -> None:
    made = [from_json(grown(report.to_json())) for report in sides()]
    assert len(open_pdf(pdf(made)).pages) == 2


def grown(value: object, key: str = "") -> object:
    """The same report with every text 35 % longer."""
    kept = {
        "number",
        "version",
        "language",
        "issued_on",
        "category",
        "state",
        "kind",
        "interpreter_language",
        "link",
    }
    if isinstance(value, str) and key not in kept:
        return f"{value} {('palabra ' * 40)[: max(int(len(value) * 0.35) - 1, 0)]}".strip()
    if isinstance(value, dict):
        return {name: grown(inner, name) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [grown(inner, key) for inner in value]
    return value


def test_what_cannot_fit_is_an_error_and_never_lost() -> None:
    made = sides()
    endless = replace(made[0], meanings=("palabra " * 900,))
    with pytest.raises(RenderError, match="K7F3-92QX-TB4M-1-es"):
        pdf([endless, made[1]])


def test_a_letter_without_a_glyph_is_an_error_that_quotes_no_name(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(RenderError, match=r"K7F3.*U\+0378") as raised:
        pdf(sides(replace(FACTS, full_name="Ana \u0378")))
    assert "\u0378" not in str(raised.value) + caplog.text


def test_nothing_from_outside_is_fetched() -> None:
    markup = (
        '<html lang="en"><body><img src="file:///etc/hostname" alt="x"/><p id="end-0">x</p></body></html>'
    )
    with pytest.raises(FatalURLFetchingError, match="outside"):
        print_sides("x", ["en"], ["normal"], lambda _: markup)


def test_one_language_gets_a_side_to_write_on() -> None:
    content = pdf(sides(languages=("en",)))
    assert len(open_pdf(content).pages) == 2
    shown = plain_text(content)
    assert "Your turn" in shown
    assert "Our hope for Ana is" in shown
    assert "grade-level line" in shown


def test_a_link_is_printed_as_code_with_words() -> None:
    issue = replace(ISSUE, link="https://families.example.org/f/abcdefghijklmnop")
    file = open_pdf(pdf(sides(issue=issue)))
    assert str(file.pages[0].Annots[0].A.URI) == issue.link
    figures = [element for element in elements(file) if element.S == "/Figure"]
    assert all("/Alt" in figure for figure in figures)
    assert len(figures) == 6


@pytest.mark.parametrize("language", ["ar", "zh", "ko", "ur", "ru", "vi", "so"])
def test_the_line_about_the_interpreter_is_printed_in_its_script(language: str) -> None:
    content = pdf(sides(languages=("en",), issue=replace(ISSUE, family_language=language)))
    assert len(open_pdf(content).pages) == 2


def test_the_same_report_gives_the_same_bytes_in_another_process(bilingual: bytes, tmp_path: Path) -> None:
    assert pdf(sides()) == bilingual
    contracts = tmp_path / "contracts.json"
    contracts.write_text(json.dumps([report.to_json() for report in sides()]))
    script = (
        "import json, sys; from reports.family.render import pdf; from reports.family.report import from_json;"
        "sys.stdout.buffer.write(pdf([from_json(r) for r in json.load(open(sys.argv[1]))]))"
    )
    other = subprocess.run([sys.executable, "-c", script, str(contracts)], capture_output=True, check=True)
    assert other.stdout == bilingual


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_needs_no_script_and_nothing_from_elsewhere(language: str) -> None:
    report = sides(languages=(language,))[0]
    markup, style = page(report), page_style(report)
    assert f'lang="{language}-US"' in markup
    assert "<script" not in markup
    assert "http" not in markup.replace("http://www.w3.org/2000/svg", "")
    assert len((markup + style).encode()) < 40_000
    assert markup.count("<h1 ") == 1
    assert "url(" not in style
    assert "@import" not in style


def test_the_label_of_the_line_has_its_place_without_style_attributes() -> None:
    report = sides()[0]
    markup, style = page(report), page_style(report)
    assert " style=" not in markup
    lines = {block.chart.line for block in report.subjects if block.chart}
    assert lines
    for line in lines:
        assert f"line-at-{1000 * line:.0f}" in markup
        side, space = ("left", line) if line <= 0.5 else ("right", 1 - line)
        assert f".line-at-{1000 * line:.0f} {{ padding-{side}: {100 * space:.1f}%; }}" in style
