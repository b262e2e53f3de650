"""Words we do not say, parts a text must have."""

import tomllib
from pathlib import Path

import pytest

from content import languages
from content.catalog import SHIPPED, load
from content.linter import lint, missing_parts, rules_about, state
from reports.family.render import page
from reports.family.write import write
from tests.reports.family.made_up import FACTS, ISSUE

NOT_SAID = tomllib.loads(Path(__file__).with_name("not_said.toml").read_text(encoding="utf-8"))
# What only English has words for.
ENGLISH_ALONE = {"retake"}
REMEDIES = tomllib.loads((SHIPPED / "linter.toml").read_text(encoding="utf-8"))["remedies"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Ana is failing math."),
        ("en", "Ana fell behind."),
        ("en", "There is a gap in math."),
        ("en", "Ana is a low-performing student."),
        ("en", "Ana is at risk."),
        ("en", "The test proves it."),
        ("en", "This is the wrong grade."),
        ("en", "Grades are inflated."),
        ("en", "Your child is below grade level."),
        ("en", "The NAEP shows who is at grade level."),
        ("en", "42nd percentile"),
        ("en", "Ana is not college-ready."),
        ("en", "Ana needs remedial work, a deficiency."),
        ("es", "Ana va atrasada en lectura."),
        ("es", "Hay una brecha."),
        ("es", "Ana está en riesgo de reprobar."),
        ("es", "El examen demuestra que la nota inflada."),
        ("es", "El NAEP dice el nivel de su grado."),
    ],
)
def test_words_we_do_not_say_are_found_with_a_remedy(language: str, text: str) -> None:
    findings = lint(text, language)
    assert findings
    assert all(finding.remedy for finding in findings)


@pytest.mark.parametrize(
    "text",
    [
        "Ana was not yet at grade level. Ask the teacher.",
        "The test improves each year. Behind the school is a park.",
        "NAEP is a test. Grade level is another thing.",
        "In reading Ana did better than 42 percent of students.",
    ],
)
def test_plain_words_pass(text: str) -> None:
    assert lint(text, "en") == []


def test_college_words_are_for_high_school() -> None:
    assert lint("Is Ana college-ready?", "en", grade_level=5)
    assert lint("Is Ana college-ready?", "en", grade_level=11) == []


def test_each_missing_part_is_named() -> None:
    whole = (
        "Ana has a B in math. One test is one day. The test was in April 2026. Ask the teacher what comes next."
        " To stop these reports, tell the school."
    )
    assert missing_parts(whole, "en", student="Ana", subjects=("math",)) == []
    for part in ("Ana", "math", "One test is one day", "April", "Ask", "To stop"):
        assert missing_parts(whole.replace(part, "…"), "en", student="Ana", subjects=("math",)), part


@pytest.mark.parametrize("language", languages.languages())
def test_every_language_has_words_about_the_same_things(language: str) -> None:
    english, own = rules_about("en"), rules_about(language)
    assert own.keys() == english.keys()
    missing = {kind: about - own[kind] - ENGLISH_ALONE for kind, about in english.items()}
    assert {kind: about for kind, about in missing.items() if about} == {}


@pytest.mark.parametrize(
    ("language", "about", "text"),
    [(language, about, text) for language, texts in NOT_SAID.items() for about, text in texts.items()],
)
def test_what_we_do_not_say_is_found_in_every_language(language: str, about: str, text: str) -> None:
    remedies = {finding.remedy for finding in lint("OK. " + text, language)}
    assert REMEDIES[about] in remedies, text


def test_every_language_but_english_and_spanish_has_a_sentence_with_each_of_them() -> None:
    assert NOT_SAID.keys() == languages.languages().keys() - {"en", "es"}
    assert {language: len(texts) for language, texts in NOT_SAID.items() if len(texts) != 17} == {}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "رَسَبَت آنا."),  # with vowel marks
        ("ar", "متـــأخرة في القراءة."),  # with long strokes
        ("ur", "انا فيل ہے۔"),  # with the Arabic letter for ی
        ("vi", "Em Ana tu\u0323t ha\u0323\u0302u."),  # with accents apart
        ("zh", "安娜\u200b不\u200b及格"),  # with signs of no width
        ("fil", "Bumagsak si Ana."),
        ("pt-BR", "Ana foi reprovada."),
    ],
)
def test_the_same_word_is_found_however_it_is_written(language: str, text: str) -> None:
    assert lint(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ur", "اخلاق اور خلاف اور فیلڈ"),
        ("ru", "Спросите, где остановка."),
        ("vi", "Xin hỏi thầy cô cách nâng điểm."),
        ("xx", "Ana is failing."),
    ],
)
def test_a_word_within_another_is_no_fault(language: str, text: str) -> None:
    assert lint(text, language) == []


@pytest.mark.parametrize("language", languages.languages())
def test_a_shipped_report_has_all_its_parts(language: str) -> None:
    made = page(write(FACTS, ISSUE, language, load()))
    subjects = tuple(load().text(f"report.subjects.{block.subject}", language) for block in FACTS.subjects)
    assert missing_parts(made, language, student="Ana", subjects=subjects) == []
    assert len(missing_parts("…", language, student="Ana", subjects=subjects)) == 6 + len(subjects)


def test_our_words_in_other_languages_are_drafts() -> None:
    assert state("en") == "human_reviewed"
    assert {state(language) for language in languages.languages() if language != "en"} == {"draft"}
    assert state("xx") == ""
