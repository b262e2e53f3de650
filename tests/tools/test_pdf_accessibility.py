"""Every report in every language passes every check; and each check finds the fault that it is there for."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from content.catalog import load
from reports.classroom import render as classroom
from reports.classroom.sheet import sheet
from reports.family.press import print_pages
from reports.family.render import large_print, pdf
from reports.family.write import write
from tests.reports.family.made_up import FACTS, ISSUE, MATH, NOT_ENOUGH, OTHER_TEST
from tools import pdf_accessibility
from tools.pdf_accessibility import CHECKS, examine
from tools.pdf_tags import TaggedDocument

LINKED = replace(ISSUE, link="https://families.example.org/r/abcdefghijklmnopqrstuvwxyz012345")
KINDS = {
    "two subjects": FACTS,
    "one subject": replace(FACTS, subjects=(MATH,)),
    "nothing to compare": replace(FACTS, subjects=(NOT_ENOUGH, OTHER_TEST)),
}


@cache
def drawn(language: str, kind: str = "two subjects", stranger: str = "") -> bytes:
    issue = replace(LINKED, family_language=stranger)
    languages = [language] if language == "en" else [language, "en"]
    return pdf([write(KINDS[kind], issue, one, load()) for one in languages])


def wrong(content: bytes) -> dict[str, list[str]]:
    return {name: findings for name, findings in examine(content, ("Ana", "Rivera")).items() if findings}


@pytest.mark.parametrize("language", sorted(load().languages))
def test_a_report_in_every_language_passes_every_check(language: str) -> None:
    assert wrong(drawn(language)) == {}


@pytest.mark.parametrize("language", ["en", "ar", "zh"])
def test_large_print_passes_every_check(language: str) -> None:
    reports = [write(FACTS, LINKED, one, load()) for one in dict.fromkeys([language, "en"])]
    assert wrong(large_print(reports)) == {}


def test_the_teachers_sheet_passes_every_check() -> None:
    report = write(FACTS, LINKED, "en", load())
    assert wrong(classroom.pdf([sheet(report, (1, 2))])) == {}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_report_passes_every_check(kind: str) -> None:
    assert wrong(drawn("en", kind)) == {}


def test_the_line_about_the_interpreter_is_read_in_its_own_voice() -> None:
    content = drawn("en", stranger="so")
    assert wrong(content) == {}
    spoken = {tag.language for tag in TaggedDocument(content).all_tags()}
    assert any(language.startswith("so") for language in spoken)


def test_words_are_read_in_the_order_of_the_page() -> None:
    document = TaggedDocument(drawn("es"))
    report = write(FACTS, LINKED, "es", load())
    home, english = document.tags
    assert (home.language[:2], english.language[:2]) == ("es", "en")
    told = [report.full_name, report.subjects[0].sentence, report.subjects[1].sentence, report.steps[0]]
    # The numbers of footnotes stand in the sentences.
    said = re.sub(r" [¹²³](?: (?=[.,;:]))?", "", home.words)
    places = [said.find(words) for words in told]
    assert places == sorted(places)
    assert -1 not in places


def broken(change: Callable[[pikepdf.Pdf], object]) -> bytes:
    file = pikepdf.open(io.BytesIO(drawn("es")))
    change(file)
    buffer = io.BytesIO()
    file.save(buffer)
    return buffer.getvalue()


def tags(file: pikepdf.Pdf, kind: str) -> list[pikepdf.Object]:
    return [o for o in file.objects if isinstance(o, Dictionary) and o.get("/S") == f"/{kind}"]


def retitled(file: pikepdf.Pdf) -> None:
    with file.open_metadata() as metadata:
        metadata["dc:title"] = "Ana Rivera"


def undeclared(file: pikepdf.Pdf) -> None:
    with file.open_metadata() as metadata:
        del metadata["pdfuaid:part"]


def untagged_words(file: pikepdf.Pdf) -> None:
    page = file.pages[0]
    page.contents_add(b"BT (loose) Tj ET")


def swapped_questions(file: pikepdf.Pdf) -> None:
    first, second = tags(file, "H2")[:2]
    first.K, second.K = Array(list(second.K)), Array(list(first.K))


FAULTS = {
    "tagged": lambda file: setattr(tags(file, "P")[0], "S", Name("/Paragraph")),
    "pdfua": undeclared,
    "title": lambda file: file.Root.__delitem__("/ViewerPreferences"),
    "content": untagged_words,
    "language": lambda file: setattr(file.Root, "Lang", String("")),
    "languages": lambda file: tags(file, "Sect")[1].__delitem__("/Lang"),
    "pictures": lambda file: tags(file, "Figure")[0].__delitem__("/Alt"),
    "headings": lambda file: setattr(tags(file, "H2")[0], "S", Name("/H4")),
    "tables": lambda file: [setattr(cell, "S", Name("/TD")) for cell in tags(file, "TH")],
    "lists": lambda file: setattr(tags(file, "LBody")[0], "S", Name("/Span")),
    "links": lambda file: setattr(file.pages[0].Annots[0], "Contents", String("https://example.org")),
    "tab order": lambda file: file.pages[0].__delitem__("/Tabs"),
    "fonts": lambda file: next(iter(file.pages[0].Resources.Font.values())).__delitem__("/ToUnicode"),
    "letters": lambda file: next(iter(file.pages[0].Resources.Font.values())).__delitem__("/ToUnicode"),
    "no empty tags": lambda file: setattr(tags(file, "P")[0], "K", Array([])),
    "reading order": swapped_questions,
    "names nobody": retitled,
    "open": lambda file: setattr(file.Root, "AA", Dictionary()),
}


@pytest.mark.parametrize("check", [check.name for check in CHECKS])
def test_each_check_finds_its_fault(check: str) -> None:
    assert check in wrong(broken(FAULTS[check]))


def test_the_command_names_file_and_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    good.write_bytes(drawn("es"))
    bad.write_bytes(print_pages("x", '<html lang="en"><body><h3>Three</h3></body></html>'))
    assert pdf_accessibility.main([str(good)]) == 0
    assert pdf_accessibility.main([str(good), str(bad)]) == 1
    said = capsys.readouterr().out
    assert f"{good}: all {len(CHECKS)} checks passed" in said
    assert "headings: a heading of level 3 follows one of level 0" in said


@pytest.mark.skipif(
    not shutil.which("verapdf"), reason="veraPDF is not installed: docs/accessibility.md says how"
)
def test_verapdf_agrees(tmp_path: Path) -> None:
    for language in sorted(load().languages):
        (tmp_path / f"{language}.pdf").write_bytes(drawn(language))
    command = ["verapdf", "--flavour", "ua1", "--format", "text", *map(str, sorted(tmp_path.glob("*.pdf")))]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert [line for line in said.splitlines() if not line.startswith("PASS")] == []
