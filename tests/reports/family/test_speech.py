"""The report as it is read aloud: the same order, signs in words, every sentence in its language, well-formed SSML."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from content import languages
from content.catalog import load
from content.speech import said_signs
from reports.family.report import FamilyReport, Passage
from reports.family.speech import BETWEEN_SECTIONS, speech
from reports.family.write import write
from tests.reports.family.made_up import FACTS, ISSUE

XML = "{http://www.w3.org/XML/1998/namespace}"
SSML = "{http://www.w3.org/2001/10/synthesis}"


def report(language: str = "en") -> FamilyReport:
    return write(FACTS, ISSUE, language, load())


def aloud(made: FamilyReport) -> list[str]:
    return [said.aloud for section in speech(made).sections for said in section]


@pytest.mark.parametrize("language", languages.languages())
def test_the_five_questions_in_their_order_in_every_language(language: str) -> None:
    made = report(language)
    said = [" ".join(said.text for said in section) for section in speech(made).sections]
    assert len(said) == 6
    for section, key in zip(said[1:], ("doing", "mean", "know", "now", "next"), strict=True):
        assert section.startswith(made.labels[f"headings.{key}"])


@pytest.mark.parametrize("language", languages.languages())
def test_the_markup_is_well_formed_and_every_sentence_says_its_language(language: str) -> None:
    root = ElementTree.fromstring(speech(report(language)).ssml())  # noqa: S314  our own markup
    spoken = list(root.iter(f"{SSML}s"))
    assert {sentence.get(f"{XML}lang") for sentence in spoken} == {languages.language(language).tag}
    assert len(spoken) > 40
    pauses = [found.get("time") for found in root.iter(f"{SSML}break")]
    assert pauses.count(f"{BETWEEN_SECTIONS}ms") == 5


def test_signs_are_said_in_words() -> None:
    said = aloud(report())
    assert "Last school year, Ana had an A minus in reading." in said
    assert "Year, 2025 to 2026" in said
    assert "Call 5 5 5, 0 1 3 4." in said
    assert "Last school year, Ana had a B in math." in said


@pytest.mark.parametrize("language", languages.languages())
def test_every_language_has_words_for_the_signs(language: str) -> None:
    signs = said_signs(language)
    said = " ".join(aloud(report(language)))
    assert f"A {signs.minus}" in said
    assert signs.school_year("2025", "2026") in said


def test_a_mark_of_one_letter_is_read_as_a_letter_and_the_word_is_not() -> None:
    made = report()
    math = made.subjects[0]
    rows = (replace(math.rows[0], says="A"), *math.rows[1:])
    block = replace(math, sentence="A test showed it. Ana had an A in math.", rows=rows)
    markup = speech(replace(made, subjects=(block,))).ssml()
    assert ">A test showed it.<" in markup
    assert 'an <say-as interpret-as="characters">A</say-as> in math.' in markup
    assert '<s xml:lang="en-US"><say-as interpret-as="characters">A</say-as></s>' in markup


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Call (512) 555-0100.", "Call 5 1 2, 5 5 5, 0 1 0 0."),
        ("Call +1 512-555-0100 now.", "Call 1, 5 1 2, 5 5 5, 0 1 0 0 now."),
        ("The score is 1571.", "The score is 1571."),
        ("Rooms 1400-50.", "Rooms 1400-50."),
        ("K-8 and A-B.", "K-8 and A-B."),
        ("A C+ is a C+.", "A C plus is a C plus."),
        ("1999–00 is no year here.", "1999–00 is no year here."),
    ],
)
def test_how_it_is_written_and_how_it_is_said(written: str, said: str) -> None:
    assert said in aloud(replace(report(), steps=(written,)))


def test_hostile_names_stay_words() -> None:
    made = replace(report(), full_name='<speak> & "Ana\u202e\x0b" O’Neil', steps=("</s></speak><x>",))
    root = ElementTree.fromstring(speech(made).ssml())  # noqa: S314  our own markup
    assert '<speak> & "Ana " O’Neil' in "".join(root.itertext())
    assert {element.tag for element in root.iter()} <= {
        f"{SSML}{tag}" for tag in ("speak", "p", "s", "sub", "say-as", "break")
    }


def test_other_languages_are_marked_and_can_be_left_out() -> None:
    made = replace(
        report("es"),
        interpreter_language="hmn",
        interpreter_line="Puas yog?",
        policy=Passage("Grades count.", "en"),
    )
    script = speech(made)
    assert '<s xml:lang="hmn">Puas yog?</s>' in script.ssml()
    assert '<s xml:lang="en-US">Grades count.</s>' in script.ssml()
    alone = script.only({"es"}).ssml()
    assert "Puas yog" not in alone
    assert "Grades count" not in alone
    assert len(script.only({"es"}).sections) == 6


def test_the_same_report_is_the_same_script() -> None:
    assert speech(report()).ssml() == speech(report()).ssml()
