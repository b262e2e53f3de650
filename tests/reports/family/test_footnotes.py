"""On a sheet in two languages, words of the glossary have a number and are explained at the foot of their side."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from content.catalog import load
from content.languages import languages
from reports.family.render import print_markup
from reports.family.write import write
from tests.reports.family.made_up import FACTS, ISSUE

_SIDE = re.compile(r'<section class="sheet.*?</section>', re.DOTALL)
_NOTE = re.compile(r"<p>([¹²³]) <strong>(.*?)</strong>: (.+?)</p>")


def sides(*names: str) -> list[str]:
    reports = [write(FACTS, ISSUE, name, load()) for name in names]
    return _SIDE.findall(print_markup(reports, "normal"))


@pytest.mark.parametrize("language", sorted(languages().keys() - {"en"}))
def test_each_number_stands_once_in_the_text_and_once_at_the_foot(language: str) -> None:
    glossary = dict(write(FACTS, ISSUE, language, load()).glossary)
    own, english = sides(language, "en")
    for side in (own, english):
        notes = _NOTE.findall(side)
        marks = re.findall(r'<span class="ref">([¹²³])</span>', side)
        assert marks == [number for number, _, _ in notes] == list("¹²³"[: len(notes)])
        assert notes
    assert all(glossary[term] == says for _, term, says in _NOTE.findall(own))


def test_a_sheet_in_one_language_has_its_words_on_the_back_instead() -> None:
    front, back = sides("en")
    assert not _NOTE.findall(front)
    assert 'class="glossary"' in back


def test_no_name_can_bring_markup_into_a_text_with_a_number() -> None:
    facts = replace(FACTS, student="<b>Ana</b>", full_name="<b>Ana</b> R.")
    reports = [write(facts, ISSUE, name, load()) for name in ("es", "en")]
    assert "<b>" not in print_markup(reports, "normal")
