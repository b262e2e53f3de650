"""A teacher's own words in the family's report: in the languages they are written in, as words and never as markup."""

from __future__ import annotations

import io
from dataclasses import replace

import pikepdf

from content.catalog import load
from reports.family.facts import NoteFacts
from reports.family.plain import plain_text
from reports.family.render import page, pdf
from reports.family.report import from_json
from reports.family.write import write
from tests.reports.family.made_up import FACTS, ISSUE


def test_a_teachers_note_stands_in_the_languages_it_is_written_in_and_waits_in_others() -> None:
    facts = replace(
        FACTS, teacher_note=NoteFacts({"en": "Ana helps <others>.", "es": "Ana ayuda."}, "Tess Turner")
    )
    english, spanish, arabic = (write(facts, ISSUE, language, load()) for language in ("en", "es", "ar"))
    assert (english.teacher_note_by, english.teacher_note) == ("Teacher: Tess Turner", "Ana helps <others>.")
    assert spanish.teacher_note == "Ana ayuda."
    assert (arabic.teacher_note, arabic.teacher_note_by) == ("", "")
    assert "<q>Ana helps &lt;others&gt;.</q>" in page(english)
    assert "Teacher: Tess Turner: Ana helps <others>." in plain_text(english)
    assert "teacher-note" not in page(arabic)


def test_the_longest_note_keeps_the_report_to_its_two_sides() -> None:
    facts = replace(
        FACTS, teacher_note=NoteFacts({"en": "Ana asks good questions. " * 9, "es": "Ana " * 60}, "T")
    )
    sides = [write(facts, ISSUE, language, load()) for language in ("es", "en")]
    with pikepdf.open(io.BytesIO(pdf(sides))) as file:
        assert len(file.pages) == 2


def test_a_report_kept_before_there_were_notes_reads_as_one_without() -> None:
    kept = write(FACTS, ISSUE, "en", load()).to_json()
    older = {name: value for name, value in kept.items() if not name.startswith("teacher_note")}
    assert from_json(older) == from_json(kept)
